package web

import (
	"cmp"
	"fmt"
	"time"

	"license_exporter/status"
)

// problemView shows a problem in words.
type problemView struct {
	Words string
	Class string
	// Runbook is the path of the document that says what to do, below the root.
	Runbook string
	// When is the end that the problem is about. It is nil if there is none.
	When *moment
}

// newProblem shows a problem. It returns the zero value if there is none.
func newProblem(p status.Problem, now time.Time) problemView {
	if p.Severity == 0 {
		return problemView{}
	}
	words, alert := problemWords(p, now)
	v := problemView{Words: words, Runbook: "docs/runbooks/" + alert + ".md", Class: severityClass(p.Severity)}
	if !p.When.IsZero() {
		v.When = newMoment(p.When, words)
	}
	return v
}

func severityClass(s status.Severity) string {
	return [...]string{"", classNotice, classWarning, classCritical}[s]
}

// problemWords returns a problem in words, and the alert about it.
func problemWords(p status.Problem, now time.Time) (words, alert string) {
	switch p.Kind {
	case status.Expired:
		words = "ended"
		if !p.When.IsZero() && !p.When.After(now) { // other licenses of the product may end later
			words += " " + inDays(p.When, now)
		}
		if p.Number != nil && *p.Number > 0 {
			words += fmt.Sprintf(", %s in use", quantity(*p.Number))
		}
		return words, "LicenseExpired"
	case status.Expiring:
		return "ends " + inDays(p.When, now), "LicenseExpiring"
	case status.Short:
		return seatsIn(p) + " short" + unitOf(p), "LicenseSeatsOverallocated"
	case status.NonCompliant:
		return "not compliant", "LicenseNonCompliant"
	case status.GraceEnding:
		if !p.When.After(now) {
			return "grace period ended " + inDays(p.When, now), "LicenseGracePeriodEnding"
		}
		return "grace period ends " + inDays(p.When, now), "LicenseGracePeriodEnding"
	case status.FewSeats:
		if p.Number == nil || *p.Number <= 0 {
			return "no seats free" + unitOf(p), "LicenseSeatsExhausted"
		}
		return seatsIn(p) + " free" + unitOf(p), "LicenseSeatsAlmostUsed"
	case status.Renewing:
		return "renews by itself " + inDays(p.When, now), "LicenseRenewing"
	}
	if p.Severity == status.Info {
		return "cannot be read in part", "LicenseCollectorFailing"
	}
	return "cannot be read", "LicenseCollectorFailing"
}

// seatsIn returns the number of a problem as seats, such as "2 seats".
func seatsIn(p status.Problem) string {
	if p.Number == nil {
		return "seats"
	}
	if *p.Number == 1 {
		return "1 seat"
	}
	return quantity(*p.Number) + " seats"
}

// unitOf returns the unit of the seats of a problem, such as " (device)".
func unitOf(p status.Problem) string {
	unit := cmp.Or(p.UnitName, p.Unit)
	if unit == "" {
		return ""
	}
	return " (" + shorten(unit, maxName) + ")"
}
