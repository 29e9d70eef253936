package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

// problem returns a license with one problem.
func problem(product string, k status.Kind, s status.Severity) status.License {
	l := status.License{LicenseKey: licensing.LicenseKey{Product: product}, End: enginetest.Days(5), Problems: []status.Problem{{Kind: k, Severity: s}}}
	if k == status.Expiring {
		l.Problems[0].When = l.End
	}
	return l
}

// A row shows the most urgent problems, and links to the others.
func TestTodo(t *testing.T) {
	many := []status.License{
		problem("E", status.FewSeats, status.Info), problem("D", status.NonCompliant, status.Warning), problem("C", status.NonCompliant, status.Warning),
		problem("B", status.Expiring, status.Critical), problem("A", status.NonCompliant, status.Warning),
	}
	refuses := organization{
		Account: "a", ID: "1", APIEnabled: true, Freshness: fetched(time.Hour, refused), Worst: status.Problem{Kind: status.Unreadable, Severity: status.Warning},
	}
	for name, test := range map[string]struct {
		organization organization
		want         []string
		link         string
	}{
		"nothing":    {summed(organization{Account: "a", ID: "1", APIEnabled: true}, status.License{}), nil, ""},
		"more":       {summed(organization{Account: "a", ID: "1", APIEnabled: true}, many...), []string{"ends in 5 days: B", "not compliant: A", "not compliant: C", "and 1 more"}, "licenses?account=a&organization_id=1&state=action"},
		"infos":      {summed(organization{Account: "a", ID: "1", APIEnabled: true}, slices.Repeat(many[:1], 5)...), slices.Concat(slices.Repeat([]string{"no seats free: E"}, 3), []string{"and 2 more"}), "licenses?account=a&organization_id=1"},
		"as a whole": {summed(organization{Account: "a", APIEnabled: true}, many...), []string{"ends in 5 days: B", "not compliant: A", "not compliant: C", "and 1 more"}, "organization?account=a&organization_id="},
		"long id": {
			summed(organization{Account: "a", ID: strings.Repeat("x", maxText+1), APIEnabled: true}, many...),
			[]string{"ends in 5 days: B", "not compliant: A", "not compliant: C", "and 1 more"}, "organization?account=a&organization_id=" + strings.Repeat("x", maxText+1),
		},
		"failing":  {summed(refuses, many[3]), []string{"ends in 5 days: B", "cannot be read: "}, ""},
		"disabled": {summed(organization{Account: "a", ID: "1", Worst: status.Problem{Kind: status.Unreadable, Severity: status.Warning}}), []string{"cannot be read: API access is switched off"}, ""},
	} {
		todo := newTodo(&test.organization, enginetest.Now)
		var got []string
		for _, p := range todo.Problems {
			got = append(got, p.Words+": "+p.Product)
		}
		if todo.More != "" {
			got = append(got, todo.More)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || todo.MoreLink != test.link {
			t.Errorf("%s (-want +got):\n%s%s, want %s", name, diff, todo.MoreLink, test.link)
		}
	}
}

// Seats of one unit do not hide those of another.
func TestSeatsOfUnits(t *testing.T) {
	all := []status.Seats{
		{Seats: licensing.Seats{Limit: licensing.Seat(10)}},
		{Unit: "core", UnitName: "Cores"},
		{Unit: "device", UnitName: "Devices", Seats: licensing.Seats{Limit: licensing.Seat(4), Required: licensing.Seat(5)}},
		{Unit: "user", UnitName: "Users", Seats: licensing.Seats{Assigned: licensing.Seat(7)}},
	}
	shown, more := newSeats(all)
	want := []seatsView{{Words: "10 bought"}, {Bar: true, Percent: 100, Class: classWarning, Words: "4 bought, 5 required", Unit: "Devices"}}
	if diff := cmp.Diff(want, shown); diff != "" || more != 1 {
		t.Errorf("%d more (-want +got):\n%s", more, diff)
	}
}

// The page sums up what owners have to do and what the months bring, with links to lists of as many.
func TestHomePageSums(t *testing.T) {
	ends := func(days float64, change func(*status.License)) status.License {
		l := problem("P", status.Expiring, status.Warning)
		l.End, l.EndCounts, l.Owner = enginetest.Days(days), true, "team"
		l.Costs = []status.Cost{{Component: "purchase", Currency: "EUR", Amount: 1000.5}, {Component: "purchase", Currency: "USD", Amount: 7}}
		change(&l)
		return l
	}
	same := func(*status.License) {}
	o := status.Overview{Now: enginetest.Now, Organizations: []status.Organization{summed(organization{Account: "a", ID: "1", Name: "One", APIEnabled: true},
		ends(10, same), ends(20, same), ends(40, func(l *status.License) {
			l.Renews, l.Problems = true, []status.Problem{{Kind: status.Renewing, Severity: status.Info}}
		}), ends(12, func(l *status.License) { l.Owner = "" }), ends(13, func(l *status.License) { l.Owner = strings.Repeat("o", maxText+1) }),
		ends(14, func(l *status.License) { l.EndCounts, l.Problems = false, nil }), ends(15, func(l *status.License) { l.Muted, l.Problems = true, nil }), ends(-0.5, func(l *status.License) { l.Problems = nil }))}}
	page := show(t, o, "").Body.String()
	for _, want := range []string{
		`rowheader">team</th><td role="cell"><a href="licenses?owner=team&amp;state=action">2</a></td><td role="cell"><a href="licenses?owner=team&amp;state=expiring">2</a></td><td role="cell"><a href="licenses?owner=team&amp;state=renewing">1</a></td>`,
		`rowheader">no owner</th><td role="cell">1</td><td role="cell">1</td><td role="cell">0</td>`,
		`…</th><td role="cell">1</td><td role="cell">1</td><td role="cell">0</td>`, // too long for a parameter
		`<a href="licenses?month=2026-03&amp;state=upcoming">March 2026</a></th><td role="cell">4</td><td role="cell">0</td><td role="cell"><span class="line">4,002 EUR</span><span class="line">28 USD</span></td>`,
		`<a href="licenses?month=2026-04&amp;state=upcoming">April 2026</a></th><td role="cell">0</td><td role="cell">1</td>`,
		`rowheader">August 2026</th>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	for query, want := range map[string]int{"owner=team&state=action": 2, "owner=team&state=renewing": 1, "month=2026-03&state=upcoming": 4, "month=2026-03": 7} {
		if got := heads(t, showLicenses(t, o, "?"+query), "licenses"); len(got) != want {
			t.Errorf("%s: %d, want %d", query, len(got), want)
		}
	}
}

// failingSource lists two organizations once, and then fails.
type failingSource struct{ listed bool }

func (s *failingSource) Discover(context.Context, *collector.Report) (collector.Discovery, error) {
	if s.listed {
		return collector.Discovery{}, errors.New("the vendor is down")
	}
	s.listed = true
	return collector.Discovery{Organizations: []licensing.Organization{{ID: "1", Name: "One"}, {ID: "2", Name: "Two"}}}, nil
}

func (*failingSource) Applies(o licensing.Organization) bool { return o.ID != "" }

func (*failingSource) Update(_ context.Context, o licensing.Organization, r *collector.Report) error {
	if o.ID == "2" {
		return errors.New("the vendor is down")
	}
	r.Organization(o.ID).NextEnd("P", enginetest.Days(400))
	return nil
}

// The accounts and the list agree on how many organizations there are, and how many fail.
func TestHomePageCountsAgree(t *testing.T) {
	source := &failingSource{}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, collector.Named{Name: "test_licenses", Collector: source})
	for _, test := range []struct{ all, failing string }{
		{"2 organizations", "1 failing"},
		{"2 organizations and 1 account as a whole", "2 failing"}, // the account cannot be listed again
	} {
		h.Refresh(t.Context(), engine.Selection{})
		page := show(t, *status.NewOverview(enginetest.Now, h.Snapshots(engine.Selection{})), "").Body.String()
		for _, want := range []string{
			">" + test.all + "</a>", ">" + test.failing + "</a>", `data-label="Organizations">2</td>`, ">1 organization failing</a>",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("no %s in\n%s", want, page)
			}
		}
		if first, _, _ := strings.Cut(page, `aria-label="States"`); strings.Contains(first, `id="attention"`) != (test.failing == "2 failing") {
			t.Error("accounts that fail come first, and others last")
		}
	}
}

func TestAccountsAsAWhole(t *testing.T) {
	o := status.Overview{Now: enginetest.Now}
	for i := range 3 {
		o.Organizations = append(o.Organizations, organization{Account: fmt.Sprint(i), APIEnabled: true})
	}
	for query, want := range map[string]string{
		"":            ">0 organizations and 3 accounts as a whole</a>",
		"?account=1":  ">0 organizations and 1 account as a whole</a>",
		"?account=no": ">0 organizations</a>",
	} {
		if page := show(t, o, query).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s: no %s", query, want)
		}
	}
}
