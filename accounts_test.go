package main

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
)

func TestAccountsAtOneHostShareTheSourceBudget(t *testing.T) {
	synctest.Test(t, testSourceBudget) // real time must not refill the budget
}

func testSourceBudget(t *testing.T) {
	account := func(name, host string, rate float64) collector.AccountConfig {
		return collector.AccountConfig{
			Name: name, Vendor: "meraki", BaseURL: "https://" + host + "/api/v1",
			RateLimit: collector.RateLimit{Source: rate}, HTTPClientConfig: collector.BearerToken(apiKey),
		}
	}
	f := newFactory()
	makeAccounts(t, f, account("a", "api.example.com", 80), account("b", "api.example.com", 20), account("c", "api.example.org", 80))
	if len(f.sources) != 2 {
		t.Fatalf("%d limiters for two hosts", len(f.sources))
	}
	// A quarter of the rate may come at once: 5 of the lower one.
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	limiter := f.sources["api.example.com"]
	for range 5 {
		if err := limiter.Wait(ctx, clientClock); err != nil {
			t.Fatal(err)
		}
	}
	if limiter.Wait(ctx, clientClock) == nil {
		t.Error("the limiter does not use the lowest rate")
	}
	makeAccounts(t, f, account("a", "api.example.com", 0.001))
	if f.sources["api.example.com"] != limiter {
		t.Error("a reload forgets what was sent before it")
	}
	time.Sleep(time.Minute)
	ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if limiter.Wait(ctx, clientClock) == nil {
		t.Error("a reload does not change the rate")
	}
}

// An account without a base URL reads files or several servers.
func TestAccountsWithoutBaseURLShareNoBudget(t *testing.T) {
	account := func(name string, rate float64) collector.AccountConfig {
		return collector.AccountConfig{
			Name: name, Vendor: "table", Settings: vendors.Find("table").Settings(), RateLimit: collector.RateLimit{Source: rate},
		}
	}
	rates := sourceRates(&config.Config{Accounts: []collector.AccountConfig{account("a", 1), account("b", 50)}})
	if len(rates) != 2 || rates[host(account("b", 50))] != 50 {
		t.Errorf("the rates are %v, want one for each account", rates)
	}
}

func TestFactoryKeepsAccountsThatHaveNotChanged(t *testing.T) {
	account := func(name string) collector.AccountConfig {
		return collector.AccountConfig{Name: name, Vendor: "meraki", HTTPClientConfig: collector.BearerToken(apiKey)}
	}
	f := newFactory()
	first := makeAccounts(t, f, account("a"), account("b"), account("c"))
	changed := account("b")
	changed.IndividualLicenses = true
	second := makeAccounts(t, f, account("c"), changed, account("a"))
	if second[0] != first[2] || second[2] != first[0] {
		t.Error("an account that has not changed was replaced")
	}
	if second[1] == first[1] {
		t.Error("an account that has changed was not replaced")
	}
}

// Facts are kept through a reload if the key stays the same.
func TestFactsKeyChangesWithTheDataThatAreRead(t *testing.T) {
	const credential = "http_client_config: {oauth2: {client_id: x, client_secret: y}}"
	key := func(settings string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "license_exporter.yml")
		write(t, path, "accounts:\n  - {name: a, vendor: snow, "+settings+"}\n")
		c, err := config.Load(path, vendors)
		if err != nil {
			t.Fatal(err)
		}
		accounts, err := newFactory().accounts(c)
		if err != nil {
			t.Fatal(err)
		}
		return accounts[0].FactsKey
	}
	before := key(credential)
	for settings, same := range map[string]bool{
		"max_age: 5m, rate_limit: {source: 3}, individual_licenses: true, page_size: 7, " + credential: true,
		"http_client_config: {oauth2: {client_id: x, client_secret: another}}":                         true,
		"http_client_config: {oauth2: {client_id: another, client_secret: y}}":                         false,
		"region: uksouth, " + credential:                                                               false,
		"prefixes: {licenses: /v2}, " + credential:                                                     false,
	} {
		if got := key(settings) == before; got != same {
			t.Errorf("%s: the key is the same: %v, want %v", settings, got, same)
		}
	}
}

// Fetches that wait too long for the rate limit would time out.
func TestFetchesAtOnceFitTheRate(t *testing.T) {
	for rate, want := range map[float64]int{80: engine.DefaultConcurrency, 2000: engine.DefaultConcurrency, 5: 150, 1: 30, 0.001: 1} {
		account := collector.AccountConfig{
			Name: "a", Vendor: "meraki", RateLimit: collector.RateLimit{Source: rate}, HTTPClientConfig: collector.BearerToken(apiKey),
		}
		if got := makeAccounts(t, newFactory(), account)[0].Concurrency; got != want {
			t.Errorf("%d fetches at once at %v requests a second, want %d", got, rate, want)
		}
	}
}

func newFactory() *factory {
	return &factory{vendors: vendors, telemetry: engine.NewTelemetry(prometheus.NewRegistry()), logger: log.NewNopLogger(), userAgent: name}
}

func makeAccounts(t *testing.T, f *factory, accounts ...collector.AccountConfig) []*engine.Account {
	t.Helper()
	settings, err := config.New(vendors, accounts...)
	if err != nil {
		t.Fatal(err)
	}
	made, err := f.accounts(settings)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
