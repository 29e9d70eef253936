package exposition

import (
	"cmp"
	"maps"
	"slices"

	"license_exporter/collector"
	"license_exporter/engine"
)

// metric is a metric with its labels in the order in which they are written.
type metric struct {
	*collector.Metric
	index  uint16       // in table.sorted
	labels []labelPlace // sorted by name
	// variable contains the indexes in AllLabels of the labels that are not the same for the
	// whole account, sorted by name.
	variable []int
	// organization is the index in variable of organization_id, -1 if there is none.
	organization int
}

// labelPlace is where the value of a label is: in page.common if it is the same for the whole
// account, or else in metric.variable.
type labelPlace struct {
	name     string
	variable bool
	index    int
}

// commonLabels is the number of labels that are the same for the whole account. They are the first
// ones of a metric: vendor and account.
const commonLabels = 2

func newMetric(m *collector.Metric, index uint16) *metric {
	prepared := &metric{Metric: m, index: index, organization: -1}
	for i, name := range m.AllLabels() {
		prepared.labels = append(prepared.labels, labelPlace{name, !m.Process && i >= commonLabels, i})
	}
	slices.SortFunc(prepared.labels, func(a, b labelPlace) int { return cmp.Compare(a.name, b.name) })
	for i, l := range prepared.labels {
		if l.variable {
			prepared.labels[i].index = len(prepared.variable)
			if l.name == "organization_id" {
				prepared.organization = len(prepared.variable)
			}
			prepared.variable = append(prepared.variable, l.index)
		}
	}
	return prepared
}

// table contains all metrics and the labels of accounts, which are further labels of
// license_organization_info. It does not change: what is written with one table has the
// same labels everywhere.
type table struct {
	metrics map[*collector.Metric]*metric
	sorted  []*metric // by name

	names  []string            // of the labels of all accounts, sorted
	values map[string][]string // of these labels, by account
}

func newTable(metrics []*collector.Metric) *table {
	t := &table{metrics: make(map[*collector.Metric]*metric, len(metrics))}
	for i, m := range metrics {
		prepared := newMetric(m, uint16(i)) //nolint:gosec // there are few metrics
		t.metrics[m] = prepared
		t.sorted = append(t.sorted, prepared)
	}
	return t
}

// with returns a table with other labels of accounts.
func (t *table) with(labels map[string]collector.Labels) *table {
	union := collector.Labels{}
	for _, l := range labels {
		maps.Copy(union, l)
	}
	changed := *t
	changed.names = slices.Sorted(maps.Keys(union))
	if !slices.Equal(changed.names, t.names) {
		before := t.metrics[collector.MetricOrganizationInfo]
		m := *collector.MetricOrganizationInfo
		m.Labels = slices.Concat(m.Labels, changed.names)
		info := newMetric(&m, before.index)
		changed.metrics, changed.sorted = maps.Clone(t.metrics), slices.Clone(t.sorted)
		changed.metrics[collector.MetricOrganizationInfo] = info
		changed.sorted[info.index] = info
	}
	changed.values = make(map[string][]string, len(labels))
	for account, l := range labels {
		values := make([]string, len(changed.names))
		for i, name := range changed.names {
			values[i] = l[name]
		}
		changed.values[account] = values
	}
	return &changed
}

// accountLabels returns the values of an account's labels, in the order of their names.
func (t *table) accountLabels(account string) []string {
	if values, ok := t.values[account]; ok {
		return values
	}
	return make([]string, len(t.names))
}

// Apply replaces the accounts of the engine, see engine.Engine.Reload, and at the same time
// their labels, by name of the account.
func (e *Exposition) Apply(accounts []*engine.Account, labels map[string]collector.Labels) {
	e.applying.Lock()
	defer e.applying.Unlock()
	e.table = e.table.with(labels)
	e.engine.Reload(accounts)
}

// Labels returns the labels that the configuration gives to an account, by name.
func (e *Exposition) Labels(account string) map[string]string {
	e.applying.RLock()
	defer e.applying.RUnlock()
	labels := map[string]string{}
	for i, value := range e.table.accountLabels(account) {
		if value != "" {
			labels[e.table.names[i]] = value
		}
	}
	return labels
}

// snapshots returns the state of the selected accounts and the table to show them with.
func (e *Exposition) snapshots(s engine.Selection) (*table, []*engine.Snapshot) {
	e.applying.RLock()
	defer e.applying.RUnlock()
	return e.table, e.engine.Snapshots(s)
}
