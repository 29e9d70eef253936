package exposition

import (
	"hash/maphash"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// sink receives series. It must not keep a reference to the labels.
type sink interface {
	sample(m *metric, value float64, labels []string)
	// countdown receives a series whose value is the days until end.
	countdown(m *metric, end time.Time, labels []string)
}

// renderer makes the series of one organization or of one account. It is the only
// place that maps facts to metrics.
type renderer struct {
	*engine.Snapshot
	*table
	out    sink
	totals totals
	// seen contains hashes of all series so far. Prometheus rejects duplicate
	// series, so the renderer drops them.
	seen map[uint64]struct{}
	hash maphash.Hash
	// verdicts holds the verdicts on the organization that is being rendered.
	verdicts map[verdictKey]bool
	// ended determines what of the organization has ended and is in use.
	ended *licensing.EndedUses

	labels []string // reused for each series
}

// verdictKey identifies a verdict.
type verdictKey struct {
	organization string
	licensing.LicenseKey
}

func (t *table) newRenderer(s *engine.Snapshot, out sink) *renderer {
	return &renderer{Snapshot: s, table: t, out: out, totals: newTotals(), seen: map[uint64]struct{}{}}
}

// totals holds numbers that are shown as sums over the organizations of an account.
type totals struct {
	dropped map[string]int // individual licenses, by collector
	skipped map[skippedKey]int
}

// skippedKey identifies records and child objects that could not be read.
type skippedKey struct{ collector, reason string }

func newTotals() totals { return totals{map[string]int{}, map[skippedKey]int{}} }

func (t totals) addReport(name string, r *collector.Report) {
	t.dropped[name] += r.Dropped()
	for reason, n := range r.Skipped() {
		t.skipped[skippedKey{name, reason}] += n
	}
}

func (t totals) add(o totals) {
	for name, n := range o.dropped {
		t.dropped[name] += n
	}
	for key, n := range o.skipped {
		t.skipped[key] += n
	}
}

// account makes the series about the account: its health and the totals of its
// organizations.
func (r *renderer) account(t totals) {
	if !r.Selection.One || r.Selection.Organization == "" {
		if h := r.Health(); h != engine.Untried {
			r.fact(collector.MetricUp, "", collector.Bool(h == engine.Healthy))
		}
		if r.Discovered {
			r.success("", r.Vendor.SourceName(), r.ListedAll())
		}
		r.lastSuccess("", r.Vendor.SourceName(), r.DiscoverySuccess)
		r.accountPolicy()
	}
	if r.Selection.One {
		for i := range r.Organizations {
			if o := &r.Organizations[i]; !showsFetches(o) {
				r.fetches(o)
			}
		}
		return // the numbers below are about all organizations
	}
	r.oldestSuccess(r.Vendor.SourceName(), r.DiscoverySuccess)
	for _, c := range r.Collectors {
		if r.Selection.IncludesCollector(c.Name) {
			r.oldestSuccess(c.Name, r.OldestSuccess(c.Name))
			r.own(collector.MetricSeriesDropped, float64(t.dropped[c.Name]), c.Name)
		}
	}
	if r.Listing != nil {
		t.addReport(r.Vendor.SourceName(), r.Listing)
	}
	for key, n := range t.skipped {
		r.own(collector.MetricRecordsSkipped, float64(n), key.collector, key.reason)
	}
}

// organization makes the series about one organization. For the account as a
// whole, account makes license_up, and there is an info metric only if the source
// gives it a name.
func (r *renderer) organization(o *engine.Organization) {
	if o.Listed && (o.ID != "" || o.Name != "") {
		r.fact(collector.MetricOrganizationInfo, o.ID, 1, append([]string{o.Name, o.Model, o.Region, string(o.APIAccess)}, r.accountLabels(r.Name)...)...)
	}
	if o.ID != "" && (len(o.Collectors) > 0 || o.Failed) {
		if h := o.Health(); h != engine.Untried {
			r.fact(collector.MetricUp, o.ID, collector.Bool(h == engine.Healthy))
		}
	}
	if showsFetches(o) {
		r.fetches(o)
	}
	r.verdicts = map[verdictKey]bool{}
	r.ended = licensing.NewEndedUses(r.Now)
	for i := range o.Collectors {
		r.collector(o, &o.Collectors[i])
	}
	for key, compliant := range r.verdicts {
		r.fact(collector.MetricCompliant, key.organization, collector.Bool(compliant), key.Product, key.LicenseID)
	}
	r.policies(o)
	for key, n := range r.ended.All {
		r.fact(collector.MetricEndedInUse, key.Organization, n, key.Product)
	}
}

// showsFetches reports whether organization makes the series about the fetches of an
// organization. A healthy one does not need them, since license_up is 1 only if all of
// its collectors succeeded. An answer about one organization has them always: account
// makes them then, because the series that organization makes are cached and must not
// depend on the request.
func showsFetches(o *engine.Organization) bool {
	return o.ID == "" || o.Health() != engine.Healthy
}

// fetches makes the series about the latest fetches of an organization's collectors.
func (r *renderer) fetches(o *engine.Organization) {
	for i := range o.Collectors {
		c := &o.Collectors[i]
		if c.NotApplicable {
			continue
		}
		if c.Tried {
			r.success(o.ID, c.Name, c.Err == nil)
		}
		r.lastSuccess(o.ID, c.Name, c.Success)
	}
}

func (r *renderer) collector(o *engine.Organization, c *engine.CollectorState) {
	if c.NotApplicable || c.Report == nil {
		return
	}
	r.totals.addReport(c.Name, c.Report)
	for id, report := range r.OrganizationReports(o, c) {
		r.report(id, report)
	}
}

func (r *renderer) success(organization, name string, ok bool) {
	r.own(collector.MetricCollectorSuccess, collector.Bool(ok), organization, name)
}

// Whole seconds are exact enough for the end of a fetch, and take less space in
// Prometheus.
func (r *renderer) lastSuccess(organization, name string, when time.Time) {
	if !when.IsZero() {
		r.own(collector.MetricCollectorLastSuccess, float64(when.Unix()), organization, name)
	}
}

func (r *renderer) oldestSuccess(name string, when time.Time) {
	if !when.IsZero() {
		r.own(collector.MetricCollectorOldestSuccess, float64(when.Unix()), name)
	}
}

func (r *renderer) report(id string, f *collector.OrganizationReport) {
	for _, p := range f.Products {
		r.fact(collector.MetricProductInfo, id, 1, p.ID, p.Name, p.Manufacturer, p.Type, p.Class, p.FeatureTier)
	}
	if f.Fold != nil {
		for _, s := range f.Fold.Summaries() {
			r.summary(id, s)
		}
	}
	r.ended.Add(id, &f.Facts)
	for product, end := range f.NextEnds {
		r.nextEnd(id, product, end)
	}
	for _, l := range f.Licenses {
		r.license(id, l)
	}
	for _, l := range f.Individual {
		r.license(id, l)
	}
	for key, seats := range f.Seats {
		r.seats(id, key, seats)
	}
	for key, compliant := range f.Compliant {
		r.verdict(verdictKey{id, key}, compliant)
	}
	for license, status := range f.Statuses {
		for _, name := range collector.StateSet(status.Current, status.Known) {
			r.fact(collector.MetricStatus, id, collector.Bool(name == status.Current), license, name)
		}
	}
	for key, n := range f.Missing {
		r.fact(collector.MetricMissing, id, n, key.Product, key.SKU, key.Unit, key.LicenseID)
	}
	for key, end := range f.GraceEnds {
		r.fact(collector.MetricGraceEnd, id, collector.Seconds(end), key.Product, key.LicenseID)
	}
	for key, deadline := range f.RenewalDeadlines {
		r.fact(collector.MetricRenewalDeadline, id, collector.Seconds(deadline), key.Product, key.LicenseID)
	}
	for key, amount := range f.Costs {
		r.fact(collector.MetricCost, id, amount, key.Product, key.Component, key.Currency)
	}
	for key, value := range f.Samples {
		r.fact(key.Metric, id, value, key.Labels()...)
	}
}

// verdict keeps the worse of the verdicts that several collectors report.
func (r *renderer) verdict(key verdictKey, compliant bool) {
	if other, again := r.verdicts[key]; again {
		compliant = compliant && other
	}
	r.verdicts[key] = compliant
}

func (r *renderer) summary(id string, s *licensing.Summary) {
	for state, n := range s.Licenses {
		r.fact(collector.MetricLicenses, id, float64(n), s.Product, state.Name, string(state.Assigned))
	}
	if s.Dated {
		for i, days := range licensing.Horizons {
			r.fact(collector.MetricExpiring, id, float64(s.Expiring[i]), s.Product, strconv.Itoa(days))
		}
		r.fact(collector.MetricWithoutEnd, id, float64(s.WithoutEnd), s.Product)
	}
	r.nextEnd(id, s.Product, s.NextEnd())
}

// nextEnd makes the series about the next end of cover, if there is one. The days
// count from the scrape, not from the fetch.
func (r *renderer) nextEnd(id, product string, end time.Time) {
	if end.IsZero() {
		return
	}
	r.fact(collector.MetricNextEnd, id, collector.Seconds(end), product)
	if labels := r.factLabels(id, product); r.first(collector.MetricDays, labels) {
		r.out.countdown(r.metrics[collector.MetricDays], end, labels)
	}
}

func (r *renderer) license(id string, l licensing.License) {
	r.fact(collector.MetricInfo, id, 1, l.Product, l.ID, l.Name, l.State.Name, l.OrderID, l.DeviceSerial, l.NetworkID)
	if end := l.CoverEnd(); !end.IsZero() {
		r.fact(collector.MetricEnd, id, collector.Seconds(end), l.Product, l.ID)
	}
}

func (r *renderer) seats(id string, key licensing.SeatsKey, s licensing.Seats) {
	labels := []string{key.Product, key.Unit, key.LicenseID}
	if s.Kind != "" {
		r.fact(collector.MetricSeatsInfo, id, 1, key.Product, key.Unit, key.LicenseID, string(s.Kind))
	}
	r.known(collector.MetricSeatsLimit, id, s.Limit, labels...)
	r.known(collector.MetricSeatsAssigned, id, s.Assigned, labels...)
	r.known(collector.MetricSeatsAvailable, id, s.Available, labels...)
	r.known(collector.MetricSeatsRequired, id, s.Required, key.Product, key.Unit)
}

func (r *renderer) known(m *collector.Metric, id string, value *float64, labels ...string) {
	if value != nil {
		r.fact(m, id, *value, labels...)
	}
}

func (r *renderer) fact(m *collector.Metric, organization string, value float64, labels ...string) {
	r.emit(m, value, r.factLabels(organization, labels...))
}

// factLabels returns the values of all labels. They are valid until the next call.
func (r *renderer) factLabels(organization string, labels ...string) []string {
	r.labels = append(append(r.labels[:0], r.Vendor.Name, r.Name, organization), labels...)
	return r.labels
}

func (r *renderer) own(m *collector.Metric, value float64, labels ...string) {
	r.labels = append(append(r.labels[:0], r.Vendor.Name, r.Name), labels...)
	r.emit(m, value, r.labels)
}

func (r *renderer) emit(m *collector.Metric, value float64, labels []string) {
	if r.first(m, labels) {
		r.out.sample(r.metrics[m], value, labels)
	}
}

// first reports whether a series is new, and remembers it. It also replaces
// invalid UTF-8 in the labels.
func (r *renderer) first(m *collector.Metric, labels []string) bool {
	r.hash.Reset()
	_, _ = r.hash.WriteString(m.Name) // never fails
	for i, label := range labels {
		labels[i] = strings.ToValidUTF8(label, string(utf8.RuneError))
		_ = r.hash.WriteByte(labelSeparator)
		_, _ = r.hash.WriteString(labels[i])
	}
	key := r.hash.Sum64()
	if _, seen := r.seen[key]; seen {
		return false
	}
	r.seen[key] = struct{}{}
	return true
}

// labelSeparator does not occur in valid UTF-8, so that different labels never
// give the same hash input.
const labelSeparator = 0xff

// daysUntil returns the days from now to end. The range of a time.Duration is
// only 292 years, and some vendors use the year 9999 for licenses without an end.
func daysUntil(end, now time.Time) float64 {
	if d := end.Sub(now); now.Add(d).Equal(end) {
		return d.Hours() / 24
	}
	return float64(end.Unix()-now.Unix()) / licensing.Day.Seconds()
}
