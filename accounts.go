package main

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/go-kit/log"
	commonconfig "github.com/prometheus/common/config"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
)

// clientClock is the clock of all clients. Tests set one that does not wait.
var clientClock rest.Clock

// factory makes accounts of configurations. It reuses what a further
// configuration does not change: accounts, and rate limits with the pauses that
// the vendors ask for.
type factory struct {
	vendors   collector.Vendors
	enabled   []string // collectors
	telemetry *engine.Telemetry
	logger    log.Logger
	userAgent string
	clock     rest.Clock
	// attemptTimeout is that of rest.Options.
	attemptTimeout time.Duration

	sources map[string]*rest.Limiter // by host
	made    map[string]madeAccount   // by name
}

// madeAccount is an account and the configuration that it was made of.
type madeAccount struct {
	config collector.AccountConfig
	*engine.Account
	memory  *collector.Memory
	budgets *rest.Budgets
}

// accounts makes the configured accounts ready for use, with their enabled
// collectors. If it fails, nothing changes.
func (f *factory) accounts(c *config.Config) ([]*engine.Account, error) {
	rates := sourceRates(c)
	for host, rate := range rates {
		if f.sources[host] == nil {
			if f.sources == nil {
				f.sources = map[string]*rest.Limiter{}
			}
			f.sources[host] = rest.NewLimiter(rate)
		}
	}
	made := make(map[string]madeAccount, len(c.Accounts))
	accounts := make([]*engine.Account, 0, len(c.Accounts))
	var problems []error
	for i, a := range c.Accounts {
		m, exists := f.existing(a)
		if !exists {
			var err error
			if m, err = f.make(a, rates[host(a)]); err != nil {
				problems = append(problems, c.Problem(i, fmt.Errorf("http_client_config.%w", err)))
				continue
			}
		}
		made[a.Name] = m
		accounts = append(accounts, m.Account)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	for host, rate := range rates {
		f.sources[host].SetRate(rate)
	}
	for _, m := range made {
		m.budgets.SetRate(m.config.RateLimit.Organization)
	}
	f.made = made
	return accounts, nil
}

// existing returns the account that has been made of a configuration. Its labels may differ:
// the exposition adds them to what the account has fetched.
func (f *factory) existing(a collector.AccountConfig) (m madeAccount, ok bool) {
	m, ok = f.made[a.Name]
	m.config.Labels = a.Labels
	return m, ok && reflect.DeepEqual(m.config, a)
}

// memory returns what is known of an account that reads the same data.
func (f *factory) memory(a collector.AccountConfig, factsKey string) *collector.Memory {
	if m, ok := f.made[a.Name]; ok && m.Vendor.Name == a.Vendor && m.FactsKey == factsKey {
		return m.memory
	}
	return &collector.Memory{}
}

// budgets returns the rate limits of an account. An account that replaces one of
// the same name and base URL must keep the pauses that the vendor asked for.
func (f *factory) budgets(a collector.AccountConfig) *rest.Budgets {
	if m, ok := f.made[a.Name]; ok && m.config.BaseURL == a.BaseURL {
		return m.budgets
	}
	return rest.NewBudgets(f.sources[host(a)], a.RateLimit.Organization)
}

// maxWait is how long a fetch may wait for the rate limit because of the fetches
// that started before it. If more fetches started, their time would be over
// before they could send a request.
const maxWait = 30 * time.Second

// fetchesAtOnce returns how many fetches of an account may be in progress at a rate
// of so many requests a second.
func fetchesAtOnce(rate float64) int {
	return int(min(engine.DefaultConcurrency, max(1, rate*maxWait.Seconds())))
}

func (f *factory) make(a collector.AccountConfig, rate float64) (madeAccount, error) {
	vendor := f.vendors.Find(a.Vendor)
	factsKey := a.BaseURL + " " + a.Settings.FactsKey(&a)
	memory, budgets := f.memory(a, factsKey), f.budgets(a)
	connection, err := vendor.Connect(collector.Deps{
		Account: &a,
		HTTP: rest.Options{
			BaseURL:        a.BaseURL,
			HTTP:           commonconfig.HTTPClientConfig(a.HTTPClientConfig),
			UserAgent:      f.userAgent,
			Clock:          f.clock,
			AttemptTimeout: f.attemptTimeout,
			Budgets:        budgets,
			Metrics:        f.telemetry.API(a.Vendor, a.Name),
			Logger:         log.With(f.logger, "vendor", a.Vendor, "account", a.Name),
		},
		Memory:  memory,
		Enabled: f.isEnabled,
	})
	if err != nil {
		return madeAccount{}, err
	}
	connection.Collectors = slices.DeleteFunc(connection.Collectors, func(c collector.Named) bool { return !f.isEnabled(c.Name) })
	return madeAccount{a, &engine.Account{
		Name:          a.Name,
		Vendor:        vendor,
		Connection:    connection,
		FactsKey:      factsKey,
		Organizations: a.Organizations,
		MaxAge:        (*time.Duration)(a.MaxAge),
		Concurrency:   fetchesAtOnce(rate),
		Options: collector.Options{
			IndividualLicenses: a.IndividualLicenses,
			IndividualLimit:    a.IndividualLicensesLimit,
		},
	}, memory, budgets}, nil
}

func (f *factory) isEnabled(name string) bool { return slices.Contains(f.enabled, name) }

// sourceRates returns a rate for each host: all accounts there share what the
// vendor grants to this address. If they are set to different rates, the lowest
// is used.
func sourceRates(c *config.Config) map[string]float64 {
	rates := map[string]float64{}
	for _, a := range c.Accounts {
		if rate, ok := rates[host(a)]; !ok || a.RateLimit.Source < rate {
			rates[host(a)] = a.RateLimit.Source
		}
	}
	return rates
}

// host returns the host of an account's API. The address has been checked. An account without one, which reads
// files or several servers, shares its rate limit with no other.
func host(a collector.AccountConfig) string {
	u, err := url.Parse(a.BaseURL)
	switch {
	case err != nil:
		return a.BaseURL
	case u.Host == "":
		return "account " + a.Name
	}
	return u.Host
}
