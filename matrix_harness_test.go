package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/faults"
)

// bench is an engine with two accounts that read the same data: acme through a front that can
// give hostile answers, and other, which shows what acme must show.
type bench struct {
	*fronted
	t      *testing.T
	plan   *plan
	engine *shownEngine
	log    *enginetest.Buffer
	own    *prometheus.Registry
	client rest.Clock
	passed atomic.Int64  // time of the engine's clock
	step   time.Duration // how long an answer is good
	latest shown         // of acme, while all is well
	checks int
}

func newBench(t *testing.T, p *plan, timeout time.Duration, certificates *faults.Certificates) *bench {
	t.Helper()
	b := &bench{t: t, plan: p, log: &enginetest.Buffer{}, own: prometheus.NewRegistry(), client: hurriedClock(), step: time.Minute}
	b.fronted = newFronted(t, p.vendor, p.organizations, certificates)
	b.Name = "acme"
	other := newFronted(t, p.vendor, p.organizations, certificates)
	other.Name = "other"
	if p.include != nil {
		b.Organizations.Include, other.Organizations.Include = p.include, p.include
	}
	settings, err := config.New(vendors, b.AccountConfig, other.AccountConfig)
	if err != nil {
		t.Fatal(err)
	}
	telemetry := engine.NewTelemetry(b.own)
	logger := log.NewLogfmtLogger(b.log)
	accounts, err := (&factory{
		vendors: vendors, enabled: p.collectors, telemetry: telemetry, logger: logger, userAgent: name, clock: b.client, attemptTimeout: timeout,
	}).accounts(settings)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	b.engine = newShownEngine(engine.Config{
		MaxAge: time.Minute, MaxStale: 100 * 365 * 24 * time.Hour, Logger: logger, Telemetry: telemetry,
		Now: func() time.Time { return start.Add(time.Duration(b.passed.Load())) },
	}, accounts)
	t.Cleanup(b.close)
	b.latest = b.scrape("acme")
	b.wantHealthy("at first", nil, b.latest)
	return b
}

func (b *bench) close() { b.engine.Close() }

// pass lets time pass.
func (b *bench) pass(d time.Duration) {
	b.passed.Add(int64(d))
	_ = b.client.Sleep(context.Background(), d)
}

// shown is what the exporter shows of an account.
type shown struct {
	facts   map[string]string // series that must not change if a fetch fails
	ups     map[string]bool   // license_up by organization
	reasons map[string]string // series that count failures by reason
}

// scrape refreshes an account and returns what is shown of it.
func (b *bench) scrape(account string) shown {
	b.t.Helper()
	selected := engine.Selection{Account: account}
	b.engine.Refresh(b.t.Context(), selected)
	var text bytes.Buffer
	if err := b.engine.WriteText(&text, selected); err != nil {
		b.t.Fatal(err)
	}
	s := shown{map[string]string{}, map[string]bool{}, b.errors(account)}
	own := fmt.Sprintf("account=%q,", account)
	for line := range strings.Lines(text.String()) {
		before, after, found := strings.Cut(line, own)
		if !found || strings.HasPrefix(line, "license_days_to_expiration") {
			continue
		}
		labels, value, _ := strings.Cut(strings.TrimSpace(after), "} ")
		series := before + strings.ReplaceAll(labels, fmt.Sprintf("=%q", account), `="acme"`) + ","
		switch {
		case strings.HasPrefix(line, "license_up{"):
			s.ups[label(series, "organization_id")] = value == "1"
		case strings.HasPrefix(line, collector.MetricRecordsSkipped.Name):
			s.reasons[series] = value
		case !strings.HasPrefix(line, "license_exporter_"):
			s.facts[series] = value
		}
	}
	return s
}

// errors returns how many fetches of an account have failed, by collector and reason.
func (b *bench) errors(account string) map[string]string {
	b.t.Helper()
	families, err := b.own.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	errors := map[string]string{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			series := ""
			for _, l := range m.GetLabel() {
				series += fmt.Sprintf("%s=%q,", l.GetName(), l.GetValue())
			}
			if family.GetName() == collector.MetricCollectorErrors.Name && strings.Contains(series, fmt.Sprintf("account=%q", account)) {
				errors[series] = fmt.Sprint(m.GetCounter().GetValue())
			}
		}
	}
	return errors
}

// label returns the value of a label of a series.
func label(series, name string) string {
	_, after, _ := strings.Cut(series, name+`="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// organizations returns the ids of organizations other than the account as a whole.
func (s shown) organizations() []string {
	ids := map[string]bool{}
	for series := range s.facts {
		if id := label(series, "organization_id"); id != "" && strings.HasPrefix(series, "license_organization_info{") {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// wantHealthy fails the test unless acme shows what it showed before, or what the other account
// shows now.
func (b *bench) wantHealthy(when string, before map[string]string, got shown) {
	b.t.Helper()
	for organization, up := range got.ups {
		if !up {
			b.t.Errorf("%s: license_up of %q is 0", when, organization)
		}
	}
	if !maps.Equal(before, got.facts) {
		fresh := b.scrape("other").facts
		b.wantFacts(when, fresh, got.facts, fresh)
	}
}

// wantFacts fails the test unless each series is as it was or as it would be now.
func (b *bench) wantFacts(when string, before, got, fresh map[string]string) {
	b.t.Helper()
	all := maps.Clone(before)
	maps.Copy(all, fresh)
	maps.Copy(all, got)
	wrong := 0
	for _, series := range slices.Sorted(maps.Keys(all)) {
		if got[series] == before[series] || got[series] == fresh[series] {
			continue
		}
		if wrong++; wrong <= 3 {
			b.t.Errorf("%s: %s is %q, want %q or %q", when, series, got[series], before[series], fresh[series])
		}
	}
	if wrong > 3 {
		b.t.Errorf("%s: %d series are wrong", when, wrong)
	}
}

// allOrganizations represents all organizations of an account and the account itself.
const allOrganizations = "*"

// fault is a hostile kind of answer or connection.
type fault struct {
	faults.Kind
	organization string // that it concerns
	begin        func()
	end          func()
	tried        func() bool // whether there was a hostile answer
}

// pausesAll reports whether the exporter sends nothing for a time after the answer. What was
// requested of organizations before the answer came succeeds, and the rest is rate limited.
func (f fault) pausesAll() bool { return f.organization == "" && f.Pause > 0 }

// try gives a kind of answer to the requests that match, and then good ones again.
func (b *bench) try(k faults.Kind, matches func(*http.Request) bool) {
	b.t.Helper()
	b.check(fault{
		Kind: k, organization: b.plan.organization,
		begin: func() { b.Set(k, 0, matches) }, end: b.Clear, tried: func() bool { return b.Count() > 0 },
	})
}

// tryConnection makes connections bad, and then good again.
func (b *bench) tryConnection(k faults.ConnectionKind) {
	b.t.Helper()
	set := func(k faults.ConnectionKind) func() {
		return func() {
			if err := b.SetConnections(k); err != nil {
				b.t.Error(err)
			}
		}
	}
	b.check(fault{
		Kind: faults.Kind{Name: k.Name, Reason: k.Reason}, organization: allOrganizations,
		begin: set(k), end: set(faults.ConnectionKind{}), tried: func() bool { return true },
	})
}

// check scrapes while acme has a fault, and after it.
func (b *bench) check(f fault) {
	b.t.Helper()
	strayed := b.Strayed()
	before := b.latest
	logged := len(b.log.String())
	f.begin()
	var got shown
	for {
		b.pass(b.step)
		if got = b.scrape("acme"); f.tried() {
			break
		}
		if b.step == b.plan.longest() {
			b.t.Errorf("%s: no request was sent", f.Name)
			break
		}
		b.step = b.plan.longest()
		before = got
	}
	b.wantKept(f, before, got)
	b.wantReason(f, before.reasons, got)
	b.wantLog(f, b.log.String()[logged:])
	f.end()
	if n := b.Strayed() - strayed; n > 0 {
		b.t.Errorf("%s: %d requests were sent elsewhere", f.Name, n)
	}
	_ = b.client.Sleep(context.Background(), 2*f.Pause)
	b.pass(time.Minute) // a failure is tried again
	if f.Expect != faults.Fails {
		b.pass(b.step)
	}
	b.latest = b.scrape("acme")
	b.wantHealthy("after "+f.Name, before.facts, b.latest)
}

// wantKept fails the test if facts are lost or changed, or if another account has failed.
func (b *bench) wantKept(f fault, before, got shown) {
	b.t.Helper()
	b.checks++
	if b.checks%10 != 1 && maps.Equal(before.facts, got.facts) {
		return
	}
	other := b.scrape("other")
	for organization, up := range other.ups {
		if !up {
			b.t.Errorf("%s: license_up of %q of another account is 0", f.Name, organization)
		}
	}
	was, is := maps.Clone(before.facts), other.facts
	if f.Expect == faults.Fewer {
		vanished := func(series, _ string) bool { return got.facts[series] == "" }
		maps.DeleteFunc(was, vanished)
		maps.DeleteFunc(is, vanished)
	}
	b.wantFacts(f.Name, was, got.facts, is)
}

// wantReason fails the test unless the failure is shown with its reason, and nothing else.
func (b *bench) wantReason(f fault, before map[string]string, got shown) {
	b.t.Helper()
	reasons := map[string]bool{}
	for series, value := range got.reasons {
		if before[series] != value && value != "0" {
			reasons[label(series, "reason")] = true
		}
	}
	if f.pausesAll() && f.Reason != rest.ReasonRateLimited {
		delete(reasons, string(rest.ReasonRateLimited))
	}
	failed, right := len(reasons) > 0, len(reasons) == 1 && (reasons[string(f.Reason)] || reasons[string(f.Or)])
	if failed && (f.Expect == faults.Harmless || !right) || !failed && f.Expect == faults.Fails {
		b.t.Errorf("%s: the reasons are %v, want %q", f.Name, slices.Sorted(maps.Keys(reasons)), f.Reason)
	}
	for organization, up := range got.ups {
		concerned := (organization == f.organization || f.organization == allOrganizations) && f.Expect != faults.Harmless
		// If an organization is configured by id, the account has failed, too.
		alsoAccount := organization == "" && b.plan.include != nil && f.Expect != faults.Harmless
		if organization == "" && strings.HasPrefix(b.plan.vendor.Listing, "no request") {
			concerned = false // the account cannot fail
		}
		if up && concerned && f.Expect == faults.Fails || !up && !concerned && !alsoAccount && !f.pausesAll() {
			b.t.Errorf("%s: license_up of %q is %v", f.Name, organization, up)
		}
	}
}

// wantLog fails the test unless the failure was logged once. Refusals are logged for each
// collector, since they can need different permissions.
func (b *bench) wantLog(f fault, logged string) {
	b.t.Helper()
	least, most := 0, 1
	if f.Reason == rest.ReasonForbidden || f.Reason == rest.ReasonNotFound {
		most = len(b.plan.collectors)
	}
	switch f.Expect {
	case faults.Fails:
		least = 1
	case faults.Harmless:
		most = 0
	default: // it may fail
	}
	if f.pausesAll() {
		most++ // for the organizations
	}
	if n := strings.Count(logged, "level=error"); n < least || n > most {
		b.t.Errorf("%s: %d errors are logged, want %d to %d", f.Name, n, least, most)
	}
	if strings.Contains(logged, "level=error vendor="+b.plan.vendor.Name+" account=other") {
		b.t.Errorf("%s: an error of another account is logged", f.Name)
	}
	for _, secret := range b.secrets() {
		if strings.Contains(logged, secret) {
			b.t.Errorf("%s: a credential is logged", f.Name)
		}
	}
}

// secrets returns the credentials of the account.
func (b *bench) secrets() []string {
	var secrets []string
	if a := b.HTTPClientConfig.Authorization; a != nil {
		secrets = append(secrets, string(a.Credentials))
	}
	if o := b.HTTPClientConfig.OAuth2; o != nil {
		secrets = append(secrets, string(o.ClientSecret))
	}
	return secrets
}
