package web

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

// showDetail returns the response with the page of an organization.
func showDetail(t testing.TB, d *status.Detail, query string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, detailHandler(t, func() *status.Detail { return d }), "/organization", query)
}

// detailHandler returns a handler that knows one organization.
func detailHandler(t testing.TB, d func() *status.Detail) http.Handler {
	return newHandler(t, withFake(&fakeEngine{}, Options{
		MetricsPath: "/metrics", Version: "1.2.3",
		Organization: func(account, id string) *status.Detail {
			if d := d(); d != nil && d.Account == account && d.ID == id {
				return d
			}
			return nil
		},
		Labels: func(string) map[string]string {
			return map[string]string{"customer": "Northwind & Co", "stage": "test"}
		},
	}))
}

// bravo is an organization of which everything is known. The texts are what a vendor might send.
func bravo() *status.Detail {
	estate := smallEstate()
	d := &status.Detail{
		Now: enginetest.Now, Organization: estate.Organizations[1], Region: "Europe", APIAccess: licensing.APIEnabled, Probed: true, Status: "License Required",
		Collectors: []status.Collector{
			{Name: "vendor_organizations", Whole: true, Freshness: fetched(time.Minute)},
			{Name: "vendor_things", Freshness: fetched(time.Hour, refused)},
			{Name: "vendor_secrets", Freshness: fetched(time.Hour, status.Failure{Reason: rest.ReasonAuth, Objects: "agreement <7>", Message: "401 Unauthorized"})},
			{Name: "vendor_agreements", Freshness: status.Freshness{Oldest: enginetest.Now, Notes: []status.Note{{Kind: status.NoteWithheld, What: "<costs>", Why: "403 Forbidden"}}}},
			{Name: "vendor_new", Waiting: true},
			{Name: "vendor_other", NotApplicable: true},
		},
		Products: map[string]licensing.Product{"LIC-A": {Name: "License A", Manufacturer: "Contoso", Type: "Windows"}},
		Counts: []status.Count{
			{Product: "LIC-A", ProductName: "License A", Dated: true, Expiring: [3]int32{0, 1, 2}, WithoutEnd: 3, States: []status.StateCount{
				{State: licensing.State{Name: "active", Assigned: licensing.Assigned}, Licenses: 1200}, {State: licensing.State{Name: "active", Assigned: licensing.Unassigned}, Licenses: 3}, {Licenses: 1},
			}},
			{Product: "LIC-B", ProductName: "LIC-B", States: []status.StateCount{{State: licensing.State{Name: "active"}, Licenses: 1}}},
		},
		Statuses:  []status.LicenseStatus{{LicenseID: "S-1", Status: "active"}},
		Deadlines: []status.Deadline{{LicenseKey: licensing.LicenseKey{LicenseID: "S-1"}, When: enginetest.Days(20)}, {LicenseKey: licensing.LicenseKey{Product: "LIC-A", LicenseID: "S-9"}, When: enginetest.Days(40)}},
		Records:   map[licensing.LicenseKey]status.Record{{LicenseID: "S-1"}: {OrderID: "ORDER-1", DeviceSerial: "Q2XX", NetworkID: "N_1"}},
		Metrics: []status.Metric{
			{Name: "vendor_devices", Help: "Devices.", Labels: []string{"product_type", "used"}, Values: []status.Value{{Labels: []status.Label{{Value: "switch"}, {Value: "true"}}, Value: 1234}, {Labels: []status.Label{{Value: "wireless"}, {}}}}},
			{Name: "vendor_end_timestamp_seconds", Help: "When it ends.", Values: []status.Value{{Value: float64(enginetest.Days(5).Unix())}}},
			{Name: "vendor_threshold_seconds", Help: "A threshold.", Labels: []string{"threshold"}, Values: []status.Value{{Labels: []status.Label{{Value: "warning"}}, Value: 2592000}}},
			{Name: "vendor_subscription_info", Help: "A subscription. Always 1.", Labels: []string{"license_id"}, Values: []status.Value{{Labels: []status.Label{{Value: "S-1"}}, Value: 1}}},
		},
	}
	d.Freshness = fetched(time.Hour, refused)
	d.Muted, d.Owner = 1, "sam-team"
	subscription := status.License{
		LicenseKey: licensing.LicenseKey{LicenseID: "S-1"}, Name: "Stores", State: "active", End: enginetest.Days(50), Act: enginetest.Days(20), Deadline: enginetest.Days(20),
		Owner: "network-team", Renewal: "automatic", Minimum: licensing.Seat(2), EndByPolicy: true,
	}
	part := status.License{
		LicenseKey: licensing.LicenseKey{Product: "LIC-A", LicenseID: "S-1"}, ProductName: "License A", Muted: true, Compliant: new(false),
		Seats: []status.Seats{{Unit: "device", UnitName: "device", Seats: licensing.Seats{Limit: licensing.Seat(5), Kind: licensing.PerDevice}}},
	}
	d.Licenses = append(slices.Clone(d.Licenses), subscription, part)
	return d
}

const ofBravo = "account=emea&organization_id=102"

func TestOrganizationPage(t *testing.T) {
	w := showDetail(t, bravo(), ofBravo)
	if w.Code != http.StatusOK || w.Header().Get("Content-Security-Policy") != pagePolicy {
		t.Errorf("%d with %v", w.Code, w.Header())
	}
	enginetest.Golden(t, "organization.html", strings.Replace(w.Body.String(), pageStyle, "…", 1))
}

func TestOrganizationPageOfWhatIsUnknown(t *testing.T) {
	for _, test := range []struct {
		query string
		code  int
		want  []string
	}{
		{"", http.StatusBadRequest, []string{"account is missing; ask for /organization?account=NAME&organization_id=ID"}},
		{"organization_id=102", http.StatusBadRequest, []string{"account is missing"}},
		{"account=%3Cb%3E", http.StatusNotFound, []string{"There is no account &lt;b&gt;.", `<a href=".">the list of organizations</a>`}},
		{"account=emea&organization_id=%1b%ff", http.StatusNotFound, []string{"The account emea has no organization with the id \ufffd\ufffd", `<a href=".">`}},
		{"account=emea&organization_id=" + strings.Repeat("x", 1000), http.StatusNotFound, []string{strings.Repeat("x", maxName-1) + "…,"}},
	} {
		w := showDetail(t, bravo(), test.query)
		if w.Code != test.code {
			t.Errorf("%q: %d, want %d", test.query, w.Code, test.code)
		}
		for _, want := range test.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%q lacks %q:\n%s", test.query, want, w.Body)
			}
		}
	}
	for _, path := range []string{"/organization/", "/organization/x"} {
		if w := ask(t, detailHandler(t, bravo), path, ofBravo); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Each link is to a path that exists, with the filter of the organization.
func TestOrganizationPageLinks(t *testing.T) {
	page := showDetail(t, bravo(), ofBravo).Body.String()
	filter := "account=emea&amp;organization_id=102"
	for _, want := range []string{
		`href=".?account=emea"`, `href="licenses?` + filter + `"`, `href="licenses.csv?` + filter + `"`, `href="calendar.ics?` + filter + `"`, `href="probe?` + filter + `"`,
		`href="organization?account=emea&amp;organization_id="`, `href="licenses?owner=network-team"`,
		`href="docs/runbooks/LicenseExpired.md"`, `href="docs/runbooks/LicenseSeatsOverallocated.md"`, `href="docs/runbooks/LicenseNonCompliant.md"`,
		`href="docs/runbooks/LicenseGracePeriodEnding.md"`, `href="docs/runbooks/LicenseRenewing.md"`, `href="docs/runbooks/LicenseCollectorFailing.md"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, tag := range tags([]byte(page)) {
		for _, a := range tag.attributes {
			if id, inside := strings.CutPrefix(a.Val, "#"); tag.name == "a" && inside && !strings.Contains(page, `id="`+id+`"`) {
				t.Errorf("%s leads nowhere", a.Val)
			}
		}
	}
	d := bravo()
	d.Probed = false
	if page := showDetail(t, d, ofBravo).Body.String(); strings.Contains(page, "probe?") {
		t.Error("a page links to metrics that there are none of")
	}
}

func TestOrganizationPageOfAnAccount(t *testing.T) {
	d := &status.Detail{Now: enginetest.Now, Probed: true, Organization: organization{Account: "sam", Vendor: "snow", APIEnabled: true}}
	d.Licenses = []status.License{{End: enginetest.Days(300)}}
	d.NextLicense = &d.Licenses[0]
	page := showDetail(t, d, "account=sam").Body.String()
	for _, want := range []string{
		"<h1>Account sam as a whole</h1>", "Nothing needs action for the account as a whole.", ">the account as a whole<", `href="licenses?account=sam"`, `href="probe?account=sam&amp;organization_id="`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	for _, id := range []string{"problems", "seats", "counts", "metrics", "costs", "licenses"} {
		if strings.Contains(page, `id="`+id+`"`) {
			t.Errorf("the page has the empty section %s", id)
		}
	}
}

// A verdict stands out only if it is a problem.
func TestOrganizationPageOfVerdicts(t *testing.T) {
	problem := status.Problem{Kind: status.NonCompliant, Severity: status.Warning}
	for name, test := range map[string]struct {
		license status.License
		want    string
	}{
		"a problem":            {status.License{Compliant: new(false), Problems: []status.Problem{problem}}, `<span class="badge warning">not compliant</span>`},
		"muted":                {status.License{Compliant: new(false), Muted: true}, `<span class="badge notice">not compliant</span> <small>muted</small>`},
		"that of an account":   {status.License{Compliant: new(false)}, `<span class="badge notice">not compliant</span> <small>follows from another problem`},
		"none":                 {status.License{Compliant: new(true)}, `<span class="badge ok">compliant</span>`},
		"a violation in grace": {status.License{GraceEnd: enginetest.Days(2)}, `<time datetime="2026-03-03T12:00:00Z"`},
	} {
		d := &status.Detail{Now: enginetest.Now, Organization: organization{Account: "emea", ID: "1", APIEnabled: true}}
		d.Licenses = []status.License{test.license}
		_, section, _ := strings.Cut(showDetail(t, d, "account=emea&organization_id=1").Body.String(), `<h2 id="compliance"`)
		if !strings.Contains(section, test.want) {
			t.Errorf("%s: the page lacks %s:\n%s", name, test.want, section)
		}
	}
}

func TestOrganizationPageOfWhatCannotBeRead(t *testing.T) {
	d := &status.Detail{Now: enginetest.Now, Organization: organization{Account: "emea", ID: "1", Name: "Off"}}
	page := showDetail(t, d, "account=emea&organization_id=1").Body.String()
	for _, want := range []string{"cannot be read", "switched off", "docs/runbooks/LicenseAPIDisabled.md"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	d.Licenses = []status.License{{Muted: true}}
	if page := showDetail(t, d, "account=emea&organization_id=1").Body.String(); !strings.Contains(page, "Nothing needs action.") {
		t.Errorf("what is muted needs action:\n%s", page)
	}
}

// Nobody knows yet whether what has not been read needs action.
func TestOrganizationPageBeforeTheFirstFetch(t *testing.T) {
	for _, id := range []string{"", "1"} {
		for name, d := range map[string]*status.Detail{
			"organization": {Organization: organization{Waiting: true}},
			"collector":    {Collectors: []status.Collector{{Name: "a"}, {Name: "b", Waiting: true}}},
		} {
			d.Now, d.Account, d.ID, d.APIEnabled = enginetest.Now, "emea", id, true
			if page := showDetail(t, d, "account=emea&organization_id="+id).Body.String(); strings.Contains(page, "Nothing needs action") {
				t.Errorf("%s of %q that waits needs no action:\n%s", name, id, page)
			}
		}
	}
}

func TestOrganizationPageOfPolicies(t *testing.T) {
	l := status.License{Renewal: "manual", Minimum: licensing.Seat(3), Muted: true}
	var got []string
	for _, p := range policies(&l) {
		got = append(got, p.Text)
	}
	if want := []string{"manual renewal", "at least 3 free", "muted"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestValuesOfMetricsByName(t *testing.T) {
	for _, test := range []struct {
		name  string
		value float64
		want  string
	}{
		{"x", 12345.678, "12,345.68"},
		{"x_timestamp_seconds", float64(enginetest.Days(1).Unix()), "2026-03-02 tomorrow"},
		{"x_timestamp_seconds", 1e300, quantity(1e300)},
		{"x_timestamp_seconds", math.NaN(), "NaN"},
		{"x_timestamp_seconds", math.Inf(1), "Inf"},
		{"x_timestamp_seconds", -1, "−1"},
		{"x_seconds", 86400, "1 day"},
		{"x_seconds", 2592000, "30 days"},
		{"x_seconds", 7200, "2 hours"},
		{"x_seconds", 90.5, "1m30.5s"},
		{"x_seconds", math.NaN(), "NaN"},
		{"x_seconds", math.MaxFloat64, quantity(math.MaxFloat64)},
	} {
		var texts []string
		for _, p := range metricValue(test.name, test.value, enginetest.Now) {
			texts = append(texts, p.Text)
		}
		if got := strings.Join(texts, " "); got != shorten(test.want, maxName) {
			t.Errorf("%s %v: %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

// largeDetail has 500 products and 10,000 licenses with the same name.
func largeDetail(name string) *status.Detail {
	d := &status.Detail{Now: enginetest.Now, Probed: true, Organization: organization{Account: "emea", ID: "1", Name: name, Vendor: "v", APIEnabled: true}}
	d.Products, d.Records = map[string]licensing.Product{}, map[licensing.LicenseKey]status.Record{}
	problems := []status.Problem{
		{Kind: status.Expiring, Severity: status.Warning, When: enginetest.Days(5)}, {Kind: status.Short, Severity: status.Warning, Number: licensing.Seat(3), UnitName: name},
	}
	values := []status.Value{}
	for i := range 10_500 {
		key := licensing.LicenseKey{Product: fmt.Sprint("product-", i%500)}
		if i >= 500 {
			key.LicenseID = fmt.Sprint("license-", i)
			d.Records[key] = status.Record{OrderID: name, DeviceSerial: name, NetworkID: name}
			d.Statuses = append(d.Statuses, status.LicenseStatus{LicenseID: key.LicenseID, Status: name})
			d.Deadlines = append(d.Deadlines, status.Deadline{LicenseKey: key, When: enginetest.Days(9)})
		} else {
			d.Products[key.Product] = licensing.Product{Name: name, Manufacturer: name, Type: name}
			d.Counts = append(d.Counts, status.Count{Product: key.Product, ProductName: name, Dated: true, States: slices.Repeat([]status.StateCount{{State: licensing.State{Name: name}, Licenses: 1}}, 5)})
		}
		l := status.License{
			LicenseKey: key, ProductName: name, Name: name, State: name, End: enginetest.Days(5), Act: enginetest.Days(-5), Owner: name, Problems: problems, Kinds: status.KindsOf(problems),
			Seats: []status.Seats{{Unit: "u", UnitName: name, Seats: licensing.Seats{Limit: licensing.Seat(5), Available: licensing.Seat(-3)}}}, Compliant: new(false),
			Missing: []status.Missing{{SKU: name, UnitName: name, Seats: 3}}, Costs: slices.Repeat([]status.Cost{{Component: "purchase", Currency: "EUR", Amount: 123.45}}, 3),
		}
		d.Licenses = append(d.Licenses, l)
		values = append(values, status.Value{Labels: []status.Label{{Value: name, Name: name}, {Value: name}}, Value: 3})
	}
	d.NextLicense = &d.Licenses[0]
	for i := range 15 {
		d.Metrics = append(d.Metrics, status.Metric{Name: fmt.Sprint("vendor_metric_", i), Help: "A metric of the vendor's.", Labels: []string{"product", "unit"}, Values: values})
	}
	return d
}

func TestOrganizationPageOfTenThousandLicenses(t *testing.T) {
	for name, limit := range map[string]int{"Contoso Suite": 110_000, strings.Repeat(`"&<>`, 500): 800_000} {
		page := showDetail(t, largeDetail(name), "account=emea&organization_id=1").Body.String()
		t.Logf("%d bytes", len(page))
		if len(page) > limit {
			t.Errorf("%d bytes, want at most %d", len(page), limit)
		}
		for _, want := range []string{
			`<a href="licenses?account=emea&amp;organization_id=1">20,983 more</a> not shown here`, // of the problems
			`<a href="licenses?account=emea&amp;organization_id=1">9,983 more</a> not shown here`,
			`<a href="probe?account=emea&amp;organization_id=1">483 more</a> not shown here`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
	}
}

func TestOrganizationPageEscapesTextFromVendors(t *testing.T) {
	safe, unsafe := bravo(), largeDetail(hostile)
	unsafe.Licenses = unsafe.Licenses[:501]
	unsafe.Collectors = []status.Collector{{Name: hostile, Freshness: status.Freshness{
		Failures: []status.Failure{{Collector: hostile, Reason: rest.ReasonServer, Message: hostile, Objects: hostile}}, Notes: []status.Note{{Kind: hostile, What: hostile, Why: hostile}},
	}}}
	unsafe.Metrics[0].Help, unsafe.Region, unsafe.Model, unsafe.Status, unsafe.Problem = hostile, hostile, hostile, hostile, hostile
	known := elements(t, showDetail(t, safe, ofBravo).Body.Bytes())
	for name := range elements(t, showDetail(t, unsafe, "account=emea&organization_id=1").Body.Bytes()) {
		if known[name] == 0 {
			t.Errorf("the vendor adds %s to the page", name)
		}
	}
}

// Any parameters give the page, a page that says that there is no such organization, or a
// refusal. Nothing of them becomes part of the page but text.
func FuzzOrganization(f *testing.F) {
	for _, query := range []string{"", ofBravo, "account=emea", "account=&organization_id=102", "account=emea&organization_id=%00%ff%1b", "account=%3Cscript%3E", "%zz", "account=emea&account=x&organization_id=102&organization_id=1", "a;b"} {
		f.Add(query, "Alpha")
		f.Add(query, hostile)
	}
	known := elements(f, showDetail(f, bravo(), ofBravo).Body.Bytes())
	name := ""
	handler := detailHandler(f, func() *status.Detail {
		d := bravo()
		d.Name = name
		d.Licenses[0].ProductName, d.Counts[0].ProductName, d.Metrics[0].Values[0].Labels[0].Name = name, name, name
		return d
	})
	f.Fuzz(func(t *testing.T, query, vendorsName string) {
		name = vendorsName
		w := ask(t, handler, "/organization", query)
		values, err := url.ParseQuery(query)
		want := http.StatusNotFound
		switch account, id := values.Get("account"), values.Get("organization_id"); {
		case err != nil, account == "":
			want = http.StatusBadRequest
		case account == "emea" && id == "102":
			want = http.StatusOK
		}
		if w.Code != want {
			t.Fatalf("%q: %d, want %d", query, w.Code, want)
		}
		if want == http.StatusBadRequest {
			return
		}
		for name := range elements(t, w.Body.Bytes()) {
			if known[name] == 0 {
				t.Errorf("%q and %q add %s to the page", query, vendorsName, name)
			}
		}
	})
}
