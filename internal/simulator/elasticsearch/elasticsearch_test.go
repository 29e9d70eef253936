package elasticsearch

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"license_exporter/internal/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t *testing.T, o Options) *simtest.Client {
	t.Helper()
	o.Now = func() time.Time { return simtest.Now }
	return simtest.Connect(t, New(o))
}

func key(value string) http.Header { return http.Header{"Authorization": {"ApiKey " + value}} }

// The cluster refuses what Elasticsearch refuses, with its words.
func TestRefusals(t *testing.T) {
	gold := &License{UID: "1", Type: "gold", EndDay: 10, MaxNodes: 5}
	ended := &License{UID: "1", Type: "gold", EndDay: 0, MaxNodes: 5}
	open := Options{Version: "8.15.3", License: gold, Nodes: 3}
	secure := Options{Version: "8.15.3", License: gold, Nodes: 3, Key: "secret", Privileges: monitor}
	with := func(o Options, change func(*Options)) Options { change(&o); return o }
	for name, test := range map[string]struct {
		options Options
		method  string
		path    string
		header  http.Header
		status  int
		body    string
	}{
		"no security":       {open, "GET", "/_license", nil, 200, `"type":"gold"`},
		"no key":            {secure, "GET", "/", nil, 401, "missing authentication credentials"},
		"wrong key":         {secure, "GET", "/", key("x"), 401, "unable to authenticate"},
		"bearer":            {secure, "GET", "/", simtest.Bearer("secret"), 401, "unable to authenticate"},
		"no privilege":      {with(secure, func(o *Options) { o.Privileges = nil }), "GET", "/_license", key("secret"), 403, "granted by the cluster privileges [monitor,manage,all]"},
		"right key":         {secure, "GET", "/_license", key("secret"), 200, `"max_resource_units":null`},
		"another method":    {open, "POST", "/_license", nil, 405, "allowed: [GET]"},
		"another path":      {open, "GET", "/_xpack/license", nil, 404, "index_not_found_exception"},
		"old path":          {with(open, func(o *Options) { o.Version = "6.8.23" }), "GET", "/_xpack/license", nil, 200, `"type":"gold"`},
		"new path, old":     {with(open, func(o *Options) { o.Version = "6.8.23" }), "GET", "/_license", nil, 404, "index_not_found_exception"},
		"no license":        {with(open, func(o *Options) { o.License = nil }), "GET", "/_license", nil, 404, "{}"},
		"OpenSearch":        {with(open, func(o *Options) { o.OpenSearch = true }), "GET", "/_license", nil, 404, "index_not_found_exception"},
		"serverless":        {with(open, func(o *Options) { o.Serverless = true }), "GET", "/_cluster/health", nil, 410, "api_not_available_exception"},
		"ended":             {with(secure, func(o *Options) { o.License = ended }), "GET", "/_license", key("secret"), 200, `"status":"expired"`},
		"health after that": {with(secure, func(o *Options) { o.License = ended }), "GET", "/_cluster/health", key("secret"), 403, "current license is non-compliant for [security]"},
		"without security":  {with(open, func(o *Options) { o.License = ended }), "GET", "/_cluster/health", nil, 200, `"number_of_nodes":3`},
	} {
		t.Run(name, func(t *testing.T) {
			r := connect(t, test.options).Send(test.method, test.path, test.header, "")
			if r.Status != test.status || !strings.Contains(r.Body, test.body) {
				t.Errorf("the answer is %d %s, want %d %s", r.Status, r.Body, test.status, test.body)
			}
			if (r.Header.Get("WWW-Authenticate") != "") != (test.status == 401) {
				t.Errorf("WWW-Authenticate is %q", r.Header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestStart(t *testing.T) {
	c := connect(t, Options{Version: "8.15.3", License: &License{Type: "basic"}, Starting: 2})
	for i, want := range []int{404, 404, 200} {
		if r := c.Get("/_license"); r.Status != want {
			t.Errorf("request %d is answered with %d %s, want %d", i, r.Status, r.Body, want)
		}
	}
}

// Only a basic license has no end, and version 7 hides enterprise licenses from clients that do not know them.
func TestLicenses(t *testing.T) {
	type answer struct{ License map[string]any }
	l := simtest.Read[answer](connect(t, Options{Version: "8.15.3", License: &License{Type: "basic", MaxNodes: 1000}}), "/_license").License
	if _, ends := l["expiry_date"]; ends || l["start_date_in_millis"] != -1. || l["status"] != "active" {
		t.Errorf("basic: %v", l)
	}
	enterprise := &License{Type: "enterprise", EndDay: 30, MaxResourceUnits: 20}
	for target, want := range map[string]string{"7.17.0 /_license": "platinum", "7.17.0 /_license?accept_enterprise=true": "enterprise", "8.15.3 /_license": "enterprise"} {
		version, path, _ := strings.Cut(target, " ")
		l := simtest.Read[answer](connect(t, Options{Version: version, License: enterprise}), path).License
		if l["type"] != want || simtest.Days(t, l["expiry_date"], time.RFC3339Nano) != 29 { // just before the end of that day
			t.Errorf("%s: %v", target, l)
		}
	}
	if l := simtest.Read[answer](connect(t, Options{Version: "8.15.3", License: &License{Type: "gold", StartDay: 3, EndDay: 30}}), "/_license").License; l["status"] != "invalid" {
		t.Errorf("not begun: %v", l)
	}
}
