package github

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	seats    = "/enterprises/contoso/consumed-licenses"
	security = "/enterprises/contoso/settings/billing/advanced-security"
	copilot  = "/enterprises/contoso/copilot/billing/seats"
	org      = "/orgs/contoso-retail"
	billing  = "/orgs/contoso-retail/copilot/billing"
	license  = ServerPath + "/enterprise/settings/license"
)

// tokens has one token of each kind.
var tokens = map[string]Token{
	"owner":        {Scopes: []string{"read:enterprise", "manage_billing:enterprise", "read:org", "site_admin"}},
	"admin":        {Scopes: []string{"admin:enterprise", "admin:org"}},
	"none":         {},
	"copilot":      {Scopes: []string{"manage_billing:copilot"}},
	"member":       {Scopes: []string{"read:enterprise", "manage_billing:enterprise", "read:org", "site_admin"}, Member: true},
	"fine":         {FineGrained: true},
	"unauthorized": {Scopes: []string{"read:enterprise", "manage_billing:enterprise", "read:org"}, Unauthorized: true},
}

func start(t *testing.T, o Options) *simtest.Client {
	t.Helper()
	o.Tokens = tokens
	if o.Now == nil {
		o.Now = func() time.Time { return simtest.Now }
	}
	c := simtest.Connect(t, New(o))
	c.Token = "owner"
	return c
}

// Each kind of token reads what GitHub lets it read, and is refused the rest as GitHub does.
func TestTokens(t *testing.T) {
	cloud := start(t, Options{Estate: DemoEstate()})
	server := start(t, Options{Estate: Estate{License: &License{Seats: 5, Used: 3, Days: 10}}})
	for token, want := range map[string][6]int{ // seats, security, copilot, org, billing, license
		"owner":        {200, 200, 200, 200, 200, 200},
		"admin":        {200, 200, 200, 200, 200, 404},
		"none":         {403, 403, 403, 200, 403, 404},
		"copilot":      {403, 403, 200, 200, 200, 404},
		"member":       {404, 404, 404, 200, 404, 404},
		"fine":         {403, 403, 403, 200, 200, 404},
		"unauthorized": {403, 403, 403, 200, 403, 404},
		"unknown":      {401, 401, 401, 401, 401, 401},
	} {
		for i, path := range []string{seats, security + "?advanced_security_product=code_security", copilot, org, billing, license} {
			c := cloud
			if path == license {
				c = server
			}
			r := c.Send(http.MethodGet, path, simtest.Bearer(token), "")
			if r.Status != want[i] {
				t.Errorf("%s of %s: %d %s, want %d", path, token, r.Status, r.Body, want[i])
			}
			if r.Status != http.StatusOK && (!strings.Contains(r.Body, `"message":`) || !strings.Contains(r.Body, `"status":"`+strconv.Itoa(r.Status)+`"`)) {
				t.Errorf("%s of %s: the error is %s", path, token, r.Body)
			}
		}
	}
	if r := cloud.Send(http.MethodGet, seats, simtest.Bearer("unauthorized"), ""); !strings.HasPrefix(r.Header.Get("X-GitHub-SSO"), "required; url=") {
		t.Errorf("the header is %v", r.Header)
	}
	if r := cloud.Send(http.MethodGet, org, http.Header{"Authorization": {"token owner"}}, ""); r.Status != http.StatusOK || r.Header.Get("X-OAuth-Scopes") == "" {
		t.Errorf("the old form of the header: %d, %v", r.Status, r.Header)
	}
}

// Only owners see the plan.
func TestPlans(t *testing.T) {
	c := start(t, Options{Estate: DemoEstate()})
	for token, want := range map[string]bool{"owner": true, "admin": true, "fine": true, "none": false, "member": false, "unauthorized": false} {
		if r := c.Send(http.MethodGet, org, simtest.Bearer(token), ""); strings.Contains(r.Body, `"plan"`) != want {
			t.Errorf("%s: %s", token, r.Body)
		}
	}
}

// What does not exist is not found, as are other methods.
func TestNotFound(t *testing.T) {
	e := DemoEstate()
	e.Organizations[2].Copilot = nil
	cloud := start(t, Options{Estate: e})
	server := start(t, Options{Estate: Estate{License: &License{}}})
	for _, path := range []string{"/", "/enterprises/other/consumed-licenses", "/orgs/other", "/orgs/other/copilot/billing", "/orgs/a/b", "/enterprise/settings/license", license} {
		if r := cloud.Get(path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, r.Status, r.Body)
		}
	}
	for _, path := range []string{"/enterprise/settings/license", ServerPath + "/enterprise/settings/other", ServerPath + seats} {
		if r := server.Get(path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, r.Status, r.Body)
		}
	}
	if r := cloud.Send(http.MethodPost, org, simtest.Bearer("owner"), ""); r.Status != http.StatusNotFound {
		t.Errorf("POST: %d", r.Status)
	}
	if r := cloud.Get("/orgs/northwind-labs/copilot/billing"); r.Status != http.StatusNotFound || !strings.Contains(r.Body, "Copilot Business is not enabled for this organization.") {
		t.Errorf("no Copilot: %d %s", r.Status, r.Body)
	}
	if r := cloud.Get("/enterprises/CONTOSO/consumed-licenses"); r.Status != http.StatusOK {
		t.Errorf("another case: %d", r.Status)
	}
}

// Standalone products must be named, and Advanced Security as a whole must not.
func TestSecurityProducts(t *testing.T) {
	e := DemoEstate()
	e.Enterprises = append(e.Enterprises, Enterprise{Slug: "whole", Security: map[string]Committers{"": {Total: 1}}}, Enterprise{Slug: "none"},
		Enterprise{Slug: "one", Security: map[string]Committers{"code_security": {Total: 1}}})
	c := start(t, Options{Estate: e})
	for slug, want := range map[string][3]int{"contoso": {422, 200, 200}, "whole": {200, 422, 422}, "none": {403, 403, 403}, "one": {422, 200, 403}} {
		for i, query := range []string{"", "?advanced_security_product=code_security", "?advanced_security_product=secret_protection"} {
			if r := c.Get("/enterprises/" + slug + "/settings/billing/advanced-security" + query); r.Status != want[i] {
				t.Errorf("%s%s: %d %s, want %d", slug, query, r.Status, r.Body, want[i])
			}
		}
	}
	if r := c.Get("/enterprises/whole/settings/billing/advanced-security"); !strings.Contains(r.Body, `"purchased_advanced_security_committers":null`) {
		t.Errorf("nothing was bought: %s", r.Body)
	}
}

// Each page has the totals. Links lead to the others.
func TestPages(t *testing.T) {
	c := start(t, Options{Estate: DemoEstate()})
	for query, want := range map[string]struct{ records, next int }{
		"": {30, 2}, "?per_page=1": {1, 2}, "?per_page=1000": {100, 2}, "?per_page=100&page=15": {12, 0}, "?page=0": {30, 2}, "?per_page=100&page=16": {0, 0},
	} {
		r := c.Get(seats + query)
		if n := strings.Count(r.Body, "github_com_login"); n != want.records || !strings.Contains(r.Body, `"total_seats_consumed":1412`) {
			t.Errorf("%q: %d records", query, n)
		}
		if link := r.Header.Get("Link"); strings.Contains(link, `rel="next"`) != (want.next > 0) || want.next > 0 && !strings.Contains(link, "page="+strconv.Itoa(want.next)) {
			t.Errorf("%q: the link is %s", query, link)
		}
	}
}

// Both limits answer with 403.
func TestLimits(t *testing.T) {
	now := simtest.Now
	c := start(t, Options{Estate: DemoEstate(), Limits: Limits{PerHour: 2, PerMinute: 6000}, Now: func() time.Time { return now }})
	for remaining := 1; remaining >= 0; remaining-- {
		if r := c.Get(org); r.Status != http.StatusOK || r.Header.Get("X-RateLimit-Remaining") != strconv.Itoa(remaining) {
			t.Fatalf("%d %v", r.Status, r.Header)
		}
	}
	r := c.Get(org)
	reset, _ := strconv.ParseInt(r.Header.Get("X-RateLimit-Reset"), 10, 64)
	if r.Status != http.StatusForbidden || r.Header.Get("X-RateLimit-Remaining") != "0" || !time.Unix(reset, 0).Equal(now.Add(time.Hour).Truncate(time.Second)) || r.Header.Get("Retry-After") != "" {
		t.Errorf("%d %v", r.Status, r.Header)
	}
	now = now.Add(time.Hour)
	if r := c.Get(org); r.Status != http.StatusOK {
		t.Errorf("after an hour: %d %s", r.Status, r.Body)
	}
	c = start(t, Options{Estate: DemoEstate(), Limits: Limits{PerMinute: 1}})
	c.Get(org)
	if r := c.Get(org); r.Status != http.StatusForbidden || r.Header.Get("Retry-After") == "" || !strings.Contains(r.Body, "secondary rate limit") {
		t.Errorf("the secondary limit: %d %v %s", r.Status, r.Header, r.Body)
	}
}

// The license is as documented, with the zone of the server.
func TestLicense(t *testing.T) {
	type object = simulator.Object
	for seats, want := range map[int]any{5: 2., 0: "unlimited"} {
		c := start(t, Options{Estate: Estate{License: &License{Seats: seats, Used: 3, Days: 10}}})
		got := simtest.Read[object](c, license)
		if got["seats_available"] != want || got["seats_used"] != 3. || simtest.Days(t, got["expire_at"], "2006/01/02 15:04:05 -0700") != 10 || got["kind"] != "standard" {
			t.Errorf("the license is %v", got)
		}
	}
}

// The demo's numbers fit together.
func TestDemo(t *testing.T) {
	e := DemoEstate()
	enterprise, total := e.Enterprises[0], 0
	for _, o := range e.Organizations {
		if o.Copilot != nil {
			if o.Plan == "enterprise" {
				total += o.Copilot.Total
			}
			if o.Copilot.Active > o.Copilot.Total || o.Copilot.Canceled > o.Copilot.Total {
				t.Errorf("%s: %+v", o.Login, *o.Copilot)
			}
		}
		if o.Plan == "enterprise" && (o.Seats != enterprise.Purchased || o.Filled != enterprise.Consumed) {
			t.Errorf("%s has other seats than its enterprise", o.Login)
		}
	}
	if enterprise.Copilot > total || enterprise.Copilot < total-50 { // some users have two grants
		t.Errorf("the enterprise has %d seats, and its organizations %d", enterprise.Copilot, total)
	}
	for product, c := range enterprise.Security {
		if c.Total > c.Maximum || c.Maximum > enterprise.Consumed {
			t.Errorf("%s: %+v", product, c)
		}
	}
}
