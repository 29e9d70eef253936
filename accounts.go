package main

import (
	"fmt"
	"net/url"
	"time"

	"github.com/go-kit/log"
	commonconfig "github.com/prometheus/common/config"

	"license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/config"
)

// newAccounts makes the configured accounts ready for use, with those of their
// collectors that are enabled.
func newAccounts(c *config.Config, enabled []string, t *collector.Telemetry, logger log.Logger, userAgent string) ([]*collector.Account, error) {
	sources := sourceLimiters(c)
	accounts := make([]*collector.Account, 0, len(c.Accounts))
	for _, a := range c.Accounts {
		options := rest.Options{
			Name:      a.Name,
			BaseURL:   a.BaseURL,
			HTTP:      commonconfig.HTTPClientConfig(a.HTTPClientConfig),
			UserAgent: userAgent,
			Budgets:   rest.NewBudgets(sources[host(a)], a.RateLimit.Organization),
			Metrics:   t.API(a.Vendor, a.Name),
			Logger:    log.With(logger, "vendor", a.Vendor, "account", a.Name),
		}
		account := &collector.Account{
			Name:   a.Name,
			Vendor: a.Vendor,
			MaxAge: (*time.Duration)(a.MaxAge),
			Options: collector.Options{
				IndividualLicenses: a.IndividualLicenses,
				IndividualLimit:    a.IndividualLicensesLimit,
			},
		}
		if err := connectors[a.Vendor](account, a, options, enabled); err != nil {
			return nil, fmt.Errorf("account %q: %w", a.Name, err)
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
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

func connectSnow(account *collector.Account, a config.Account, o rest.Options, enabled []string) error {
	client, err := snow.New(snow.Options{Options: o, Prefixes: snow.Prefixes(a.Prefixes), PageSize: a.PageSize})
	if err != nil {
		return err
	}
	account.Source = collector.NewSnowSource(client, a.Name, a.Region)
	account.SourceName = collector.SnowSourceName
	account.Collectors = collector.Collectors(a.Vendor, enabled, collector.Clients{Snow: client})
	account.Fields = collector.SnowFields()
	account.Close = client.Close
	return nil
}

// sourceLimiters returns one limiter for each host: all accounts there share
// what the vendor grants to this address. If they are set to different rates,
// the lowest counts.
func sourceLimiters(c *config.Config) map[string]*rest.Limiter {
	rates := map[string]float64{}
	for _, a := range c.Accounts {
		if rate, ok := rates[host(a)]; !ok || a.RateLimit.Source < rate {
			rates[host(a)] = a.RateLimit.Source
		}
	}
	limiters := make(map[string]*rest.Limiter, len(rates))
	for host, rate := range rates {
		limiters[host] = rest.NewLimiter(rate)
	}
	return limiters
}

// host returns where an account's API is. The address has been checked.
func host(a config.Account) string {
	u, err := url.Parse(a.BaseURL)
	if err != nil {
		return a.BaseURL
	}
	return u.Host
}
