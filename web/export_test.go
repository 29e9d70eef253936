package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
	"license_exporter/status"
)

// exportEstate has some organizations with licenses that differ in all that pages filter and
// sort by.
func exportEstate(organizations, products int) status.Overview {
	o := status.Overview{Now: enginetest.Now}
	for account := range 2 {
		name := fmt.Sprintf("account-%d", account)
		o.Accounts = append(o.Accounts, status.Account{Name: name, Vendor: "v"})
		for i := range organizations / 2 {
			org := status.Organization{Vendor: "v", Account: name, ID: fmt.Sprintf("%06d", i), Name: fmt.Sprintf("Organization %d", i), APIEnabled: true, Freshness: status.Freshness{Oldest: enginetest.Now}}
			for p := range products {
				end := enginetest.Days(float64(i+7*p) - 5)
				l := status.License{
					LicenseKey: licensing.LicenseKey{Product: fmt.Sprintf("SKU-%d", p)}, Owner: fmt.Sprintf("team-%d", p%3), Manufacturer: fmt.Sprintf("maker-%d", p%2), End: end, Act: end.Add(-licensing.DefaultNotice),
					Seats: []status.Seats{{Unit: "user", Seats: licensing.Seats{Limit: new(float64(i)), Assigned: new(float64(p)), Available: new(float64(i - p))}}},
				}
				if p%4 == 3 {
					l.End, l.Act = time.Time{}, time.Time{}
				} else if !end.After(o.Now) {
					l.Problems = []status.Problem{{Kind: status.Expired, Severity: status.Critical, When: end}}
				}
				l.Kinds = status.KindsOf(l.Problems)
				org.Licenses = append(org.Licenses, l)
			}
			o.Organizations = append(o.Organizations, org)
		}
	}
	return o
}

// get returns the response to a request for a path with an overview.
func get(t testing.TB, method, path string, o *status.Overview) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	handler := newHandler(t, withFake(&fakeEngine{overview: *o}, Options{MetricsPath: "/metrics"}))
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w
}

// events returns the events of a calendar, read by another library than that which has
// written it.
func events(t testing.TB, calendar []byte) []ical.Event {
	t.Helper()
	c, err := ical.NewDecoder(bytes.NewReader(calendar)).Decode()
	if err != nil {
		t.Fatalf("%v in %.500s", err, calendar)
	}
	return c.Events()
}

// property returns the text of a property.
func property(t testing.TB, e ical.Event, name string) string {
	t.Helper()
	value, err := e.Props.Text(name)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// The spreadsheet and the calendar have the rows of the page, in its order.
func TestExportsHaveTheRowsOfThePage(t *testing.T) {
	estate := exportEstate(40, 6)
	for _, query := range []string{
		"", "sort=end", "sort=name", "sort=organization", "sort=seats", "sort=owner", "sort=manufacturer",
		"owner=team-1", "manufacturer=maker-1&limit=3", "state=expired", "state=action&owner=team-2", "vendor=x", "account=account-1",
		"organization_id=000003", "organization_id=000003&sort=urgency", "q=sku-2", "month=2026-03", "limit=7", "limit=7&page=3", "page=2", "page=9999&limit=500", "owner=team-0&limit=3&page=2&sort=name",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := licenses.parse(values, estate.Accounts)
		if err != nil {
			t.Fatal(err)
		}
		found := licenses.find(&q, &estate)
		shown := found.rows
		if values.Has("page") || values.Has("limit") {
			shown = found.page(q)
		}
		var wantRows, wantEvents, rows, ends []string
		for _, l := range shown {
			row := strings.Join([]string{l.Account, l.ID, l.organization.Name, l.Product, l.License.Owner, l.License.Worst().Severity.String()}, " ")
			wantRows = append(wantRows, row)
			if !l.End.IsZero() {
				wantEvents = append(wantEvents, l.Product+", "+l.organization.Name+" "+l.End.Format("20060102"))
			}
		}
		records, err := csv.NewReader(get(t, http.MethodGet, "/licenses.csv?"+query, &estate).Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		columns := map[string]int{}
		for i, name := range records[0] {
			columns[name] = i
		}
		for _, r := range records[1:] {
			cell := func(column string) string { return r[columns[column]] }
			rows = append(rows, strings.Join([]string{cell("account"), cell("organization_id"), cell("organization_name"), cell("product"), cell("owner"), cell("severity")}, " "))
		}
		if diff := cmp.Diff(wantRows, rows); diff != "" {
			t.Errorf("%q: rows of the spreadsheet differ (-page +spreadsheet):\n%s", query, diff)
		}
		if len(wantEvents) > 0 { // the library refuses a calendar without any
			for _, e := range events(t, get(t, http.MethodGet, "/calendar.ics?"+query, &estate).Body.Bytes()) {
				_, what, _ := strings.Cut(property(t, e, ical.PropSummary), ": ")
				ends = append(ends, what+" "+e.Props.Get(ical.PropDateTimeStart).Value)
			}
		}
		if diff := cmp.Diff(wantEvents, ends); diff != "" {
			t.Errorf("%q: events differ (-page +calendar):\n%s", query, diff)
		}
	}
}

// Each order distinguishes all rows, even if two accounts see the same organizations. Otherwise the
// same facts would make different files, and a row could be on two pages.
func TestOrdersTellAllRowsApart(t *testing.T) {
	estate := exportEstate(8, 3)
	for row := range licenses.all(&estate) {
		for other := range licenses.all(&estate) {
			for _, order := range licenses.orders {
				if row != other && order.Compare(row, other) == 0 {
					t.Errorf("%s does not order %s of %s in %s and %s of %s in %s", order.Name, row.Product, row.ID, row.Account, other.Product, other.ID, other.Account)
				}
			}
			for _, order := range organizations.orders {
				if row.organization != other.organization && order.Compare(row.organization, other.organization) == 0 {
					t.Errorf("%s does not order %s in %s and %s in %s", order.Name, row.ID, row.Account, other.ID, other.Account)
				}
			}
		}
	}
}

func TestExports(t *testing.T) {
	estate := exportEstate(4, 2)
	for path, header := range map[string]map[string]string{
		"/licenses.csv": {"Content-Type": "text/csv; charset=utf-8; header=present", "Content-Disposition": `attachment; filename="licenses.csv"`},
		"/calendar.ics": {"Content-Type": "text/calendar; charset=utf-8; method=PUBLISH", "Content-Disposition": `inline; filename="licenses.ics"`},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := get(t, method, path+"?owner=team-1", &estate)
			if w.Code != http.StatusOK || (w.Body.Len() > 0) != (method == http.MethodGet) {
				t.Errorf("%s %s: %d with %d bytes", method, path, w.Code, w.Body.Len())
			}
			header["Cache-Control"], header["X-Content-Type-Options"] = "no-store", "nosniff"
			for name, want := range header {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s %s: the header %s is %q, want %q", method, path, name, got, want)
				}
			}
		}
		for query, want := range map[string]string{
			"state=failing": "parameter state must be one of action, in_use, expired, expiring, short, over, noncompliant, grace, few_seats, renewing, upcoming, muted\n",
			"sort=age":      "parameter sort must be one of urgency, end, name, organization, seats, manufacturer, owner\n",
			"limit=501":     "parameter limit must be a number from 1 to 500\n",
			"month=March":   "parameter month must be a month such as 2026-12\n",
		} {
			w := get(t, http.MethodGet, path+"?"+query, &estate)
			if w.Code != http.StatusBadRequest || w.Body.String() != want || w.Header().Get("Content-Disposition") != "" {
				t.Errorf("%s?%s: %d %s", path, query, w.Code, w.Body)
			}
		}
		if w := get(t, http.MethodPost, path, &estate); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	calendar := get(t, http.MethodGet, "/calendar.ics?owner=team-1&state=action%0d%0aX-A:b", &estate)
	if calendar.Code != http.StatusBadRequest {
		t.Errorf("a state with a line break: %d", calendar.Code)
	}
	calendar = get(t, http.MethodGet, "/calendar.ics?owner=team-1&q=s%0d%0aX-A:b", &estate)
	if body := calendar.Body.String(); !strings.Contains(body, "\r\nX-WR-CALNAME:Licenses: s X-A:b\\, team-1\r\n") {
		t.Errorf("the name of the calendar is not that of the query:\n%s", body)
	}
}

// The same facts make the same calendar, and a renewed license keeps its event, through engine,
// overview and handler.
func TestTheCalendarMovesWhatIsRenewed(t *testing.T) {
	now, end := enginetest.Now, enginetest.Days(20)
	report := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).NextEnd("renewed", end)
		r.Organization(o.ID).NextEnd("other", enginetest.Days(40))
		r.Individual(o.ID, licensing.License{ID: "1", Product: "renewed", Phase: licensing.InForce, End: end})
		return nil
	}
	h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }}, enginetest.NewSource("1", "2"), enginetest.Things(&enginetest.Collector{Do: report}))
	h.Policies.Store(policy.NewSet([]policy.Policy{{Match: policy.Match{OrganizationID: "1"}, Rules: policy.Rules{Owner: "sam"}}}))
	fetch := func(query string) (calendar string, byID map[string]string) {
		t.Helper()
		handler := newHandler(t, Options{MetricsPath: "/metrics", Engine: h, Exposition: h, Overview: status.NewPages(h.Engine).Overview})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/calendar.ics?"+query, nil))
		byID = map[string]string{}
		for _, e := range events(t, w.Body.Bytes()) {
			byID[property(t, e, ical.PropUID)] = property(t, e, ical.PropSummary) + " " + e.Props.Get(ical.PropDateTimeStart).Value
		}
		return w.Body.String(), byID
	}
	h.Refresh(t.Context(), engine.Selection{})
	_, before := fetch("")
	if len(before) != 6 {
		t.Fatalf("the events are %v", before)
	}
	_, ofOwner := fetch("owner=sam")
	if len(ofOwner) != 3 {
		t.Errorf("the events of the owner are %v", ofOwner)
	}
	for id, was := range ofOwner {
		if before[id] != was {
			t.Errorf("%s has another id in the calendar of the owner", was)
		}
	}

	now, end = now.Add(time.Hour), enginetest.Days(385)
	h.Refresh(t.Context(), engine.Selection{})
	renewed, after := fetch("")
	moved := 0
	for id, was := range before {
		want := strings.Replace(was, "20260321", "20270321", 1)
		if after[id] != want {
			t.Errorf("%s becomes %q, want %q", was, after[id], want)
		}
		if want != was {
			moved++
		}
	}
	if len(after) != len(before) || moved != 4 {
		t.Errorf("%d events and %d of them moved, want 6 and 4: %v", len(after), moved, after)
	}
	now = now.Add(time.Minute)
	if again, _ := fetch(""); again != renewed {
		t.Errorf("the same facts make another calendar (-first +second):\n%s", cmp.Diff(renewed, again))
	}
}

// No event of a large estate has the id of another.
func TestCalendarOfALargeEstate(t *testing.T) {
	estate := exportEstate(1_000, 10)
	ids := map[string]bool{}
	body := get(t, http.MethodGet, "/calendar.ics", &estate).Body.Bytes()
	for line := range bytes.Lines(body) {
		if id, found := bytes.CutPrefix(line, []byte("UID:")); found {
			ids[string(id)] = true
		}
	}
	if got := bytes.Count(body, []byte("BEGIN:VEVENT\r\n")); got != 8_000 || len(ids) != got {
		t.Errorf("%d events with %d ids, want 8,000", got, len(ids))
	}
}

// BenchmarkExports writes the licenses of 5,000 organizations.
func BenchmarkExports(b *testing.B) {
	estate := exportEstate(5_000, 10)
	handler := newHandler(b, withFake(&fakeEngine{overview: estate}, Options{MetricsPath: "/metrics"}))
	for _, path := range []string{"/licenses.csv", "/calendar.ics"} {
		b.Run(path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(discard{http.Header{}}, httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil))
			}
		})
	}
}

// The end of a policy is the last day of cover. Its month is that of this day.
func TestMonthOfAnEnd(t *testing.T) {
	april := time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)
	estate := status.Overview{Now: enginetest.Now, Organizations: []status.Organization{{Licenses: []status.License{
		{LicenseKey: licensing.LicenseKey{Product: "vendor"}, End: april}, {LicenseKey: licensing.LicenseKey{Product: "policy"}, End: april, EndByPolicy: true},
	}}}}
	for month, want := range map[string]string{"2027-03": ",policy,", "2027-04": ",vendor,", "2027-05": ""} {
		body := get(t, http.MethodGet, "/licenses.csv?month="+month, &estate).Body.String()
		rows := strings.Split(strings.TrimSpace(body), "\r\n")[1:]
		if len(rows) != min(1, len(want)) || !strings.Contains(strings.Join(rows, ""), want) {
			t.Errorf("in %s end %q, want%s", month, rows, want)
		}
	}
}
