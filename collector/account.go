package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log/level"

	"license_exporter/licensing"
)

// account is an Account at work.
type account struct {
	*Account
	engine    *Engine
	ctx       context.Context
	cancel    context.CancelFunc
	maxAge    time.Duration
	begun     time.Time
	discovery cell[Discovery]
	// discoveries runs apart from units, so as not to stand behind them.
	discoveries, fetches pool
	journal              *journal
	ready                atomic.Bool // all of it has been tried once

	mu     sync.Mutex
	scopes []scope // sorted by organization id

	pages pages
}

// scope is an organization with the units that apply to it. The account as a
// whole is one too.
type scope struct {
	licensing.Organization
	// seen is when the vendor named the organization last; zero if it was
	// asked for by its id and could never be read.
	seen   time.Time
	failed bool // the latest discovery could not read it
	units  []*unit
}

// unit is one collector for one organization.
type unit struct {
	Named
	cell[*Report]
}

func newAccount(e *Engine, a *Account) *account {
	maxAge := e.MaxAge
	if a.MaxAge != nil {
		maxAge = *a.MaxAge
	}
	ctx, cancel := context.WithCancel(e.ctx)
	return &account{
		Account: a, engine: e, ctx: ctx, cancel: cancel, maxAge: maxAge, begun: e.Now(),
		discoveries: pool{limit: 1}, fetches: pool{limit: cmp.Or(a.Concurrency, e.Concurrency)},
		journal: newJournal(a, e.Logger, e.Now),
		pages:   pages{byID: map[string]*page{}},
	}
}

func (a *account) close() {
	a.cancel()
	a.discoveries.close()
	a.fetches.close()
	if a.Close != nil {
		a.Close()
	}
}

func (a *account) refresh(ctx context.Context, s Selection) {
	ctx, stop := a.whileOpen(ctx)
	defer stop()
	discovery := a.rediscover()
	asked := map[*unit]bool{}
	pending := a.refreshUnits(s, asked)
	if discovery != nil {
		discovery.wait(ctx)
		pending = append(pending, a.refreshUnits(s, asked)...)
	}
	for _, f := range pending {
		f.wait(ctx)
	}
}

// whileOpen returns a context that ends with the account, too: what has not
// begun when it is closed is never done.
func (a *account) whileOpen(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(a.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// rediscover returns the listing of organizations that is on its way, nil if
// the list is fresh.
func (a *account) rediscover() *fetch {
	return a.discovery.refresh(a.engine.Now, a.maxAge, a.discoveries.submit, a.discover)
}

// discoverNow lists the organizations unless the list is fresh.
func (a *account) discoverNow(ctx context.Context) {
	ctx, stop := a.whileOpen(ctx)
	defer stop()
	a.rediscover().wait(ctx)
}

// refreshUnits starts what is selected and due, and returns what is on its way.
// Units that were asked already are left alone.
func (a *account) refreshUnits(selected Selection, asked map[*unit]bool) []*fetch {
	var pending []*fetch
	for _, s := range a.currentScopes() {
		if !selected.organization(s.ID) {
			continue
		}
		for _, u := range s.units {
			if asked[u] || !selected.collector(u.Name) {
				continue
			}
			asked[u] = true
			f := u.refresh(a.engine.Now, a.maxAge, a.fetches.submit, func(asked time.Time) (*Report, error) {
				return a.update(s.Organization, u.Named, asked)
			})
			if f != nil {
				pending = append(pending, f)
			}
		}
	}
	return pending
}

func (a *account) currentScopes() []scope {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.scopes
}

// discover fetches the list of organizations and puts it into force.
func (a *account) discover(time.Time) (Discovery, error) {
	var discovery Discovery
	started := a.engine.Now()
	report, err := a.fetch(a.SourceName, licensing.Organization{}, func(ctx context.Context, report *Report) (err error) {
		discovery, err = a.Source.Discover(ctx, report)
		return err
	})
	failures := make([]error, 0, 1+len(discovery.Failed))
	if err != nil {
		failures = append(failures, err)
	}
	for id, failure := range discovery.Failed {
		failures = append(failures, failure)
		a.journal.failed(a.SourceName, id, failure)
	}
	a.fetched(a.SourceName, a.engine.Now().Sub(started), report, failures)
	if err == nil || len(discovery.Organizations) > 0 {
		a.adopt(discovery, started)
	}
	return discovery, err
}

// adopt makes the discovered organizations the current ones. Units that go on
// to exist keep their facts; those of organizations that are gone are dropped.
func (a *account) adopt(d Discovery, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := make(map[string]scope, len(a.scopes))
	for _, s := range a.scopes {
		old[s.ID] = s
	}
	scopes := make([]scope, 0, len(d.Organizations)+len(d.Failed))
	listed := map[string]bool{}
	for _, o := range d.Organizations {
		if listed[o.ID] {
			continue
		}
		listed[o.ID] = true
		scopes = append(scopes, scope{Organization: o, seen: now, units: a.units(o, old[o.ID].units)})
		if !o.APIEnabled && (old[o.ID].seen.IsZero() || old[o.ID].APIEnabled) {
			a.journal.apiDisabled(o)
		}
	}
	for id := range d.Failed {
		if !listed[id] {
			s := old[id]
			s.ID, s.failed = id, true
			scopes = append(scopes, s)
		}
	}
	slices.SortFunc(scopes, func(a, b scope) int { return compareIDs(a.ID, b.ID) })
	a.scopes = scopes
}

// units returns the units of an organization, old ones where there are.
func (a *account) units(o licensing.Organization, old []*unit) []*unit {
	if !o.APIEnabled {
		return nil
	}
	var units []*unit
	for _, c := range a.Collectors {
		if !c.Applies(o) {
			continue
		}
		i := slices.IndexFunc(old, func(u *unit) bool { return u.Name == c.Name })
		if i >= 0 {
			units = append(units, old[i])
		} else {
			units = append(units, &unit{Named: c})
		}
	}
	return units
}

// update fetches one unit.
func (a *account) update(o licensing.Organization, c Named, asked time.Time) (*Report, error) {
	started := a.engine.Now()
	report, err := a.fetch(c.Name, o, func(ctx context.Context, report *Report) error {
		return c.Update(ctx, o, report)
	})
	if errors.Is(err, ErrNotApplicable) {
		a.journal.notApplicable(c.Name, o.ID, err)
		report, err = newReport(started, a.Options), nil
		report.notApplicable = true
	}
	var failures []error
	if err != nil {
		failures = []error{err}
	}
	ended := a.engine.Now()
	a.fetched(c.Name, ended.Sub(started), report, failures)
	if took := ended.Sub(asked); err == nil && a.maxAge > 0 && took > a.maxAge {
		a.journal.slow(took, a.maxAge)
	}
	return report, err
}

// fetched counts a fetch that ended, unless it did so because the account was
// closed.
func (a *account) fetched(collector string, took time.Duration, report *Report, failures []error) {
	if a.ctx.Err() == nil {
		a.engine.Telemetry.fetched(a.Account, collector, took, report, failures)
	}
}

// fetch runs a function that fetches, with its own deadline, and logs why it
// failed. The report is returned even then, for what it counted. A panic is a
// failure: one bad record must not take the exporter down.
func (a *account) fetch(collector string, o licensing.Organization, do func(context.Context, *Report) error) (report *Report, err error) {
	ctx, cancel := context.WithTimeout(a.ctx, cmp.Or(a.FetchTimeout, a.engine.FetchTimeout))
	defer cancel()
	report = newReport(a.engine.Now(), a.Options)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			stack := debug.Stack()
			if passed, ok := p.(*passedPanic); ok {
				stack = passed.stack
			}
			_ = level.Error(a.engine.Logger).Log("msg", "collector panicked, please report this", "account", a.Name,
				"collector", collector, "organization_id", o.ID, "panic", p, "stack", string(stack))
		}
		if err != nil && !errors.Is(err, ErrNotApplicable) && a.ctx.Err() == nil {
			a.journal.failed(collector, o.ID, err)
		}
		a.journal.without(collector, report.without)
	}()
	return report, do(ctx, report)
}

// waiting tells what the account waits for before all of it has been tried, or
// before its organizations are known.
func (a *account) waiting(discovered bool) string {
	if r := a.discovery.read(a.engine.Now(), a.engine.MaxStale); !r.tried {
		return "listing its organizations"
	}
	if discovered {
		return ""
	}
	untried := 0
	for _, s := range a.currentScopes() {
		if slices.ContainsFunc(s.units, func(u *unit) bool { return !u.read(a.engine.Now(), a.engine.MaxStale).tried }) {
			untried++
		}
	}
	if untried == 0 {
		return ""
	}
	return fmt.Sprintf("first fetch of %d organizations", untried)
}

// served tells whether the account has been there for long enough to be served
// as far as it is known.
func (a *account) served() bool {
	now := a.engine.Now()
	return a.discovery.read(now, a.engine.MaxStale).tried && now.Sub(a.begun) >= readyAfter
}

// compareIDs orders numbers by value and all else as text.
func compareIDs(a, b string) int {
	if isNumber(a) && isNumber(b) {
		if c := cmp.Compare(len(a), len(b)); c != 0 {
			return c
		}
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}
