package exposition

import (
	"strconv"
	"time"

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
	// verdicts contains the verdicts on the organization that is being rendered.
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
	return &renderer{Snapshot: s, table: t, out: out}
}

// totals contains numbers that are shown as sums over the organizations of an account.
type totals struct {
	dropped map[string]int // individual licenses, by collector
	skipped map[skippedKey]int
}

// skippedKey identifies records and child objects that could not be read.
type skippedKey struct{ collector, reason string }

func (t *totals) addReport(name string, r *collector.Report) {
	if n := r.Dropped(); n > 0 {
		addTo(&t.dropped, name, n)
	}
	for reason, n := range r.Skipped() {
		addTo(&t.skipped, skippedKey{name, reason}, n)
	}
}

func (t *totals) add(o totals) {
	for name, n := range o.dropped {
		addTo(&t.dropped, name, n)
	}
	for key, n := range o.skipped {
		addTo(&t.skipped, key, n)
	}
}

// addTo adds a number to that of a key. It makes the map if there is none: the totals of most
// organizations are empty.
func addTo[K comparable](m *map[K]int, key K, n int) {
	if *m == nil {
		*m = map[K]int{}
	}
	(*m)[key] += n
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
// its collectors succeeded. An answer about one organization always has them. Then account
// makes them, because what organization makes is cached and must not depend on the request.
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
	isComplete := len(c.Report.SkippedRecords()) == 0
	for id, report := range r.OrganizationReports(o, c) {
		if isComplete && report.Fold != nil { // otherwise, a license that was not read may have such a state
			for _, state := range report.Fold.MissingStates() {
				r.licenses(id, "", state, 0)
			}
		}
		r.report(id, report)
	}
}

func (r *renderer) success(organization, name string, ok bool) {
	r.own(collector.MetricCollectorSuccess, collector.Bool(ok), organization, name)
}

func (r *renderer) lastSuccess(organization, name string, when time.Time) {
	r.fetchEnd(collector.MetricCollectorLastSuccess, when, organization, name)
}

func (r *renderer) oldestSuccess(name string, when time.Time) {
	r.fetchEnd(collector.MetricCollectorOldestSuccess, when, name)
}

// fetchEnd makes a series whose value is when a fetch ended, unless there was none. Whole
// seconds are exact enough, and take less space in Prometheus.
func (r *renderer) fetchEnd(m *collector.Metric, when time.Time, labels ...string) {
	if !when.IsZero() {
		r.own(m, float64(when.Unix()), labels...)
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
	for product, end := range f.NextEnds.All {
		r.nextEnd(id, product, end)
	}
	for _, l := range f.Licenses.All {
		r.license(id, l)
	}
	for _, l := range f.Individual.All {
		r.license(id, l)
	}
	for key, seats := range f.Seats.All {
		r.seats(id, key, seats)
	}
	for key, compliant := range f.Compliant.All {
		r.verdict(verdictKey{id, key}, compliant)
	}
	for license, status := range f.Statuses.All {
		for _, name := range collector.StateSet(status.Current, status.Known) {
			r.fact(collector.MetricStatus, id, collector.Bool(name == status.Current), license, name)
		}
	}
	for key, n := range f.Missing.All {
		r.fact(collector.MetricMissing, id, n, key.Product, key.SKU, key.Unit, key.LicenseID)
	}
	for key, end := range f.GraceEnds.All {
		r.fact(collector.MetricGraceEnd, id, collector.Seconds(end), key.Product, key.LicenseID)
	}
	for key, deadline := range f.RenewalDeadlines.All {
		r.fact(collector.MetricRenewalDeadline, id, collector.Seconds(deadline), key.Product, key.LicenseID)
	}
	for key, when := range f.Renewals.All {
		r.fact(collector.MetricNextRenewal, id, collector.Seconds(when), key.Product, key.LicenseID)
	}
	for key, amount := range f.Costs.All {
		r.fact(collector.MetricCost, id, amount, key.Product, key.Component, key.Currency)
	}
	for key, value := range f.Samples.All {
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
	for state, n := range s.Licenses.All {
		r.licenses(id, s.Product, state, n)
	}
	if s.CountsEnds() {
		for i, days := range licensing.Horizons {
			r.fact(collector.MetricExpiring, id, float64(s.Expiring[i]), s.Product, strconv.Itoa(days))
		}
	}
	if s.CountsWithoutEnd() {
		r.fact(collector.MetricWithoutEnd, id, float64(s.WithoutEnd), s.Product)
	}
	r.nextEnd(id, s.Product, s.NextEnd())
}

func (r *renderer) licenses(id, product string, state licensing.State, n int) {
	r.fact(collector.MetricLicenses, id, float64(n), product, state.Name, string(state.Assigned))
}

// nextEnd makes the series about the next end of cover, if there is one. The days
// count from the scrape, not from the fetch.
func (r *renderer) nextEnd(id, product string, end time.Time) {
	if end.IsZero() {
		return
	}
	r.fact(collector.MetricNextEnd, id, collector.Seconds(end), product)
	r.out.countdown(r.metrics[collector.MetricDays], end, r.factLabels(id, product))
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
	if m.Shared {
		organization = ""
	}
	r.out.sample(r.metrics[m], value, r.factLabels(organization, labels...))
}

// factLabels returns the values of all labels. They are valid until the next call.
func (r *renderer) factLabels(organization string, labels ...string) []string {
	r.labels = append(append(r.labels[:0], r.Vendor.Name, r.Name, organization), labels...)
	return r.labels
}

func (r *renderer) own(m *collector.Metric, value float64, labels ...string) {
	r.labels = append(append(r.labels[:0], r.Vendor.Name, r.Name), labels...)
	r.out.sample(r.metrics[m], value, r.labels)
}

// stepsPerDay is how many steps a day has in license_days_to_expiration. A value that changes
// with each scrape takes six bytes in Prometheus, one that changes each 11 minutes takes half a
// byte. The number is a power of two, because Prometheus compresses differences of the bits.
const stepsPerDay = 128

// daysUntil returns the days from now to end in whole steps, rounded away from zero: it is above
// zero until the end, and below zero from the end on.
func daysUntil(end, now time.Time) float64 {
	steps, rest := stepsUntil(end, now)
	switch {
	case rest > 0:
		steps++
	case rest < 0, steps == 0:
		steps--
	}
	return float64(steps) / stepsPerDay
}

// stepsUntil returns the whole steps from now to end and what is left. The range of a
// time.Duration is only 292 years, and some vendors use the year 9999 for licenses without an
// end. Fractions of a second are ignored then.
func stepsUntil(end, now time.Time) (steps, rest int64) {
	const step = licensing.Day / stepsPerDay
	if d := end.Sub(now); now.Add(d).Equal(end) {
		return int64(d / step), int64(d % step)
	}
	const seconds = int64(step / time.Second)
	d := end.Unix() - now.Unix()
	return d / seconds, d % seconds
}
