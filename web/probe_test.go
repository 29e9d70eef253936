package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/engine"
)

func TestProbeServesOneOrganizationWithoutOwnMetrics(t *testing.T) {
	own := prometheus.NewRegistry()
	own.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "own_total", Help: "A counter."}))
	facts := &fakeEngine{gatherer: gauge("fact", 3)}
	get := newServer(t, withFake(facts, Options{MetricsPath: "/metrics", Own: own}))
	status, body := get("/probe?account=a&organization_id=7&collect[]=meraki_coterm")
	if status != http.StatusOK || !strings.Contains(body, "\nfact 3\n") || strings.Contains(body, "own_total") {
		t.Errorf("%d %s", status, body)
	}
	want := engine.Selection{Account: "a", One: true, Organization: "7", Collectors: []string{"meraki_coterm"}}
	if diff := cmp.Diff(want, facts.selection); diff != "" {
		t.Errorf("selected (-want +got):\n%s", diff)
	}
	get("/probe?account=a")
	if want := (engine.Selection{Account: "a", One: true}); cmp.Diff(want, facts.selection) != "" {
		t.Errorf("without organization_id %+v is selected, want the account as a whole", facts.selection)
	}
}

func TestProbeReportsErrors(t *testing.T) {
	facts := &fakeEngine{gatherer: gauge("fact", 3), one: func(account, organization string) error {
		switch {
		case account == "new":
			return &engine.UndiscoveredError{Account: account, Err: errors.New("no answer")}
		case account != "a":
			return &engine.UnknownError{What: "account", Name: account, Hint: "look"}
		case organization != "":
			return &engine.UnknownError{What: "organization", Name: organization, Hint: "look"}
		}
		return nil
	}}
	get := newServer(t, withFake(facts, Options{MetricsPath: "/metrics"}))
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/probe":                                {400, "account is missing; ask for /probe?account=NAME&organization_id=ID"},
		"/probe?organization_id=1":              {400, "account is missing"},
		"/probe?account=a&collect[]=everything": {400, `unknown collector "everything"`},
		"/metrics?collect[]=everything":         {400, `unknown collector "everything"`},
		"/probe?account=b":                      {404, `unknown account "b"; look`},
		"/probe?account=a&organization_id=9":    {404, `unknown organization "9"; look`},
		"/probe?account=new":                    {503, `the organizations of account "new" are not known yet: no answer`},
		"/sd?account=b":                         {404, `unknown account "b"`},
	} {
		if status, body := get(path); status != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s answers %d %q, want %d %q", path, status, body, want.status, want.text)
		}
	}
}

func TestMetricsOfSomeCollectorsAlone(t *testing.T) {
	facts := &fakeEngine{gatherer: gauge("fact", 3)}
	get := newServer(t, withFake(facts, Options{MetricsPath: "/metrics"}))
	get("/metrics?collect[]=meraki_coterm&collect[]=meraki_device")
	if diff := cmp.Diff(engine.Selection{Collectors: []string{"meraki_coterm", "meraki_device"}}, facts.selection); diff != "" {
		t.Errorf("selected (-want +got):\n%s", diff)
	}
}

func TestExportersOwnMetricsFetchNothing(t *testing.T) {
	own := prometheus.NewRegistry()
	own.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "own_total", Help: "A counter."}))
	get := newServer(t, Options{MetricsPath: "/metrics", Own: own}) // without an engine, any use of it panics
	if status, body := get("/metrics/exporter"); status != http.StatusOK || !strings.Contains(body, "\nown_total 0\n") {
		t.Errorf("%d %s", status, body)
	}
}

func TestDiscoveryListsTargetsThatLeadToProbes(t *testing.T) {
	facts := &fakeEngine{targets: []engine.Target{
		{Account: "a", Vendor: "meraki"},
		{Account: "a", Vendor: "meraki", Organization: "7", Name: "Seven", Model: "co-term", Region: "Europe"},
		{Account: "b", Vendor: "snow"},
	}}
	server := httptest.NewServer(newHandler(t, withFake(facts, Options{MetricsPath: "/metrics"})))
	defer server.Close()
	read := func(query string) (groups []targetGroup) {
		t.Helper()
		got := request(t, server.URL+"/sd"+query)
		if kind := got.header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("Content-Type %q", kind)
		}
		if err := json.Unmarshal(got.body, &groups); err != nil {
			t.Fatal(err)
		}
		return groups
	}
	groups := read("")
	if len(groups) != 3 {
		t.Fatalf("%d targets, want 3", len(groups))
	}
	want := targetGroup{
		Targets: []string{strings.TrimPrefix(server.URL, "http://")},
		Labels: map[string]string{
			"__scheme__": "http", "__metrics_path__": "/probe", "__param_account": "a", "__param_organization_id": "7",
			"instance": "a/7", "__meta_license_exporter_account": "a", "__meta_license_exporter_vendor": "meraki",
			"__meta_license_exporter_organization_id": "7", "__meta_license_exporter_organization_name": "Seven",
			"__meta_license_exporter_licensing_model": "co-term", "__meta_license_exporter_region": "Europe",
		},
	}
	if diff := cmp.Diff(want, groups[1]); diff != "" {
		t.Errorf("target (-want +got):\n%s", diff)
	}
	if instance := groups[0].Labels["instance"]; instance != "a" {
		t.Errorf("the account as a whole is instance %q", instance)
	}
	if groups := read("?account=b"); len(groups) != 1 || groups[0].Labels["__param_account"] != "b" {
		t.Errorf("of account b: %+v", groups)
	}
	facts.targets = []engine.Target{{Account: "acme", Unlisted: true}, {Account: "other"}}
	if got := request(t, server.URL+"/sd?account=acme"); got.status != http.StatusServiceUnavailable {
		t.Errorf("account that could not be listed: %d, want 503, so that Prometheus keeps its targets", got.status)
	}
	if got := request(t, server.URL+"/sd"); got.status != http.StatusOK {
		t.Errorf("an account that could not be listed hides another: %d", got.status)
	}
	facts.untried = true
	if got := request(t, server.URL+"/sd"); got.status != http.StatusServiceUnavailable {
		t.Errorf("before the first listing: %d, want 503, so that Prometheus keeps its targets", got.status)
	}
}

func TestReload(t *testing.T) {
	post := func(reload func() error) (int, string) {
		t.Helper()
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/-/reload", nil)
		newHandler(t, Options{MetricsPath: "/metrics", Reload: reload, Lifecycle: reload != nil}).ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if status, body := post(nil); status != http.StatusForbidden || !strings.Contains(body, "--web.enable-lifecycle") {
		t.Errorf("when it is off: %d %q", status, body)
	}
	if status, body := post(func() error { return nil }); status != http.StatusOK {
		t.Errorf("%d %q", status, body)
	}
	status, body := post(func() error { return errors.New("line 3 is wrong") })
	if status != http.StatusInternalServerError || !strings.Contains(body, "line 3 is wrong") {
		t.Errorf("when it fails: %d %q", status, body)
	}
}

func TestMetricsAreCompressedIfThatIsAccepted(t *testing.T) {
	server := httptest.NewServer(newHandler(t, withFake(&fakeEngine{gatherer: gauge("fact", 3)}, Options{MetricsPath: "/metrics"})))
	defer server.Close()
	var plain response
	for _, weight := range []string{"0", "0.0", "0.000"} {
		plain = request(t, server.URL+"/metrics", "Accept-Encoding", "br, gzip;q="+weight)
		if encoding := plain.header.Get("Content-Encoding"); encoding != "" {
			t.Errorf("weight %s rejects gzip, but the response is %q", weight, encoding)
		}
	}
	for range 2 { // the second response reuses a compressor
		zipped := request(t, server.URL+"/metrics", "Accept-Encoding", "br, gzip")
		zip, err := gzip.NewReader(bytes.NewReader(zipped.body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(zip)
		if err != nil || !bytes.Equal(got, plain.body) {
			t.Errorf("%v, %q", err, got)
		}
	}
}

func TestFormatByAcceptHeader(t *testing.T) {
	server := httptest.NewServer(newHandler(t, withFake(&fakeEngine{gatherer: gauge("fact", 3)}, Options{MetricsPath: "/metrics"})))
	defer server.Close()
	const protobuf = "application/vnd.google.protobuf"
	for accept, want := range map[string]string{
		"":    "text/plain; version=0.0.4",
		"*/*": "text/plain; version=0.0.4",
		"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1": "text/plain; version=0.0.4",
		"application/openmetrics-text": "application/openmetrics-text",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.2": "text/plain; version=0.0.4",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,*/*;q=0.1":                      "text/plain; version=0.0.4",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;q=0,*/*;q=0.1":             protobuf,
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited":                                      protobuf,
	} {
		got := request(t, server.URL+"/metrics", "Accept", accept).header.Get("Content-Type")
		if !strings.HasPrefix(got, want) {
			t.Errorf("Accept %q gets %q, want %q", accept, got, want)
		}
	}
}
