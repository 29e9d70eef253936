package engine

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log/level"

	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// account is an Account at work.
type account struct {
	*Account
	engine    *Engine
	ctx       context.Context
	cancel    context.CancelFunc
	maxAge    time.Duration
	created   time.Time
	discovery cache.Entry[collector.Discovery]
	// discoveries has a pool of its own, so as not to wait for units.
	discoveries, fetches pool
	log                  *accountLog
	ready                atomic.Bool // everything has been tried once
	// eager is set if the organizations are to be fetched as soon as they are
	// listed.
	eager atomic.Bool

	mu            sync.Mutex
	organizations []organization // sorted by id
	individual    int            // licenses with series of their own, over all units
}

// organization is an organization with the units that apply to it. The account
// as a whole is one too.
type organization struct {
	licensing.Organization
	// seen is when the vendor listed the organization last. It is zero if the
	// organization was asked for by its id and could never be read.
	seen   time.Time
	failed bool // the latest discovery could not read it
	units  []*unit
}

// unit is one collector for one organization. Its value is nil if the vendor
// says that the collector does not apply.
type unit struct {
	collector.Named
	cache.Entry[*collector.Report]
	individual int // licenses with series of their own; guarded by account.mu
}

func newAccount(e *Engine, a *Account) *account {
	maxAge := e.MaxAge
	if a.MaxAge != nil {
		maxAge = *a.MaxAge
	}
	ctx, cancel := context.WithCancel(e.ctx)
	return &account{
		Account: a, engine: e, ctx: ctx, cancel: cancel, maxAge: maxAge, created: e.Now(),
		discoveries: pool{limit: 1}, fetches: pool{limit: cmp.Or(a.Concurrency, e.Concurrency)},
		log: newAccountLog(a, e.Logger, e.Now),
	}
}

// inherit takes over the facts of an account that this one replaces. The
// organizations are listed anew, and what is missing is due.
func (a *account) inherit(old *account) {
	state := old.discovery.State()
	state.Started = time.Time{}
	a.discovery.Change(func(s *cache.State[collector.Discovery]) { *s = state })
	a.ready.Store(old.ready.Load())
	more := a.Options.IndividualLicenses && (!old.Options.IndividualLicenses || a.Options.IndividualLimit > old.Options.IndividualLimit)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range old.currentOrganizations() {
		units := a.unitsOf(o.Organization, nil)
		for _, u := range units {
			i := slices.IndexFunc(o.units, func(before *unit) bool { return before.Name == u.Name })
			if i < 0 {
				continue
			}
			state := o.units[i].State()
			if more {
				state.Started = time.Time{}
			}
			u.Change(func(s *cache.State[*collector.Report]) { *s = state })
			u.individual = o.units[i].individual
			a.individual += u.individual
		}
		o.units = units
		a.organizations = append(a.organizations, o)
	}
	a.limitIndividual()
}

func (a *account) close() {
	a.cancel()
	a.discoveries.close()
	a.fetches.close()
	if a.Close != nil {
		a.Close()
	}
}

// begin lists the organizations, and fetches their facts if the engine is to.
func (a *account) begin() {
	a.eager.Store(a.engine.fetchAll.Load())
	a.rediscover()
}

// discover fetches the list of organizations and adopts it.
func (a *account) discover(time.Time) (collector.Discovery, error) {
	var discovery collector.Discovery
	started := a.engine.Now()
	name := a.Vendor.SourceName()
	report, err := a.fetch(name, licensing.Organization{}, func(ctx context.Context, report *collector.Report) (err error) {
		discovery, err = a.Source.Discover(ctx, report)
		return err
	})
	failures := make([]error, 0, 1+len(discovery.Failed))
	if err != nil {
		failures = append(failures, err)
	}
	for id, failure := range discovery.Failed {
		failures = append(failures, failure)
		a.log.failed(name, id, failure)
	}
	a.fetched(name, a.engine.Now().Sub(started), report, failures)
	if err == nil || len(discovery.Organizations) > 0 {
		a.adopt(discovery, started)
		if a.eager.Swap(false) {
			a.startUnits(Selection{}, map[*unit]bool{})
		}
	}
	return discovery, err
}

// adopt makes the discovered organizations the current ones. Units that remain
// keep their facts. Those of organizations that are gone are dropped.
func (a *account) adopt(d collector.Discovery, now time.Time) {
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
		before := old[o.ID]
		organizations = append(organizations, organization{Organization: o, seen: now, units: a.unitsOf(o, before.units)})
		if !o.APIEnabled && (before.seen.IsZero() || before.APIEnabled) {
			a.log.apiDisabled(o)
		}
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
		for _, u := range o.units {
			a.individual += u.individual
		}
	}
}

// unitsOf returns the units of an organization, and reuses those that it had.
func (a *account) unitsOf(o licensing.Organization, before []*unit) []*unit {
	if !o.APIEnabled {
		return nil
	}
	var units []*unit
	for _, c := range a.Collectors {
		if !c.Applies(o) {
			continue
		}
		i := slices.IndexFunc(before, func(u *unit) bool { return u.Name == c.Name })
		if i >= 0 {
			units = append(units, before[i])
		} else {
			units = append(units, &unit{Named: c})
		}
	}
	return units
}

func (a *account) currentOrganizations() []organization {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.organizations
}

// update fetches one unit.
func (a *account) update(o licensing.Organization, c collector.Named, asked time.Time) (*collector.Report, error) {
	started := a.engine.Now()
	report, err := a.fetch(c.Name, o, func(ctx context.Context, report *collector.Report) error {
		return c.Update(ctx, o, report)
	})
	var failures []error
	switch collector.Classify(err, false) {
	case collector.Good:
	case collector.NotApplicable:
		a.log.notApplicable(c.Name, o.ID, err)
		report, err = nil, nil
	default:
		failures = []error{err}
	}
	ended := a.engine.Now()
	a.fetched(c.Name, ended.Sub(started), report, failures)
	if took := ended.Sub(asked); err == nil && a.maxAge > 0 && took > a.maxAge {
		a.log.slow(took, a.maxAge)
	}
	return report, err
}

// fetched counts a fetch that ended, unless it did so because the account was
// closed.
func (a *account) fetched(collectorName string, took time.Duration, report *collector.Report, failures []error) {
	if a.ctx.Err() == nil {
		a.engine.Telemetry.fetched(a.Account, collectorName, took, report, failures)
	}
}

// fetch calls a function that fetches, with a deadline of its own, and logs why
// it failed. The report is returned even then, for what it counted. A panic is a
// failure: one bad record must not end the process.
func (a *account) fetch(collectorName string, o licensing.Organization, do func(context.Context, *collector.Report) error) (report *collector.Report, err error) {
	ctx, cancel := context.WithTimeout(a.ctx, cmp.Or(a.Vendor.Defaults.FetchTimeout, a.engine.FetchTimeout))
	defer cancel()
	report = collector.NewReport(a.engine.Now(), a.Options)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			stack := debug.Stack()
			if passed, ok := p.(*collector.Panic); ok {
				stack = passed.Stack
			}
			_ = level.Error(a.engine.Logger).Log("msg", "collector panicked, please report this", "account", a.Name,
				"collector", collectorName, "organization_id", o.ID, "panic", p, "stack", string(stack))
		}
		if collector.Classify(err, false) == collector.Failed && a.ctx.Err() == nil {
			a.log.failed(collectorName, o.ID, err)
		}
		a.log.withheld(collectorName, report.Withheld())
	}()
	return report, do(ctx, report)
}

// countIndividual takes notice of the individual licenses of a unit.
func (a *account) countIndividual(u *unit) {
	n := 0
	if s := u.State(); s.Value != nil {
		n = s.Value.IndividualLicenses()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.individual += n - u.individual
	u.individual = n
	a.limitIndividual()
}

// limitIndividual drops individual licenses beyond the account's limit, those
// of the last organizations first. It needs the lock.
func (a *account) limitIndividual() {
	left := a.Options.IndividualLimit
	if !a.Options.IndividualLicenses {
		left = 0
	}
	if a.individual <= left {
		return
	}
	a.individual = 0
	for _, o := range a.organizations {
		for _, u := range o.units {
			if u.individual > left {
				u.Change(func(s *cache.State[*collector.Report]) { s.Value = s.Value.Limited(left) })
				u.individual = left
			}
			left -= u.individual
			a.individual += u.individual
		}
	}
}

// served reports whether the account has existed for long enough to be served
// with the facts that there are.
func (a *account) served() bool {
	return a.discovery.State().Tried && a.engine.Now().Sub(a.created) >= readyAfter
}
