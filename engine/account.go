package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log/level"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// account is an Account with its cached facts.
type account struct {
	*Account
	engine    *Engine
	ctx       context.Context
	cancel    context.CancelFunc
	maxAge    time.Duration
	created   time.Time
	discovery cache.Entry[listing]
	// listing is the report of the listing in progress.
	listing atomic.Pointer[collector.Report]
	// discoveries is separate from fetches, so that the list of organizations
	// need not wait in the queue behind them.
	discoveries, fetches pool
	log                  *accountLog
	// ready is set once the account no longer prevents readiness.
	ready atomic.Bool
	// fetchWhenListed is set if the next list of organizations starts the
	// fetches for them.
	fetchWhenListed atomic.Bool

	mu            sync.Mutex
	organizations []organization // sorted by id
	individual    int            // sum over all entries
	gone          map[string]bool

	namesMu sync.Mutex
	names   *nameTable // the latest
}

// organization is an organization with the cache entries of the collectors that
// apply to it. The account as a whole is one, too.
type organization struct {
	licensing.Organization
	// lastListed is when the vendor last listed the organization. It is zero if
	// the organization is configured by id and could never be read.
	lastListed time.Time
	failed     bool // the latest discovery could not read it
	entries    []*collectorEntry
}

// apiDisabled reports whether the organization does not allow access by API: by the list
// of organizations, or by what a collector was answered.
func (o *organization) apiDisabled() bool {
	return o.APIAccess == licensing.APIDisabled || slices.ContainsFunc(o.entries, func(e *collectorEntry) bool {
		s := e.State()
		return s.Err == nil && s.Value != nil && s.Value.AccessDisabled
	})
}

// collectorEntry is the cache entry of one collector for one organization. Its
// value is nil if the collector does not apply.
type collectorEntry struct {
	collector.Named
	cache.Entry[*collector.Report]
	// underWay is the report of the fetch in progress.
	underWay atomic.Pointer[collector.Report]
	// individual is the number of individual licenses in the report. account.mu
	// guards it.
	individual int
}

func newAccount(e *Engine, a *Account) *account {
	maxAge := e.MaxAge
	if a.MaxAge != nil {
		maxAge = *a.MaxAge
	}
	ctx, cancel := context.WithCancel(e.ctx)
	return &account{
		Account: a, engine: e, ctx: ctx, cancel: cancel, maxAge: maxAge, created: e.Now(),
		discoveries: pool{limit: 1}, fetches: pool{limit: cmp.Or(a.Concurrency, DefaultConcurrency)},
		log: newAccountLog(a, e.Logger, e.Now), gone: map[string]bool{},
	}
}

// inherit copies the facts of an account that this one replaces, except those of
// organizations that are no longer selected. The organizations are due to be
// listed again. If this account can show more individual licenses than the old
// one, all facts are due as well.
func (a *account) inherit(old *account) {
	state := old.discovery.State()
	state.Started = time.Time{}
	a.discovery.Change(func(s *cache.State[listing]) { *s = state })
	a.ready.Store(old.ready.Load())
	more := a.Options.IndividualLicenses && (!old.Options.IndividualLicenses || a.Options.IndividualLimit > old.Options.IndividualLimit)
	a.mu.Lock()
	defer a.mu.Unlock()
	selector := a.Organizations.Selector()
	for _, o := range old.currentOrganizations() {
		if o.ID != "" && !slices.Contains(a.Also, o.ID) && !selector.Selects(o.ID, o.Name) {
			continue
		}
		entries := a.entriesOf(o.Organization, nil)
		for _, e := range entries {
			i := slices.IndexFunc(o.entries, func(before *collectorEntry) bool { return before.Name == e.Name })
			if i < 0 {
				continue
			}
			state := o.entries[i].State()
			if more {
				state.Started = time.Time{}
			}
			if state.Value != nil {
				state.Value = state.Value.Limited(a.Options)
			}
			e.Change(func(s *cache.State[*collector.Report]) { *s = state })
			a.countIndividual(e)
		}
		o.entries = entries
		a.organizations = append(a.organizations, o)
	}
	a.log.inherit(old.log)
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

// begin starts to list the organizations, and fetches their facts afterwards if
// Engine.Begin was called for all facts.
func (a *account) begin() {
	a.fetchWhenListed.Store(!a.engine.listOnly.Load())
	a.rediscover()
}

func (a *account) currentOrganizations() []organization {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.organizations
}

// organization returns the organization with an id.
func (a *account) organization(id string) (o organization, found bool) {
	all := a.currentOrganizations()
	i, found := slices.BinarySearchFunc(all, id, compareID)
	if found {
		o = all[i]
	}
	return o, found
}

func compareID(o organization, id string) int { return licensing.CompareIDs(o.ID, id) }

// update runs a collector for an organization. asked is when the fetch was asked
// for.
func (a *account) update(o licensing.Organization, c *collectorEntry, asked time.Time) (*collector.Report, error) {
	started := a.engine.Now()
	report, err := a.fetch(c.Name, o, &c.underWay, func(ctx context.Context, report *collector.Report) error {
		return c.Update(ctx, o, report)
	})
	if a.ctx.Err() != nil {
		return nil, cache.ErrAbandoned
	}
	if latest := c.State(); errors.Is(err, collector.ErrUnchanged) && latest.Valid {
		a.engine.Telemetry.countFetch(a.Account, c.Name, a.engine.Now().Sub(started), nil, nil)
		return latest.Value, nil
	}
	a.log.fetched(c.Name, o, report, err, a.keeps(c.State()))
	var failures []error
	switch outcome(o, err) {
	case collector.Good:
	case collector.NotApplicable:
		a.log.notApplicable(c.Name, o.ID, err)
		report, err = nil, nil
	case collector.AccessDisabled:
		report, err = collector.NewReport(report.Now, a.Options), nil
		report.AccessDisabled = true
	default:
		failures = []error{err}
	}
	ended := a.engine.Now()
	a.engine.Telemetry.countFetch(a.Account, c.Name, ended.Sub(started), report, failures)
	if took := ended.Sub(asked); err == nil && a.maxAge > 0 && took > a.maxAge {
		a.log.slow(took, a.maxAge)
	}
	return report, err
}

// outcome classifies the result of a fetch. Only an organization can switch access off,
// not an account as a whole.
func outcome(o licensing.Organization, err error) collector.Outcome {
	outcome := collector.Classify(err)
	if outcome == collector.AccessDisabled && o.ID == "" {
		return collector.Failed
	}
	return outcome
}

// keeps reports whether there are facts of an earlier fetch that are shown after one
// that failed.
func (a *account) keeps(s cache.State[*collector.Report]) bool {
	return s.Value != nil && a.engine.Now().Sub(s.ValueStarted) <= a.engine.MaxStale
}

// fetch calls do with a timeout. It returns the report also with an error, for the
// parse errors in it. The report is in underWay, which must be cleared once the result
// is known. A panic becomes an error: a bad record must not end the process. If the
// account was closed meanwhile, the result means nothing.
func (a *account) fetch(collectorName string, o licensing.Organization, underWay *atomic.Pointer[collector.Report], do func(context.Context, *collector.Report) error) (report *collector.Report, err error) {
	ctx, cancel := context.WithTimeout(a.ctx, cmp.Or(a.Vendor.Defaults.FetchTimeout, defaultFetchTimeout))
	defer cancel()
	options := a.Options
	options.MaxStale = a.engine.MaxStale
	report = collector.NewReport(a.engine.Now(), options)
	underWay.Store(report)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			stack := debug.Stack()
			if passed, ok := p.(*collector.Panic); ok {
				stack = passed.Stack
			}
			_ = level.Error(a.engine.Logger).Log("msg", "collector panicked, please report this", "account", a.Name,
				"collector", collectorName, "organization_id", rest.Plain(o.ID), "panic", rest.Clip(fmt.Sprint(p)), "stack", string(stack))
		}
	}()
	err = do(rest.WithTrace(ctx, report.Trace()), report)
	report.Compact()
	return report, err
}

// ended is called when a fetch for an organization has ended.
func (a *account) ended(id string, e *collectorEntry) {
	e.underWay.Store(nil)
	a.reportChanged(e)
	if o, found := a.organization(id); found {
		a.log.apiAccess(o.Organization, o.apiDisabled())
	}
}

// reportChanged keeps the limit of individual licenses after the report of an
// entry has changed.
func (a *account) reportChanged(e *collectorEntry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.countIndividual(e)
	a.limitIndividual()
}

// countIndividual updates the numbers of individual licenses. The caller holds the
// lock.
func (a *account) countIndividual(e *collectorEntry) {
	n := 0
	if report := e.State().Value; report != nil {
		n = report.IndividualLicenses()
	}
	a.individual += n - e.individual
	e.individual = n
}

// limitIndividual drops the individual licenses above the limit, those of the last
// organizations. The caller holds the lock.
func (a *account) limitIndividual() {
	limit := a.Options
	if a.individual <= limit.IndividualLimit {
		return
	}
	for _, o := range a.organizations {
		for _, e := range o.entries {
			if e.individual > limit.IndividualLimit {
				e.Change(func(s *cache.State[*collector.Report]) {
					if s.Value != nil { // its age may have dropped it meanwhile
						s.Value = s.Value.Limited(limit)
					}
				})
				a.countIndividual(e)
			}
			limit.IndividualLimit -= e.individual
		}
	}
}
