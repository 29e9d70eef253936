package main

import (
	"path/filepath"
	"strings"
	"testing"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/simulator"
	githubsim "license_exporter/internal/simulator/github"
)

// simulateGitHub starts a simulated API and returns a configuration file that reads from it, with further keys of the file.
func simulateGitHub(t *testing.T, o githubsim.Options, keys string) (*githubsim.API, string) {
	t.Helper()
	const token = "ghp_the-secret-token"
	o.Tokens = map[string]githubsim.Token{token: {Scopes: []string{"read:enterprise", "manage_billing:enterprise", "read:org"}}}
	vendor := githubsim.New(o)
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "token"), token)
	path := filepath.Join(dir, "license_exporter.yml")
	write(t, path, `
accounts:
  - name: octo
    vendor: github
    base_url: `+baseURL+`
    enterprises: [contoso]
    organizations: {include: [contoso-payments, contoso-retail, northwind-labs]}
    rate_limit: {organization: 10000, source: 10000}
    http_client_config: {authorization: {credentials_file: token}}
`+keys)
	return vendor, path
}

// The facts of the demo's enterprise. A refresh takes as many requests as the documents say.
func TestDemoGitHubEstate(t *testing.T) {
	vendor, file := simulateGitHub(t, githubsim.Options{Estate: githubsim.DemoEstate(), Now: fixedNow}, "")
	e := engineFor(t, file, fixedNow, "--demo")
	e.Refresh(t.Context(), engine.Selection{})
	facts := enginetest.Gatherer(e.Exposition, engine.Selection{})
	enginetest.Golden(t, "demo-github.metrics", enginetest.Lines(t, facts, "license_", "github_")+"\n")
	lint(t, facts)
	total := 0
	for _, n := range vendor.Requests() {
		total += n
	}
	if most := 5 + 3*2; total != most {
		t.Errorf("%d requests are sent, want %d: %v", total, most, vendor.Requests())
	}
}

// The end of a policy is shown like one of the vendor's. After it, the seats in use are those that depend on it. Nothing shows people
// or the token.
func TestGitHubEndByPolicy(t *testing.T) {
	_, file := simulateGitHub(t, githubsim.Options{Estate: githubsim.DemoEstate()}, `
policies:
  - {match: {vendor: github, product: enterprise}, end: 2025-03-31}
  - {match: {vendor: github, product: secret_protection}, end: 2098-12-31, renewal: automatic}
`)
	p := launch(t, vendors, "--config.file="+file, "--log.level=debug")
	defer p.stop()
	for _, series := range []string{
		`license_ended_in_use{account="octo",organization_id="contoso",product="enterprise",vendor="github"} 1412`,
		`license_ended_in_use{account="octo",organization_id="contoso",product="secret_protection",vendor="github"} 0`,
		`license_next_expiration_timestamp_seconds{account="octo",organization_id="contoso",product="enterprise",vendor="github"} 1.7434656e+09`,
		`license_next_renewal_timestamp_seconds{account="octo",license_id="",organization_id="contoso",product="secret_protection",vendor="github"} `,
		`license_up{account="octo",organization_id="contoso",vendor="github"} 1`,
	} {
		p.wait("/metrics", series)
	}
	shown := p.get("/metrics")
	if absent := "license_licenses_without_expiration{account=\"octo\""; strings.Contains(shown, absent) {
		t.Errorf("%s is shown", absent)
	}
	for _, page := range []string{"/", "/licenses", "/organization?account=octo&organization_id=contoso", "/licenses.csv", "/calendar.ics"} {
		content := p.get(page)
		if !strings.Contains(content, "contoso") {
			t.Errorf("%s shows nothing of the enterprise", page)
		}
		shown += content
	}
	for _, secret := range []string{simulator.FakeKeyMarker, "ghp_"} {
		if strings.Contains(shown+p.stdout.String()+p.stderr.String(), secret) {
			t.Errorf("%s is shown", secret)
		}
	}
}

// A rate limit is a failure, and not taken for a missing permission, even at the first request.
func TestGitHubRateLimitIsNotWithheld(t *testing.T) {
	vendor, file := simulateGitHub(t, githubsim.Options{Estate: githubsim.DemoEstate(), Limits: githubsim.Limits{PerHour: 1}}, "")
	p := launch(t, vendors, "--config.file="+file)
	defer p.stop()
	for _, organization := range []string{"contoso", "contoso-payments", "contoso-retail"} {
		p.wait("/metrics", `license_up{account="octo",organization_id="`+organization+`",vendor="github"} 0`)
	}
	logged := p.stderr.String()
	if !strings.Contains(logged, "429 Too Many Requests: API rate limit exceeded") || !strings.Contains(logged, "the vendor asks to wait until") || strings.Contains(logged, "collecting without") {
		t.Errorf("the log has\n%s", logged)
	}
	total := 0
	for _, n := range vendor.Requests() {
		total += n
	}
	if total > 11 {
		t.Errorf("%d requests are sent although the limit is used up: %v", total, vendor.Requests())
	}
}
