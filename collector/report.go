package collector

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unique"

	"license_exporter/client/scalar"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// Report is the result of one fetch of a collector. The collector fills it in
// and must not keep a reference to it: after the fetch, a report never changes.
type Report struct {
	// Now is when the fetch started.
	Now time.Time
	// AccessDisabled is set if the vendor answered that the organization does not
	// allow access by API. The report is then empty. The engine sets it.
	AccessDisabled bool
	// Empty is set if the organization has nothing of what the collector reads. An
	// organization of which all reports are empty is fetched less often.
	Empty bool

	id            uint64
	options       Options
	organizations licensing.Table[string, *OrganizationReport]
	shared        licensing.Table[string, *Report]
	individual    int
	dropped       int
	findings      *findings
}

// Options are the settings of an account that affect its reports.
type Options struct {
	// IndividualLicenses gives each license its own series.
	IndividualLicenses bool
	// IndividualLimit is the maximum number of licenses of the account with
	// their own series.
	IndividualLimit int
	// MaxStale is how long the last good facts are kept while fetches fail. 0 means
	// that there is no limit.
	MaxStale time.Duration
}

// OrganizationReport is the part of a Report about one organization.
type OrganizationReport struct {
	licensing.Facts
	// Samples contains the values of the vendor's own metrics.
	Samples licensing.Table[SampleKey, float64]
	// Rules contains what the vendor says in place of policies, as a table of the operator's does.
	// It takes precedence over the policies.
	Rules licensing.Table[licensing.LicenseKey, policy.Rules]
	// Individual contains the licenses that have their own series because of
	// Options.IndividualLicenses. Those in Facts.Licenses always have them.
	Individual licensing.Table[licensing.LicenseKey, licensing.License]
}

// SampleKey identifies a series of an organization.
type SampleKey struct {
	Metric *Metric
	labels string // interned, since organizations have many in common
}

// labelSeparator does not occur in valid UTF-8, so that different labels never
// give the same key.
const labelSeparator = "\xff"

// Labels returns the values of the metric's labels.
func (k SampleKey) Labels() []string {
	return strings.Split(k.labels, labelSeparator)[:len(k.Metric.Labels)]
}

// reports counts the reports.
var reports atomic.Uint64

// ID returns a number that no other report has. It identifies the report without keeping it in
// memory.
func (r *Report) ID() uint64 {
	if r == nil {
		return 0
	}
	return r.id
}

// NewReport returns an empty report for a fetch that starts now.
func NewReport(now time.Time, o Options) *Report {
	return &Report{Now: now, id: reports.Add(1), options: o, findings: &findings{}}
}

// Organization returns the part of the report about an organization. It adds an
// empty part if there is none. The empty id is the account as a whole.
func (r *Report) Organization(id string) *OrganizationReport {
	o := r.organizations.At(id)
	if *o == nil {
		*o = &OrganizationReport{}
	}
	return *o
}

// Organizations yields the parts of the report by organization. The caller
// must not change them.
func (r *Report) Organizations(yield func(id string, o *OrganizationReport) bool) {
	r.organizations.All(yield)
}

// Shared returns a nested report about a license that the vendor may list for
// several organizations. Only one of the organizations shows it, so that sums
// over organizations count the license once.
func (r *Report) Shared(licenseID string) *Report {
	s := r.shared.At(licenseID)
	if *s == nil {
		*s = NewReport(r.Now, r.options)
		(*s).findings = r.findings
	}
	return *s
}

// SharedLicenses yields the licenses of which there are nested reports.
func (r *Report) SharedLicenses(yield func(licenseID string) bool) { r.shared.Keys(yield) }

// Compact frees the memory that only further facts would need. It is for a report that no
// longer changes.
func (r *Report) Compact() {
	r.organizations.Compact()
	r.shared.Compact()
	for _, o := range r.organizations.All {
		o.Facts.Compact()
		o.Samples.Compact()
		o.Rules.Compact()
		o.Individual.Compact()
	}
	for _, shared := range r.shared.All {
		shared.Compact()
	}
}

// Fold returns the fold for the licenses of an organization. The states are the usual ones, for
// licensing.Fold.MissingStates. Only those of the first call count.
func (r *Report) Fold(organization string, states ...licensing.State) *licensing.Fold {
	o := r.Organization(organization)
	if o.Facts.Fold == nil {
		o.Facts.Fold = licensing.NewFold(r.Now, states...)
	}
	return o.Facts.Fold
}

// Individual gives a license its own series if Options.IndividualLicenses is
// set and the limit is not reached. It reports whether it does.
func (r *Report) Individual(organization string, l licensing.License) bool {
	if !r.options.IndividualLicenses {
		return false
	}
	licenses, key := &r.Organization(organization).Individual, licensing.LicenseKey{Product: l.Product, LicenseID: l.ID}
	if _, again := licenses.Get(key); !again {
		if r.individual >= r.options.IndividualLimit {
			r.dropped++
			return false
		}
		r.individual++
	}
	licenses.Set(key, l)
	return true
}

// Adopt makes the facts of a part those of the report. The part must not be used afterwards, and the
// report must have no facts.
func (r *Report) Adopt(part *Report) {
	r.organizations, r.shared, r.individual, r.dropped = part.organizations, part.shared, part.individual, part.dropped
}

// IndividualLicenses returns the number of licenses that were added with
// Individual.
func (r *Report) IndividualLicenses() int { return r.individual }

// Limited returns a copy of the report with only the individual licenses that the
// options allow, those with the lowest ids.
func (r *Report) Limited(o Options) *Report {
	limited := *r
	limited.id = reports.Add(1)
	if !o.IndividualLicenses {
		limited.limitIndividual(0)
		limited.dropped = 0
	} else if r.individual > o.IndividualLimit {
		limited.limitIndividual(o.IndividualLimit)
	}
	return &limited
}

// limitIndividual replaces the parts of the report by copies with at most limit
// individual licenses in all.
func (r *Report) limitIndividual(limit int) {
	parts := maps.Collect(r.organizations.All)
	r.organizations = licensing.Table[string, *OrganizationReport]{}
	r.dropped += max(0, r.individual-limit)
	r.individual = 0
	for _, id := range slices.SortedFunc(maps.Keys(parts), licensing.CompareIDs) {
		part, all := *parts[id], maps.Collect(parts[id].Individual.All)
		keys := slices.SortedFunc(maps.Keys(all), compareLicenses)
		keys = keys[:min(len(keys), limit-r.individual)]
		r.individual += len(keys)
		part.Individual = licensing.Table[licensing.LicenseKey, licensing.License]{}
		for _, key := range keys {
			part.Individual.Set(key, all[key])
		}
		part.Individual.Compact()
		r.organizations.Set(id, &part)
	}
	r.organizations.Compact() // and no more: both reports have the rest, and scrapes may be reading it
}

func compareLicenses(a, b licensing.LicenseKey) int {
	return cmp.Or(licensing.CompareIDs(a.LicenseID, b.LicenseID), strings.Compare(a.Product, b.Product))
}

// Dropped returns the number of licenses that have no series of their own
// because of the limit.
func (r *Report) Dropped() int { return r.dropped }

// Sample sets the value of one of the vendor's own metrics. labels are the
// values of its labels in the order of Metric.Labels.
func (o *OrganizationReport) Sample(m *Metric, value float64, labels ...string) {
	o.sample(m, labels, func(float64) float64 { return value })
}

// Count adds to the value of one of the vendor's own metrics.
func (o *OrganizationReport) Count(m *Metric, n float64, labels ...string) {
	o.sample(m, labels, func(old float64) float64 { return old + n })
}

// Time sets one of the vendor's own metrics to a time, unless it is zero.
func (o *OrganizationReport) Time(m *Metric, t time.Time, labels ...string) {
	if !t.IsZero() {
		o.Sample(m, Seconds(t), labels...)
	}
}

// Number sets one of the vendor's own metrics, unless the number is absent.
func (o *OrganizationReport) Number(m *Metric, n scalar.Int, labels ...string) {
	if n.Valid {
		o.Sample(m, float64(n.Value), labels...)
	}
}

// Flag sets one of the vendor's own metrics to 1 or 0, unless the flag is absent.
func (o *OrganizationReport) Flag(m *Metric, b scalar.Bool, labels ...string) {
	if b.Valid {
		o.Sample(m, Bool(b.Value), labels...)
	}
}

func (o *OrganizationReport) sample(m *Metric, labels []string, change func(float64) float64) {
	if len(labels) != len(m.Labels) {
		panic("collector: " + m.Name + " has other labels than " + strings.Join(labels, ", "))
	}
	key := SampleKey{m, unique.Make(strings.Join(labels, labelSeparator)).Value()}
	value := o.Samples.At(key)
	*value = change(*value)
}

// merge adds another report about the same organization.
func (o *OrganizationReport) merge(other *OrganizationReport) {
	o.Facts.Merge(&other.Facts)
	for key, value := range other.Samples.All {
		o.Samples.Set(key, value)
	}
	for key, rules := range other.Rules.All {
		o.Rules.Set(key, rules)
	}
	for key, l := range other.Individual.All {
		o.Individual.Set(key, l)
	}
}

// WithShared yields the parts of the report by organization. They include the
// nested reports about those shared licenses for which shows returns true.
func (r *Report) WithShared(shows func(licenseID string) bool) iter.Seq2[string, *OrganizationReport] {
	if r.shared.Len() == 0 {
		return r.organizations.All
	}
	merged := NewReport(r.Now, r.options)
	add := func(part *Report) {
		for id, o := range part.organizations.All {
			merged.Organization(id).merge(o)
		}
	}
	add(r)
	for id, shared := range r.shared.All {
		if shows(id) {
			add(shared)
		}
	}
	return merged.organizations.All
}

// StateSet returns the known states and the current one, if it is not among
// them.
func StateSet(current string, known []string) []string {
	if current == "" || slices.Contains(known, current) {
		return known
	}
	return append(slices.Clip(known), current)
}

// BoolLabel returns a flag as the value of a label. It is empty if the flag is absent.
func BoolLabel(b scalar.Bool) string {
	if !b.Valid {
		return ""
	}
	return strconv.FormatBool(b.Value)
}

// Bool returns 1 for true and 0 for false.
func Bool(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Seconds returns a time as Unix time in seconds.
func Seconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/float64(time.Second)
}
