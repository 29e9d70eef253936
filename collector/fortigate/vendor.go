// Package fortigate collects the licenses and service contracts of FortiGate firewalls. Each device is an organization.
package fortigate

import (
	"cmp"
	"fmt"
	"time"

	commonconfig "github.com/prometheus/common/config"

	api "license_exporter/client/fortigate"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/fortigate"
)

// collectorName is the name of the collector.
const collectorName = "fortigate_licenses"

// The rate limits in requests a second. Fortinet documents none.
const (
	deviceRate  = 1
	accountRate = 100
)

// individual is the condition for series of single licenses.
const individual = "with individual_licenses"

// fieldStatus is the field whose values are known words, see api.Service.
const fieldStatus = "status"

// Vendor is Fortinet FortiGate.
var Vendor = &collector.Vendor{
	Name: "fortigate", Title: "FortiGate", Document: "vendors/fortigate.md",
	Labels: "`organization_id` is the serial number of the device. `product` is the key of the service in the API of FortiOS, such as `web_filtering` " +
		"or `forticare_support_hardware`. `unit` is `vdom` or `vm_cpu`.",
	Listing:  "no request, but for a device that has not answered yet the one for its licenses",
	Defaults: collector.Defaults{RateLimit: collector.RateLimit{Organization: deviceRate, Source: accountRate}, MaxAge: time.Hour},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "FORTIGATE_URL", Required: true, Key: "base_url", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
		{Name: "FORTIGATE_TOKEN", Required: true, Set: func(a *collector.AccountConfig, token string) {
			a.HTTPClientConfig = collector.BearerToken(token)
		}},
	},
	Collectors: []collector.Registration{{
		Name: collectorName, Default: true, Headline: "licenses",
		Help:     "Services, support contracts and licenses of devices, with their ends and seats.",
		Requests: "1 per device",
		Reports: map[*collector.Metric]string{
			collector.MetricProductInfo: "", collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "",
			collector.MetricSeatsAvailable: "", collector.MetricSeatsInfo: "",
			collector.MetricEnd: individual, collector.MetricInfo: individual,
		},
	}},
	Operations: api.Operations(),
	Fields:     scalar.Fields(api.Service{}),
	Connect:    connect,
	Simulate:   simulate,
}

// attemptTimeout bounds one attempt to ask a device, and deviceTimeout all attempts of one fetch: devices that do not answer must not keep
// others waiting.
const (
	attemptTimeout = 15 * time.Second
	deviceTimeout  = 20 * time.Second
)

func connect(d collector.Deps) (collector.Connection, error) {
	e := &estate{filter: d.Account.Organizations}
	for _, keys := range own(d.Account).devices(d.Account) {
		options := d.HTTP
		options.BaseURL = keys.BaseURL
		options.HTTP = commonconfig.HTTPClientConfig(keys.httpConfig(d.Account.HTTPClientConfig))
		options.AttemptTimeout = cmp.Or(options.AttemptTimeout, attemptTimeout)
		client, err := api.New(options)
		if err != nil {
			e.close()
			return collector.Connection{}, fmt.Errorf("%w (device %s)", err, keys.Name)
		}
		known := collector.Remembered[knowledge](d.Memory, "device "+keys.BaseURL)
		e.devices = append(e.devices, &device{name: keys.Name, client: client, knowledge: known})
	}
	return collector.Connection{Source: e, Collectors: []collector.Named{{Name: collectorName, Collector: licensesCollector{e}}}, Close: e.close}, nil
}

// simulatedRate is the rate limit in requests per second for simulated devices, which have none.
const simulatedRate = 2000

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	a := collector.AccountConfig{
		HTTPClientConfig: collector.BearerToken(simulator.DemoToken),
		RateLimit:        collector.RateLimit{Organization: simulatedRate, Source: simulatedRate},
	}
	all := simulator.Demo()
	if organizations > 0 {
		all = simulator.Small(organizations)
	}
	base, stop, err := simulator.Start(all)
	if err != nil {
		return a, stop, err
	}
	if organizations == 1 {
		a.BaseURL, a.Settings = base+"/"+all[0].Serial, &settings{}
		return a, stop, nil
	}
	s := &settings{}
	for _, d := range all {
		s.Devices = append(s.Devices, deviceKeys{Name: d.Name, BaseURL: base + "/" + d.Serial})
	}
	a.Settings = s
	return a, stop, nil
}
