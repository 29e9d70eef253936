package collector

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"license_exporter/client/rest"
)

// Vendor is everything that differs between vendors. To add a vendor, write one
// and add it to the list in vendors.go at the top of the module.
type Vendor struct {
	// Name is the value of the label vendor and of the configuration key vendor.
	// The names of the vendor's collectors and metrics begin with it.
	Name string
	// Title is the vendor's name for people.
	Title string
	// Document is the vendor's page below docs. It is empty if there is none.
	Document string
	Defaults Defaults
	// Settings returns the vendor's own configuration keys, all unset.
	Settings func() Settings
	// Environment lists the variables of the quick start without a file.
	Environment []Variable
	// Collectors lists the collectors in alphabetical order.
	Collectors []Registration
	// Metrics lists the vendor's own metrics.
	Metrics []*Metric
	// Fields lists the values of the label field that count parse errors.
	Fields []string
	// Connect returns what reads from the vendor.
	Connect func(Deps) (Connection, error)
	// Simulate starts the vendor's simulator on loopback and returns an
	// account for it and a function that stops it.
	Simulate func() (AccountConfig, func(), error)
}

// SourceName is the value of the label collector for the vendor's Source.
func (v *Vendor) SourceName() string { return v.Name + "_organizations" }

// Defaults are used for keys that neither the account nor its Settings set.
type Defaults struct {
	// BaseURL is empty if the Settings always set it.
	BaseURL   string
	RateLimit RateLimit
	// MaxAge overrides the default of --scrape.max-age if it is not 0.
	MaxAge time.Duration
	// FetchTimeout overrides the engine's limit on one fetch if it is not 0.
	FetchTimeout time.Duration
}

// Variable is an environment variable of the quick start. An account is created
// once all required variables are set.
type Variable struct {
	Name     string
	Required bool
	// Set stores the value in the account.
	Set func(*AccountConfig, string)
}

// Registration describes a collector.
type Registration struct {
	// Name enables the collector, as --collector.NAME, and is the value of the
	// label collector.
	Name string
	// Help is one sentence for --help and the docs.
	Help string
	// Requests is the number of requests of one refresh, for the docs.
	Requests string
	// Default reports whether the collector is enabled by default.
	Default bool
	// Reports are the metrics shared by all vendors that the collector
	// provides, each with the condition under which it does so. An empty
	// condition means always.
	Reports map[*Metric]string
}

// Deps is what a vendor's source and collectors are made with.
type Deps struct {
	Account *AccountConfig
	// HTTP are the options of the account's client.
	HTTP rest.Options
	// Enabled reports whether a collector is enabled.
	Enabled func(name string) bool
}

// Connection is what reads from a vendor with one credential.
type Connection struct {
	Source Source
	// Collectors are those of the vendor's registrations.
	Collectors []Named
	// Close frees what the connection holds. nil does nothing.
	Close func()
}

// Vendors is a list of vendors.
type Vendors []*Vendor

// Find returns the vendor with a name, nil if there is none.
func (all Vendors) Find(name string) *Vendor {
	i := slices.IndexFunc(all, func(v *Vendor) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// Names returns the vendors' names.
func (all Vendors) Names() []string {
	names := make([]string, 0, len(all))
	for _, v := range all {
		names = append(names, v.Name)
	}
	return names
}

// Collectors returns the registrations of all vendors.
func (all Vendors) Collectors() []Registration {
	var registrations []Registration
	for _, v := range all {
		registrations = append(registrations, v.Collectors...)
	}
	return registrations
}

// Metrics returns the metrics of all vendors and of the exporter itself, by
// name.
func (all Vendors) Metrics() []*Metric {
	metrics := slices.Clone(shared)
	for _, v := range all {
		metrics = append(metrics, v.Metrics...)
	}
	slices.SortFunc(metrics, func(a, b *Metric) int { return cmp.Compare(a.Name, b.Name) })
	return metrics
}

// Origin names the collectors that provide a metric, and under which condition.
func (all Vendors) Origin(m *Metric) string {
	if m.From != "" {
		return m.From
	}
	var origins []string
	for _, r := range all.Collectors() {
		switch when, reports := r.Reports[m]; {
		case reports && when == "":
			origins = append(origins, r.Name)
		case reports:
			origins = append(origins, r.Name+" ("+when+")")
		}
	}
	return strings.Join(origins, ", ")
}
