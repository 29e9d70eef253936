package main

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/go-kit/log"
	commonconfig "github.com/prometheus/common/config"

	"license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/config"
)

// clientClock is the clock of all clients. Tests set one that does not wait.
var clientClock rest.Clock

// factory makes accounts of configurations. What a further configuration does
// not change stays as it is: the accounts, and the budgets of source addresses.
type factory struct {
	enabled   []string // collectors
	telemetry *collector.Telemetry
	logger    log.Logger
	userAgent string
	clock     rest.Clock

	sources map[string]*rest.Limiter // by host
	made    []madeAccount
}

// madeAccount is an account and what it was made of.
type madeAccount struct {
	settings config.Account
	*collector.Account
}

// accounts makes the configured accounts ready for use, with those of their
// collectors that are enabled. If it fails, all is as it was before.
func (f *factory) accounts(c *config.Config) ([]*collector.Account, error) {
	rates := sourceRates(c)
	for host, rate := range rates {
		if f.sources[host] == nil {
			if f.sources == nil {
				f.sources = map[string]*rest.Limiter{}
			}
			f.sources[host] = rest.NewLimiter(rate)
		}
	}
	made := make([]madeAccount, 0, len(c.Accounts))
	accounts := make([]*collector.Account, 0, len(c.Accounts))
	for _, a := range c.Accounts {
		account := f.existing(a)
		if account == nil {
			var err error
			if account, err = f.account(a, rates[host(a)]); err != nil {
				return nil, fmt.Errorf("account %q: %w", a.Name, err)
			}
		}
		made = append(made, madeAccount{a, account})
		accounts = append(accounts, account)
	}
	for host, rate := range rates {
		f.sources[host].SetRate(rate)
	}
	f.made = made
	return accounts, nil
}

func (f *factory) existing(a config.Account) *collector.Account {
	i := slices.IndexFunc(f.made, func(m madeAccount) bool { return reflect.DeepEqual(m.settings, a) })
	if i < 0 {
		return nil
	}
	return f.made[i].Account
}

// waitInLine is how long a fetch may stand in line for the rate limit because of
// those that began before it. Beyond that it does not begin, or its time would be
// over before its turn comes.
const waitInLine = 30 * time.Second

// fetchesAtOnce returns how many fetches of an account may be under way at a rate
// of so many requests a second.
func fetchesAtOnce(rate float64) int {
	return int(min(collector.DefaultConcurrency, max(1, rate*waitInLine.Seconds())))
}

func (f *factory) account(a config.Account, rate float64) (*collector.Account, error) {
	options := rest.Options{
		Name:      a.Name,
		BaseURL:   a.BaseURL,
		HTTP:      commonconfig.HTTPClientConfig(a.HTTPClientConfig),
		UserAgent: f.userAgent,
		Clock:     f.clock,
		Budgets:   rest.NewBudgets(f.sources[host(a)], a.RateLimit.Organization),
		Metrics:   f.telemetry.API(a.Vendor, a.Name),
		Logger:    log.With(f.logger, "vendor", a.Vendor, "account", a.Name),
	}
	account := &collector.Account{
		Name:   a.Name,
		Vendor: a.Vendor,
		MaxAge: (*time.Duration)(a.MaxAge),

		Concurrency: fetchesAtOnce(rate),
		Options: collector.Options{
			IndividualLicenses: a.IndividualLicenses,
			IndividualLimit:    a.IndividualLicensesLimit,
		},
	}
	return account, connectors[a.Vendor](account, a, options, f.enabled)
}

// connectors give an account what depends on its vendor.
var connectors = map[string]func(*collector.Account, config.Account, rest.Options, []string) error{
	config.VendorMeraki: connectMeraki,
	config.VendorSnow:   connectSnow,
}

func connectMeraki(account *collector.Account, a config.Account, o rest.Options, enabled []string) error {
	client, err := meraki.New(o)
	if err != nil {
		return err
	}
	account.Source = collector.MerakiSource{Client: client, Include: a.Organizations.Include, Exclude: a.Organizations.Exclude}
	account.SourceName = collector.MerakiSourceName
	account.Collectors = collector.Collectors(a.Vendor, enabled, collector.Clients{Meraki: client})
	account.Fields = collector.MerakiFields()
	account.Close = client.Close
	return nil
}

// snowFetchTimeout leaves collectors that take requests per license or
// application their time, which they share: 216,000 requests at the default
// rate. A fetch that would need longer could never succeed, and ask for as much
// each time. A single request is bounded by the client.
const snowFetchTimeout = 12 * time.Hour

func connectSnow(account *collector.Account, a config.Account, o rest.Options, enabled []string) error {
	client, err := snow.New(snow.Options{Options: o, Prefixes: snow.Prefixes(a.Prefixes), PageSize: a.PageSize})
	if err != nil {
		return err
	}
	account.FetchTimeout = snowFetchTimeout
	account.Source = collector.NewSnowSource(client, a.Name, a.Region)
	account.SourceName = collector.SnowSourceName
	account.Collectors = collector.Collectors(a.Vendor, enabled, collector.Clients{Snow: client})
	account.Fields = collector.SnowFields()
	account.Close = client.Close
	return nil
}

// sourceRates returns a rate for each host: all accounts there share what the
// vendor grants to this address. If they are set to different rates, the lowest
// counts.
func sourceRates(c *config.Config) map[string]float64 {
	rates := map[string]float64{}
	for _, a := range c.Accounts {
		if rate, ok := rates[host(a)]; !ok || a.RateLimit.Source < rate {
			rates[host(a)] = a.RateLimit.Source
		}
	}
	return rates
}

// host returns where an account's API is. The address has been checked.
func host(a config.Account) string {
	u, err := url.Parse(a.BaseURL)
	if err != nil {
		return a.BaseURL
	}
	return u.Host
}
