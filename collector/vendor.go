package collector

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"license_exporter/client/rest"
)

// Vendor describes a vendor. To add a vendor, write one and add it to the list
// in vendors.go at the top of the module.
type Vendor struct {
	// Name is the value of the label vendor and of the configuration key vendor.
	// The names of the vendor's collectors and metrics begin with it.
	Name string
	// Title is the display name.
	Title string
	// Document is the vendor's page below docs. It is empty if there is none.
	Document string
	// Labels is a sentence for the docs on what the labels organization_id,
	// product and unit are for this vendor.
	Labels string
	// Listing describes the requests that list the organizations, for the docs.
	Listing  string
	Defaults Defaults
	// Settings returns empty settings for the vendor's own configuration keys.
	Settings func() Settings
	// Environment lists the environment variables that configure an account
	// without a file.
	Environment []Variable
	// Collectors lists the collectors in alphabetical order.
	Collectors []Registration
	// Metrics is the table of the vendor's own metrics. It may be nil.
	Metrics *Metrics
	// Operations lists the operations of the vendor's API that the collectors use. Tests
	// try faults on each of them.
	Operations []rest.Operation
	// Fields lists the values of the label field of the parse error counter.
	Fields []string
	// Connect creates a Connection.
	Connect func(Deps) (Connection, error)
	// Simulate starts the vendor's simulator on the loopback interface. It
	// returns an account for it and a function that stops it. If organizations
	// is 0, the simulator has the demo's data. Otherwise it has little data and that
	// number of organizations, unless the vendor's accounts have a fixed number. If
	// it is 1, the API has the oldest version that the collectors support.
	Simulate func(organizations int) (AccountConfig, func(), error)
}

// SourceName is the value of the label collector for the vendor's Source.
func (v *Vendor) SourceName() string { return v.Name + "_organizations" }

// Defaults are used for keys that neither the account nor its Settings set.
type Defaults struct {
	// BaseURL is empty if the Settings always set it.
	BaseURL   string
	RateLimit RateLimit
	// MaxAge overrides the default of --scrape.max-age, unless it is 0.
	MaxAge time.Duration
	// FetchTimeout limits one fetch of one collector.
	FetchTimeout time.Duration
}

// Variable is an environment variable that configures an account. The account
// is created if all required variables are set.
type Variable struct {
	Name     string
	Required bool
	// Key is the path of the key that it sets in an account, for errors. It may be empty.
	Key string
	// Set stores the value in the account.
	Set func(*AccountConfig, string)
	// Flag is a flag of the command line that does the same, without the dashes, with Help for
	// --help. It may be empty.
	Flag, Help string
	// IsPath is set if the value is the path of a file.
	IsPath bool
}

// Check returns an error if a value cannot be meant. Only paths contain blanks.
func (v Variable) Check(value string) error {
	if v.IsPath {
		return nil
	}
	return rest.CheckToken(value)
}

// Registration describes a collector.
type Registration struct {
	// Name enables the collector, as --collector.NAME, and is the value of the
	// label collector.
	Name string
	// Help is one sentence for --help and the docs.
	Help string
	// Requests describes the number of requests of one refresh, for the docs.
	Requests string
	// MaxAge is set if the collector reads figures that seldom change, and then
	// requests them again only when they are that old. It is for the docs: the
	// collector passes it to Children.
	MaxAge time.Duration
	// Default reports whether the collector is enabled by default.
	Default bool
	// Headline names the facts that an account lacks if the collector is off, for --check. It
	// is empty for collectors that many users leave off.
	Headline string
	// Reports maps the shared metrics that the collector provides to the
	// condition under which it does. An empty condition means always.
	Reports map[*Metric]string
}

// Deps contains what a vendor needs to connect.
type Deps struct {
	Account *AccountConfig
	// HTTP contains the options of the account's client.
	HTTP rest.Options
	// Memory outlives the connection, unless the account then reads other data.
	Memory *Memory
	// Enabled reports whether a collector is enabled.
	Enabled func(name string) bool
}

// Connection reads from a vendor with one credential.
type Connection struct {
	Source Source
	// Collectors contains the collectors of the vendor's registrations.
	Collectors []Named
	// Also contains the ids of organizations that the account reads besides those that it selects with
	// organizations.include.
	Also []string
	// Preview returns how the records of the latest fetch were read. It is nil for vendors whose
	// records need no mapping.
	Preview func() *Preview
	// Days is the time zone of the facts if their times are ends of days, such as midnight after the last day of a
	// license. Pages then show that day. If it is nil, they show the dates in UTC.
	Days *time.Location
	// Close releases the resources of the connection. It may be nil.
	Close func()
}

// Preview shows how the records of an account were read, for --check.
type Preview struct {
	// Title names the records, such as how many of how many are shown.
	Title string
	// Header and Rows are a table of the records.
	Header []string
	Rows   [][]string
	// Text is shown after the table, or instead of it, such as what to write into the configuration.
	Text string
}

// Vendors is a list of vendors.
type Vendors []*Vendor

// Find returns the vendor with a name, or nil if there is none.
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

// Metrics returns the metrics of all vendors and of the exporter itself, sorted
// by name.
func (all Vendors) Metrics() []*Metric {
	metrics := slices.Clone(shared)
	for _, v := range all {
		if v.Metrics != nil {
			metrics = append(metrics, *v.Metrics...)
		}
	}
	slices.SortFunc(metrics, func(a, b *Metric) int { return cmp.Compare(a.Name, b.Name) })
	return metrics
}

// Origin names the collectors that provide a metric, with their conditions.
func (all Vendors) Origin(m *Metric) string {
	var origins []string
	if m.From != "" {
		origins = append(origins, m.From)
	}
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
