package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

var kindNames = [...]string{"expired", "expiring", "short", "noncompliant", "grace", "unreadable", "few", "renewing"}

// problemsOf returns the problems of the licenses of an organization for which policies hold.
func problemsOf(t *testing.T, rules policy.Rules, facts func(f *collector.OrganizationReport)) string {
	t.Helper()
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{
		Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			facts(r.Organization(o.ID))
			return nil
		},
	}))
	h.Policies.Store(policy.NewSet([]policy.Policy{{Rules: rules}}))
	h.Refresh(t.Context(), engine.Selection{})
	var all []string
	for _, l := range overview(h).Organizations[0].Licenses {
		for _, p := range l.Problems {
			text := strings.TrimSpace(fmt.Sprintf("%s%s %s %s", l.Product, l.LicenseID, kindNames[p.Kind], p.Severity))
			if p.Number != nil {
				text += fmt.Sprintf(" %v", *p.Number)
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// These are the rows of the table in docs/alerts.md. An end-to-end test compares the problems with the
// recording rules.
func TestProblems(t *testing.T) {
	ends := func(days float64) func(f *collector.OrganizationReport) {
		return func(f *collector.OrganizationReport) { f.NextEnd("a", enginetest.Days(days)) }
	}
	with := func(all ...func(f *collector.OrganizationReport)) func(f *collector.OrganizationReport) {
		return func(f *collector.OrganizationReport) {
			for _, add := range all {
				add(f)
			}
		}
	}
	depends := func(n float64) func(f *collector.OrganizationReport) {
		return func(f *collector.OrganizationReport) { f.Depend("a", n) }
	}
	seats := func(limit, assigned float64, kind licensing.SeatsKind) func(f *collector.OrganizationReport) {
		return func(f *collector.OrganizationReport) {
			f.SeatsOf(licensing.SeatsKey{Product: "a", Unit: "user"}, licensing.Seats{Limit: &limit, Assigned: &assigned, Available: licensing.Seat(limit - assigned), Kind: kind})
		}
	}
	renews := func(license string) func(f *collector.OrganizationReport) {
		return func(f *collector.OrganizationReport) {
			f.NextRenewal(licensing.LicenseKey{Product: "a", LicenseID: license}, enginetest.Days(20))
		}
	}
	verdict := func(key licensing.LicenseKey, compliant bool) func(f *collector.OrganizationReport) {
		return func(f *collector.OrganizationReport) { f.Verdict(key, compliant) }
	}
	agreement := func(f *collector.OrganizationReport) {
		f.License(licensing.License{ID: "7", End: enginetest.Days(15)})
	}
	notice := func(days int) policy.Rules {
		return policy.Rules{Notice: new(model.Duration(time.Duration(days) * licensing.Day))}
	}
	whole := licensing.LicenseKey{}
	for name, test := range map[string]struct {
		rules policy.Rules
		facts func(f *collector.OrganizationReport)
		want  string
	}{
		"ended and in use":                           {facts: with(ends(-200), depends(3)), want: "a expired critical 3"},
		"ended and not in use":                       {facts: with(ends(-29), depends(0)), want: "a expired info 0"},
		"ended and not in use, long ago":             {facts: with(ends(-31), depends(0))},
		"ended, and use is not known":                {facts: ends(-29), want: "a expired critical"},
		"ended, and use is not known, a while":       {facts: ends(-31), want: "a expired warning"},
		"ended, and use is not known, long ago":      {facts: ends(-91)},
		"ended today, and renews by itself":          {rules: policy.Rules{Renewal: policy.Automatic}, facts: with(ends(-0.5), depends(3))},
		"ended yesterday, and was not renewed":       {rules: policy.Rules{Renewal: policy.Automatic}, facts: with(ends(-1.5), depends(3)), want: "a expired critical 3"},
		"ends in 91 days":                            {facts: ends(91)},
		"ends in 89 days":                            {facts: ends(89), want: "a expiring info"},
		"ends in 29 days":                            {facts: ends(29), want: "a expiring warning"},
		"ends in 6 days":                             {facts: ends(6), want: "a expiring critical"},
		"ends after a long notice began":             {rules: notice(120), facts: ends(119), want: "a expiring warning"},
		"ends before a short notice begins":          {rules: notice(3), facts: ends(4), want: "a expiring info"},
		"ends in a short notice":                     {rules: notice(3), facts: ends(2), want: "a expiring critical"},
		"renews by itself":                           {rules: policy.Rules{Renewal: policy.Automatic}, facts: ends(20), want: "a renewing info"},
		"renews by itself, later":                    {rules: policy.Rules{Renewal: policy.Automatic}, facts: ends(40)},
		"renews at a date of the vendor's":           {facts: with(ends(20), renews("")), want: "a renewing info"},
		"renews at a date, but the operator says no": {rules: policy.Rules{Renewal: policy.Manual}, facts: with(ends(20), renews("")), want: "a expiring warning"},
		"one of its licenses renews at a date":       {facts: with(ends(20), renews("7")), want: "a renewing info"},
		"one of its agreements renews at a date": {facts: func(f *collector.OrganizationReport) {
			f.NextEnd("", enginetest.Days(20))
			f.NextRenewal(licensing.LicenseKey{LicenseID: "7"}, enginetest.Days(20))
		}, want: "expiring warning"},
		"a later license renews at a date":     {facts: with(ends(18), renews("7")), want: "a expiring warning"},
		"muted":                                {rules: policy.Rules{Muted: new(policy.Flag(true))}, facts: with(ends(-5), seats(1, 2, ""), verdict(whole, false))},
		"an agreement":                         {facts: agreement, want: "7 expiring warning"},
		"an agreement beside ends of products": {facts: with(agreement, ends(100))},
		"an agreement that warns nobody":       {facts: with(agreement, func(f *collector.OrganizationReport) { f.Warn("7", licensing.Warning{Off: true}) })},
		"an agreement with a limit of its own": {facts: with(agreement, func(f *collector.OrganizationReport) {
			f.Warn("7", licensing.Warning{Critical: new(16 * licensing.Day)})
		}), want: "7 expiring critical"},
		"an agreement after the deadline": {facts: func(f *collector.OrganizationReport) {
			f.License(licensing.License{ID: "7", End: enginetest.Days(60)})
			f.RenewalDeadline(licensing.LicenseKey{LicenseID: "7"}, enginetest.Days(-1))
		}, want: "7 expiring warning"},
		"seats short":                           {facts: seats(5, 7, ""), want: "a short warning 2"},
		"seats short, and the vendor agrees":    {facts: with(seats(5, 7, ""), verdict(whole, false)), want: "a short warning 2; noncompliant critical"},
		"seats short, and the vendor disagrees": {facts: with(seats(5, 7, ""), verdict(whole, true))},
		"seats short, and the verdicts differ":  {facts: with(seats(5, 7, ""), verdict(licensing.LicenseKey{Product: "a"}, true), verdict(whole, false)), want: "a short warning 2; noncompliant critical"},
		"seats that may be exceeded":            {facts: seats(5, 7, licensing.OveruseAllowed)},
		"seats needed": {facts: func(f *collector.OrganizationReport) {
			f.SeatsOf(licensing.SeatsKey{Product: "a"}, licensing.Seats{Limit: licensing.Seat(5), Required: licensing.Seat(6)})
		}, want: "a short warning 1"},
		"full":                              {facts: seats(5, 5, ""), want: "a few info 0"},
		"full with a seat for each device":  {facts: seats(5, 5, licensing.PerDevice)},
		"fewer free than a policy wants":    {rules: policy.Rules{MinimumAvailableSeats: new(policy.Count(3))}, facts: seats(5, 3, ""), want: "a few info 2"},
		"full, as a policy permits":         {rules: policy.Rules{MinimumAvailableSeats: new(policy.Count(0))}, facts: seats(5, 5, "")},
		"a product that is not compliant":   {facts: verdict(licensing.LicenseKey{Product: "a"}, false), want: "a noncompliant warning"},
		"not compliant since all has ended": {facts: func(f *collector.OrganizationReport) { f.Verdict(whole, false); f.NextEnd("", enginetest.Days(-1)) }, want: " expired critical"},
		"in grace": {facts: func(f *collector.OrganizationReport) {
			f.GraceEnd(licensing.LicenseKey{LicenseID: "7"}, enginetest.Days(8))
		}, want: "7 grace warning"},
		"in grace, and nothing depends on it": {facts: with(ends(30), depends(0), func(f *collector.OrganizationReport) {
			f.GraceEnd(licensing.LicenseKey{Product: "a", LicenseID: "7"}, enginetest.Days(8))
		}), want: "a expiring warning"},
		"in grace by the vendor's verdict, although nothing has ended": {facts: with(ends(300), depends(0), verdict(whole, false), func(f *collector.OrganizationReport) {
			f.GraceEnd(licensing.LicenseKey{Product: "a", LicenseID: "7"}, enginetest.Days(8))
		}), want: "a7 grace warning; noncompliant critical"},
		"products in grace, without a subscription": {facts: func(f *collector.OrganizationReport) {
			f.GraceEnd(licensing.LicenseKey{Product: "a"}, enginetest.Days(8))
			f.GraceEnd(licensing.LicenseKey{Product: "b"}, enginetest.Days(6))
		}, want: "a grace warning; b grace critical"},
		"in the last days of grace, by two units": {facts: func(f *collector.OrganizationReport) {
			f.GraceEnd(licensing.LicenseKey{LicenseID: "7"}, enginetest.Days(6))
			f.GraceEnd(licensing.LicenseKey{Product: "a", LicenseID: "7"}, enginetest.Days(9))
		}, want: "7 grace critical"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := problemsOf(t, test.rules, test.facts); got != strings.TrimSpace(test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// More seats in use than were bought can be found, even if the vendor accepts it.
func TestOver(t *testing.T) {
	for name, test := range map[string]struct {
		seats licensing.Seats
		want  bool
	}{
		"accepted by the vendor": {licensing.Seats{Limit: licensing.Seat(65), Required: licensing.Seat(67)}, true},
		"accepted by contract":   {licensing.Seats{Available: licensing.Seat(-1), Kind: licensing.OveruseAllowed}, true},
		"full":                   {licensing.Seats{Limit: licensing.Seat(67), Required: licensing.Seat(67)}, false},
	} {
		o := overviewOf(t, enginetest.Organizations("1"), func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: "a"}, test.seats)
			r.Organization(o.ID).Verdict(licensing.LicenseKey{}, true)
			return nil
		}).Organizations[0]
		if o.Over != test.want || o.Kinds.Has(Short) {
			t.Errorf("%s: over is %t, and the kinds of problems are %b", name, o.Over, o.Kinds)
		}
	}
}
