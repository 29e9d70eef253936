package gitlab

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
	o.Token, o.Now = "secret", func() time.Time { return simtest.Now }
	c := simtest.Connect(t, New(o))
	c.Prefix, c.Token = apiPath, "secret"
	return c
}

// The API refuses what GitLab refuses, with its words.
func TestRefusals(t *testing.T) {
	license := &License{ID: 1, Plan: "premium", EndDay: 10, Limit: 5}
	read := []string{"read_api"}
	for name, test := range map[string]struct {
		options Options
		method  string
		path    string
		header  http.Header
		status  int
		body    string
	}{
		"no token":            {Options{Scopes: read, Admin: true, License: license}, "GET", "/license", http.Header{}, 401, `{"message":"401 Unauthorized"}`},
		"wrong token":         {Options{Scopes: read, Admin: true, License: license}, "GET", "/license", simtest.Bearer("x"), 401, `"error":"invalid_token"`},
		"no scope":            {Options{Scopes: []string{"read_user"}, Admin: true, License: license}, "GET", "/license", simtest.Bearer("secret"), 403, `"error":"insufficient_scope"`},
		"no administrator":    {Options{Scopes: read, License: license}, "GET", "/license", simtest.Bearer("secret"), 403, `{"message":"403 Forbidden"}`},
		"Admin Mode":          {Options{Scopes: read, Admin: true, AdminMode: true, License: license}, "GET", "/license", simtest.Bearer("secret"), 403, `{"message":"403 Forbidden"}`},
		"another header":      {Options{Scopes: read, Admin: true, License: license}, "GET", "/license", http.Header{"Private-Token": {"secret"}}, 200, `"plan":"premium"`},
		"no license":          {Options{Scopes: read, Admin: true}, "GET", "/license", simtest.Bearer("secret"), 200, `null`},
		"Community Edition":   {Options{Scopes: read, Admin: true, Community: true}, "GET", "/license", simtest.Bearer("secret"), 404, `{"error":"404 Not Found"}`},
		"another method":      {Options{Scopes: read, Admin: true, License: license}, "POST", "/license", simtest.Bearer("secret"), 405, `{"error":"405 Not Allowed"}`},
		"another path":        {Options{Scopes: read, Admin: true, License: license}, "GET", "/licences", simtest.Bearer("secret"), 404, `{"error":"404 Not Found"}`},
		"unknown group":       {Options{Scopes: read}, "GET", "/namespaces/x", simtest.Bearer("secret"), 404, `{"message":"404 Namespace Not Found"}`},
		"group without token": {Options{Scopes: read}, "GET", "/namespaces/x", http.Header{}, 401, `{"message":"401 Unauthorized"}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := connect(t, test.options).Send(test.method, test.path, test.header, "")
			if r.Status != test.status || !strings.Contains(r.Body, test.body) {
				t.Errorf("the answer is %d %s, want %d %s", r.Status, r.Body, test.status, test.body)
			}
		})
	}
}

func TestRateLimit(t *testing.T) {
	c := connect(t, Options{Scopes: []string{"read_api"}, Rate: 1})
	c.Get("/namespaces/x")
	if r := c.Get("/namespaces/x"); r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" || r.Body != "Retry later\n" {
		t.Errorf("the second answer is %d %s", r.Status, r.Body)
	}
}

// Once a license has expired, the overage is that of the maximum.
func TestOverage(t *testing.T) {
	for endDay, want := range map[int]float64{1: 6, 0: 11, -5: 11} {
		c := connect(t, Options{Scopes: []string{"api"}, Admin: true, License: &License{EndDay: endDay, Limit: 250, Active: 256, Historical: 261}})
		l := simtest.Read[map[string]any](c, "/license")
		if l["overage"] != want || l["expired"] != (endDay <= 0) || simtest.Days(t, l["expires_at"], dateLayout) != endDay {
			t.Errorf("%d days before the end: %v", endDay, l)
		}
	}
	c := connect(t, Options{Scopes: []string{"api"}, Admin: true, License: &License{Endless: true, Active: 256}})
	if l := simtest.Read[map[string]any](c, "/license"); l["overage"] != 0. || l["expires_at"] != nil || l["user_limit"] != 0. {
		t.Errorf("without limit and end: %v", l)
	}
}

// Only an Owner sees the plan and the numbers, by path or by id.
func TestNamespaces(t *testing.T) {
	c := connect(t, Options{Scopes: []string{"read_api"}, Namespaces: []Namespace{
		{ID: 7, Path: "own", Owner: true, Plan: "premium", Paid: true, EndDay: 30, Members: 4, Most: 6}, {ID: 8, Path: "other", Paid: true, Members: 9},
	}})
	for _, path := range []string{"/namespaces/own", "/namespaces/7"} {
		if n := simtest.Read[map[string]any](c, path); n["plan"] != "premium" || n["seats_in_use"] != 4. || n["max_seats_used"] != 6. || simtest.Days(t, n["end_date"], dateLayout) != 30 {
			t.Errorf("%s: %v", path, n)
		}
	}
	n := simtest.Read[map[string]any](c, "/namespaces/other")
	if _, told := n["plan"]; told || n["seats_in_use"] != nil || n["end_date"] != nil || n["billable_members_count"] != nil {
		t.Errorf("of another's group: %v", n)
	}
}
