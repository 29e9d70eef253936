package engine

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// Snapshot is the state of the selected part of an account at one moment. The
// reports are shared and must not be changed.
type Snapshot struct {
	*Account
	Selection Selection
	Now       time.Time

	// Discovered is set once a listing of the organizations has ended.
	// DiscoveryErr is the error of the latest listing. DiscoverySuccess is when
	// the latest successful listing ended.
	Discovered       bool
	DiscoveryErr     error
	DiscoverySuccess time.Time
	// DiscoveryProblem explains why the latest successful listing may lack organizations.
	// It is empty if there is no problem.
	DiscoveryProblem string
	// DiscoveryRetrying is the error of a request of the listing in progress that has failed
	// and is sent again. It is nil if there is none.
	DiscoveryRetrying error

	// Listing is the report of the latest successful listing. It is nil if there is
	// none.
	Listing *collector.Report

	// Organizations contains the selected organizations, sorted by id. They include
	// the account as a whole, with an empty id, if collectors read it.
	Organizations []Organization

	// Policies are the operator's. They are nil if there are none.
	Policies *policy.Set

	names   *nameTable // if there are policies
	account *account
	failed  map[string]error // by organization; of the latest listing
	// retrying is like failed, of the listing in progress.
	retrying map[string]error
	all      []organization
	owners   map[sharedKey]string
}

// Organization is the state of an organization in a Snapshot.
type Organization struct {
	licensing.Organization
	// Listed is set if the vendor has listed the organization recently enough.
	Listed bool
	// Failed is set if the latest listing could not read the organization, or the one
	// in progress could not read it yet.
	Failed     bool
	Collectors []CollectorState
}

// CollectorState is the state of a collector for one organization.
type CollectorState struct {
	Name string
	// Report is the latest good report. It is nil if there is none or if it is
	// too old.
	Report *collector.Report
	// NotApplicable is set if the collector did not apply in the latest fetch.
	NotApplicable bool
	// Tried is set once a fetch has ended. Err is the error of the latest fetch.
	Tried bool
	Err   error
	// Success is when the latest successful fetch ended.
	Success time.Time
	// Retrying is the error of a request of the fetch in progress that has failed and is sent
	// again. It is nil if there is none.
	Retrying error
}

// sharedKey identifies a license that organizations share, in the reports of one
// collector.
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
	retrying := retryingOf(&a.listing)
	discovery := a.discovery.State()
	s := &Snapshot{
		Account: a.Account, Selection: selected, Now: now,
		Discovered: discovery.Tried, DiscoveryErr: discovery.Err, DiscoverySuccess: discovery.ValueEnded, DiscoveryProblem: discovery.Value.Problem,
		Listing: discovery.Value.report, account: a, failed: discovery.Value.Failed, all: a.currentOrganizations(),
		retrying: retrying, DiscoveryRetrying: firstOf(retrying),
	}
	if tooOld(discovery, discovery.Err != nil, discovery.ValueStarted, now, a.engine.MaxStale) {
		s.failed = nil
	}
	if !selected.One {
		s.Organizations = make([]Organization, 0, len(s.all))
	}
	for _, o := range s.all {
		if !selected.includesOrganization(o.ID) {
			continue
		}
		state := Organization{
			Organization: o.Organization, Failed: o.failed || o.ID != "" && retrying[o.ID] != nil,
			Listed:     !o.lastListed.IsZero() && !tooOld(discovery, o.failed || discovery.Err != nil, o.lastListed, now, a.engine.MaxStale),
			Collectors: make([]CollectorState, 0, len(o.entries)),
		}
		for _, e := range o.entries {
			if selected.IncludesCollector(e.Name) {
				state.Collectors = append(state.Collectors, a.collectorState(e, now))
			}
		}
		if o.apiDisabled() {
			state.APIAccess, state.Collectors = licensing.APIDisabled, nil
		}
		s.Organizations = append(s.Organizations, state)
	}
	s.owners = s.findOwners()
	if s.Policies = a.engine.Policies.Load(); s.Policies != nil {
		s.names = a.policyNames(s.all, now)
	}
	return s
}

// retryingOf returns Report.Retrying of a fetch in progress, if there is one.
func retryingOf(underWay *atomic.Pointer[collector.Report]) map[string]error {
	if report := underWay.Load(); report != nil {
		return report.Retrying()
	}
	return nil
}

// firstOf returns the error for the first organization.
func firstOf(errs map[string]error) error {
	if len(errs) == 0 {
		return nil
	}
	return errs[slices.Min(slices.Collect(maps.Keys(errs)))]
}

// tooOld reports whether facts that were true at a time are too old to be shown.
// If the latest fetch failed, their age counts. Otherwise, the time since it ended
// counts, and not while another fetch is in progress: a slow fetch must not make
// facts vanish.
func tooOld[T any](s cache.State[T], failed bool, at, now time.Time, maxStale time.Duration) bool {
	if failed {
		return now.Sub(at) > maxStale
	}
	return now.Sub(s.ValueEnded) > maxStale && !s.UnderWay
}

// collectorState returns the state of a collector. It drops a report that is too
// old.
func (a *account) collectorState(e *collectorEntry, now time.Time) CollectorState {
	retrying := firstOf(retryingOf(&e.underWay)) // read before the state, since the fetch may end in between
	s := e.State()
	if s.Valid && tooOld(s, s.Err != nil, s.ValueStarted, now, a.engine.MaxStale) {
		e.Change(func(c *cache.State[*collector.Report]) {
			if c.ValueStarted.Equal(s.ValueStarted) {
				c.Value, c.Valid = nil, false
			}
		})
		a.reportChanged(e)
		s.Value, s.Valid = nil, false
	}
	state := CollectorState{
		Name: e.Name, Report: s.Value, NotApplicable: s.Valid && s.Value == nil && s.Err == nil,
		Tried: s.Tried, Err: s.Err, Success: s.ValueEnded, Retrying: retrying,
	}
	if s.Value != nil && s.Value.AccessDisabled {
		state.Report = nil
	}
	return state
}

// findOwners returns the organization that shows each shared license of a
// selected organization. Of the organizations with a report about the license, it
// is the one with the lowest id.
func (s *Snapshot) findOwners() map[sharedKey]string {
	owners := map[sharedKey]string{}
	for i := range s.Organizations {
		o := &s.Organizations[i]
		for _, c := range o.Collectors {
			if c.Report == nil {
				continue
			}
			for license := range c.Report.SharedLicenses {
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
		if o.apiDisabled() {
			continue
		}
		for _, e := range o.entries {
			report := s.account.collectorState(e, s.Now).Report
			if report == nil {
				continue
			}
			for license := range report.SharedLicenses {
				key := sharedKey{e.Name, license}
				if owner, shown := owners[key]; shown && licensing.CompareIDs(o.ID, owner) < 0 {
					owners[key] = o.ID
				}
			}
		}
	}
	return owners
}

// Shows reports whether an organization is the one that shows a shared license.
func (s *Snapshot) Shows(organization, collectorName, license string) bool {
	return s.owners[sharedKey{collectorName, license}] == organization
}

// OrganizationReports yields a collector's report about o by organization. It
// includes the shared licenses that o shows.
func (s *Snapshot) OrganizationReports(o *Organization, c *CollectorState) iter.Seq2[string, *collector.OrganizationReport] {
	return c.Report.WithShared(func(license string) bool { return s.Shows(o.ID, c.Name, license) })
}

// OldestSuccess returns the earliest of a collector's latest successes for the
// organizations that it applies to. It is zero if there is none.
func (s *Snapshot) OldestSuccess(collectorName string) (oldest time.Time) {
	for i := range s.Organizations {
		for _, c := range s.Organizations[i].Collectors {
			if c.Name == collectorName && !c.NotApplicable {
				oldest = licensing.Earlier(oldest, c.Success)
			}
		}
	}
	return oldest
}

// HasOrganization reports whether the account has an organization, selected or
// not.
func (s *Snapshot) HasOrganization(id string) bool {
	_, found := slices.BinarySearchFunc(s.all, id, compareID)
	return found
}

// OrganizationCount returns the number of organizations of the account, selected
// or not.
func (s *Snapshot) OrganizationCount() int { return len(s.all) }

// Waiting describes what has not been tried yet. It is empty if the organizations
// were listed and each selected collector has ended a fetch for each organization.
func (s *Snapshot) Waiting() string {
	if !s.Discovered {
		return "listing its organizations"
	}
	untried := 0
	for _, o := range s.Organizations {
		if slices.ContainsFunc(o.Collectors, func(c CollectorState) bool { return !c.Tried }) {
			untried++
		}
	}
	if untried == 0 {
		return ""
	}
	if untried == 1 {
		return "first fetch of 1 organization"
	}
	return fmt.Sprintf("first fetch of %d organizations", untried)
}

// errUnreadable replaces an error that is no longer known.
var errUnreadable = errors.New("the organization could not be read")

// OrganizationErr returns the error with which the latest listing, or the one in progress,
// failed to read an organization.
func (s *Snapshot) OrganizationErr(id string) error {
	return cmp.Or(s.failed[id], s.retrying[id], errUnreadable)
}

// Health is the health that license_up shows.
type Health int

const (
	// Untried means that some fetches have not ended yet. license_up is absent.
	Untried Health = iota
	// Failing means that the latest fetch of at least one collector, or of a child of
	// one, failed, or that requests of one in progress have failed and are sent again.
	Failing
	// Healthy means that the latest fetches of all collectors succeeded.
	Healthy
)

// failedChildren reports whether the fetch of a report, if there is one, could not read
// all child objects.
func failedChildren(r *collector.Report) bool { return r != nil && len(r.Children()) > 0 }

// Health returns the health of an organization.
func (o *Organization) Health() Health {
	if o.Failed {
		return Failing
	}
	all := Healthy
	for _, c := range o.Collectors {
		switch {
		case c.Err != nil, c.Retrying != nil, failedChildren(c.Report):
			return Failing
		case !c.Tried:
			all = Untried
		}
	}
	return all
}

// ListedAll reports whether the latest listing succeeded for all organizations.
func (s *Snapshot) ListedAll() bool {
	return s.Discovered && s.DiscoveryErr == nil && len(s.failed) == 0
}

// Health returns the health of the account as a whole. It is Failing if the latest
// listing of the organizations did not succeed for all of them, or if requests of one under
// way have failed and are sent again.
func (s *Snapshot) Health() Health {
	switch {
	case s.DiscoveryRetrying != nil:
		return Failing
	case !s.Discovered:
		return Untried
	case !s.ListedAll(), failedChildren(s.Listing):
		return Failing
	}
	for i := range s.Organizations {
		if s.Organizations[i].ID == "" {
			return s.Organizations[i].Health()
		}
	}
	return Healthy
}
