package engine

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// Snapshot is the state of one account at one moment, as far as it is selected.
// The reports in it are shared and must not be changed.
type Snapshot struct {
	*Account
	Selection Selection
	Now       time.Time

	// Discovered is set once a listing of the organizations has ended, and
	// DiscoveryErr is why the latest one failed. DiscoverySuccess is when the
	// latest good one ended.
	Discovered       bool
	DiscoveryErr     error
	DiscoverySuccess time.Time

	// Organizations are those that are selected, in the order of their ids. The
	// account as a whole is among them, with an empty id, if a collector reads
	// it.
	Organizations []Organization

	failed map[string]error // organizations that the latest listing could not read
	all    []organization
	owners map[sharedKey]string
}

// Organization is the state of an organization in a Snapshot.
type Organization struct {
	licensing.Organization
	// Listed is set if the vendor has listed the organization, not too long
	// ago.
	Listed bool
	// Failed is set if the latest listing could not read the organization.
	Failed     bool
	Collectors []CollectorState
}

// CollectorState is the state of a collector for one organization.
type CollectorState struct {
	Name string
	// Report is the latest good one. It is nil if there is none, or none that
	// is recent enough.
	Report *collector.Report
	// NotApplicable is set if the vendor said in the latest fetch that the
	// collector does not apply.
	NotApplicable bool
	// Tried is set once a fetch has ended, and Err is why the latest one failed.
	Tried bool
	Err   error
	// Success is when the latest good fetch ended.
	Success time.Time
}

// sharedKey is a license that several organizations share, as a collector
// reports it.
type sharedKey struct{ collector, license string }

// Snapshots returns the state of the selected accounts. It fetches nothing.
func (e *Engine) Snapshots(s Selection) []*Snapshot {
	accounts := e.selected(s)
	snapshots := make([]*Snapshot, 0, len(accounts))
	for _, a := range accounts {
		snapshots = append(snapshots, a.snapshot(s))
	}
	return snapshots
}

func (a *account) snapshot(selected Selection) *Snapshot {
	now := a.engine.Now()
	discovery := a.discovery.State()
	s := &Snapshot{
		Account: a.Account, Selection: selected, Now: now,
		Discovered: discovery.Tried, DiscoveryErr: discovery.Err, DiscoverySuccess: discovery.ValueEnded,
		failed: discovery.Value.Failed, all: a.currentOrganizations(),
	}
	if tooOld(discovery, discovery.Err != nil, discovery.ValueStarted, now, a.engine.MaxStale) {
		s.failed = nil
	}
	if !selected.One {
		s.Organizations = make([]Organization, 0, len(s.all))
	}
	for _, o := range s.all {
		if !selected.organization(o.ID) {
			continue
		}
		state := Organization{
			Organization: o.Organization, Failed: o.failed,
			Listed:     !o.seen.IsZero() && !tooOld(discovery, o.failed || discovery.Err != nil, o.seen, now, a.engine.MaxStale),
			Collectors: make([]CollectorState, 0, len(o.units)),
		}
		for _, u := range o.units {
			if selected.Includes(u.Name) {
				state.Collectors = append(state.Collectors, u.state(now, a.engine.MaxStale))
			}
		}
		s.Organizations = append(s.Organizations, state)
	}
	s.owners = s.findOwners(a.engine.MaxStale)
	return s
}

// tooOld reports whether facts that were true at a time are too old to be shown:
// if the latest fetch failed, when they were true too long ago, and otherwise,
// when nobody has asked for them for too long. A fetch that takes long does not
// make facts vanish.
func tooOld[T any](s cache.State[T], failed bool, at, now time.Time, maxStale time.Duration) bool {
	if failed {
		return now.Sub(at) > maxStale
	}
	return now.Sub(s.ValueEnded) > maxStale && !s.UnderWay
}

// state returns the state of the unit. A value that is too old is dropped.
func (u *unit) state(now time.Time, maxStale time.Duration) CollectorState {
	s := u.State()
	if s.Valid && tooOld(s, s.Err != nil, s.ValueStarted, now, maxStale) {
		u.Change(func(c *cache.State[*collector.Report]) {
			if c.ValueStarted.Equal(s.ValueStarted) {
				c.Value, c.Valid = nil, false
			}
		})
		s.Value, s.Valid = nil, false
	}
	return CollectorState{
		Name: u.Name, Report: s.Value, NotApplicable: s.Valid && s.Value == nil && s.Err == nil,
		Tried: s.Tried, Err: s.Err, Success: s.ValueEnded,
	}
}

// findOwners maps each shared license of a selected organization to the
// organization that shows it: the first of those whose facts are at hand.
func (s *Snapshot) findOwners(maxStale time.Duration) map[sharedKey]string {
	owners := map[sharedKey]string{}
	for i := range s.Organizations {
		o := &s.Organizations[i]
		for _, c := range o.Collectors {
			if c.Report == nil {
				continue
			}
			for license := range c.Report.SharedLicenses() {
				key := sharedKey{c.Name, license}
				if _, owned := owners[key]; !owned {
					owners[key] = o.ID
				}
			}
		}
	}
	if len(owners) == 0 || !s.Selection.One {
		return owners
	}
	for _, o := range s.all {
		for _, u := range o.units {
			report := u.state(s.Now, maxStale).Report
			if report == nil {
				continue
			}
			for license := range report.SharedLicenses() {
				key := sharedKey{u.Name, license}
				if owner, shown := owners[key]; shown && licensing.CompareIDs(o.ID, owner) < 0 {
					owners[key] = o.ID
				}
			}
		}
	}
	return owners
}

// Shows reports whether an organization is the one that shows a license which
// it shares with others.
func (s *Snapshot) Shows(organization, collectorName, license string) bool {
	return s.owners[sharedKey{collectorName, license}] == organization
}

// Facts returns what the report of a collector says of each organization, with
// the shared licenses that the organization it was fetched for shows.
func (s *Snapshot) Facts(o *Organization, c *CollectorState) map[string]*collector.OrganizationReport {
	return c.Report.WithShared(func(license string) bool { return s.Shows(o.ID, c.Name, license) })
}

// Exists reports whether the account has an organization, selected or not.
func (s *Snapshot) Exists(id string) bool {
	_, found := slices.BinarySearchFunc(s.all, id, func(o organization, id string) int { return licensing.CompareIDs(o.ID, id) })
	return found
}

// Count returns how many organizations the account has, selected or not.
func (s *Snapshot) Count() int { return len(s.all) }

// Waiting returns what has to be tried before all of the selected facts have been
// tried once or, if discovered is set, before the organizations are known. It is
// empty if there is nothing.
func (s *Snapshot) Waiting(discovered bool) string {
	if !s.Discovered {
		return "listing its organizations"
	}
	untried := 0
	for _, o := range s.Organizations {
		if slices.ContainsFunc(o.Collectors, func(c CollectorState) bool { return !c.Tried }) {
			untried++
		}
	}
	if discovered || untried == 0 {
		return ""
	}
	return fmt.Sprintf("first fetch of %d organizations", untried)
}

// errUnreadable stands for an error that is no longer at hand.
var errUnreadable = errors.New("the organization could not be read")

// Unreadable returns why the latest listing could not read an organization.
func (s *Snapshot) Unreadable(id string) error {
	if err := s.failed[id]; err != nil {
		return err
	}
	return errUnreadable
}

// Health is what license_up shows.
type Health int

const (
	// Untried means that not everything has been tried yet.
	Untried Health = iota
	// Failing means that the latest fetch of something failed.
	Failing
	// Healthy means that everything was fetched by the latest fetch.
	Healthy
)

// Health returns the health of an organization.
func (o *Organization) Health() Health {
	if o.Failed {
		return Failing
	}
	all := Healthy
	for _, c := range o.Collectors {
		switch {
		case c.Err != nil:
			return Failing
		case !c.Tried:
			all = Untried
		}
	}
	return all
}

// ListedAll reports whether the latest listing read all organizations.
func (s *Snapshot) ListedAll() bool {
	return s.Discovered && s.DiscoveryErr == nil && len(s.failed) == 0
}

// Health returns the health of the account as a whole. It is failing as long as
// its organizations are not all listed.
func (s *Snapshot) Health() Health {
	switch {
	case !s.Discovered:
		return Untried
	case !s.ListedAll():
		return Failing
	}
	for i := range s.Organizations {
		if s.Organizations[i].ID == "" {
			return s.Organizations[i].Health()
		}
	}
	return Healthy
}
