// Package table collects licenses from tables: spreadsheets, lists and the answers of any API in JSON
// or CSV.
package table

import (
	"time"

	"license_exporter/client/rest"
	api "license_exporter/client/table"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/table"
)

// The rate limits in requests a second. They are those that asset tools allow: Snipe-IT has 120
// requests a minute.
const rateLimit = 2

// operation is the operation of all accounts with an address. The path is that of the preset that
// the simulator serves: each account has its own.
var operation = rest.Operation{Name: "getRecords", Path: "/api/v1/licenses", MaxBytes: 16 << 20}

// collectorName is the name of the collector.
const collectorName = "table_licenses"

// Vendor is a table.
var Vendor = &collector.Vendor{
	Name: "table", Title: "Table", Document: "vendors/table.md",
	Labels: "`organization_id` is the value of the column for the organization, and the name of the account if there is none. " +
		"`product` is the value of the column for the product. `unit` is `seat` if there is no column for it.",
	Listing:  "shared with the collector",
	Defaults: collector.Defaults{RateLimit: collector.RateLimit{Organization: rateLimit, Source: rateLimit}, MaxAge: time.Hour},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{{
		Name: "TABLE_FILE", Required: true, Key: "file", IsPath: true,
		Flag: "table.file", Help: "CSV, JSON or YAML file with licenses to read. With --check, show what is read and propose a mapping of its columns.",
		Set: func(a *collector.AccountConfig, file string) { own(a).File = file },
	}},
	Collectors: []collector.Registration{{
		Name: collectorName, Default: true, Headline: "licenses",
		Help:     "Licenses of a file, a list or an address, with their ends, seats and costs.",
		Requests: "1 per page, without an address none",
		Reports: map[*collector.Metric]string{
			collector.MetricProductInfo: "", collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricSeatsLimit: "",
			collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "", collector.MetricCompliant: "", collector.MetricCost: "",
			collector.MetricGraceEnd: "", collector.MetricRenewalDeadline: "", collector.MetricNextRenewal: "",
			collector.MetricPolicyInfo: "", collector.MetricPolicyNotice: "", collector.MetricPolicyMinimumSeats: "", collector.MetricPolicyMuted: "",
			collector.MetricEnd: individual, collector.MetricInfo: individual,
		},
	}},
	Operations: []rest.Operation{operation},
	Fields:     parseErrorFields(),
	Connect:    connect,
	Simulate:   simulate,
}

func connect(d collector.Deps) (collector.Connection, error) {
	s := own(d.Account)
	var client *rest.Client
	var closeClient func()
	if s.URL != "" {
		var err error
		if client, err = rest.New(d.HTTP); err != nil {
			return collector.Connection{}, err
		}
		closeClient = client.Close
	}
	t := &reader{settings: s, account: d.Account.Name, filter: d.Account.Organizations, source: s.open(client, d.HTTP.Clock, d.Account.BaseURL)}
	if s.Columns != (api.Fields{}) || s.optional != (api.Fields{}) || s.Licenses != nil {
		t.mapping, _ = s.mapping() // the settings have been checked
	}
	return collector.Connection{
		Source:     t,
		Collectors: []collector.Named{{Name: collectorName, Collector: licensesCollector{t}}},
		Days:       s.location(),
		Preview:    t.preview,
		Close:      closeClient,
	}, nil
}

// demoRate is the rate limit in requests per second. The simulator has no limit, and the demo must be
// complete within seconds.
const demoRate = 2000

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	a := collector.AccountConfig{RateLimit: collector.RateLimit{Organization: demoRate, Source: demoRate}}
	if organizations == 0 {
		base, stop, err := simulator.StartDemo()
		a.Settings = &settings{
			sourceKeys: sourceKeys{URL: base + simulator.ContractsPath},
			Columns: api.Fields{
				ID: "Contract", Product: "Product", Manufacturer: "Manufacturer", ProductType: "Type", Organization: "Company",
				Start: "Start", End: "End", Seats: "Seats", Assigned: "In use", Cost: "Annual cost", Currency: "Currency", OrderID: "Order",
				Renewal: "Renews", Notice: "Notice", Owner: "Owner", Muted: "Muted",
			},
			Dates: []string{simulator.DateLayout}, Never: []string{"perpetual"}, Decimal: ".",
		}
		return a, stop, err
	}
	base, token, stop, err := simulator.StartSmall(organizations)
	a.BaseURL, a.HTTPClientConfig, a.Settings = base, collector.BearerToken(token), &settings{Preset: "snipeit"}
	return a, stop, err
}
