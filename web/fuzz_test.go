package web

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"golang.org/x/net/html"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/status"
)

// ask returns the response to a request with any query and headers, which are names and values in turn.
func ask(t testing.TB, h http.Handler, path, query string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.URL.RawQuery = query
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Any parameters give a page or a refusal. Its links lead to pages. Neither parameters nor what
// the vendor sends add anything to the page but text.
func FuzzHome(f *testing.F) {
	queries := []string{
		"", "q=alpha", "q=%3Cscript%3E&vendor=%22&account='&model=`", "state=expired&sort=name&page=2&limit=1", "state=x", "sort=x", "page=0", "page=-1", "page=1e3", "page=99999999999999999999",
		"page=1000000&limit=500", "limit=501", "limit=2&limit=x", "q=%ff%00%0d%0a", "q=" + strings.Repeat("a", 201), "%zz=1&q=a;b&sort=age", "q=javascript:alert(1)&account=emea", "&&==&q", "model=co-term&sort=seats",
		"month=2026-12&owner=x", "month=12", "organization_id=102&state=grace&sort=organization&limit=2",
	}
	for _, query := range queries {
		for _, ofLicenses := range []bool{false, true} {
			f.Add(ofLicenses, query, "Alpha")
			f.Add(ofLicenses, query, "\"'><script>alert(1)</script>\xff\x00{{.}}")
		}
	}
	long := strings.Repeat("a", maxText+1) // a long name is not too long for the links
	f.Add(false, "", long)
	f.Add(true, "", long)
	known := map[string]bool{}
	for _, query := range []string{"", "?limit=2&page=2&sort=name&q=a", "?sort=seats&limit=3", "?sort=organization", "?sort=age", "?state=expired", "?q=none"} {
		for _, page := range []string{show(f, smallEstate(), query).Body.String(), showLicenses(f, smallEstate(), query).Body.String()} {
			for _, tag := range tags([]byte(page)) {
				known[tag.name] = true
				for _, a := range tag.attributes {
					known[tag.name+" "+a.Key] = true
				}
			}
		}
	}
	fake := &fakeEngine{}
	handler := newHandler(f, withFake(fake, Options{MetricsPath: "/metrics", Version: "1.2.3", Docs: fstest.MapFS{}}))
	f.Fuzz(func(t *testing.T, ofLicenses bool, query, name string) {
		fake.overview = namedEstate(name)
		path, accounts := map[bool]string{false: "/", true: "/licenses"}[ofLicenses], fake.overview.Accounts
		w := ask(t, handler, path, query)
		values, err := url.ParseQuery(query)
		if err != nil && w.Code == http.StatusBadRequest {
			return
		}
		link, err := again(ofLicenses, values, accounts)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusBadRequest}[err == nil]; w.Code != want {
			t.Fatalf("%q is answered with %d, want %d: %s", query, w.Code, want, w.Body)
		}
		if err != nil {
			if strings.ContainsAny(strings.TrimSpace(w.Body.String()), "\n<") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
				t.Errorf("%q is refused with %s", query, w.Body)
			}
			return
		}
		wantStable(t, ofLicenses, link, accounts)
		if !utf8.Valid(w.Body.Bytes()) {
			t.Errorf("the page is not UTF-8")
		}
		for _, tag := range tags(w.Body.Bytes()) {
			if !known[tag.name] {
				t.Errorf("%q and %q add the element %s", query, name, tag.name)
			}
			for _, a := range tag.attributes {
				if !known[tag.name+" "+a.Key] {
					t.Errorf("%q and %q add the attribute %s of %s", query, name, a.Key, tag.name)
				}
				if tag.name == "a" && a.Key == "href" {
					wantLink(t, ofLicenses, a.Val, accounts)
				}
			}
		}
	})
}

// again parses parameters of one of the two lists, and returns them as a link.
func again(ofLicenses bool, values url.Values, accounts []status.Account) (string, error) {
	if ofLicenses {
		q, err := licenses.parse(values, accounts)
		return q.link(licenses.orders[0].Name), err
	}
	q, err := organizations.parse(values, accounts)
	return q.link(organizations.orders[0].Name), err
}

// wantLink checks a link of a page.
func wantLink(t *testing.T, ofLicenses bool, link string, accounts []status.Account) {
	t.Helper()
	path, query, found := strings.Cut(link, "?")
	switch {
	case !found:
		if !slices.Contains([]string{"#Text", "#owners", "#months", "#accounts", ".", "licenses", "docs/", "metrics"}, link) {
			t.Errorf("a link leads to %q", link)
		}
	case path == "":
		wantStable(t, ofLicenses, link, accounts)
	case slices.Contains([]string{"licenses", "licenses.csv", "calendar.ics"}, path):
		wantStable(t, true, "?"+query, accounts)
	default:
		values, err := url.ParseQuery(query)
		isAccount := func(a status.Account) bool { return a.Name == values.Get("account") }
		if path != "organization" || err != nil || len(values) != 2 || !values.Has("organization_id") || !slices.ContainsFunc(accounts, isAccount) {
			t.Errorf("a link leads to %q", link)
		}
	}
}

// wantStable checks that a link is the same after it was parsed.
func wantStable(t *testing.T, ofLicenses bool, link string, accounts []status.Account) {
	t.Helper()
	values, err := url.ParseQuery(strings.TrimPrefix(link, "?"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again(ofLicenses, values, accounts); err != nil || got != link {
		t.Errorf("the link %s becomes %s, %v", link, got, err)
	}
}

// namedEstate is smallEstate with a text in all places where vendors and operators can put one.
func namedEstate(name string) status.Overview {
	o := smallEstate()
	for i := range o.Accounts {
		a := &o.Accounts[i]
		a.Name, a.Vendor, a.Waiting = name, name, name
		a.Failures = []status.Failure{{Collector: name, Reason: "server", Message: name, Objects: name}}
		a.Notes = []status.Note{{Collector: name, What: name, Why: name}}
	}
	for i := range o.Organizations {
		o.Organizations[i].Account, o.Organizations[i].Vendor = name, name
	}
	for i := range o.Organizations[:4] {
		org := &o.Organizations[i]
		org.ID, org.Name, org.Model, org.Problem, org.Owner = name, name, name, name, name
		for j := range org.Licenses {
			l := &org.Licenses[j]
			l.Product, l.LicenseID, l.ProductName, l.Owner, l.State = name, name, "", name, name
			for k := range l.Costs {
				l.Costs[k].Currency = name
			}
			for k := range l.Seats {
				l.Seats[k].UnitName = name
			}
		}
	}
	return o
}

type tag struct {
	name       string
	attributes []html.Attribute
}

func tags(page []byte) (all []tag) {
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return all
		case html.StartTagToken, html.SelfClosingTagToken, html.CommentToken:
			token := z.Token()
			all = append(all, tag{token.Data, token.Attr})
		}
	}
}

// The targets have the names of accounts and organizations that lead /probe back to them.
func FuzzDiscovery(f *testing.F) {
	f.Add("emea", "1", "Alpha", "account=emea")
	f.Add("a\"b\n", "\xff", "\u2028<é>", "account=%22&account=x")
	f.Add("", "", "", "account=")
	f.Add("a b&c", "1/2?x=%41", "n", "%zz")
	fake := &fakeEngine{}
	handler := newHandler(f, withFake(fake, Options{MetricsPath: "/metrics"}))
	f.Fuzz(func(t *testing.T, account, organization, name, query string) {
		fake.targets = []engine.Target{{Account: account, Organization: organization, Name: name, Vendor: "v"}}
		w := ask(t, handler, "/sd", query)
		values, err := url.ParseQuery(query)
		if err != nil && w.Code == http.StatusBadRequest {
			return
		}
		if asked, filtered := values["account"]; filtered && asked[0] != account {
			if w.Code != http.StatusNotFound || strings.ContainsAny(strings.TrimSpace(w.Body.String()), "\n\x1b") {
				t.Errorf("%q is answered with %d: %s", query, w.Code, w.Body)
			}
			return
		}
		var groups []targetGroup
		if err := json.Unmarshal(w.Body.Bytes(), &groups); err != nil || w.Code != http.StatusOK || len(groups) != 1 {
			t.Fatalf("the answer is %d: %s, %v", w.Code, w.Body, err)
		}
		valid := func(s string) string { return string([]rune(s)) }
		got := []string{groups[0].Labels["__param_account"], groups[0].Labels["__param_organization_id"], groups[0].Labels["__meta_license_exporter_organization_name"]}
		if diff := cmp.Diff([]string{valid(account), valid(organization), valid(name)}, got); diff != "" {
			t.Errorf("labels differ (-want +got):\n%s", diff)
		}
		for _, label := range groups[0].Labels {
			if !model.LabelValue(label).IsValid() {
				t.Errorf("%q is no valid label", label)
			}
		}
	})
}

// Numbers and days are kept, however large they are.
func FuzzFormat(f *testing.F) {
	for _, n := range []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.001, 0.005, 999, 1000, -1234567.891, -30864197.275, 1e15, 1e21, 1e307, math.MaxFloat64, 5e-324} {
		f.Add(n, int64(n), "text")
	}
	for _, seconds := range []int64{-62135596800, 253370764799, 1772366400, 1772323200, 1772323199, 1772409600, 13569465600} {
		f.Add(1.0, seconds, strings.Repeat("\u00e9\xff", 100))
	}
	form := regexp.MustCompile(`^−?\d{1,3}(,\d{3})*(\.\d{1,2})?$`)
	plain := strings.NewReplacer(",", "", "−", "-")
	f.Fuzz(func(t *testing.T, n float64, seconds int64, text string) {
		if got := quantity(n); !math.IsNaN(n) && !math.IsInf(n, 0) {
			back, err := strconv.ParseFloat(plain.Replace(got), 64)
			if !form.MatchString(got) || err != nil || math.Abs(back-n) > 0.005+max(1e-9, math.Abs(n)*1e-12) || back == 0 && got != "0" {
				t.Errorf("%v is shown as %s", n, got)
			}
		}
		end := time.Unix(min(max(seconds, -62135596800), 253370764799), 0)
		const day = 24 * 60 * 60
		days := (end.Unix()+1e6*day)/day - (enginetest.Now.Unix()+1e6*day)/day
		want, known := map[int64]string{-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
		switch {
		case known:
		case days < 0:
			want = quantity(float64(-days)) + " days ago"
		default:
			want = "in " + quantity(float64(days)) + " days"
		}
		if got := inDays(end, enginetest.Now); got != want {
			t.Errorf("%s is shown as %s, want %s", end, got, want)
		}
		if got := shorten(text, 5); utf8.RuneCountInString(got) > 5 || !utf8.ValidString(got) && utf8.ValidString(text) {
			t.Errorf("%q is shown as %q", text, got)
		}
	})
}
