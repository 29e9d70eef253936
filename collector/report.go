package collector

import (
	"maps"
	"slices"
	"strings"
	"time"

	"license_exporter/licensing"
)

// Report is what one fetch of a collector found. A collector fills it in and
// keeps no reference to it: once the fetch has succeeded, it never changes.
type Report struct {
	// Now is when the fetch started.
	Now time.Time

	options       Options
	organizations map[string]*OrganizationReport
	shared        map[string]*Report
	individual    int
	dropped       int
	parseErrors   map[string]int
	withheld      map[string]error
}

// Options are the settings of an account that concern its facts.
type Options struct {
	// IndividualLicenses gives each license series of its own.
	IndividualLicenses bool
	// IndividualLimit bounds how many licenses of an account get them.
	IndividualLimit int
}

// OrganizationReport is what a report says of one organization: facts in the
// vocabulary of all vendors, and samples of the vendor's own metrics.
type OrganizationReport struct {
	licensing.Facts
	// Samples are the values of the vendor's own metrics.
	Samples map[SampleKey]float64
	// Optional are licenses that get series of their own as far as the
	// account's limit allows.
	Optional map[licensing.LicenseKey]licensing.License
}

// SampleKey is the identity of a series within an organization.
type SampleKey struct {
	Metric *Metric
	labels string
}

// labelSeparator does not occur in valid UTF-8.
const labelSeparator = "\xff"

// Labels returns the values of the metric's labels.
func (k SampleKey) Labels() []string {
	return strings.Split(k.labels, labelSeparator)[:len(k.Metric.Labels)]
}

// NewReport returns an empty report of a fetch that starts now.
func NewReport(now time.Time, o Options) *Report {
	return &Report{
		Now: now, options: o,
		organizations: map[string]*OrganizationReport{}, shared: map[string]*Report{}, parseErrors: map[string]int{},
	}
}

// Organization returns the part of the report about an organization, which it
// adds if there is none. The empty id is the account as a whole.
func (r *Report) Organization(id string) *OrganizationReport {
	o, ok := r.organizations[id]
	if !ok {
		o = &OrganizationReport{Samples: map[SampleKey]float64{}, Optional: map[licensing.LicenseKey]licensing.License{}}
		r.organizations[id] = o
	}
	return o
}

// Organizations returns the parts of the report by organization. They must not
// be changed.
func (r *Report) Organizations() map[string]*OrganizationReport { return r.organizations }

// Shared returns a report within the report, for a license that the vendor may
// list for other organizations as well. Of all reports of a collector that
// share the same license, only one is shown.
func (r *Report) Shared(licenseID string) *Report {
	s, ok := r.shared[licenseID]
	if !ok {
		s = NewReport(r.Now, r.options)
		s.parseErrors = r.parseErrors
		r.shared[licenseID] = s
	}
	return s
}

// SharedLicenses returns the reports within the report by license. They must
// not be changed.
func (r *Report) SharedLicenses() map[string]*Report { return r.shared }

// Fold returns the fold for an organization's licenses. The states are those
// that are shown even where no license is in them.
func (r *Report) Fold(organization string, states ...licensing.State) *licensing.Fold {
	o := r.Organization(organization)
	if o.Facts.Fold == nil {
		o.Facts.Fold = licensing.NewFold(r.Now, states...)
	}
	return o.Facts.Fold
}

// Individual gives a license series of its own if the account is set to do so
// and its limit is not reached.
func (r *Report) Individual(organization string, l licensing.License) {
	switch {
	case !r.options.IndividualLicenses:
	case r.individual >= r.options.IndividualLimit:
		r.dropped++
	default:
		r.individual++
		r.Organization(organization).Optional[licensing.LicenseKey{Product: l.Product, LicenseID: l.ID}] = l
	}
}

// IndividualLicenses returns how many licenses have series of their own because
// the account is set to do so.
func (r *Report) IndividualLicenses() int {
	n := 0
	for _, o := range r.organizations {
		n += len(o.Optional)
	}
	return n
}

// Limited returns the report with at most so many individual licenses, those
// with the lowest ids. The report itself stays as it is.
func (r *Report) Limited(limit int) *Report {
	limited := *r
	limited.organizations = maps.Clone(r.organizations)
	limited.individual, limited.dropped = 0, r.dropped
	for _, id := range slices.SortedFunc(maps.Keys(r.organizations), licensing.CompareIDs) {
		o := *r.organizations[id]
		all := o.Optional
		o.Optional = make(map[licensing.LicenseKey]licensing.License, min(len(all), limit))
		for _, key := range slices.SortedFunc(maps.Keys(all), func(a, b licensing.LicenseKey) int { return licensing.CompareIDs(a.LicenseID, b.LicenseID) }) {
			if limited.individual == limit {
				limited.dropped++
				continue
			}
			limited.individual++
			o.Optional[key] = all[key]
		}
		limited.organizations[id] = &o
	}
	return &limited
}

// Dropped returns how many licenses the account's limit left out.
func (r *Report) Dropped() int { return r.dropped }

// ParseError counts a value of the vendor's that could not be read.
func (r *Report) ParseError(field string) { r.parseErrors[field]++ }

// Unreadable counts a value of the vendor's as a parse error if it could not be
// read.
func (r *Report) Unreadable(field string, unreadable bool) {
	if unreadable {
		r.ParseError(field)
	}
}

// Known counts a value as a parse error if it is not among those that the
// vendor is known to use. The value is passed on all the same.
func (r *Report) Known(field, value string, values ...string) {
	r.Unreadable(field, !slices.Contains(values, value))
}

// ParseErrors returns how many values could not be read, by field.
func (r *Report) ParseErrors() map[string]int { return r.parseErrors }

// Withhold records that the vendor withholds something that the rest does not
// depend on, and why. It is not a failure, and is logged once.
func (r *Report) Withhold(what string, err error) {
	if r.withheld == nil {
		r.withheld = map[string]error{}
	}
	r.withheld[what] = err
}

// Withheld returns what the vendor withholds, and why.
func (r *Report) Withheld() map[string]error { return r.withheld }

// Sample sets the value of one of the vendor's own metrics. The values of its
// labels come in the order of its declaration.
func (o *OrganizationReport) Sample(m *Metric, value float64, labels ...string) {
	o.sample(m, labels, func(float64) float64 { return value })
}

// Count adds to the value of one of the vendor's own metrics.
func (o *OrganizationReport) Count(m *Metric, n float64, labels ...string) {
	o.sample(m, labels, func(old float64) float64 { return old + n })
}

// Time sets one of the vendor's own metrics to a time, if there is one.
func (o *OrganizationReport) Time(m *Metric, t time.Time, labels ...string) {
	if !t.IsZero() {
		o.Sample(m, Seconds(t), labels...)
	}
}

// Number sets one of the vendor's own metrics, if the vendor gave the number.
func (o *OrganizationReport) Number(m *Metric, n *int64, labels ...string) {
	if n != nil {
		o.Sample(m, float64(*n), labels...)
	}
}

// StateSet sets one of the vendor's own metrics to 1 for the current of the
// known values of its last label and to 0 for the others.
func (o *OrganizationReport) StateSet(m *Metric, current string, known []string, labels ...string) {
	for _, value := range StateSet(current, known) {
		o.Sample(m, Bool(value == current), append(slices.Clip(labels), value)...)
	}
}

func (o *OrganizationReport) sample(m *Metric, labels []string, change func(float64) float64) {
	if len(labels) != len(m.Labels) {
		panic("collector: " + m.Name + " has other labels than " + strings.Join(labels, ", "))
	}
	key := SampleKey{m, strings.Join(labels, labelSeparator)}
	o.Samples[key] = change(o.Samples[key])
}

// merge adds what another report says of the same organization.
func (o *OrganizationReport) merge(other *OrganizationReport) {
	o.Facts.Merge(&other.Facts)
	for key, value := range other.Samples {
		o.Samples[key] = value
	}
	for key, l := range other.Optional {
		o.Optional[key] = l
	}
}

// WithShared returns the parts of the report by organization, together with
// those about the shared licenses that shows selects.
func (r *Report) WithShared(shows func(licenseID string) bool) map[string]*OrganizationReport {
	if len(r.shared) == 0 {
		return r.organizations
	}
	merged := NewReport(r.Now, r.options)
	add := func(part *Report) {
		for id, o := range part.organizations {
			merged.Organization(id).merge(o)
		}
	}
	add(r)
	for id, shared := range r.shared {
		if shows(id) {
			add(shared)
		}
	}
	return merged.organizations
}

// StateSet returns the known values and the current one, which may be new.
func StateSet(current string, known []string) []string {
	if current == "" || slices.Contains(known, current) {
		return known
	}
	return append(slices.Clip(known), current)
}

// Bool returns 1 for true and 0 for false.
func Bool(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Seconds returns Unix time with the fraction that the vendor gives.
func Seconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/float64(time.Second)
}
