package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"license_exporter/client/rest"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

func fetched(age time.Duration, failures ...status.Failure) status.Freshness {
	return status.Freshness{Oldest: enginetest.Now.Add(-age), Failures: failures}
}

var refused = status.Failure{
	Collector: "vendor_things", Reason: rest.ReasonServer,
	Message: `getThings: GET https://api.example.com/things: 500 Internal Server Error: <script>alert("vendor")</script>`,
}

// smallEstate has an organization for each case that the page shows differently.
func smallEstate() status.Overview {
	return status.Overview{
		Now: enginetest.Now,
		Accounts: []status.Account{
			{Name: "emea", Vendor: "meraki", Organizations: 5, Failing: 2, Freshness: fetched(3 * time.Second)},
			{Name: "sam", Vendor: "snow", Organizations: 1, Waiting: "first fetch of 1 organization", Problem: "no name matches <x>", Freshness: status.Freshness{
				Failures: []status.Failure{refused, {Collector: "vendor_agreements", Reason: rest.ReasonServer, Objects: "agreement <7>", Message: "broken"}},
				Notes:    []status.Note{{Collector: "vendor_things", Kind: status.NoteWithheld, What: "<things>", Why: "403 Forbidden"}},
			}},
		},
		Organizations: []organization{
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "101", Name: "Alpha", Model: "co-term", APIEnabled: true, Freshness: fetched(42 * time.Second),
				Compliant: new(true),
			}, status.License{End: enginetest.Days(287), Seats: seats("device", licensing.Seats{Limit: licensing.Seat(100), Required: licensing.Seat(92)}), Compliant: new(true)}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "102", Name: "Bravo <b>& Sons", Model: "subscription", APIEnabled: true, Freshness: fetched(3 * time.Minute),
				Compliant: new(false), Violations: 2,
			}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "LIC-A"}, ProductName: "License A", End: enginetest.Days(-12), InUse: licensing.Seat(12), Compliant: new(false),
				Seats:    seats("device", licensing.Seats{Limit: licensing.Seat(1200), Assigned: licensing.Seat(1234), Available: licensing.Seat(-34)}),
				GraceEnd: enginetest.Days(20), Missing: []status.Missing{{SKU: "LIC-A-SKU", Unit: "device", UnitName: "device", Seats: 34}},
				Costs: []status.Cost{{Component: "purchase", Currency: "EUR", Amount: 12000.5}},
				Problems: []status.Problem{
					{Kind: status.Expired, Severity: status.Critical, When: enginetest.Days(-12), Number: licensing.Seat(12)},
					{Kind: status.Short, Severity: status.Warning, Number: licensing.Seat(34), Unit: "device", UnitName: "device"},
					{Kind: status.NonCompliant, Severity: status.Warning},
					{Kind: status.GraceEnding, Severity: status.Warning, When: enginetest.Days(20)},
				},
			}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "LIC-B"}, ProductName: "License B", Owner: "storage-team", End: enginetest.Days(20), Renews: true,
				Seats:    seats("", licensing.Seats{Limit: licensing.Seat(10)}),
				Problems: []status.Problem{{Kind: status.Renewing, Severity: status.Info, When: enginetest.Days(20)}},
			}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "103", Name: "Charlie", Model: "per-device", APIEnabled: true, Freshness: fetched(5*time.Hour, refused), Owner: "network-team",
			}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "ENT"}, Owner: "network-team", End: enginetest.Days(4.8), Act: enginetest.Days(-25),
				Seats:    seats("device", licensing.Seats{Limit: licensing.Seat(40), Assigned: licensing.Seat(40)}),
				Problems: []status.Problem{{Kind: status.Expiring, Severity: status.Critical, When: enginetest.Days(4.8)}},
			}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "104", Name: "Delta", Model: "co-term",
				Worst: status.Problem{Kind: status.Unreadable, Severity: status.Warning},
			}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "105", APIEnabled: true, Waiting: true, Problem: "the model <new> is not known",
				Freshness: status.Freshness{Failures: slices.Repeat([]status.Failure{refused}, 5)},
				Worst:     status.Problem{Kind: status.Unreadable, Severity: status.Warning},
			}),
			summed(organization{Account: "sam", Vendor: "snow", APIEnabled: true, Freshness: fetched(50 * time.Hour)}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "SAM"}, End: enginetest.Days(60), Seats: seats("user", licensing.Seats{Available: licensing.Seat(-2.5)}),
				Problems: []status.Problem{
					{Kind: status.Short, Severity: status.Warning, Number: licensing.Seat(2.5), Unit: "user", UnitName: "user"},
					{Kind: status.Expiring, Severity: status.Info, When: enginetest.Days(60)},
				},
			}),
		},
	}
}

// seats returns seats of one unit.
func seats(unit string, s licensing.Seats) []status.Seats {
	return []status.Seats{{Unit: unit, UnitName: unit, Seats: s}}
}

// summed sets the licenses of an organization and what follows from them. Their problems are
// sorted, and the first of them ends next.
func summed(o organization, licenses ...status.License) organization {
	if o.Worst.Severity != 0 {
		o.Kinds = status.KindsOf([]status.Problem{o.Worst})
	}
	for i := range licenses {
		l := &licenses[i]
		l.Kinds = status.KindsOf(l.Problems)
		o.Kinds |= l.Kinds
		if worst := l.Worst(); worst.Severity != 0 && (o.Worst.Severity == 0 || worst.Compare(o.Worst) < 0) {
			o.Worst = worst
		}
		o.Seats = append(o.Seats, l.Seats...)
	}
	if o.Licenses = licenses; len(licenses) > 0 {
		o.NextEnd, o.NextLicense = licenses[0].End, &licenses[0]
	}
	return o
}

// show returns the response with the status page.
func show(t testing.TB, o status.Overview, query string) *httptest.ResponseRecorder {
	t.Helper()
	handler := newHandler(t, withFake(&fakeEngine{overview: o}, Options{
		MetricsPath: "/metrics", Version: "1.2.3",
		Docs: fstest.MapFS{"docs/metrics.md": {Data: []byte("# Metrics\n")}},
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+query, nil))
	return w
}

// shown returns the names of the organizations on the page, in order.
func shown(t testing.TB, o status.Overview, query string) []string {
	t.Helper()
	w := show(t, o, query)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", query, w.Code, w.Body)
	}
	_, table, _ := strings.Cut(w.Body.String(), `class="organizations"`)
	found := []string{}
	for _, m := range regexp.MustCompile(`rowheader">([^<]*)`).FindAllStringSubmatch(table, -1) {
		found = append(found, strings.TrimSpace(m[1]))
	}
	return found
}

func TestHomePage(t *testing.T) {
	for name, query := range map[string]string{"home.html": "", "home_page_2.html": "?limit=2&page=2&sort=name"} {
		enginetest.Golden(t, name, strings.Replace(show(t, smallEstate(), query).Body.String(), pageStyle, "…", 1))
	}
}

func TestHomePageFiltersSortsAndPages(t *testing.T) {
	const alpha, bravo, charlie, delta, nameless, account = "Alpha", "Bravo &lt;b&gt;&amp; Sons", "Charlie", "Delta", "", "sam"
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"", []string{bravo, charlie, account, delta, nameless, alpha}},
		{"?sort=urgency", []string{bravo, charlie, account, delta, nameless, alpha}},
		{"?sort=end", []string{bravo, charlie, account, alpha, delta, nameless}},
		{"?sort=name", []string{alpha, bravo, charlie, delta, account, nameless}},
		{"?sort=seats", []string{bravo, charlie, alpha, delta, account, nameless}},
		{"?sort=age", []string{nameless, account, charlie, bravo, alpha, delta}},
		{"?q=ALPHA", []string{alpha}},
		{"?q=%20103", []string{charlie}},
		{"?q=%3Cb%3E%26", []string{bravo}},
		{"?vendor=snow", []string{account}},
		{"?account=emea&model=co-term", []string{delta, alpha}},
		{"?state=expired", []string{bravo}},
		{"?state=action", []string{bravo, charlie, account, delta, nameless}},
		{"?state=expiring", []string{charlie, account}},
		{"?state=renewing", []string{bravo}},
		{"?state=muted", []string{}},
		{"?owner=network-team", []string{charlie}},
		{"?owner=storage-team", []string{bravo}}, // of one of its licenses
		{"?state=noncompliant", []string{bravo}},
		{"?state=short", []string{bravo, account}},
		{"?state=failing", []string{charlie, nameless}},
		{"?state=problem", []string{nameless}},
		{"?state=disabled", []string{delta}},
		{"?account=gone", []string{}},
		{"?limit=4", []string{bravo, charlie, account, delta}},
		{"?limit=4&page=2", []string{nameless, alpha}},
		{"?limit=4&page=999", []string{nameless, alpha}}, // the last page
		{"?q=alpha&q=bravo&unknown=x&q[]=%ff", []string{alpha}},
	} {
		if diff := cmp.Diff(test.want, shown(t, smallEstate(), test.query)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.query, diff)
		}
	}
}

func TestHomePageRejectsInvalidParameters(t *testing.T) {
	for query, want := range map[string]string{
		"?state=bad":                           "parameter state must be one of action, expired, expiring, short, noncompliant, failing, problem, disabled, renewing, muted\n",
		"?sort=bad":                            "parameter sort must be one of urgency, end, name, seats, age\n",
		"?page=0":                              "parameter page must be a number from 1 to 1000000\n",
		"?page=one":                            "parameter page must be a number from 1 to 1000000\n",
		"?limit=501":                           "parameter limit must be a number from 1 to 500\n",
		"?limit=-1":                            "parameter limit must be a number from 1 to 500\n",
		"?q=" + strings.Repeat("x", maxText+1): "parameter q is longer than 200 bytes\n",
		"?account=" + strings.Repeat("x", 999): "parameter account is longer than 200 bytes\n",
	} {
		w := show(t, smallEstate(), query)
		if w.Code != http.StatusBadRequest || w.Body.String() != want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s, want 400 %s", query, w.Code, w.Body, want)
		}
	}
}

// Links keep the other parameters, and those to states have the number of
// organizations that they lead to.
func TestHomePageLinks(t *testing.T) {
	page := show(t, smallEstate(), "?q=a&state=failing&sort=age&limit=1&page=1").Body.String()
	for _, want := range []string{
		`<a href="?limit=1&amp;q=a&amp;sort=age">4 organizations</a>`,
		`<a href="?limit=1&amp;q=a&amp;sort=age&amp;state=expired" class="critical">1 ended</a>`,
		`<a href="?limit=1&amp;q=a&amp;sort=age&amp;state=failing" class="critical" aria-current="true">1 failing</a>`,
		`<a href="?limit=1&amp;q=a&amp;sort=name&amp;state=failing">Organization</a>`,
		`<option value="failing" selected>failing</option>`,
		`<a href="?">Clear</a>`,
		`value="a"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}

// The form shows a chosen value even if it no longer exists.
func TestHomePageWithoutMatches(t *testing.T) {
	page := show(t, smallEstate(), `?account=gone%22%3E`).Body.String()
	for _, want := range []string{"No organization fits the filter.", `<option value="gone&#34;&gt;" selected>gone&#34;&gt;</option>`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if page := show(t, status.Overview{Now: enginetest.Now}, "").Body.String(); !strings.Contains(page, "No organization is known yet.") {
		t.Errorf("no message without organizations:\n%s", page)
	}
}

func TestHomePageHeaders(t *testing.T) {
	header := show(t, smallEstate(), "").Header()
	for name, want := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Cache-Control":           "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + hash(pageStyle) + "'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestHomePageIsServedOnlyAtTheRoot(t *testing.T) {
	docs := fstest.MapFS{"docs/metrics.md": {Data: []byte("# Metrics\n")}}
	get := newServer(t, withFake(&fakeEngine{overview: smallEstate()}, Options{MetricsPath: "/telemetry", Docs: docs}))
	if status, body := get("/"); status != http.StatusOK || !strings.Contains(body, `href="telemetry"`) {
		t.Errorf("%d, no link to the metrics in\n%s", status, body)
	}
	if status, body := get("/docs/metrics.md"); status != http.StatusOK || body != "# Metrics\n" {
		t.Errorf("docs: %d %s", status, body)
	}
	for _, path := range []string{"/nowhere", "/docs/", "/docs/nothing.md", "/docs/../web_test.go"} {
		if status, _ := get(path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

func TestNoHomePageWhereTheMetricsAre(t *testing.T) {
	get := newServer(t, withFake(&fakeEngine{gatherer: gauge("fact", 3)}, Options{MetricsPath: "/"}))
	if status, body := get("/"); status != http.StatusOK || !strings.Contains(body, "\nfact 3\n") || strings.Contains(body, "<html") {
		t.Errorf("%d %s", status, body)
	}
}

// elements counts the elements of a page, and its attributes for scripts and
// styles.
func elements(t *testing.T, page []byte) map[string]int {
	t.Helper()
	count := map[string]int{}
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return count
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			count[string(name)]++
			for {
				key, _, more := tokens.TagAttr()
				if strings.HasPrefix(string(key), "on") || string(key) == "style" {
					count["attribute "+string(key)]++
				}
				if !more {
					break
				}
			}
		}
	}
}

// hostile is text with markup that a vendor might send.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}</title></style>` + "\x00\xff\u202e"

func TestHomePageEscapesTextFromVendors(t *testing.T) {
	o := status.Overview{
		Now:      enginetest.Now,
		Accounts: []status.Account{{Name: hostile, Vendor: hostile, Waiting: hostile, Problem: hostile}},
		Organizations: []organization{summed(organization{
			Account: hostile, Vendor: hostile, ID: hostile, Name: hostile, Model: hostile, Owner: hostile, APIEnabled: true,
			Freshness: fetched(0, status.Failure{Collector: hostile, Reason: rest.Reason(hostile), Message: hostile}),
		}, status.License{
			LicenseKey: licensing.LicenseKey{Product: hostile, LicenseID: hostile}, ProductName: hostile, Owner: hostile, End: enginetest.Days(1),
			Seats:    seats(hostile, licensing.Seats{Limit: licensing.Seat(1)}),
			Problems: []status.Problem{{Kind: status.Short, Severity: status.Warning, Number: licensing.Seat(3), Unit: hostile, UnitName: hostile}},
			Costs:    []status.Cost{{Component: hostile, Currency: hostile, Amount: 1}},
		})},
	}
	got := elements(t, show(t, o, "?model="+"%22%3E%3Cscript%3E").Body.Bytes())
	if got["script"]+got["img"]+got["attribute onerror"]+got["attribute style"] > 0 || got["title"] != 1 || got["table"] != 1 {
		t.Errorf("the markup is not the template's: %v", got)
	}
	page := show(t, o, "").Body.String()
	if n := strings.Count(page, "&lt;script&gt;alert(1)&lt;/script&gt;"); n < 10 {
		t.Errorf("the escaped text occurs %d times, want at least 10", n)
	}
}

// bigEstate has n organizations.
func bigEstate(n int) status.Overview {
	o := status.Overview{Now: enginetest.Now, Accounts: []status.Account{{Name: "big", Vendor: "meraki", Organizations: n, Freshness: fetched(time.Minute)}}}
	for i := range n {
		org := organization{
			Account: "big", Vendor: "meraki", ID: fmt.Sprint(5_000_000 + i), Name: fmt.Sprintf("Generated %d", i), Model: []string{"co-term", "per-device", "subscription"}[i%3],
			APIEnabled: true, Freshness: fetched(time.Duration(i%90) * time.Second),
			Compliant: new(i%20 != 0),
		}
		if i%50 == 0 {
			org.Failures = slices.Repeat([]status.Failure{refused}, 7)
		}
		o.Organizations = append(o.Organizations, summed(org, status.License{
			LicenseKey: licensing.LicenseKey{Product: "LIC-A"}, End: enginetest.Days(float64(i*7919%1500 - 100)),
			Seats: seats("device", licensing.Seats{Limit: licensing.Seat(100), Assigned: licensing.Seat(i * 31 % 110)}),
		}))
	}
	return o
}

func TestHomePageOfFiveThousandOrganizations(t *testing.T) {
	o := bigEstate(5000)
	if n := len(shown(t, o, "")); n != 50 {
		t.Errorf("%d organizations on a page, want 50", n)
	}
	seen := map[string]bool{}
	for page := range 100 {
		for _, name := range shown(t, o, fmt.Sprintf("?page=%d", page+1)) {
			seen[name] = true
		}
	}
	if len(seen) != 5000 {
		t.Errorf("the pages show %d organizations, want all 5000", len(seen))
	}
	if got := shown(t, o, "?q=Generated+4999"); !slices.Equal(got, []string{"Generated 4999"}) {
		t.Errorf("found %v", got)
	}
}

// The size of the page is limited, however long the texts from vendors are.
func TestHomePageSizeIsLimited(t *testing.T) {
	o := bigEstate(5000)
	if size := show(t, o, "").Body.Len(); size > 200<<10 {
		t.Errorf("a page has %d bytes", size)
	}
	long := refused
	long.Message = strings.Repeat("<", 1<<16)
	for i := range o.Organizations {
		org := &o.Organizations[i]
		org.Name, org.NextLicense.ProductName = strings.Repeat("&", 1<<10), strings.Repeat("&", 1<<10)
		org.Failures = slices.Repeat([]status.Failure{long}, 20)
		org.Problem = long.Message
	}
	if size := show(t, o, "").Body.Len(); size > 800<<10 {
		t.Errorf("a page of the longest texts has %d bytes", size)
	}
}

func BenchmarkHomePage(b *testing.B) {
	for _, query := range []string{"", "?sort=name&page=25", "?q=generated+49", "?limit=500"} {
		b.Run(query, func(b *testing.B) {
			o := bigEstate(5000)
			b.ReportAllocs()
			for b.Loop() {
				b.ReportMetric(float64(show(b, o, query).Body.Len()), "B/page")
			}
		})
	}
}

// The page shows owners and what is muted, which is not among what needs action.
func TestHomePageOfPolicies(t *testing.T) {
	o := status.Overview{Now: enginetest.Now, Organizations: []status.Organization{
		summed(organization{Account: "a", ID: "1", Name: "Muted", APIEnabled: true, Owner: "the <network> team", Muted: 3, Compliant: new(false)},
			status.License{End: enginetest.Days(-3), Muted: true, Compliant: new(false)}),
		summed(organization{Account: "a", ID: "2", Name: "Ends last", APIEnabled: true}, status.License{
			End: enginetest.Days(20), Problems: []status.Problem{{Kind: status.Expiring, Severity: status.Warning, When: enginetest.Days(20)}},
		}),
	}}
	page := show(t, o, "").Body.String()
	for _, want := range []string{
		"Owner: the &lt;network&gt; team", `<span class="badge notice">3 muted</span>`, `<span class="badge notice">expired 3 days ago</span>`, ">0 ended<",
		`<span class="badge notice">not compliant</span> <span class="more">muted</span>`, ">0 not compliant<",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not contain %s", want)
		}
	}
	if strings.Index(page, "Ends last") > strings.Index(page, "Muted") {
		t.Error("what is muted comes before what ends")
	}
}
