package collector

import (
	"slices"
	"strings"
	"time"

	"license_exporter/licensing"
)

// Report is what one fetch of a collector found. A collector fills it in and
// keeps no reference to it: once the fetch has succeeded, it never changes.
type Report struct {
	now     time.Time
	options Options

	organizations map[string]*Facts
	shared        map[string]*Report
	individual    int
	dropped       int
	parseErrors   map[string]int
	notApplicable bool
	without       map[string]error
}

// Options are the settings of an account that concern its facts.
type Options struct {
	// IndividualLicenses gives each license series of its own.
	IndividualLicenses bool
	// IndividualLimit bounds how many licenses of an account get them.
	IndividualLimit int
}

// Facts are what a report says of one organization: in the vocabulary of all
// vendors and, where that has no word for it, as samples of the vendor's own
// metrics.
type Facts struct {
	licensing.Facts
	samples map[sampleKey]float64
	// optional are licenses that have series of their own as far as the
	// account's limit allows.
	optional map[licensing.LicenseKey]licensing.License
}

// sampleKey is the identity of a series within an organization.
type sampleKey struct {
	metric *Metric
	labels string
}

// labelSeparator does not occur in valid UTF-8.
const labelSeparator = "\xff"

func newReport(now time.Time, o Options) *Report {
	return &Report{
		now: now, options: o,
		organizations: map[string]*Facts{}, shared: map[string]*Report{}, parseErrors: map[string]int{},
	}
}

func newFacts() *Facts {
	return &Facts{samples: map[sampleKey]float64{}, optional: map[licensing.LicenseKey]licensing.License{}}
}

// Organization returns the facts of an organization, which the report then
// knows. The empty id stands for the account as a whole.
func (r *Report) Organization(id string) *Facts {
	f, ok := r.organizations[id]
	if !ok {
		f = newFacts()
		r.organizations[id] = f
	}
	return f
}

// Shared returns a report within the report, for a license that the vendor may
// list for other organizations as well. Of all reports of a collector that
// share the same license, only one is shown.
func (r *Report) Shared(licenseID string) *Report {
	s, ok := r.shared[licenseID]
	if !ok {
		s = newReport(r.now, r.options)
		s.parseErrors = r.parseErrors
		r.shared[licenseID] = s
	}
	return s
}

// Fold returns the fold for an organization's licenses. The states are those
// that are shown even where no license is in them.
func (r *Report) Fold(organization string, states ...licensing.State) *licensing.Fold {
	f := r.Organization(organization)
	if f.Facts.Fold == nil {
		f.Facts.Fold = licensing.NewFold(r.now, states...)
	}
	return f.Facts.Fold
}

// Individual states a license of its own if the account is set to show those
// and its limit is not reached.
func (r *Report) Individual(organization string, l licensing.License) {
	switch {
	case !r.options.IndividualLicenses:
	case r.individual >= r.options.IndividualLimit:
		r.dropped++
	default:
		r.individual++
		r.Organization(organization).optional[licensing.LicenseKey{Product: l.Product, LicenseID: l.ID}] = l
	}
}

// optional counts the licenses that have series of their own as far as the
// account's limit allows.
func (r *Report) optional() int {
	n := 0
	for _, f := range r.organizations {
		n += len(f.optional)
	}
	return n
}

// ParseError counts a value of the vendor's that could not be read.
func (r *Report) ParseError(field string) { r.parseErrors[field]++ }

// Without notes that the vendor withholds something that the rest does not
// depend on, and why. It is no failure, and said once in the log.
func (r *Report) Without(what string, err error) {
	if r.without == nil {
		r.without = map[string]error{}
	}
	r.without[what] = err
}

// Sample sets the value of one of the vendor's own metrics. The values of its
// labels come in the order of its declaration.
func (f *Facts) Sample(m *Metric, value float64, labels ...string) {
	f.sample(m, labels, func(float64) float64 { return value })
}

// Count adds to the value of one of the vendor's own metrics.
func (f *Facts) Count(m *Metric, n float64, labels ...string) {
	f.sample(m, labels, func(old float64) float64 { return old + n })
}

// Time sets one of the vendor's own metrics to a time, if there is one.
func (f *Facts) Time(m *Metric, t time.Time, labels ...string) {
	if !t.IsZero() {
		f.Sample(m, seconds(t), labels...)
	}
}

// Number sets one of the vendor's own metrics, if the vendor gave the number.
func (f *Facts) Number(m *Metric, n *int64, labels ...string) {
	if n != nil {
		f.Sample(m, float64(*n), labels...)
	}
}

// StateSet sets one of the vendor's own metrics to 1 for the current of the
// known values of its last label and to 0 for the others.
func (f *Facts) StateSet(m *Metric, current string, known []string, labels ...string) {
	for _, value := range stateSet(current, known) {
		f.Sample(m, boolValue(value == current), append(slices.Clip(labels), value)...)
	}
}

func (f *Facts) sample(m *Metric, labels []string, change func(float64) float64) {
	if len(labels) != len(m.Labels) {
		panic("collector: " + m.Name + " has other labels than " + strings.Join(labels, ", "))
	}
	key := sampleKey{m, strings.Join(labels, labelSeparator)}
	f.samples[key] = change(f.samples[key])
}

func (f *Facts) merge(o *Facts) {
	f.Facts.Merge(&o.Facts)
	for key, value := range o.samples {
		f.samples[key] = value
	}
	for key, l := range o.optional {
		f.optional[key] = l
	}
}

// stateSet returns the known values and the current one, which may be new.
func stateSet(current string, known []string) []string {
	if current == "" || slices.Contains(known, current) {
		return known
	}
	return append(slices.Clip(known), current)
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// seconds returns Unix time with the fraction that the vendor gives.
func seconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/float64(time.Second)
}
