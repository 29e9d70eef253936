package e2e

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
	"license_exporter/status"
)

// The pages show the problems that the recording rules record: for facts of all kinds, a real
// Prometheus with the rules and the pages find the same.
func TestPagesAndRulesAgree(t *testing.T) {
	const organizations = 600
	r := &randomFacts{now: time.Now().UTC().Truncate(time.Second)}
	h := r.harness(t, organizations)
	h.Refresh(t.Context(), engine.Selection{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		if err := h.WriteText(w, engine.Selection{}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	prom := runWithRules(t, strings.TrimPrefix(server.URL, "http://"))
	prom.awaitScrapes(5)
	want := problemsOfPages(h)
	kinds := map[string]int{}
	for _, p := range want {
		kinds[strings.Join(strings.Fields(p)[:2], " ")]++
	}
	t.Log(kinds)
	if len(kinds) < 13 {
		t.Errorf("only %d kinds of problems", len(kinds))
	}
	var diff string
	eventually(t, 30*time.Second, func() error {
		got, err := prom.problems()
		if err != nil {
			return err
		}
		if diff = gocmp.Diff(want, got); diff != "" {
			return fmt.Errorf("the rules differ from the pages (-pages +rules):\n%s", diff)
		}
		return nil
	})
}

// runWithRules starts a Prometheus server that scrapes exporters and records the rules.
func runWithRules(t *testing.T, addresses ...string) prometheus {
	t.Helper()
	rules, err := filepath.Abs("../alerts/license_exporter.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	return runPrometheus(t, fmt.Sprintf(`
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}
rule_files: [%q]
scrape_configs:
  - job_name: license_exporter
    static_configs: [{targets: [%s]}]
`, rules, strings.Join(addresses, ", ")))
}

// randomFacts makes facts about an organization in which everything is possible.
type randomFacts struct {
	now      time.Time
	warnings *collector.Metric
	critical *collector.Metric
	alerting *collector.Metric
}

// harness returns an engine with organizations that are read one by one, and others that only
// the report about the account names.
func (r *randomFacts) harness(t *testing.T, organizations int) *enginetest.Harness {
	var metrics collector.Metrics
	r.warnings = metrics.New("snow_agreement_warning_limit_seconds", "test", "help", "license_id")
	r.critical = metrics.New("snow_agreement_critical_limit_seconds", "test", "help", "license_id")
	r.alerting = metrics.New("snow_agreement_alerting", "test", "help", "license_id")
	ids := make([]string, 0, organizations/2)
	for i := range organizations / 2 {
		ids = append(ids, fmt.Sprint(i+1))
	}
	listed := enginetest.Organizations(ids...)
	listed.Organizations = slices.Insert(listed.Organizations, 0, licensing.Organization{Name: "tenant", APIAccess: licensing.APIEnabled})
	one := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, report *collector.Report) error {
		r.facts(o.ID, report.Organization(o.ID))
		return nil
	}}
	tenant := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, report *collector.Report) error {
		r.facts("", report.Organization(""))
		for i := range organizations / 2 {
			id := fmt.Sprint("t", i)
			r.facts(id, report.Organization(id))
		}
		return nil
	}}
	h := enginetest.NewWithMetrics(t, engine.Config{MaxAge: time.Hour}, metrics, &enginetest.Source{Discovery: listed},
		collector.Named{Name: "one", Collector: one}, collector.Named{Name: "tenant", Collector: tenant})
	h.Policies.Store(policy.NewSet(r.policies()))
	return h
}

// policies are those of all kinds.
func (r *randomFacts) policies() []policy.Policy {
	days := func(n int) *model.Duration { return new(model.Duration(time.Duration(n) * licensing.Day)) }
	var all []policy.Policy
	for i, rules := range []policy.Rules{
		{Renewal: policy.Automatic}, {Renewal: policy.Manual}, {Notice: days(60)}, {Notice: days(120)}, {Notice: days(3)},
		{MinimumAvailableSeats: new(policy.Count(5))}, {MinimumAvailableSeats: new(policy.Count(0))}, {Muted: new(policy.Flag(true))},
		{End: policy.End{Time: r.now.Add(licensing.Day * 13 / 2)}},
	} {
		for _, product := range []string{"", "a", "b", "c"} {
			all = append(all, policy.Policy{Match: policy.Match{OrganizationID: fmt.Sprintf("*%d", i), Product: product}, Rules: rules})
			if product == "" { // an organization as a whole, an agreement and a product
				all[len(all)-1].Match = policy.Match{OrganizationID: fmt.Sprintf("*%d%d", i, i)}
			}
		}
		all = append(all, policy.Policy{Match: policy.Match{OrganizationID: fmt.Sprintf("*%d?", i), LicenseID: "l*"}, Rules: rules})
	}
	return all
}

// facts makes the facts about an organization, of which each collector reports a part.
func (r *randomFacts) facts(id string, o *collector.OrganizationReport) {
	const labelled = "abc"
	hash := fnv.New64()
	_, _ = hash.Write([]byte(id))                  // never fails
	rng := rand.New(rand.NewPCG(12, hash.Sum64())) //nolint:gosec // no secret
	chance := func(percent int) bool { return rng.IntN(100) < percent }
	when := func() time.Time {
		days := []float64{-200.5, -100.5, -90.5, -89.5, -60.5, -30.5, -29.5, -10.5, -1.5, -0.5, 0.5, 2.5, 3.5, 6.5, 7.5, 20.5, 29.5, 30.5, 45.5, 59.5, 60.5, 89.5, 90.5, 119.5, 120.5, 400.5}
		return r.now.Add(time.Duration(days[rng.IntN(len(days))] * float64(licensing.Day)))
	}
	seats := func() *float64 {
		if chance(30) {
			return nil
		}
		return licensing.Seat(rng.IntN(8) - 2)
	}
	keys := []licensing.LicenseKey{{}, {LicenseID: "l1"}, {LicenseID: "l2"}}
	for _, product := range strings.Split(labelled, "") {
		keys = append(keys, licensing.LicenseKey{Product: product}, licensing.LicenseKey{Product: product, LicenseID: "l1"})
	}
	for _, key := range keys {
		if key.LicenseID == "" && chance(40) {
			o.NextEnd(key.Product, when())
		}
		if key.LicenseID != "" && chance(60) {
			o.License(licensing.License{ID: key.LicenseID, Product: key.Product, End: when()})
		}
		if chance(20) {
			o.Verdict(key, chance(50))
		}
		if chance(20) {
			o.GraceEnd(key, when())
		}
		if chance(15) {
			o.RenewalDeadline(key, when())
		}
		if chance(15) {
			o.NextRenewal(key, when())
		}
		if key.LicenseID == "" && chance(20) {
			o.Depend(key.Product, float64(rng.IntN(3)))
		}
		if chance(30) {
			kinds := []licensing.SeatsKind{"", "", "", licensing.PerDevice, licensing.OveruseAllowed}
			s := licensing.Seats{Limit: seats(), Assigned: seats(), Available: seats(), Kind: kinds[rng.IntN(len(kinds))]}
			if key.LicenseID == "" {
				s.Required = seats()
			}
			o.SeatsOf(licensing.SeatsKey{Product: key.Product, LicenseID: key.LicenseID, Unit: "user"}, s)
		}
	}
	fold := licensing.NewFold(r.now, licensing.State{Name: "active"})
	for range rng.IntN(4) {
		l := licensing.License{Product: labelled[rng.IntN(3):][:1], End: when(), Phase: licensing.Phase(rng.IntN(4))}
		if chance(50) {
			l.InUse = licensing.Seat(rng.IntN(3))
		}
		fold.Add(l)
	}
	if chance(60) {
		o.Fold = fold
	}
	for _, license := range []string{"l1", "l2"} {
		r.warn(license, o, chance, rng)
	}
}

// warn sets how the vendor wants the end of a license to be reported.
func (r *randomFacts) warn(license string, o *collector.OrganizationReport, chance func(int) bool, rng *rand.Rand) {
	var w licensing.Warning
	limit := func(m *collector.Metric) *time.Duration {
		if chance(70) {
			return nil
		}
		days := []int{0, 5, 20, 100}[rng.IntN(4)]
		o.Sample(m, float64(days)*licensing.Day.Seconds(), license)
		return new(time.Duration(days) * licensing.Day)
	}
	w.Notice, w.Critical = limit(r.warnings), limit(r.critical)
	if chance(20) {
		w.Off = chance(50)
		o.Sample(r.alerting, collector.Bool(!w.Off), license)
	}
	o.Warn(license, w)
}

// problemsOfPages returns the problems of all licenses, sorted.
func problemsOfPages(h *enginetest.Harness) []string {
	var all []string
	overview := status.NewPages(h.Engine).Overview()
	for i := range overview.Organizations {
		o := &overview.Organizations[i]
		for j := range o.Licenses {
			l := &o.Licenses[j]
			for _, p := range l.Problems {
				all = append(all, problem(p, o, l))
			}
		}
	}
	slices.Sort(all)
	return all
}

// problem describes a problem like the rules.
func problem(p status.Problem, o *status.Organization, l *status.License) string {
	rule, value, organization := "", 0.0, o.ID
	product, license, unit := l.Product, l.LicenseID, p.Unit
	switch p.Kind {
	case status.Expired:
		rule = "expired_timestamp_seconds"
		if p.Number != nil && *p.Number > 0 {
			rule, value = "expired_in_use", *p.Number
		}
	case status.Expiring:
		rule = "expiring_timestamp_seconds"
	case status.Renewing:
		rule = "renewing_timestamp_seconds"
	case status.NonCompliant:
		rule = "noncompliant"
	case status.GraceEnding:
		rule = "grace_end_timestamp_seconds"
		products := 0 // of the subscription
		for i := range o.Licenses {
			if other := &o.Licenses[i]; other.LicenseID == license && !other.GraceEnd.IsZero() {
				products++
			}
		}
		if license != "" && products > 1 {
			product = "" // it is the first of them
		}
	case status.Short:
		rule, value = "seats_missing", *p.Number
	case status.FewSeats:
		rule, value = "seats_low", *p.Number
	case status.Unreadable:
		rule = "an organization's"
	}
	if strings.HasSuffix(rule, "seconds") {
		value = collector.Seconds(p.When)
	}
	return describe(rule, p.Severity.String(), organization, product, license, unit, value)
}

func describe(rule, severity, organization, product, license, unit string, value float64) string {
	return fmt.Sprintf("%s %s organization=%q product=%q license=%q unit=%q %.0f", rule, severity, organization, product, license, unit, value)
}

// problems returns what the rules record, sorted.
func (p prometheus) problems() ([]string, error) {
	vector, err := p.query(`{__name__=~"license_problem:.+", __name__!~".*(renewed|run_out|invalidated|unused|vanished|api|stale).*"}`)
	if err != nil {
		return nil, err
	}
	severities := map[string]string{"expired_in_use": "critical", "renewing_timestamp_seconds": "info", "seats_missing": "warning", "seats_low": "info"}
	var all []string
	for _, s := range vector {
		rule := strings.TrimPrefix(string(s.Metric[model.MetricNameLabel]), "license_problem:")
		all = append(all, describe(rule, cmp.Or(string(s.Metric["severity"]), severities[rule]), string(s.Metric["organization_id"]),
			string(s.Metric["product"]), string(s.Metric["license_id"]), string(s.Metric["unit"]), float64(s.Value)))
	}
	slices.Sort(all)
	return all, nil
}
