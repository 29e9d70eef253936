package web

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"license_exporter/status"
)

type organization = status.Organization

// line is a row of the list of licenses.
type line struct {
	*organization
	*status.License
}

// The states that both lists have.
const (
	stateAction       = "action"
	stateExpired      = "expired"
	stateExpiring     = "expiring"
	stateShort        = "short"
	stateOver         = "over"
	stateNonCompliant = "noncompliant"
	stateRenewing     = "renewing"
	stateUpcoming     = "upcoming"
	stateMuted        = "muted"
	stateFailing      = "failing"
)

// kind returns the state of organizations that have a kind of problem.
func kind(name, title, class string, k status.Kind) state[*organization] {
	return state[*organization]{name, title, class, func(o *organization, _ time.Time) bool { return o.Kinds.Has(k) }}
}

// organizations is the list of organizations.
var organizations = list[*organization]{
	thing: "organization",
	states: []state[*organization]{
		{stateAction, "that need action", classCritical, func(o *organization, _ time.Time) bool { return o.Worst.Severity >= status.Warning }},
		kind(stateExpired, "ended", classCritical, status.Expired),
		kind(stateExpiring, "ending", classWarning, status.Expiring),
		kind(stateShort, "short of seats", classWarning, status.Short),
		{stateOver, "with more seats in use than bought", classNotice, func(o *organization, _ time.Time) bool { return o.Over }},
		kind(stateNonCompliant, "not compliant", classCritical, status.NonCompliant),
		{stateFailing, "failing", classCritical, func(o *organization, _ time.Time) bool { return len(o.Failures) > 0 }},
		{"problem", "with licenses that cannot be read", classWarning, func(o *organization, _ time.Time) bool { return o.Problem != "" }},
		{"disabled", "with API access switched off", classWarning, func(o *organization, _ time.Time) bool { return !o.APIEnabled }},
		kind(stateRenewing, "renewing", classNotice, status.Renewing),
		{stateMuted, "muted", classNotice, func(o *organization, _ time.Time) bool { return o.Muted > 0 }},
	},
	orders: []order[*organization]{
		{"urgency", "urgency", inTurn(func(a, b *organization) int { return compareWorst(a.Worst, b.Worst) }, compareNextEnds, compareNames)},
		{"end", "next end", inTurn(compareNextEnds, compareNames)},
		{"name", "name", compareNames},
		{"seats", "seats in use", inTurn(func(a, b *organization) int { return cmp.Compare(usage(b.Seats), usage(a.Seats)) }, compareNames)},
		{"age", "age of facts", inTurn(func(a, b *organization) int {
			// Organizations that are not fetched have no old facts.
			return cmp.Or(compareBools(!a.APIEnabled, !b.APIEnabled), a.Oldest.Compare(b.Oldest))
		}, compareNames)},
	},
	all: func(o *status.Overview) iter.Seq[*organization] {
		return func(yield func(*organization) bool) {
			for i := range o.Organizations {
				if !yield(&o.Organizations[i]) {
					return
				}
			}
		}
	},
	ignore: func(q *query) { q.Organization, q.Month = "", "" },
	matches: func(q *query, o *organization, text string) bool {
		return q.inOrganization(o) && (q.Model == "" || q.Model == o.Model) && (text == "" || contains(text, o.Name, o.ID)) &&
			(q.Owner == "" || q.Owner == o.Owner || o.HasOwner(q.Owner)) && (q.Manufacturer == "" || o.HasManufacturer(q.Manufacturer))
	},
}

// licenseKind returns the state of licenses that have a kind of problem.
func licenseKind(name, title, class string, k status.Kind) state[line] {
	return state[line]{name, title, class, func(l line, _ time.Time) bool { return l.License.Kinds.Has(k) }}
}

// licenses is the list of licenses.
var licenses = list[line]{
	thing: "license",
	states: []state[line]{
		{stateAction, "that need action", classCritical, func(l line, _ time.Time) bool { return l.License.Severity() >= status.Warning }},
		{"in_use", "ended and in use", classCritical, func(l line, _ time.Time) bool { return l.InUse != nil && *l.InUse > 0 && !l.License.Muted }},
		licenseKind(stateExpired, "ended", classCritical, status.Expired),
		licenseKind(stateExpiring, "ending", classWarning, status.Expiring),
		licenseKind(stateShort, "short of seats", classWarning, status.Short),
		{stateOver, "with more seats in use than bought", classNotice, func(l line, _ time.Time) bool { return l.License.Over }},
		licenseKind(stateNonCompliant, "not compliant", classCritical, status.NonCompliant),
		licenseKind("grace", "in a grace period", classWarning, status.GraceEnding),
		licenseKind("few_seats", "with few free seats", classNotice, status.FewSeats),
		licenseKind(stateRenewing, "renewing", classNotice, status.Renewing),
		{stateUpcoming, "with a future end", "", func(l line, now time.Time) bool { return l.Upcoming(now) }},
		{stateMuted, "muted", classNotice, func(l line, _ time.Time) bool { return l.License.Muted }},
	},
	orders: []order[line]{
		{"urgency", "urgency", inTurn(func(a, b line) int {
			if len(a.Problems) == 0 && len(b.Problems) == 0 { // most of them
				return 0
			}
			return compareWorst(a.License.Worst(), b.License.Worst())
		}, compareLineEnds, compareLines)},
		{"end", "end", inTurn(compareLineEnds, compareLines)},
		{"name", "product", inTurn(compareProducts, compareLines)},
		{"organization", "organization", compareLines},
		{"seats", "seats in use", inTurn(func(a, b line) int { return cmp.Compare(usage(b.License.Seats), usage(a.License.Seats)) }, compareLines)},
		{"manufacturer", "manufacturer", inTurn(func(a, b line) int { return compareTexts(a.Manufacturer, b.Manufacturer) }, compareProducts, compareLines)},
		{"owner", "owner", inTurn(func(a, b line) int { return compareTexts(a.License.Owner, b.License.Owner) }, compareLineEnds, compareLines)},
	},
	all: func(o *status.Overview) iter.Seq[line] {
		return func(yield func(line) bool) {
			for i := range o.Organizations {
				org := &o.Organizations[i]
				for j := range org.Licenses {
					if !yield(line{org, &org.Licenses[j]}) {
						return
					}
				}
			}
		}
	},
	ignore: func(q *query) { q.Model = "" },
	matches: func(q *query, l line, text string) bool {
		return q.inOrganization(l.organization) && (q.Organization == "" || q.Organization == l.ID) &&
			(q.Owner == "" || q.Owner == l.License.Owner) && (q.Manufacturer == "" || q.Manufacturer == l.Manufacturer) &&
			(q.Month == "" || !l.End.IsZero() && l.EndDate().Format(monthLayout) == q.Month) &&
			(text == "" || contains(text, l.organization.Name, l.ID, l.ProductName, l.Product, l.License.Name, l.LicenseID))
	},
}

// inOrganization reports whether the query selects the vendor and the account.
func (q *query) inOrganization(o *organization) bool {
	return (q.Vendor == "" || q.Vendor == o.Vendor) && (q.Account == "" || q.Account == o.Account)
}

// contains reports whether any of the names contains a text in lower case.
func contains(text string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(name), text) })
}

// compareWorst puts what has no problem last.
func compareWorst(a, b status.Problem) int {
	if a.Severity == 0 && b.Severity == 0 {
		return 0
	}
	return a.Compare(b)
}

func compareEnds(a, b time.Time) int {
	return cmp.Or(compareBools(a.IsZero(), b.IsZero()), a.Compare(b))
}

func compareNames(a, b *organization) int {
	return cmp.Or(compareTexts(a.Name, b.Name), strings.Compare(a.ID, b.ID), strings.Compare(a.Account, b.Account))
}

// compareTexts puts the empty text last.
func compareTexts(a, b string) int {
	return cmp.Or(compareBools(a == "", b == ""), strings.Compare(a, b))
}

func compareProducts(a, b line) int {
	return strings.Compare(cmp.Or(a.ProductName, a.Product), cmp.Or(b.ProductName, b.Product))
}

func compareLineEnds(a, b line) int { return compareEnds(a.End, b.End) }

func compareNextEnds(a, b *organization) int { return compareEnds(a.NextEnd, b.NextEnd) }

// inTurn compares by the first function that distinguishes two rows.
func inTurn[T any](all ...func(a, b T) int) func(a, b T) int {
	return func(a, b T) int {
		for _, compare := range all {
			if order := compare(a, b); order != 0 {
				return order
			}
		}
		return 0
	}
}

// compareLines compares by organization, then product and license.
func compareLines(a, b line) int {
	if a.organization != b.organization {
		if order := compareNames(a.organization, b.organization); order != 0 {
			return order
		}
	}
	return cmp.Or(compareProducts(a, b), strings.Compare(a.Product, b.Product), strings.Compare(a.LicenseID, b.LicenseID))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// usage returns the largest ratio of assigned seats to bought ones. If the vendor does not
// report assigned seats, it uses required seats. It returns -1 if the ratio is
// unknown.
func usage(seats []status.Seats) float64 {
	most := -1.0
	for i := range seats {
		s := &seats[i]
		used := cmp.Or(s.Assigned, s.Required)
		if used != nil && s.Limit != nil && *s.Limit > 0 {
			most = max(most, *used / *s.Limit)
		}
	}
	return most
}
