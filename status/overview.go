// Package status summarizes facts for people: what the pages show, the table that
// --check prints, the spreadsheet and the calendar.
package status

import (
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// Overview summarizes the state of all accounts at one moment.
type Overview struct {
	// Now is the moment by the engine's clock.
	Now      time.Time
	Accounts []Account
	// Organizations is sorted by account and id. It includes an account as a whole, with an
	// empty id, if there are facts about it, or if it cannot be read.
	Organizations []Organization
}

// Account is the state of an account without that of its organizations.
type Account struct {
	Name   string
	Vendor string
	// Organizations is the number of organizations. Failing is the number of
	// those with failures.
	Organizations int
	Failing       int
	// Waiting describes what has not been tried yet. It is empty if everything
	// has been tried.
	Waiting string
	// Problem explains why some organizations may be missing.
	Problem string
	Freshness
}

// Organization is the state of an organization.
type Organization struct {
	Account string
	Vendor  string
	ID      string
	Name    string
	Model   string
	// APIEnabled is false if the organization does not allow access by API.
	// Only its name is then known.
	APIEnabled bool
	// Problem explains why its licenses may not be read correctly, or not at all.
	Problem string
	// Waiting is set until each collector has ended a fetch.
	Waiting bool
	Freshness

	// Owner is that of the organization as a whole, by the operator's policies.
	Owner string
	// Licenses are its products and licenses, in no order. They are shared and must not be
	// changed.
	Licenses []License
	// Worst is the most urgent problem of the organization and its licenses. It is the zero
	// value if there is none.
	Worst Problem
	// Kinds are the kinds of all its problems.
	Kinds Kinds
	// Over is set if more seats of a license are in use than were bought.
	Over bool
	// Muted is how many of its products and licenses policies mute. It counts the organization
	// itself, too, if policies mute it as a whole.
	Muted int

	// NextEnd is the next end of cover that is to come and not muted. If there is none, it is
	// the next one that is muted, or else the latest that has passed. It is zero if there is
	// no end at all.
	NextEnd time.Time
	// NextLicense is what ends at NextEnd.
	NextLicense *License

	// Seats contains the sums over all products by unit, sorted by unit. A number is nil if it is
	// unknown for a product.
	Seats []Seats
	// Compliant is the worst of the vendor's verdicts. It is nil if there is none.
	// Violations is how many verdicts are "not compliant" and are not muted.
	Compliant  *bool
	Violations int
}

// HasOwner reports whether any license has an owner.
func (o *Organization) HasOwner(owner string) bool {
	return o.has(func(l *License) bool { return l.Owner == owner })
}

// HasManufacturer reports whether any license is for a product of a manufacturer.
func (o *Organization) HasManufacturer(manufacturer string) bool {
	return o.has(func(l *License) bool { return l.Manufacturer == manufacturer })
}

func (o *Organization) has(is func(*License) bool) bool {
	for i := range o.Licenses { // without copies of them
		if is(&o.Licenses[i]) {
			return true
		}
	}
	return false
}

// Freshness describes how current facts are.
type Freshness struct {
	// Oldest is when the oldest facts were fetched. It is zero if there are none.
	Oldest time.Time
	// Failures lists the collectors whose latest fetch failed, or that of a child, or whose
	// requests in progress have failed and are sent again.
	Failures []Failure
	// Notes lists what is missing although no fetch failed.
	Notes []Note
}

// Failure is the failure of a collector or of its children.
type Failure struct {
	Collector string
	Reason    rest.Reason
	// Objects names the child objects that could not be read. It is empty if the
	// fetch has failed as a whole.
	Objects string
	// Message is the error. It may contain text from the vendor.
	Message string
}

// addFetch adds the time of a successful fetch.
func (f *Freshness) addFetch(when time.Time) {
	f.Oldest = licensing.Earlier(f.Oldest, when)
}

// addFailure adds the failure of a fetch, if there is one.
func (f *Freshness) addFailure(name string, err, retrying error, r *collector.Report) {
	if failed := currentFailure(name, err, retrying, r); failed != nil {
		f.Failures = append(f.Failures, *failed)
	}
}

// add adds the state of a collector, but no notes.
func (f *Freshness) add(c *engine.CollectorState) {
	f.addFailure(c.Name, c.Err, c.Retrying, c.Report)
	if c.Report != nil {
		f.addFetch(c.Success)
	}
}
