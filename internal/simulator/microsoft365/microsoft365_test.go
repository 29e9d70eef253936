package microsoft365

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(o Options) Options {
	o.ClientID, o.ClientSecret, o.Now = "app", "secret", func() time.Time { return simtest.Now }
	return o
}

// ask requests a token with a form. The values of change replace those of a good request.
func ask(c *simtest.Client, tenant string, change url.Values) simtest.Reply {
	c.T.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"app"}, "client_secret": {"secret"}, "scope": {"https://graph.microsoft.com/.default"},
	}
	for name, values := range change {
		form[name] = values
	}
	return c.Send(http.MethodPost, "/"+tenant+"/oauth2/v2.0/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, form.Encode())
}

func token(c *simtest.Client, tenant string) string {
	c.T.Helper()
	reply := ask(c, tenant, nil)
	var granted struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(reply.Body), &granted); err != nil || reply.Status != http.StatusOK || granted.ExpiresIn != 3599 || granted.TokenType != "Bearer" {
		c.T.Fatalf("%+v", reply)
	}
	return granted.AccessToken
}

func get(c *simtest.Client, token, path string) simtest.Reply {
	c.T.Helper()
	return c.Send(http.MethodGet, path, http.Header{"Authorization": {"Bearer " + token}}, "")
}

func TestTokens(t *testing.T) {
	estate := Generate(2)
	estate[1].NotInstalled = true
	c := simtest.Connect(t, New(options(Options{Estate: estate})))
	token(c, estate[0].ID)
	token(c, "contoso1.onmicrosoft.com")
	for _, test := range []struct {
		tenant string
		change url.Values
		status int
		want   string
	}{
		{"nobody", nil, 400, `AADSTS90002: Tenant 'nobody' not found.`},
		{estate[1].ID, nil, 400, `AADSTS700016: Application with identifier 'app' was not found in the directory '` + estate[1].ID + `'.`},
		{estate[0].ID, url.Values{"client_id": {"other"}}, 400, "AADSTS700016"},
		{estate[0].ID, url.Values{"client_secret": {"wrong"}}, 401, "AADSTS7000215: Invalid client secret provided."},
		{estate[0].ID, url.Values{"scope": {"https://graph.microsoft.us/.default"}}, 400, "AADSTS70011"},
		{estate[0].ID, url.Values{"scope": nil}, 400, "AADSTS70011"},
		{estate[0].ID, url.Values{"grant_type": {"password"}}, 400, "AADSTS70003"},
		{estate[0].ID, url.Values{"grant_type": nil}, 400, "AADSTS900144"},
	} {
		if reply := ask(c, test.tenant, test.change); reply.Status != test.status || !strings.Contains(reply.Body, test.want) {
			t.Errorf("%s %v: %d %s", test.tenant, test.change, reply.Status, reply.Body)
		}
	}
	if reply := c.Send(http.MethodGet, "/"+estate[0].ID+"/oauth2/v2.0/token", nil, ""); reply.Status != 400 || !strings.Contains(reply.Body, "AADSTS900561") {
		t.Errorf("%+v", reply)
	}
}

func TestCollections(t *testing.T) {
	estate := Generate(2)
	estate[1].Withheld = []string{"listOrganization"}
	c := simtest.Connect(t, New(options(Options{Estate: estate})))
	first, second := token(c, estate[0].ID), token(c, estate[1].ID)
	for _, test := range []struct {
		token, path string
		status      int
		want        string
	}{
		{first, "/v1.0/organization", 200, `"displayName":"Contoso 1"`},
		{first, "/v1.0/organization?$select=id,displayName", 200,
			`{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#organization(id,displayName)","value":[{"displayName":"Contoso 1","id":"48a80680-7326-48cd-9935-b556b81d3a4e"}]}`},
		{second, "/v1.0/organization", 403, `"code":"Authorization_RequestDenied"`},
		{second, "/v1.0/subscribedSkus?$select=skuPartNumber", 200, `"value":[{"skuPartNumber":"ENTERPRISEPACK"},{"skuPartNumber":"FLOW_FREE"},`},
		{first, "/v1.0/subscribedSkus?$select=colour", 400, "Could not find a property named 'colour' on type 'microsoft.graph.subscribedSku'."},
		{first, "/v1.0/subscribedSkus?$filter=x", 400, "Request_UnsupportedQuery"},
		{first, "/v1.0/directory/subscriptions", 200, `"nextLifecycleDateTime":"2026-10-03T00:00:00Z"`},
		{first, "/v1.0/users", 404, "ResourceNotFound"},
		{"", "/v1.0/organization", 401, "InvalidAuthenticationToken"},
		{first + "x", "/v1.0/organization", 401, "InvalidAuthenticationToken"},
	} {
		if reply := get(c, test.token, test.path); reply.Status != test.status || !strings.Contains(reply.Body, test.want) {
			t.Errorf("%s: %d %s", test.path, reply.Status, reply.Body)
		}
	}
	if reply := c.Send(http.MethodPost, "/v1.0/organization", http.Header{"Authorization": {"Bearer " + first}}, ""); reply.Status != http.StatusMethodNotAllowed {
		t.Errorf("%+v", reply)
	}
	if reply := c.Send(http.MethodGet, "/v1.0/organization", nil, ""); reply.Status != http.StatusUnauthorized {
		t.Errorf("%+v", reply)
	}
}

func TestPages(t *testing.T) {
	c := simtest.Connect(t, New(options(Options{Estate: Generate(1), PageSize: 4})))
	access := token(c, Generate(1)[0].ID)
	records, pages := 0, 0
	for next := "/v1.0/directory/subscriptions?$select=id"; next != ""; pages++ {
		var page struct {
			Value []struct{ ID string }
			Next  string `json:"@odata.nextLink"`
		}
		reply := get(c, access, next)
		if err := json.Unmarshal([]byte(reply.Body), &page); err != nil || reply.Status != http.StatusOK {
			t.Fatalf("%v: %+v", err, reply)
		}
		records += len(page.Value)
		next = page.Next
	}
	if records != 6 || pages != 2 {
		t.Errorf("%d records on %d pages", records, pages)
	}
}

func TestLimits(t *testing.T) {
	c := simtest.Connect(t, New(options(Options{Estate: Generate(1)})))
	access := token(c, Generate(1)[0].ID)
	for range 3 * perTenant {
		if reply := get(c, access, "/v1.0/organization"); reply.Status == http.StatusTooManyRequests {
			if reply.Header.Get("Retry-After") == "" || !strings.Contains(reply.Body, "TooManyRequests") {
				t.Errorf("%+v", reply)
			}
			return
		}
	}
	t.Error("there is no limit")
}

// What must not be shown is there to be found: the older API lacks the last member.
func TestRecords(t *testing.T) {
	for n, lockedOut := range map[int]bool{1: false, 2: true} {
		estate := Generate(n)
		c := simtest.Connect(t, New(options(Options{Estate: estate, NoLimits: true})))
		access := token(c, estate[0].ID)
		if body := get(c, access, "/v1.0/subscribedSkus").Body; strings.Contains(body, "lockedOut") != lockedOut || !strings.Contains(body, simulator.FakeKeyMarker) {
			t.Error(body)
		}
		for _, path := range []string{"/v1.0/organization", "/v1.0/directory/subscriptions"} {
			if body := get(c, access, path).Body; !strings.Contains(body, simulator.FakeKeyMarker) {
				t.Error(body)
			}
		}
	}
}

// The demo is that of one provider with four customers, and has each kind of subscription.
func TestDemo(t *testing.T) {
	statuses, kinds := map[string]int{}, map[string]int{}
	for _, tenant := range Demo() {
		for _, sku := range tenant.SKUs {
			if sku.ForCompany {
				kinds["company"]++
			}
			for _, s := range sku.Subscriptions {
				statuses[s.Status]++
				switch {
				case s.IsTrial:
					kinds["trial"]++
				case s.Status == "Warning" && sku.Used > 0:
					kinds["ended and used"]++
				case s.Status == "Enabled" && 0 < s.Next && s.Next < 90:
					kinds["near its end"]++
				case s.Seats >= 10_000:
					kinds["free"]++
				}
			}
		}
	}
	for _, kind := range []string{"company", "trial", "ended and used", "near its end", "free"} {
		if kinds[kind] == 0 {
			t.Errorf("nothing is %s", kind)
		}
	}
	if len(Demo()) != 4 || statuses["Warning"] != 1 || statuses["Suspended"] != 1 || statuses["Enabled"] < 10 {
		t.Error(statuses)
	}
}

func TestStart(t *testing.T) {
	for _, start := range []func() (string, []string, func(), error){StartDemo, func() (string, []string, func(), error) { return StartSmall(4) }} {
		address, tenants, stop, err := start()
		if err != nil {
			t.Fatal(err)
		}
		stop()
		if !strings.HasPrefix(address, "http://127.0.0.1:") || len(tenants) != 4 {
			t.Errorf("%s, %v", address, tenants)
		}
	}
}
