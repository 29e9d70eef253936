package collector

import (
	"hash/maphash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/licensing"
)

// sink takes what is rendered. It keeps no reference to the labels.
type sink interface {
	sample(m *Metric, value float64, labels []string)
	// countdown takes the days until an end, which change all the time.
	countdown(end time.Time, labels []string)
}

// renderer makes metrics of one organization's facts, or of what concerns an
// account. It alone knows which fact becomes which metric.
type renderer struct {
	*view
	out sink
	// individualLeft is how many more licenses may have series of their own.
	individualLeft int
	dropped        map[string]int
	// seen holds hashes of the series that were made. Whatever the vendor
	// sends, none is made twice.
	seen map[uint64]struct{}
	hash maphash.Hash

	labels []string // used again for each series
}

func newRenderer(v *view, out sink) *renderer {
	return &renderer{view: v, out: out, dropped: map[string]int{}, seen: map[uint64]struct{}{}}
}

// account makes what concerns the account: whether it works, and what the
// organizations' renderers have left out.
func (r *renderer) account(dropped map[string]int) {
	if r.selected.organization("") {
		if h := r.health(); h != untried {
			r.fact(metricUp, "", boolValue(h == healthy))
		}
		if r.discovery.tried {
			r.success("", r.SourceName, r.listed())
		}
		r.lastSuccess("", r.SourceName, r.discovery.success)
	}
	if r.selected.One {
		return // nobody can add up what each organization alone says of the account
	}
	for _, c := range r.Collectors {
		if r.selected.collector(c.Name) {
			r.own(metricSeriesDropped, float64(dropped[c.Name]), c.Name)
		}
	}
}

// scope makes what concerns one organization.
func (r *renderer) scope(s *scopeView, owners owners) {
	r.organization(s)
	for i := range s.units {
		r.unit(s, &s.units[i], owners)
	}
}

// organization shows what an organization is and whether it is up. The account
// as a whole is up or down together with its discovery, and has a name only if
// its source gives it one.
func (r *renderer) organization(s *scopeView) {
	if s.named && (s.ID != "" || s.Name != "") {
		r.fact(metricOrganizationInfo, s.ID, 1, s.Name, s.Model, s.Region, strconv.FormatBool(s.APIEnabled))
	}
	if s.ID == "" || len(s.units) == 0 && !s.failed {
		return // nothing is fetched of the organization itself, so nothing of it can be up or down
	}
	if h := s.health(); h != untried {
		r.fact(metricUp, s.ID, boolValue(h == healthy))
	}
}

func (r *renderer) unit(s *scopeView, u *unitView, owners owners) {
	if u.has && u.value.notApplicable && u.err == nil {
		return
	}
	if u.tried {
		r.success(s.ID, u.name, u.err == nil)
	}
	r.lastSuccess(s.ID, u.name, u.success)
	if !u.has {
		return
	}
	r.dropped[u.name] += u.value.dropped
	for id, facts := range u.facts(s.ID, owners) {
		r.facts(u.name, id, facts)
	}
}

func (r *renderer) success(organization, collector string, ok bool) {
	r.own(metricCollectorSuccess, boolValue(ok), organization, collector)
}

func (r *renderer) lastSuccess(organization, collector string, when time.Time) {
	if !when.IsZero() {
		r.own(metricCollectorLastSuccess, seconds(when), organization, collector)
	}
}

func (r *renderer) facts(collector, id string, f *Facts) {
	for _, p := range f.Products {
		r.fact(metricProductInfo, id, 1, p.ID, p.Name, p.Manufacturer, p.Type, p.Class, p.FeatureTier)
	}
	if f.Fold != nil {
		for _, s := range f.Fold.Summaries() {
			r.summary(id, s)
		}
	}
	for product, end := range f.NextEnds {
		r.nextEnd(id, product, end)
	}
	r.individual(collector, id, f)
	for key, seats := range f.Seats {
		r.seats(id, key, seats)
	}
	for key, compliant := range f.Compliant {
		r.fact(metricCompliant, id, boolValue(compliant), key.Product, key.LicenseID)
	}
	for license, status := range f.Statuses {
		for _, name := range stateSet(status.Current, status.Known) {
			r.fact(metricStatus, id, boolValue(name == status.Current), license, name)
		}
	}
	for key, n := range f.Missing {
		r.fact(metricMissing, id, n, key.Product, key.SKU, key.LicenseID)
	}
	for key, end := range f.GraceEnds {
		r.fact(metricGraceEnd, id, seconds(end), key.Product, key.LicenseID)
	}
	for key, amount := range f.Costs {
		r.fact(metricCost, id, amount, key.Product, key.Component, key.Currency)
	}
	for key, value := range f.samples {
		r.fact(key.metric, id, value, strings.Split(key.labels, labelSeparator)[:len(key.metric.Labels)]...)
	}
}

func (r *renderer) summary(id string, s *licensing.Summary) {
	for state, n := range s.Licenses {
		r.fact(metricLicenses, id, float64(n), s.Product, state.Name, string(state.Assigned))
	}
	if s.Dated {
		for i, days := range licensing.Horizons {
			r.fact(metricExpiring, id, float64(s.Expiring[i]), s.Product, strconv.Itoa(days))
		}
		r.fact(metricWithoutEnd, id, float64(s.WithoutEnd), s.Product)
	}
	r.nextEnd(id, s.Product, s.NextEnd())
}

// nextEnd shows the next end of cover, if there is one. The days are counted
// from the scrape, not from the fetch.
func (r *renderer) nextEnd(id, product string, end time.Time) {
	if end.IsZero() {
		return
	}
	r.fact(metricNextEnd, id, seconds(end), product)
	if labels := r.factLabels(id, product); r.first(metricDays, labels) {
		r.out.countdown(end, labels)
	}
}

// individual shows licenses that have series of their own: all that a
// collector always gives them to, and as many of the others as the account's
// limit allows.
func (r *renderer) individual(collector, id string, f *Facts) {
	for _, l := range f.Individual {
		r.license(id, l)
	}
	for _, key := range slices.SortedFunc(maps.Keys(f.optional), func(a, b licensing.LicenseKey) int {
		return compareIDs(a.LicenseID, b.LicenseID)
	}) {
		if r.individualLeft == 0 {
			r.dropped[collector]++
			continue
		}
		r.individualLeft--
		r.license(id, f.optional[key])
	}
}

func (r *renderer) license(id string, l licensing.License) {
	r.fact(metricInfo, id, 1, l.Product, l.ID, l.Name, l.State.Name, l.OrderID, l.DeviceSerial, l.NetworkID)
	if end := l.CoverEnd(); !end.IsZero() {
		r.fact(metricEnd, id, seconds(end), l.Product, l.ID)
	}
}

func (r *renderer) seats(id string, key licensing.SeatsKey, s licensing.Seats) {
	labels := []string{key.Product, key.Unit, key.LicenseID}
	r.known(metricSeatsLimit, id, s.Limit, labels...)
	r.known(metricSeatsAssigned, id, s.Assigned, labels...)
	r.known(metricSeatsAvailable, id, s.Available, labels...)
	r.known(metricSeatsRequired, id, s.Required, key.Product, key.Unit)
}

func (r *renderer) known(m *Metric, id string, value *float64, labels ...string) {
	if value != nil {
		r.fact(m, id, *value, labels...)
	}
}

func (r *renderer) fact(m *Metric, organization string, value float64, labels ...string) {
	r.emit(m, value, r.factLabels(organization, labels...))
}

// factLabels returns labels that hold until the next are made.
func (r *renderer) factLabels(organization string, labels ...string) []string {
	r.labels = append(append(r.labels[:0], r.Vendor, r.Name, organization), labels...)
	return r.labels
}

func (r *renderer) own(m *Metric, value float64, labels ...string) {
	r.labels = append(append(r.labels[:0], r.Vendor, r.Name), labels...)
	r.emit(m, value, r.labels)
}

func (r *renderer) emit(m *Metric, value float64, labels []string) {
	if r.first(m, labels) {
		r.out.sample(m, value, labels)
	}
}

// first tells whether a series has not been made yet. It makes the labels valid
// on the way.
func (r *renderer) first(m *Metric, labels []string) bool {
	r.hash.Reset()
	_, _ = r.hash.WriteString(m.Name) // never fails
	for i, label := range labels {
		labels[i] = strings.ToValidUTF8(label, string(utf8.RuneError))
		_ = r.hash.WriteByte(labelSeparator[0])
		_, _ = r.hash.WriteString(labels[i])
	}
	key := r.hash.Sum64()
	if _, made := r.seen[key]; made {
		return false
	}
	r.seen[key] = struct{}{}
	return true
}

// Gatherer returns the selected facts at hand as metric families. It fetches
// nothing.
func (e *Engine) Gatherer(s Selection) prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&constMetrics{engine: e, selection: s})
	return registry
}

// constMetrics is the selected facts as a prometheus.Collector.
type constMetrics struct {
	engine    *Engine
	selection Selection
}

// Describe describes nothing: which metrics there are depends on the vendors'
// answers.
func (*constMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect shows the facts at hand.
func (c *constMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, a := range c.engine.selected(c.selection) {
		v := a.view(c.selection)
		out := constSink{ch, v.now}
		owners, left := v.owners(), v.individualLeft()
		dropped := map[string]int{}
		for i := range v.scopes {
			r := newRenderer(&v, out)
			r.dropped, r.individualLeft = dropped, left
			r.scope(&v.scopes[i], owners)
			left = r.individualLeft
		}
		newRenderer(&v, out).account(dropped)
	}
}

// constSink makes const metrics.
type constSink struct {
	ch  chan<- prometheus.Metric
	now time.Time
}

func (s constSink) sample(m *Metric, value float64, labels []string) {
	metric, err := prometheus.NewConstMetric(m.desc, m.Type, value, labels...)
	if err != nil {
		metric = prometheus.NewInvalidMetric(m.desc, err)
	}
	s.ch <- metric
}

func (s constSink) countdown(end time.Time, labels []string) {
	s.sample(metricDays, daysUntil(end, s.now), labels)
}

// daysUntil also holds for what is further away than a time.Duration can be, 292
// years: some vendors write the year 9999 for never.
func daysUntil(end, now time.Time) float64 {
	if d := end.Sub(now); now.Add(d).Equal(end) {
		return d.Hours() / 24
	}
	return float64(end.Unix()-now.Unix()) / licensing.Day.Seconds()
}
