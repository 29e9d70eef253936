package collector

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/licensing"
)

// Gather refreshes the facts within the context's deadline and returns them as
// metric families.
func (e *Engine) Gather(ctx context.Context) prometheus.Gatherer {
	e.Refresh(ctx)
	registry := prometheus.NewRegistry()
	registry.MustRegister(e)
	return registry
}

// Describe implements prometheus.Collector. It describes nothing: which metrics
// there are depends on the vendors' answers.
func (e *Engine) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector. It shows the facts at hand and
// fetches nothing.
func (e *Engine) Collect(ch chan<- prometheus.Metric) {
	for _, a := range e.accounts {
		v := a.view()
		r := renderer{view: v, out: ch, individualLeft: a.Options.IndividualLimit, dropped: map[string]int{}}
		r.account()
	}
}

// renderer makes metrics of a view. It alone knows which fact becomes which
// metric.
type renderer struct {
	view
	out            chan<- prometheus.Metric
	individualLeft int
	dropped        map[string]int
}

func (r *renderer) account() {
	owners := r.owners()
	whole := scopeView{}
	for i := range r.scopes {
		s := &r.scopes[i]
		if s.ID == "" {
			whole = *s
		}
		r.organization(s)
		for j := range s.units {
			r.unit(s, &s.units[j], owners)
		}
	}
	up := r.discovery.tried && r.discovery.err == nil && len(r.discovery.value.Failed) == 0 && whole.health() == healthy
	r.fact(metricUp, "", boolValue(up))
	if r.discovery.tried {
		r.success("", r.SourceName, r.discovery.err == nil && len(r.discovery.value.Failed) == 0)
	}
	r.lastSuccess("", r.SourceName, r.discovery.success.IsZero(), seconds(r.discovery.success))
	for _, c := range r.Collectors {
		r.own(metricSeriesDropped, float64(r.dropped[c.Name]), c.Name)
	}
}

// organization shows what an organization is and whether it is up. The account
// as a whole is up or down together with its discovery, and has a name only if
// its source gives it one.
func (r *renderer) organization(s *scopeView) {
	named := s.ID != "" || s.Name != ""
	if named && !s.seen.IsZero() && r.now.Sub(s.seen) <= r.engine.MaxStale {
		r.fact(metricOrganizationInfo, s.ID, 1, s.Name, s.Model, s.Region, strconv.FormatBool(s.APIEnabled))
	}
	if s.ID == "" || len(s.units) == 0 && !s.failed {
		return // nothing is fetched of the organization itself, so nothing of it can be up or down
	}
	if h := s.health(); h != untried {
		r.fact(metricUp, s.ID, boolValue(h == healthy))
	}
}

func (r *renderer) unit(s *scopeView, u *unitView, owners map[sharedKey]string) {
	if u.has && u.value.notApplicable {
		return
	}
	if u.tried {
		r.success(s.ID, u.name, u.err == nil)
	}
	r.lastSuccess(s.ID, u.name, u.success.IsZero(), seconds(u.success))
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

func (r *renderer) lastSuccess(organization, collector string, never bool, when float64) {
	if !never {
		r.own(metricCollectorLastSuccess, when, organization, collector)
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
	r.fact(metricDays, id, end.Sub(r.now).Hours()/24, product)
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
	r.emit(m, value, append([]string{r.Vendor, r.Name, organization}, labels...))
}

func (r *renderer) own(m *Metric, value float64, labels ...string) {
	r.emit(m, value, append([]string{r.Vendor, r.Name}, labels...))
}

func (r *renderer) emit(m *Metric, value float64, labels []string) {
	metric, err := prometheus.NewConstMetric(m.desc, m.Type, value, labels...)
	if err != nil {
		metric = prometheus.NewInvalidMetric(m.desc, err)
	}
	r.out <- metric
}
