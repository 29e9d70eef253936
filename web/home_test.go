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

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"license_exporter/client/rest"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

// show returns the response with the page of organizations.
func show(t testing.TB, o status.Overview, query string) *httptest.ResponseRecorder {
	t.Helper()
	return showPage(t, o, "/"+query)
}

// showPage returns the response with a page.
func showPage(t testing.TB, o status.Overview, path string) *httptest.ResponseRecorder {
	t.Helper()
	handler := newHandler(t, withFake(&fakeEngine{overview: o}, Options{
		MetricsPath: "/metrics", Version: "1.2.3",
		Docs: fstest.MapFS{"docs/metrics.md": {Data: []byte("# Metrics\n")}},
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// shown returns the names of the organizations on the page, in order.
func shown(t testing.TB, o status.Overview, query string) []string {
	t.Helper()
	return heads(t, show(t, o, query), "organizations")
}

// heads returns the heads of the rows of a table, in order.
func heads(t testing.TB, w *httptest.ResponseRecorder, class string) []string {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	_, table, _ := strings.Cut(w.Body.String(), `class="`+class+`"`)
	table, _, _ = strings.Cut(table, "</table>")
	found := []string{}
	for _, m := range regexp.MustCompile(`rowheader">(?:<a [^>]*>)?([^<]*)`).FindAllStringSubmatch(table, -1) {
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
	const alpha, bravo, charlie, delta, nameless, account = "Alpha", "Bravo &lt;b&gt;&amp; Sons", "Charlie", "Delta", "no name", "sam"
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
		{"?manufacturer=Contoso", []string{bravo}},
		{"?manufacturer=Contoso&owner=network-team", []string{}},
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
		"?state=bad":                           "parameter state must be one of action, expired, expiring, short, over, noncompliant, failing, problem, disabled, renewing, muted\n",
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
	for _, want := range []string{"No organization matches the filter.", `<option value="gone&#34;&gt;" selected>gone&#34;&gt;</option>`} {
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
	get := newServer(t, withFake(&fakeEngine{overview: smallEstate()}, Options{MetricsPath: "/telemetry"}))
	if status, body := get("/"); status != http.StatusOK || !strings.Contains(body, `href="telemetry"`) {
		t.Errorf("%d, no link to the metrics in\n%s", status, body)
	}
	if status, _ := get("/nowhere"); status != http.StatusNotFound {
		t.Errorf("/nowhere answers %d", status)
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
func elements(t testing.TB, page []byte) map[string]int {
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
	if got["script"]+got["img"]+got["attribute onerror"]+got["attribute style"] > 0 || got["title"] != 1 || got["table"] != 3 {
		t.Errorf("the markup is not the template's: %v", got)
	}
	page := show(t, o, "").Body.String()
	if n := strings.Count(page, "&lt;script&gt;alert(1)&lt;/script&gt;"); n < 10 {
		t.Errorf("the escaped text occurs %d times, want at least 10", n)
	}
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
		">the &lt;network&gt; team<", `<span class="badge notice">3 muted</span>`, `<small>ended 3 days ago</small>`, ">1 that needs action<",
		`<span class="badge notice">not compliant</span> <small>muted</small>`, ">1 muted</a>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not contain %s", want)
		}
	}
	for _, not := range []string{" ended<", " not compliant</a>"} {
		if strings.Contains(page, not) {
			t.Errorf("the page counts what is muted: %s", not)
		}
	}
	if strings.Index(page, "Ends last") > strings.Index(page, "Muted") {
		t.Error("what is muted comes before what ends")
	}
}
