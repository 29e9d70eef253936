package microsoft365

import (
	"strings"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

const info = `license_organization_info{api_enabled="",licensing_model="",organization_id="`

func infoOf(id, name string) string {
	return info + id + `",organization_name="` + name + `",region=""} 1`
}
func upOf(id, value string) string { return `license_up{organization_id="` + id + `"} ` + value }

// A tenant whose token or data are refused costs only itself.
func TestTenantsFailByThemselves(t *testing.T) {
	for _, path := range []string{"token", skusPath, subscriptionsPath} {
		g := serve(t, everything())
		g.set(fabrikam+" "+path, "400")
		h := g.harness(t, engine.Config{}, &collector.Memory{}, contoso, fabrikam)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{"), upOf("", "1"), upOf(contoso, "1"), upOf(fabrikam, "0"))
		got := h.Lines("license_seats_limit")
		if !strings.Contains(got, contoso) || strings.Contains(got, fabrikam) {
			t.Errorf("%s:\n%s", path, got)
		}
		if log := h.Log.String(); strings.Count(log, "level=error") != 1 || strings.Contains(log, "very-secret") || path == "token" && !strings.Contains(log, "AADSTS700016") {
			t.Errorf("%s:\n%s", path, log)
		}
		g.set(fabrikam+" "+path, everything()[path])
		if path == "token" { // is not asked for again for some seconds
			continue
		}
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{"), upOf("", "1"), upOf(contoso, "1"), upOf(fabrikam, "1"))
	}
}

// A name that is refused from the start is withheld. The licenses are read.
func TestNameIsWithheld(t *testing.T) {
	g := serve(t, everything())
	g.set(organizationPath, "403")
	h := g.harness(t, engine.Config{}, &collector.Memory{}, contoso)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{", "license_organization_info"), infoOf(contoso, ""), upOf("", "1"), upOf(contoso, "1"))
	if !strings.Contains(h.Lines("license_seats_limit"), contoso) || !strings.Contains(h.Log.String(), "collecting without the name of the tenant") {
		t.Errorf("%s", h.Log)
	}
	h.Scrape(t.Context())
	if n := g.requests(contoso, organizationPath); n != 3 { // for the list, and twice by the collector
		t.Errorf("%d requests for the name", n)
	}
}

// A name that could be read, and cannot be read any more, is a failure of its tenant. The name and the licenses are shown.
func TestNameFails(t *testing.T) {
	now := enginetest.Now
	g := serve(t, everything())
	h := g.harness(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour}, &collector.Memory{}, contoso, fabrikam)
	healthy := []string{infoOf(contoso, "Tenant 48a8"), infoOf(fabrikam, "Tenant 8484"), upOf("", "1"), upOf(contoso, "1"), upOf(fabrikam, "1")}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{", "license_organization_info"), healthy...)
	now = now.Add(25 * time.Hour)
	g.set(contoso+" "+organizationPath, "403")
	failing := []string{infoOf(contoso, "Tenant 48a8"), infoOf(fabrikam, "Tenant 8484"), upOf("", "1"), upOf(contoso, "0"), upOf(fabrikam, "1")}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{", "license_organization_info"), failing...)
	if !strings.Contains(h.Lines("license_seats_limit"), contoso) {
		t.Error("the licenses are lost")
	}
	g.set(contoso+" "+organizationPath, "")
	now = now.Add(time.Hour)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{", "license_organization_info"), healthy...)
}

// A refresh takes two requests per tenant, and one more per day for the name. A reload does not ask for the name again.
func TestRequestsOfARefresh(t *testing.T) {
	now := enginetest.Now
	g, memory := serve(t, everything()), &collector.Memory{}
	clock := engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour}
	for _, h := range []*enginetest.Harness{g.harness(t, clock, memory, contoso, fabrikam), g.harness(t, clock, memory, contoso)} {
		for range 12 {
			h.Scrape(t.Context())
			now = now.Add(time.Hour)
		}
	}
	for path, want := range map[string]int{organizationPath: 1, skusPath: 24, subscriptionsPath: 24, "token": 2} {
		if n := g.requests(contoso, path); n != want {
			t.Errorf("%d requests for %s, want %d", n, path, want)
		}
	}
}

// A tenant that is configured by a domain has its id by the vendor's word, and fails without it.
func TestTenantByDomain(t *testing.T) {
	answers := everything()
	answers[domainName+" "+organizationPath] = `{"id": "` + strings.ToUpper(fabrikam) + `", "displayName": "Fabrikam"}`
	g, memory := serve(t, answers), &collector.Memory{}
	g.set(domainName+" token", "400")
	h := g.harness(t, engine.Config{}, memory, contoso, domainName)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{"), upOf("", "0"), upOf(contoso, "1"), upOf(domainName, "0"))
	g.set(domainName+" token", "")
	h = g.harness(t, engine.Config{}, memory, contoso, domainName)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{", "license_organization_info"),
		infoOf(contoso, "Tenant 48a8"), infoOf(fabrikam, "Fabrikam"), upOf("", "1"), upOf(contoso, "1"), upOf(fabrikam, "1"))
	g.set(domainName+" "+organizationPath, "500") // the id is known
	h = g.harness(t, engine.Config{}, memory, contoso, domainName)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{"), upOf("", "1"), upOf(contoso, "1"), upOf(fabrikam, "1"))
}

// A tenant that is configured twice is read once. That is said.
func TestTenantIsConfiguredTwice(t *testing.T) {
	answers := everything()
	answers[domainName+" "+organizationPath] = `{"id": "` + contoso + `", "displayName": "Contoso"}`
	h := serve(t, answers).harness(t, engine.Config{}, &collector.Memory{}, contoso, domainName)
	h.Scrape(t.Context())
	if !strings.Contains(h.Log.String(), "the tenant "+contoso+" is configured twice: by its id, and as "+domainName+"; leave one out") {
		t.Error(h.Log)
	}
}

// The token of a tenant must not give the data of another. They are not shown.
func TestAnotherTenantAnswers(t *testing.T) {
	g := serve(t, everything())
	g.set(contoso+" "+organizationPath, `{"id": "`+fabrikam+`", "displayName": "Fabrikam"}`)
	h := g.harness(t, engine.Config{}, &collector.Memory{}, contoso)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{", "license_organization_info"), infoOf(contoso, ""), upOf("", "1"), upOf(contoso, "0"))
	if !strings.Contains(h.Log.String(), "the vendor answers with the tenant "+fabrikam+" instead of "+contoso) {
		t.Error(h.Log)
	}
	enginetest.WantLines(t, h.Lines("license_seats_", "license_info"))
}

// Names and ids of people and companies in the vendor's samples appear nowhere.
func TestSamplesAreNotShown(t *testing.T) {
	h := serve(t, map[string]string{skusPath: "subscribedskus.json", subscriptionsPath: "subscriptions.json", organizationPath: "organization.json"}).
		harness(t, engine.Config{}, &collector.Memory{}, fabrikam)
	for _, text := range []string{h.Scrape(t.Context()), h.Log.String()} {
		for _, hidden := range []string{"REDACTED", "redacted@", "very-secret", "token-of"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s is shown in\n%s", hidden, text)
			}
		}
	}
	enginetest.WantLines(t, h.Lines("license_organization_info"), infoOf(fabrikam, "Contoso"))
}
