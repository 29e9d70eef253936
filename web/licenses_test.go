package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

// showLicenses returns the response with the page of licenses.
func showLicenses(t testing.TB, o status.Overview, query string) *httptest.ResponseRecorder {
	t.Helper()
	return showPage(t, o, "/licenses"+query)
}

func TestLicensesPage(t *testing.T) {
	for name, query := range map[string]string{"licenses.html": "", "licenses_page_2.html": "?limit=2&page=2&sort=organization&month=2026-03"} {
		enginetest.Golden(t, name, strings.Replace(showLicenses(t, smallEstate(), query).Body.String(), pageStyle, "…", 1))
	}
}

func TestLicensesPageFiltersSortsAndPages(t *testing.T) {
	const a, b, ent, all, sam = "License A", "License B", "ENT", "All licenses", "SAM"
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"", []string{a, ent, sam, b, all}},
		{"?sort=urgency", []string{a, ent, sam, b, all}},
		{"?sort=end", []string{a, ent, b, sam, all}},
		{"?sort=name", []string{all, ent, a, b, sam}},
		{"?sort=organization", []string{all, a, b, ent, sam}},
		{"?sort=seats", []string{a, ent, all, b, sam}},
		{"?sort=manufacturer", []string{a, b, all, ent, sam}},
		{"?sort=owner", []string{ent, b, a, sam, all}},
		{"?q=license", []string{a, b}},
		{"?q=LIC-b", []string{b}},
		{"?q=charlie", []string{ent}},
		{"?vendor=snow", []string{sam}},
		{"?account=emea&organization_id=102", []string{a, b}},
		{"?owner=storage-team", []string{b}},
		{"?month=" + enginetest.Days(20).Format(monthLayout) + "&owner=storage-team", []string{b}},
		{"?manufacturer=Contoso", []string{a}},
		{"?manufacturer=Fabrikam+%3Cb%3E%26+Sons&owner=storage-team", []string{b}},
		{"?manufacturer=contoso", []string{}}, // the exact value
		{"?month=2031-01", []string{}},
		{"?state=action", []string{a, ent, sam}},
		{"?state=in_use", []string{a}},
		{"?state=expired", []string{a}},
		{"?state=expiring", []string{ent, sam}},
		{"?state=short", []string{a, sam}},
		{"?state=noncompliant", []string{a}},
		{"?state=grace", []string{a}},
		{"?state=few_seats", []string{}},
		{"?state=renewing", []string{b}},
		{"?state=muted", []string{}},
		{"?limit=2&page=2", []string{sam, b}},
		{"?limit=2&page=99", []string{all}}, // the last page
	} {
		if diff := cmp.Diff(test.want, heads(t, showLicenses(t, smallEstate(), test.query), "licenses")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.query, diff)
		}
	}
}

func TestLicensesPageRejectsInvalidParameters(t *testing.T) {
	for query, want := range map[string]string{
		"?state=failing":  "parameter state must be one of action, in_use, expired, expiring, short, over, noncompliant, grace, few_seats, renewing, upcoming, muted\n",
		"?sort=age":       "parameter sort must be one of urgency, end, name, organization, seats, manufacturer, owner\n",
		"?month=december": "parameter month must be a month such as 2026-12\n",
		"?page=0":         "parameter page must be a number from 1 to 1000000\n",
		"?limit=501":      "parameter limit must be a number from 1 to 500\n",
		"?organization_id=" + strings.Repeat("x", maxText+1): "parameter organization_id is longer than 200 bytes\n",
	} {
		w := showLicenses(t, smallEstate(), query)
		if w.Code != http.StatusBadRequest || w.Body.String() != want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s, want 400 %s", query, w.Code, w.Body, want)
		}
	}
}

// The exports have the same parameters, but are not of one page.
func TestLicensesPageLinks(t *testing.T) {
	page := showLicenses(t, smallEstate(), "?q=license&state=expired&sort=end&limit=1&page=1").Body.String()
	for _, want := range []string{
		`<a href="licenses.csv?q=license&amp;sort=end&amp;state=expired">`,
		`<a href="calendar.ics?q=license&amp;sort=end&amp;state=expired">`,
		`<a href="?limit=1&amp;q=license&amp;sort=end">2 products and licenses</a>`,
		`<a href="?limit=1&amp;q=license&amp;sort=end&amp;state=action" class="critical">1 that needs action</a>`,
		`<a href="organization?account=emea&amp;organization_id=102">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if strings.Contains(page, "short of seats</a>") != strings.Contains(page, "1 short of seats</a>") {
		t.Error("a state without licenses is shown")
	}
}

// A page shows the day that the operator wrote, and what the row of a license has.
func TestLicensesPageRows(t *testing.T) {
	o := status.Overview{Now: enginetest.Now, Organizations: []status.Organization{
		summed(organization{Account: "a", ID: "1", Name: "One", APIEnabled: true},
			status.License{
				LicenseKey: licensing.LicenseKey{Product: "P\x00", LicenseID: "L"}, Name: "By policy", State: "active", EndByPolicy: true, Manufacturer: strings.Repeat("m", maxText+1),
				End: enginetest.Now.AddDate(0, 0, 11).Truncate(licensing.Day), Act: enginetest.Days(-1), Deadline: enginetest.Days(3),
				Compliant: new(false), Missing: []status.Missing{{Unit: "user", UnitName: "user", Seats: 3}, {Unit: "user", UnitName: "user", Seats: 4}},
				Costs: []status.Cost{{Component: "purchase", Currency: "EUR", Amount: 10.1}, {Component: "support", Currency: "EUR", Amount: 0.4}, {Currency: "USD", Amount: 7}},
				Seats: []status.Seats{
					{UnitName: "", Seats: licensing.Seats{Limit: licensing.Seat(5), Available: licensing.Seat(2)}},
					{UnitName: "core", Seats: licensing.Seats{Available: licensing.Seat(-4)}},
					{UnitName: "unknown"},
					{UnitName: "user", Seats: licensing.Seats{Required: licensing.Seat(8)}},
				},
			},
			status.License{LicenseKey: licensing.LicenseKey{Product: "M"}, End: enginetest.Days(-3), Muted: true, Compliant: new(false)},
			status.License{
				LicenseKey: licensing.LicenseKey{Product: "Table"}, Days: time.UTC, End: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC), Deadline: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC),
			}),
	}}
	page := showLicenses(t, o, "").Body.String()
	day := enginetest.Now.AddDate(0, 0, 10)
	for _, want := range []string{
		">By policy <", "P� · L", ">active<", ">" + day.Format("2006-01-02") + "</time>", "ends in 10 days", "by policy",
		" <small>" + shorten(strings.Repeat("m", maxText+1), maxName) + "</small> <small>active", // too long for a link
		"act by <time>" + enginetest.Days(-1).Format("2006-01-02"), "renewal deadline <time>" + enginetest.Days(3).Format("2006-01-02"),
		"7 missing · user", ">2027-04-30</time>", "renewal deadline <time>2027-03-31", "10.50 EUR", ">7 USD<", "5 bought, 2 free<", "4 short <", "and 1 more unit", ">muted<", ">nothing<",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if page := showLicenses(t, status.Overview{Now: enginetest.Now}, "").Body.String(); !strings.Contains(page, "No license is known yet.") {
		t.Errorf("no message without licenses:\n%s", page)
	}
}
