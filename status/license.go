package status

import (
	"cmp"
	"time"

	"license_exporter/client/rest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// License is what is known of a product of an organization, of one license of it, or of the
// organization as a whole. It is a row of the list of licenses.
type License struct {
	// LicenseKey says which: LicenseID is empty for a product, Product for a license of
	// several products, and both for the organization as a whole.
	licensing.LicenseKey
	// ProductName and Manufacturer are those of the product. They are empty if the vendor gives none.
	ProductName, Manufacturer string
	// Name and State are those of a license. They are empty if the vendor gives none.
	Name, State string
	// Count is the number of licenses of a product, in any state.
	Count int

	// Owner, Renewal and Muted are what the operator's policies say. Minimum is how many
	// seats should be free, or nil.
	Owner   string
	Renewal policy.Renewal
	Muted   bool
	Minimum *float64

	// End is when the cover ends. It is zero if that is not known, or if it never ends.
	// EndByPolicy is set if only the operator says it.
	// EndCounts is set if alerts are about this end. The end of a product counts, but not the
	// ends of its licenses.
	End         time.Time
	EndByPolicy bool
	EndCounts   bool
	// Renews is set if it renews by itself.
	Renews bool
	// Days is as in collector.Connection.
	Days *time.Location
	// Act is when somebody has to act before the end: at the notice of the operator or the
	// vendor, or at the vendor's deadline, whichever comes first. It is zero without an end.
	Act time.Time
	// Deadline is the last moment to renew or cancel, if the vendor gives one.
	Deadline time.Time
	// InUse is how much of what has ended is in use. It is nil if that is not known.
	InUse *float64

	// Seats is sorted by unit.
	Seats []Seats
	// Compliant is the vendor's verdict. It is nil if there is none.
	Compliant *bool
	// Missing are the seats that are missing by the vendor's count.
	Missing []Missing
	// GraceEnd is when the vendor stops tolerating a violation. It is zero if there is none.
	GraceEnd time.Time
	Costs    []Cost

	// Problems are sorted, the most urgent first. What is muted has none.
	Problems []Problem
	// Kinds are those of Problems.
	Kinds Kinds
	// Over is set if more seats are in use than were bought, even if the vendor allows it. It is not
	// set for what is muted.
	Over bool

	reported bool           // whether there is a fact about it
	notice   *time.Duration // of the policy
}

// Seats are seats of one unit.
type Seats struct {
	Unit string
	// UnitName is Unit in words.
	UnitName string
	licensing.Seats
}

// Missing is how many seats of a kind are missing.
type Missing struct {
	SKU, Unit, UnitName string
	Seats               float64
}

// Cost is an amount of money.
type Cost struct {
	Component, Currency string
	Amount              float64
}

// Problem is something about a license or an organization that somebody should know. The recording
// rules license_problem:* of the alerts have the same definitions.
type Problem struct {
	Kind     Kind
	Severity Severity
	// When is the end of the license, or of grace. It is zero for other kinds. It is also zero
	// if some licenses of a product have ended and others are in force.
	When time.Time
	// Number is how much of what has ended is in use, how many seats are missing, or how many
	// are free, by kind. It is nil if that is not known.
	Number *float64
	// Unit is that of seats, and UnitName the same in words.
	Unit, UnitName string
}

// Kind is a kind of problem. Of two problems with the same severity, that of the lower kind is more
// urgent.
type Kind uint8

// The kinds of problems.
const (
	Expired      Kind = iota // license_problem:expired_in_use and expired_timestamp_seconds
	Expiring                 // license_problem:expiring_timestamp_seconds
	Short                    // license_problem:seats_missing
	NonCompliant             // license_problem:noncompliant
	GraceEnding              // license_problem:grace_end_timestamp_seconds
	Unreadable               // of an organization or account: facts are missing or old
	FewSeats                 // license_problem:seats_low
	Renewing                 // license_problem:renewing_timestamp_seconds
)

// Severity is how urgent a problem is, as in the alerts. The zero value means that there is
// no problem.
type Severity uint8

// The severities. Info needs no action.
const (
	Info Severity = iota + 1
	Warning
	Critical
)

// String returns the value of the label severity.
func (s Severity) String() string { return [...]string{"", "info", "warning", "critical"}[s] }

// Compare orders problems: the most urgent come first.
func (p Problem) Compare(o Problem) int {
	return cmp.Or(cmp.Compare(o.Severity, p.Severity), cmp.Compare(p.Kind, o.Kind), compareTimes(p.When, o.When), cmp.Compare(number(o), number(p)))
}

func number(p Problem) float64 {
	if p.Number == nil {
		return 0
	}
	return *p.Number
}

// compareTimes orders times. The zero time comes last.
func compareTimes(a, b time.Time) int {
	if a.IsZero() || b.IsZero() {
		return cmp.Compare(toInt(a.IsZero()), toInt(b.IsZero()))
	}
	return a.Compare(b)
}

// Worst returns the most urgent problem. It returns the zero value if there is none.
func (l *License) Worst() Problem {
	if len(l.Problems) == 0 {
		return Problem{}
	}
	return l.Problems[0]
}

// Severity returns the severity of the most urgent problem. It is 0 if there is none.
func (l *License) Severity() Severity {
	if len(l.Problems) == 0 {
		return 0
	}
	return l.Problems[0].Severity
}

// SeverityOf returns the highest severity of the problems of a kind. It is 0 if there is none.
func (l *License) SeverityOf(k Kind) Severity {
	worst := Severity(0)
	for i := range l.Problems {
		if p := &l.Problems[i]; p.Kind == k {
			worst = max(worst, p.Severity)
		}
	}
	return worst
}

// Title returns the name of a license or product, or if there is none, its id. It is empty for
// an organization as a whole.
func (l *License) Title() string {
	return cmp.Or(l.Name, l.ProductName, rest.Plain(l.Product), rest.Plain(l.LicenseID))
}

// Plain returns an id of the vendor as a text that is safe to show.
func Plain(id string) string { return rest.Plain(id) }

// Kinds is a set of kinds of problems.
type Kinds uint16

// Has reports whether the set has a kind.
func (s Kinds) Has(k Kind) bool { return s&(1<<k) != 0 }

// KindsOf returns the set of the kinds of problems.
func KindsOf(problems []Problem) Kinds {
	var set Kinds
	for i := range problems {
		set |= 1 << problems[i].Kind
	}
	return set
}
