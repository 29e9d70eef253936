package status

import (
	"context"
	"strings"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

func muted(m policy.Match) policy.Policy {
	return policy.Policy{Match: m, Rules: policy.Rules{Muted: new(policy.Flag(true))}}
}

// What is muted is shown, but is not listed among what needs action.
func TestOverviewOfMuted(t *testing.T) {
	report := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		f.NextEnd("ended", enginetest.Days(-5))
		f.NextEnd("later", enginetest.Days(50))
		f.SeatsOf(licensing.SeatsKey{Product: "ended", Unit: "user"}, licensing.Seats{Limit: licensing.Seat(1), Assigned: licensing.Seat(2), Available: licensing.Seat(-1)})
		f.Verdict(licensing.LicenseKey{Product: "ended"}, false)
		return nil
	}
	for name, test := range map[string]struct {
		policies                 []policy.Policy
		end                      float64
		endMuted                 bool
		muted, short, objections int
		owner                    string
	}{
		"nothing": {nil, 50, false, 0, 1, 1, ""},
		"an owner": {
			[]policy.Policy{{Match: policy.Match{Product: "ended"}, Rules: policy.Rules{Owner: "product"}}, {Rules: policy.Rules{Owner: "all"}}}, 50, false, 0, 1, 1, "all",
		},
		"a product":        {[]policy.Policy{muted(policy.Match{Product: "ended"})}, 50, false, 1, 0, 0, ""},
		"another product":  {[]policy.Policy{muted(policy.Match{Product: "later"})}, 50, true, 1, 1, 1, ""},
		"the organization": {[]policy.Policy{muted(policy.Match{OrganizationID: "1"})}, 50, true, 3, 0, 0, ""},
		"another one":      {[]policy.Policy{muted(policy.Match{OrganizationID: "2"})}, 50, false, 0, 1, 1, ""},
		"an end": {
			[]policy.Policy{muted(policy.Match{Product: "ended"}), {Match: policy.Match{Product: "l*"}, Rules: policy.Rules{End: policy.End{Time: enginetest.Days(1)}}}},
			50, false, 1, 0, 0, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: report}))
			h.Policies.Store(policy.NewSet(test.policies))
			h.Refresh(t.Context(), engine.Selection{})
			o := overview(h).Organizations[0]
			short := 0
			for _, l := range o.Licenses {
				if l.Kinds.Has(Short) {
					short++
				}
			}
			if !o.NextEnd.Equal(enginetest.Days(test.end)) || o.NextLicense.Muted != test.endMuted || o.Muted != test.muted || short != test.short ||
				o.Violations != test.objections || o.Owner != test.owner || *o.Compliant {
				t.Errorf("got %+v, want %+v", o, test)
			}
		})
	}
}

// An end that a policy gives is shown like one by the vendor.
func TestOverviewOfThePolicysEnd(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"))
	h.Policies.Store(policy.NewSet([]policy.Policy{{Rules: policy.Rules{End: policy.End{Time: enginetest.Days(9)}}}}))
	h.Refresh(t.Context(), engine.Selection{})
	if got := overview(h).Organizations[0].NextEnd; !got.Equal(enginetest.Days(9)) {
		t.Errorf("the organization ends at %v", got)
	}
}

// Ends of days are shown as these days, in the time zone of the account.
func TestDaysOfAnAccount(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	midnight := func(day int, zone *time.Location) time.Time { return time.Date(2026, 3, day+1, 0, 0, 0, 0, zone) }
	for name, test := range map[string]struct {
		days *time.Location
		at   func(day int) time.Time
		want string
	}{
		"UTC":      {time.UTC, func(day int) time.Time { return midnight(day, time.UTC) }, "2026-03-31 act by 2026-03-01, deadline 2026-03-15, grace 2026-03-20"},
		"New York": {newYork, func(day int) time.Time { return midnight(day, newYork) }, "2026-03-31 act by 2026-03-01, deadline 2026-03-15, grace 2026-03-20"},
		"a time":   {newYork, func(day int) time.Time { return midnight(day, newYork).Add(-time.Hour) }, "2026-03-31 act by 2026-03-01, deadline 2026-03-15, grace 2026-03-20"},
		"no days":  {nil, func(day int) time.Time { return midnight(day, time.UTC) }, "2026-04-01 act by 2026-03-02, deadline 2026-03-16, grace 2026-03-21"},
	} {
		collect := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			f := r.Organization(o.ID)
			f.NextEnd("a", test.at(31))
			f.NextEnd("late", test.at(31))
			f.RenewalDeadline(licensing.LicenseKey{Product: "late"}, test.at(15))
			f.GraceEnd(licensing.LicenseKey{Product: "late"}, test.at(20))
			return nil
		}}
		account := enginetest.Account("acme", enginetest.NewSource("1"), enginetest.Things(collect))
		account.Days = test.days
		h := enginetest.NewOf(t, engine.Config{Now: enginetest.Clock}, account)
		h.Refresh(t.Context(), engine.Selection{})
		detail := NewPages(h.Engine).Organization("acme", "1")
		var a, late License
		for _, l := range detail.Licenses {
			if l.Product == "a" {
				a = l
			} else {
				late = l
			}
		}
		got := dateText(a.EndDate()) + " act by " + dateText(a.ActDate()) + ", deadline " + dateText(late.DeadlineDate()) + ", grace " + dateText(late.GraceDate())
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		wantEnd, wantDeadline := test.at(31), test.at(15)
		if test.days != nil {
			wantEnd, wantDeadline = midnight(30, time.UTC), midnight(14, time.UTC)
		}
		if deadline := Shown(detail.Deadlines[0].When, detail.Days); !a.ShownEnd().Equal(wantEnd) || !deadline.Equal(wantDeadline) {
			t.Errorf("%s: the page shows the end %v and the deadline %v, want %v and %v", name, a.ShownEnd(), deadline, wantEnd, wantDeadline)
		}
		rows := Rows(h.Snapshots(engine.Selection{}))
		if end := rows[len(rows)-1].NextEnd; !end.Equal(wantEnd) {
			t.Errorf("%s: the table of --check has the end %v, want %v", name, end, wantEnd)
		}
		a.End, a.EndByPolicy = midnight(31, time.UTC), true // the operator's days are in UTC
		if got := dateText(a.EndDate()); got != "2026-03-31" {
			t.Errorf("%s: the policy's end is %s", name, got)
		}
	}
}

func TestRowsOfMuted(t *testing.T) {
	report := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).NextEnd("a", enginetest.Days(1))
		r.Organization(o.ID).NextEnd("b", enginetest.Days(1))
		return nil
	}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "2", "3"), enginetest.Things(&enginetest.Collector{Do: report}))
	h.Policies.Store(policy.NewSet([]policy.Policy{muted(policy.Match{OrganizationID: "1"}), muted(policy.Match{OrganizationID: "2", Product: "a"})}))
	h.Refresh(t.Context(), engine.Selection{})
	var got []string
	for _, row := range Rows(h.Snapshots(engine.Selection{})) {
		for _, note := range row.Notes {
			got = append(got, row.Organization+" "+note.String())
		}
		if row.Muted != (row.Organization == "1") {
			t.Errorf("the row of organization %q is muted: %t", row.Organization, row.Muted)
		}
	}
	if want := "1 muted by a policy\n2 muted by policies: 1 of its products and licenses"; strings.Join(got, "\n") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}
