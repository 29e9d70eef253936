package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// listing is the result of listing the organizations of an account.
type listing struct {
	collector.Discovery
	report *collector.Report
}

// failedInPart reports whether some organizations could not be read. Their ids may not be known before.
func (l listing) failedInPart() bool {
	return len(l.Failed) > 0 || l.report != nil && len(l.report.Children()) > 0
}

// discover fetches and sets the list of organizations.
func (a *account) discover(time.Time) (l listing, err error) {
	started := a.engine.Now()
	name := a.Vendor.SourceName()
	l.report, err = a.fetch(name, licensing.Organization{}, &a.listing, func(ctx context.Context, report *collector.Report) (err error) {
		l.Discovery, err = a.Source.Discover(ctx, report)
		return err
	})
	if a.ctx.Err() != nil {
		return l, cache.ErrAbandoned
	}
	if latest := a.discovery.State(); errors.Is(err, collector.ErrUnchanged) && latest.Valid {
		a.engine.Telemetry.countFetch(a.Account, name, a.engine.Now().Sub(started), nil, nil)
		a.setOrganizations(latest.Value.Discovery, started)
		return latest.Value, nil
	}
	a.log.fetched(name, licensing.Organization{}, l.report, err, a.discovery.State().Valid)
	a.moveDisabled(&l.Discovery)
	failures := make([]error, 0, 1+len(l.Failed))
	if err != nil {
		failures = append(failures, err)
	}
	for id, failure := range l.Failed {
		failures = append(failures, failure)
		o, _ := a.organization(id)
		a.log.failed(name, id, failure, slices.ContainsFunc(o.entries, func(e *collectorEntry) bool { return a.keeps(e.State()) }))
	}
	a.engine.Telemetry.countFetch(a.Account, name, a.engine.Now().Sub(started), l.report, failures)
	if err == nil || len(l.Organizations) > 0 {
		a.log.listed(a.setOrganizations(l.Discovery, started))
		for _, o := range a.currentOrganizations() {
			a.log.apiAccess(o.Organization, o.apiDisabled())
			a.log.problem(o.Organization)
		}
		a.log.problem(licensing.Organization{Problem: l.Problem})
		if a.fetchWhenListed.Swap(false) {
			a.startFetches(Selection{}, map[*collectorEntry]bool{})
		}
	}
	return l, err
}

// moveDisabled moves the organizations that could not be read because they do not allow
// access by API from the failures to the list.
func (a *account) moveDisabled(d *collector.Discovery) {
	failed := map[string]error{}
	for id, err := range d.Failed {
		if collector.Classify(err) != collector.AccessDisabled {
			failed[id] = err
			continue
		}
		o, _ := a.organization(id)
		o.ID, o.APIAccess = id, licensing.APIDisabled
		d.Organizations = append(slices.Clip(d.Organizations), o.Organization)
	}
	d.Failed = failed
}

// listChanges are the organizations that have changed from one list to the next.
type listChanges struct {
	// gone are no longer in the list. unreadable are configured by id and could be read
	// before. back are of either kind, and are in the list again.
	gone, unreadable, back []licensing.Organization
}

// maxGone bounds the number of organizations that are remembered, to log when they come back.
const maxGone = 10_000

// changes compares a new list of organizations with the old one. The caller holds the lock.
func (a *account) changes(old map[string]organization, current []organization) (c listChanges) {
	for _, o := range current {
		before, known := old[o.ID]
		switch {
		case known && o.failed && !before.failed:
			c.unreadable = append(c.unreadable, o.Organization)
		case !o.failed && (a.gone[o.ID] || before.failed && !before.lastListed.IsZero()):
			c.back = append(c.back, o.Organization)
		}
		delete(a.gone, o.ID)
		delete(old, o.ID)
	}
	for _, o := range old {
		if o.ID == "" {
			continue
		}
		c.gone = append(c.gone, o.Organization)
		if len(a.gone) < maxGone {
			a.gone[o.ID] = true
		}
	}
	slices.SortFunc(c.gone, func(a, b licensing.Organization) int { return licensing.CompareIDs(a.ID, b.ID) })
	return c
}

// setOrganizations replaces the list of organizations. Organizations that were in
// the old list keep their facts.
func (a *account) setOrganizations(d collector.Discovery, now time.Time) listChanges {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := make(map[string]organization, len(a.organizations))
	for _, o := range a.organizations {
		old[o.ID] = o
	}
	organizations := make([]organization, 0, len(d.Organizations)+len(d.Failed))
	listed := map[string]bool{}
	for _, o := range d.Organizations {
		if listed[o.ID] {
			continue
		}
		listed[o.ID] = true
		organizations = append(organizations, organization{Organization: o, lastListed: now, entries: a.entriesOf(o, old[o.ID].entries)})
	}
	for id := range d.Failed {
		if !listed[id] {
			o := old[id]
			o.ID, o.failed = id, true
			organizations = append(organizations, o)
		}
	}
	slices.SortFunc(organizations, func(a, b organization) int { return licensing.CompareIDs(a.ID, b.ID) })
	a.organizations = organizations
	a.individual = 0
	for _, o := range organizations {
		for _, e := range o.entries {
			a.individual += e.individual
		}
	}
	return a.changes(old, organizations)
}

// entriesOf returns the cache entries of an organization. It reuses those that
// the organization had before.
func (a *account) entriesOf(o licensing.Organization, before []*collectorEntry) []*collectorEntry {
	if o.APIAccess == licensing.APIDisabled {
		return nil
	}
	var entries []*collectorEntry
	for _, c := range a.Collectors {
		if !c.Applies(o) {
			continue
		}
		i := slices.IndexFunc(before, func(e *collectorEntry) bool { return e.Name == c.Name })
		if i >= 0 {
			entries = append(entries, before[i])
		} else {
			entries = append(entries, &collectorEntry{Named: c})
		}
	}
	return entries
}
