package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
	"license_exporter/internal/simulator"
	graphsim "license_exporter/internal/simulator/microsoft365"
)

// simulateMicrosoft365 starts a simulated Microsoft Graph and returns it with a configuration file that reads from it. keys are
// further keys of the account, and below it.
func simulateMicrosoft365(t *testing.T, o graphsim.Options, keys string) (*graphsim.API, string) {
	t.Helper()
	o.ClientID, o.ClientSecret, o.NoLimits = "app", clientSecret, true
	vendor := graphsim.New(o)
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), clientSecret)
	path := filepath.Join(dir, "license_exporter.yml")
	var tenants []string
	for _, tenant := range o.Estate {
		tenants = append(tenants, tenant.ID)
	}
	write(t, path, `
accounts:
  - name: customers
    vendor: microsoft365
    tenants: [`+strings.Join(tenants, ", ")+`]
    base_url: `+baseURL+`
    token_url: `+baseURL+`/{tenant}/oauth2/v2.0/token
    http_client_config: {oauth2: {client_id: app, client_secret_file: secret}}
`+keys)
	return vendor, path
}

// By default, the date of a subscription is its end. With the policy of the vendor's page, it is a renewal.
func TestMicrosoft365Renewals(t *testing.T) {
	estate := graphsim.Demo()
	_, path := simulateMicrosoft365(t, graphsim.Options{Estate: estate}, `
policies:
  - match: {vendor: microsoft365, organization_name: "Tailspin*", product: ENTERPRISEPACK}
    renewal: manual
    notice: 60d
  - match: {vendor: microsoft365, product: FLOW_FREE}
    muted: true
  - match: {vendor: microsoft365}
    renewal: automatic
`)
	p := launch(t, vendors, "--config.file="+path)
	defer p.stop()
	p.wait("/-/ready", "OK")
	got := p.get("/metrics")
	value := func(metric, organization, product string) string {
		m := regexp.MustCompile(fmt.Sprintf(`(?m)^%s\{account="customers",(?:license_id="[^"]*",)?organization_id="%s",(?:owner="",)?product="%s",(?:renewal="(\w+)",)?(?:unit="user",)?vendor="microsoft365"\} (\S+)$`, metric, organization, product)).FindStringSubmatch(got)
		if m == nil {
			return ""
		}
		return m[1] + m[2]
	}
	fabrikam, tailspin, northwind := estate[1].ID, estate[2].ID, estate[0].ID
	end := value("license_next_expiration_timestamp_seconds", fabrikam, "O365_BUSINESS_PREMIUM")
	if renewal := value("license_next_renewal_timestamp_seconds", fabrikam, "O365_BUSINESS_PREMIUM"); end == "" || renewal != end {
		t.Errorf("it renews at %q, want %q", renewal, end)
	}
	for _, test := range []struct{ metric, organization, product, want string }{
		{"license_policy_info", fabrikam, "O365_BUSINESS_PREMIUM", "automatic1"},
		{"license_policy_info", tailspin, "ENTERPRISEPACK", "manual1"},
		{"license_next_renewal_timestamp_seconds", tailspin, "ENTERPRISEPACK", ""},
		{"license_policy_muted", tailspin, "FLOW_FREE", "1"},
		{"license_policy_muted", northwind, "FLOW_FREE", "1"},
		{"license_ended_in_use", northwind, "VISIOCLIENT", "7"},
		{"license_next_expiration_timestamp_seconds", northwind, "VISIOCLIENT", ""},
	} {
		if got := value(test.metric, test.organization, test.product); got != test.want {
			t.Errorf("%s of %s is %q, want %q", test.metric, test.product, got, test.want)
		}
	}
	if !strings.Contains(p.get("/licenses"), "Office 365 E3") || !strings.Contains(p.get("/"), "Northwind Traders") {
		t.Error("the pages lack names")
	}
}

// Neither the log at level debug nor a page shows secrets, people or other companies, even if the vendor's messages do.
func TestMicrosoft365ShowsNoSecrets(t *testing.T) {
	estate := graphsim.Generate(3)
	estate[1].NotInstalled, estate[2].Withheld = true, []string{"listOrganization"}
	vendor, path := simulateMicrosoft365(t, graphsim.Options{Estate: estate}, "")
	vendor.Fail(func(r *http.Request) (int, string, bool) {
		token := r.Header.Get("Authorization")
		return http.StatusForbidden, `{"error":{"code":"Authorization_RequestDenied","message":"` + token + ` of admin-zdemo@contoso.com may not read this"}}`,
			strings.HasSuffix(r.URL.Path, "/subscriptions") && strings.Contains(token, estate[2].ID)
	})
	p := launch(t, vendors, "--config.file="+path, "--log.level=debug")
	defer p.stop()
	p.wait("/-/ready", "OK")
	texts := map[string]string{}
	for _, path := range []string{"/metrics", "/", "/licenses", "/licenses.csv", "/calendar.ics", "/organization?account=customers&organization_id=" + estate[0].ID, "/organization?account=customers&organization_id=" + estate[1].ID} {
		texts[path] = p.get(path)
	}
	texts["the log"] = p.stderr.String()
	for name, text := range texts {
		for _, secret := range []string{clientSecret, simulator.FakeKeyMarker, "admin-zdemo"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s:\n%s", name, secret, text)
			}
		}
	}
	if log := texts["the log"]; !strings.Contains(log, "AADSTS700016") || !strings.Contains(log, "may not read this") {
		t.Errorf("the log lacks the vendor's messages:\n%s", log)
	}
	enginetest.WantLines(t, grep(texts["/metrics"], `license_up{account="customers"`),
		up(estate[0].ID, 1), up(estate[1].ID, 0), up(estate[2].ID, 0), up("", 1))
	if requests := vendor.Requests(); requests["listSubscriptions"] == 0 || requests["unknown"] != 0 {
		t.Error(requests)
	}
}

func up(organization string, value int) string {
	return fmt.Sprintf(`license_up{account="customers",organization_id=%q,vendor="microsoft365"} %d`, organization, value)
}

// grep returns the lines that begin with a text.
func grep(text, beginning string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, beginning) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return strings.Join(found, "\n")
}

// Environment variables add an account with the vendor's addresses.
func TestMicrosoft365Environment(t *testing.T) {
	for name, value := range map[string]string{
		"MICROSOFT365_TENANT_ID": graphsim.Demo()[0].ID, "MICROSOFT365_CLIENT_ID": "app", "MICROSOFT365_CLIENT_SECRET": clientSecret, "MICROSOFT365_CLOUD": "mars",
	} {
		t.Setenv(name, value)
	}
	var stdout, stderr enginetest.Buffer
	if status := run(vendors, []string{"--check"}, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "cloud is not known; use one of china, global, usgov, usgov-dod") || strings.Contains(stderr.String(), clientSecret) {
		t.Errorf("%d: %s", status, &stderr)
	}
}

// Hundreds of tenants are read side by side.
func TestMicrosoft365ManyTenants(t *testing.T) {
	vendor, path := simulateMicrosoft365(t, graphsim.Options{Estate: graphsim.Generate(200), Latency: 20 * time.Millisecond}, "    rate_limit: {organization: 1000, source: 10000}\n")
	started := time.Now()
	p := launch(t, vendors, "--config.file="+path)
	defer p.stop()
	p.wait("/-/ready", "OK")
	if n := strings.Count(p.get("/metrics"), "license_up{"); n != 201 {
		t.Errorf("license_up of %d organizations, want 201", n)
	}
	requests := vendor.Requests()
	if requests["token"] != 200 || requests["listOrganization"] != 200 || requests["listSubscribedSkus"] != 200 || requests["listSubscriptions"] != 200 {
		t.Error(requests)
	}
	if took := time.Since(started); took > 20*time.Second { // one after the other would take 16 seconds more
		t.Errorf("it took %s", took)
	}
}
