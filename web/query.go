package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"license_exporter/licensing"
	"license_exporter/status"
)

const (
	defaultLimit = 100
	maxLimit     = 500
	// maxText is the maximum length of a parameter in bytes. Each link of the
	// page repeats the parameters.
	maxText = 200
	// expiringWithin is the limit of the state expiring.
	expiringWithin = 30 * licensing.Day
)

// query holds the parameters of the status page.
type query struct {
	// Text matches a part of a name or id. Vendor, Account and Model match
	// exactly.
	Text, Vendor, Account, Model string
	State                        string // one of states, or empty
	Sort                         string // one of orders
	Page, Limit                  int    // of the list; Page counts from 1
}

type organization = status.Organization

// state is a condition to filter organizations by.
type state struct {
	Name, Title string
	Has         func(o *organization, now time.Time) bool
}

const stateFailing = "failing"

var states = []state{
	{"expired", "expired", func(o *organization, now time.Time) bool { return expired(o.NextEnd, now) && !o.EndMuted }},
	{"expiring", "ending within 30 days", func(o *organization, now time.Time) bool {
		return !o.NextEnd.IsZero() && !o.EndMuted && !expired(o.NextEnd, now) && o.NextEnd.Sub(now) <= expiringWithin
	}},
	{"noncompliant", "not compliant", func(o *organization, _ time.Time) bool { return o.Violations > 0 }},
	{"short", "short of seats", func(o *organization, _ time.Time) bool { return o.SeatsShort > 0 }},
	{stateFailing, "failing", func(o *organization, _ time.Time) bool { return len(o.Failures) > 0 }},
	{"problem", "with licenses that cannot be read", func(o *organization, _ time.Time) bool { return o.Problem != "" }},
	{"disabled", "with API access switched off", func(o *organization, _ time.Time) bool { return !o.APIEnabled }},
}

func expired(end, now time.Time) bool { return !end.IsZero() && !end.After(now) }

// order is an order of organizations. Those without the value to sort by come
// last.
type order struct {
	Name, Title string
	Compare     func(a, b *organization) int
}

var orders = []order{
	{"end", "next end", func(a, b *organization) int {
		return cmp.Or(compareBools(a.NextEnd.IsZero(), b.NextEnd.IsZero()), compareBools(a.EndMuted, b.EndMuted), a.NextEnd.Compare(b.NextEnd))
	}},
	{"name", "name", compareNames},
	{"seats", "seats in use", func(a, b *organization) int {
		return cmp.Or(cmp.Compare(min(b.SeatsShort, 1), min(a.SeatsShort, 1)), cmp.Compare(usage(b), usage(a)))
	}},
	{"age", "age of facts", func(a, b *organization) int {
		// Organizations that are not fetched have no old facts.
		return cmp.Or(compareBools(!a.APIEnabled, !b.APIEnabled), a.Oldest.Compare(b.Oldest))
	}},
}

func compareNames(a, b *organization) int {
	return cmp.Or(compareBools(a.Name == "", b.Name == ""), strings.Compare(a.Name, b.Name))
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

// usage returns the ratio of assigned seats to bought ones. If the vendor does not
// report assigned seats, it uses required seats. It returns -1 if the ratio is
// unknown.
func usage(o *organization) float64 {
	used := cmp.Or(o.Seats.Assigned, o.Seats.Required)
	if used == nil || o.Seats.Limit == nil || *o.Seats.Limit <= 0 {
		return -1
	}
	return *used / *o.Seats.Limit
}

// parseQuery parses the parameters. The first value of a repeated parameter
// counts, and unknown parameters are ignored. Errors list the valid values. accounts are
// those that the page links to, whatever the length of their names.
func parseQuery(values url.Values, accounts []status.Account) (query, error) {
	q := query{
		Text: strings.TrimSpace(values.Get("q")), Vendor: values.Get("vendor"), Account: values.Get("account"),
		Model: values.Get("model"), State: values.Get("state"), Sort: cmp.Or(values.Get("sort"), orders[0].Name),
	}
	for name, value := range map[string]string{"q": q.Text, "vendor": q.Vendor, "account": q.Account, "model": q.Model} {
		isAccount := func(a status.Account) bool { return name == "account" && a.Name == value }
		if len(value) > maxText && !slices.ContainsFunc(accounts, isAccount) {
			return q, fmt.Errorf("parameter %s is longer than %d bytes", name, maxText)
		}
	}
	if q.State != "" && !slices.ContainsFunc(states, func(s state) bool { return s.Name == q.State }) {
		return q, fmt.Errorf("parameter state must be one of %s", joinNames(states, func(s state) string { return s.Name }))
	}
	if !slices.ContainsFunc(orders, func(o order) bool { return o.Name == q.Sort }) {
		return q, fmt.Errorf("parameter sort must be one of %s", joinNames(orders, func(o order) string { return o.Name }))
	}
	var err error
	if q.Page, err = number(values, "page", 1, 1_000_000); err != nil {
		return q, err
	}
	q.Limit, err = number(values, "limit", defaultLimit, maxLimit)
	return q, err
}

func joinNames[T any](all []T, name func(T) string) string {
	list := make([]string, 0, len(all))
	for _, t := range all {
		list = append(list, name(t))
	}
	return strings.Join(list, ", ")
}

// number parses a parameter that is a number from 1 to limit. The default is for
// a missing one.
func number(values url.Values, name string, byDefault, limit int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > limit {
		return 0, fmt.Errorf("parameter %s must be a number from 1 to %d", name, limit)
	}
	return n, nil
}

// link returns the query as a relative URL, without default values.
func (q query) link() string {
	values := url.Values{}
	add := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	add("q", q.Text)
	add("vendor", q.Vendor)
	add("account", q.Account)
	add("model", q.Model)
	add("state", q.State)
	if q.Sort != orders[0].Name {
		add("sort", q.Sort)
	}
	if q.Page > 1 {
		add("page", strconv.Itoa(q.Page))
	}
	if q.Limit != defaultLimit {
		add("limit", strconv.Itoa(q.Limit))
	}
	return "?" + values.Encode()
}

// results are the organizations that match a query.
type results struct {
	// inState counts the organizations in each of states, and total counts them
	// in any state. Both ignore the state of the query.
	inState       []int
	total         int
	organizations []*organization // sorted
	pages         int
}

// find filters and sorts the organizations. If Page is beyond the last page, find
// sets it to the last page: the list may have become shorter.
func (q *query) find(o *status.Overview) results {
	found := results{inState: make([]int, len(states))}
	text := strings.ToLower(q.Text)
	for i := range o.Organizations {
		org := &o.Organizations[i]
		if !q.matches(org, text) {
			continue
		}
		found.total++
		hasState := q.State == ""
		for j, state := range states {
			if state.Has(org, o.Now) {
				found.inState[j]++
				hasState = hasState || q.State == state.Name
			}
		}
		if hasState {
			found.organizations = append(found.organizations, org)
		}
	}
	by := orders[slices.IndexFunc(orders, func(o order) bool { return o.Name == q.Sort })]
	slices.SortStableFunc(found.organizations, func(a, b *organization) int { return cmp.Or(by.Compare(a, b), compareNames(a, b)) })
	found.pages = max(1, (len(found.organizations)+q.Limit-1)/q.Limit)
	q.Page = min(q.Page, found.pages)
	return found
}

// matches reports whether an organization matches everything except the state.
// text is q.Text in lower case.
func (q *query) matches(o *organization, text string) bool {
	return (q.Vendor == "" || q.Vendor == o.Vendor) &&
		(q.Account == "" || q.Account == o.Account) &&
		(q.Model == "" || q.Model == o.Model) &&
		(text == "" || strings.Contains(strings.ToLower(o.Name), text) || strings.Contains(strings.ToLower(o.ID), text))
}

// page returns the organizations on the query's page of the list.
func (r results) page(q query) []*organization {
	first := (q.Page - 1) * q.Limit
	return r.organizations[first:min(first+q.Limit, len(r.organizations))]
}
