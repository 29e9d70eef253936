package status

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// Detail is all that is known of an organization, or of an account as a whole.
type Detail struct {
	// Now is the moment by the engine's clock.
	Now time.Time
	Organization
	Region    string
	APIAccess licensing.APIAccess
	// Probed is set if the organization can be scraped separately. Otherwise only reports
	// about the account name it.
	Probed bool
	// Collectors are the listing of the organizations, and the collectors that report about this
	// one.
	Collectors []Collector
	// Days is as in collector.Connection.
	Days *time.Location
	// Products are the products of its licenses, by id.
	Products map[string]licensing.Product
	// Counts is sorted by the name of the product.
	Counts []Count
	// Status is the vendor's for the organization. It is empty if there is none.
	Status string
	// Statuses is sorted by license, and Deadlines by time.
	Statuses  []LicenseStatus
	Deadlines []Deadline
	// Records are what the vendor has recorded about single licenses.
	Records map[licensing.LicenseKey]Record
	// Metrics are the vendor's own, sorted by name.
	Metrics []Metric
}

// Collector is the state of a collector.
type Collector struct {
	Name string
	// Whole is set if it reads the account as a whole.
	Whole bool
	// NotApplicable is set if it did not apply in the latest fetch, and Waiting if no fetch has
	// ended yet.
	NotApplicable, Waiting bool
	// Freshness has at most one failure.
	Freshness
}

// Count is how many licenses of a product there are.
type Count struct {
	Product, ProductName string
	// States is sorted. It leaves out states that no license has.
	States []StateCount
	// Dated, Expiring and WithoutEnd are as in licensing.Summary.
	Dated      bool
	Expiring   [len(licensing.Horizons)]int32
	WithoutEnd int32
}

// StateCount is how many licenses are in a state.
type StateCount struct {
	licensing.State
	Licenses int
}

// LicenseStatus is the vendor's status of a license.
type LicenseStatus struct{ LicenseID, Status string }

// Deadline is the last moment to renew or cancel.
type Deadline struct {
	licensing.LicenseKey
	When time.Time
}

// Record is what the vendor has recorded about a license.
type Record struct{ OrderID, DeviceSerial, NetworkID string }

// Metric is one of the vendor's own metrics.
type Metric struct {
	Name, Help string
	// Labels are the names of its labels besides the common ones.
	Labels []string
	// Values is sorted by labels. Values that are 0 come last.
	Values []Value
}

// Value is the value of a series.
type Value struct {
	Labels []Label
	Value  float64
}

// Label is the value of a label. If it is the id of a product or unit, Name is its name.
type Label struct{ Value, Name string }

func compareLabels(a, b Label) int {
	return cmp.Or(strings.Compare(cmp.Or(a.Name, a.Value), cmp.Or(b.Name, b.Value)), strings.Compare(a.Value, b.Value))
}

// Organization returns all that is known of an organization, or if the id is empty, of an
// account as a whole. It returns nil if there is no such organization.
func (p *Pages) Organization(account, id string) *Detail {
	o := p.Overview().organization(account, id)
	if o == nil {
		return nil
	}
	for _, s := range p.engine.Snapshots(engine.Selection{Account: account}) {
		return newDetail(s, *o)
	}
	return nil // the account has just been removed
}

// organization returns an organization, or nil if there is none. An account that exists always
// has an account as a whole.
func (o *Overview) organization(account, id string) *Organization {
	for i := range o.Organizations {
		if org := &o.Organizations[i]; org.Account == account && org.ID == id {
			return org
		}
	}
	for i := range o.Accounts {
		if a := &o.Accounts[i]; a.Name == account && id == "" {
			return &Organization{
				Account: a.Name, Vendor: a.Vendor, APIEnabled: true, Problem: a.Problem, Waiting: a.Waiting != "", Freshness: a.Freshness,
			}
		}
	}
	return nil
}

// PolicyNotice returns how long before the end somebody has to act by the operator's policies.
// It is nil if they do not say.
func (l *License) PolicyNotice() *time.Duration { return l.notice }

// detailBuilder builds a Detail.
type detailBuilder struct {
	*Detail
	// facts are about the organization, and names are other facts with names of products.
	facts, names []*collector.OrganizationReport
	metrics      map[*collector.Metric]*Metric
}

func newDetail(s *engine.Snapshot, o Organization) *Detail {
	b := &detailBuilder{
		Detail: &Detail{
			Now: s.Now, Days: s.Days, Organization: o, Probed: o.ID == "" || s.HasOrganization(o.ID),
			Products: map[string]licensing.Product{}, Records: map[licensing.LicenseKey]Record{},
		},
		metrics: map[*collector.Metric]*Metric{},
	}
	b.addListing(s)
	for i := range s.Organizations {
		if state := &s.Organizations[i]; state.ID == "" || state.ID == o.ID {
			b.addState(s, state)
		}
	}
	for i := range o.Licenses {
		if id := o.Licenses[i].Product; id != "" {
			if p, found := b.product(id); found {
				b.Products[id] = p
			}
		}
	}
	for _, f := range b.facts {
		b.addFacts(f)
	}
	b.sort()
	return b.Detail
}

// addListing adds the state of the listing of the organizations.
func (b *detailBuilder) addListing(s *engine.Snapshot) {
	name := s.Vendor.SourceName()
	c := Collector{Name: name, Whole: true, Waiting: !s.Discovered}
	c.addFetch(s.DiscoverySuccess)
	c.addFailure(name, s.DiscoveryErr, s.DiscoveryRetrying, s.Listing)
	c.Notes = notes(name, s.Listing)
	b.Collectors = append(b.Collectors, c)
}

// addState adds the collectors of the organization itself, or those of the account as a whole
// that report about the organization.
func (b *detailBuilder) addState(s *engine.Snapshot, state *engine.Organization) {
	if state.ID == b.ID {
		b.Region, b.APIAccess = rest.Plain(state.Region), state.APIAccess
		if listing := &b.Collectors[0]; state.Failed && state.ID != "" && len(listing.Failures) == 0 {
			listing.addFailure(listing.Name, s.OrganizationErr(state.ID), nil, nil)
		}
	}
	for i := range state.Collectors {
		c := &state.Collectors[i]
		hasReport, hasFacts := c.Report != nil && !c.NotApplicable, false
		if hasReport {
			for id, f := range s.OrganizationReports(state, c) {
				switch id {
				case b.ID:
					b.facts = append(b.facts, f)
					hasFacts = true
				case "":
					b.names = append(b.names, f)
				}
			}
		}
		if state.ID == b.ID || hasFacts || !hasReport {
			b.addCollector(c, state.ID == "")
		}
	}
}

func (b *detailBuilder) addCollector(state *engine.CollectorState, whole bool) {
	c := Collector{Name: state.Name, Whole: whole, NotApplicable: state.NotApplicable, Waiting: !state.Tried}
	c.add(state)
	if c.Oldest.IsZero() {
		c.addFetch(state.Success) // the facts are too old to be shown
	}
	c.Notes = notes(state.Name, state.Report)
	b.Collectors = append(b.Collectors, c)
}

// product returns a product.
func (b *detailBuilder) product(id string) (p licensing.Product, found bool) {
	for _, all := range [][]*collector.OrganizationReport{b.facts, b.names} {
		for _, f := range all {
			if p, found = f.Products[id]; found {
				return licensing.Product{
					ID: rest.Plain(p.ID), Name: rest.Plain(p.Name), Manufacturer: rest.Plain(p.Manufacturer),
					Type: rest.Plain(p.Type), Class: rest.Plain(p.Class), FeatureTier: rest.Plain(p.FeatureTier),
				}, true
			}
		}
	}
	return p, false
}

// productName returns the name of a product, or its id if it has none.
func (b *detailBuilder) productName(id string) string {
	p, _ := b.product(id)
	return cmp.Or(p.Name, rest.Plain(id))
}

// unitName returns the name of a unit. It is empty if it has none.
func (b *detailBuilder) unitName(id string) string {
	for _, all := range [][]*collector.OrganizationReport{b.facts, b.names} {
		for _, f := range all {
			if name := f.Units[id]; name != "" {
				return rest.Plain(name)
			}
		}
	}
	return ""
}

func (b *detailBuilder) addFacts(f *collector.OrganizationReport) {
	if f.Fold != nil {
		for _, s := range f.Fold.Summaries() {
			b.Counts = append(b.Counts, b.count(s))
		}
	}
	for license, status := range f.Statuses.All {
		if license == "" {
			b.Status = rest.Plain(status.Current)
		} else {
			b.Statuses = append(b.Statuses, LicenseStatus{license, rest.Plain(status.Current)})
		}
	}
	for key, when := range f.RenewalDeadlines.All {
		b.Deadlines = append(b.Deadlines, Deadline{key, when})
	}
	for _, licenses := range []licensing.Table[licensing.LicenseKey, licensing.License]{f.Licenses, f.Individual} {
		for key, l := range licenses.All {
			b.Records[key] = Record{rest.Plain(l.OrderID), rest.Plain(l.DeviceSerial), rest.Plain(l.NetworkID)}
		}
	}
	for key, value := range f.Samples.All {
		b.addSample(key, value)
	}
}

func (b *detailBuilder) count(s *licensing.Summary) Count {
	c := Count{
		Product: rest.Plain(s.Product), ProductName: b.productName(s.Product),
		Dated: s.Dated, Expiring: s.Expiring, WithoutEnd: s.WithoutEnd,
	}
	for state, n := range s.Licenses.All {
		if n > 0 {
			state.Name = rest.Plain(state.Name)
			c.States = append(c.States, StateCount{state, n})
		}
	}
	slices.SortFunc(c.States, func(a, b StateCount) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Assigned), string(b.Assigned)))
	})
	return c
}

func (b *detailBuilder) addSample(key collector.SampleKey, value float64) {
	m := b.metrics[key.Metric]
	if m == nil {
		m = &Metric{Name: key.Metric.Name, Help: key.Metric.Help, Labels: key.Metric.Labels}
		b.metrics[key.Metric] = m
	}
	labels := make([]Label, 0, len(m.Labels))
	for i, id := range key.Labels() {
		l := Label{Value: rest.Plain(id)}
		switch m.Labels[i] {
		case "product", "to_product":
			p, _ := b.product(id)
			l.Name = p.Name
		case "unit":
			l.Name = b.unitName(id)
		}
		labels = append(labels, l)
	}
	m.Values = append(m.Values, Value{labels, value})
}

func (b *detailBuilder) sort() {
	slices.SortFunc(b.Counts, func(a, b Count) int {
		return cmp.Or(strings.Compare(a.ProductName, b.ProductName), strings.Compare(a.Product, b.Product))
	})
	slices.SortFunc(b.Statuses, func(a, b LicenseStatus) int { return licensing.CompareIDs(a.LicenseID, b.LicenseID) })
	slices.SortFunc(b.Deadlines, func(a, b Deadline) int {
		return cmp.Or(a.When.Compare(b.When), licensing.CompareIDs(a.LicenseID, b.LicenseID), strings.Compare(a.Product, b.Product))
	})
	for _, m := range b.metrics {
		slices.SortFunc(m.Values, func(a, b Value) int {
			return cmp.Or(toInt(a.Value == 0)-toInt(b.Value == 0), slices.CompareFunc(a.Labels, b.Labels, compareLabels))
		})
		b.Metrics = append(b.Metrics, *m)
	}
	slices.SortFunc(b.Metrics, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
}
