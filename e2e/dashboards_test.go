package e2e

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/dashboards"
)

const noneMuted = "the demo mutes nothing that ends"

// emptyInDemo has the queries that return nothing in a healthy demo, as board/title/letter,
// with the reason.
var emptyInDemo = map[string]string{
	"license-organization/Licenses by end/D": noneMuted,
	"license-overview/What has ended/E":      noneMuted,
	"license-overview/Organizations/C":       "all organizations of the demo are healthy",

	"license-exporter/Records and objects left out/A": "the simulated vendors send nothing that cannot be read",
}

// selection has a value for each variable of a board, and may have the time of queries.
type selection map[string]string

// queryTime is the key of the time of queries.
const queryTime = "__time"

// TestDashboards sends the queries of all panels to a real Prometheus that scraped the
// demo and has loaded the alert rules. It does so as Grafana does, first with everything selected,
// and then with one vendor or one organization. The demo counts as two clusters, one of which has
// no name, so that no query may mix the facts of two.
func TestDashboards(t *testing.T) {
	exporter := startExporter(t, "--demo")
	rules, err := filepath.Abs("../alerts/*.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	prom := runPrometheus(t, fmt.Sprintf(`
global:
  scrape_interval: 3s
  scrape_timeout: 3s
  evaluation_interval: 1s
  scrape_native_histograms: true
  always_scrape_classic_histograms: true
rule_files: [%[2]q]
scrape_configs:
  - job_name: license_exporter
    static_configs:
      - {targets: [%[1]q]}
      - {targets: [%[1]q], labels: {cluster: c2}}
`, exporter.address, rules))
	eventually(t, time.Minute, func() error {
		up, err := prom.value(`min(license_up)`)
		if err == nil && up != 1 {
			err = errors.New("not everything is up")
		}
		return err
	})
	// A scrape that fails later, since the machine is busy, would make facts vanish for a while. So all queries are
	// about one moment.
	var moment string
	eventually(t, 3*time.Minute, func() error {
		moment = strconv.FormatInt(time.Now().Unix(), 10)
		ready, err := prom.queryAt(`license_ends:count{cluster="c2", problem="renewing"} and on () (min(up) == 1) and on () (min(count_over_time(up[5m])) > 5)`+
			` and on () (sum(rate(license_exporter_api_requests_total[5m])) > 0)`, moment) // without requests, there is no latency
		if err == nil && len(ready) == 0 {
			err = errors.New("not everything was scraped and recorded")
		}
		return err
	})

	boards, err := dashboards.Load()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, b := range boards {
		all, options := prom.choices(b, moment)
		fmt.Fprintf(w, "\n%s\tpanel\tseries\tselections with series\n", b.UID)
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				prom.checkTarget(w, b, p, target, all, options)
			}
			prom.checkNames(b, p, all)
			prom.checkClusters(b, p, all)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
	exporter.stop()
}

// checkTarget checks that a query returns series, and writes a line about it.
func (p prometheus) checkTarget(w *tabwriter.Writer, b dashboards.Board, panel dashboards.Panel,
	target dashboards.Target, all selection, options map[string]string,
) {
	p.t.Helper()
	n := len(p.ofSelection(all, target.Expr))
	place := b.UID + "/" + panel.Title + "/" + target.RefID
	switch reason := emptyInDemo[place]; {
	case n == 0 && reason == "":
		p.t.Errorf("%s returns nothing:\n%s", place, all.fill(target.Expr))
	case n > 0 && reason != "":
		p.t.Errorf("%s returns %d series and is no exception any more: %s", place, n, reason)
	}
	// With a single selection there are fewer series, or none if it has no such facts.
	answering, most := 0, 0
	names := slices.Sorted(maps.Keys(options))
	for _, text := range names {
		variable, value, _ := strings.Cut(options[text], "=")
		chosen := maps.Clone(all)
		chosen[variable] = value
		if m := len(p.ofSelection(chosen, target.Expr)); m > 0 {
			answering++
			most = max(most, m)
		}
	}
	if n > 0 && answering == 0 {
		p.t.Errorf("%s returns series with all chosen, and with none of %q alone", place, names)
	}
	if most > n {
		p.t.Errorf("%s returns %d series with one thing chosen, and %d with all", place, most, n)
	}
	fmt.Fprintf(w, "%s\t%s %s\t%d\t%d of %d\n", panel.Type, panel.Title, target.RefID, n, answering, len(names))
}

// checkClusters checks that some tables have rows for each of the two clusters.
func (p prometheus) checkClusters(b dashboards.Board, panel dashboards.Panel, all selection) {
	p.t.Helper()
	if panel.Type != "table" || !slices.Contains([]string{"What ends next", "What has ended", "Firing alerts"}, panel.Title) {
		return
	}
	one := maps.Clone(all)
	one["cluster"] = "c2"
	expr := panel.Targets[0].Expr
	if both, alone := len(p.ofSelection(all, expr)), len(p.ofSelection(one, expr)); alone == 0 || both != 2*alone {
		p.t.Errorf("%s/%s has %d rows for two clusters that are the same, and %d for one of them", b.UID, panel.Title, both, alone)
	}
}

// checkNames checks that the first query of a table, which adds the names, has all rows
// of the other queries. Grafana merges the queries into one table.
func (p prometheus) checkNames(b dashboards.Board, panel dashboards.Panel, all selection) {
	p.t.Helper()
	if panel.Type != "table" {
		return
	}
	first := p.ofSelection(all, panel.Targets[0].Expr)
	for _, target := range panel.Targets[1:] {
		for _, row := range p.ofSelection(all, target.Expr) {
			if !slices.ContainsFunc(first, func(named *model.Sample) bool { return holds(named.Metric, row.Metric) }) {
				p.t.Errorf("%s/%s/%s returns a row that has no name: %s", b.UID, panel.Title, target.RefID, row.Metric)
			}
		}
	}
}

// holds reports whether a series has all labels of another.
func holds(series, other model.Metric) bool {
	for label, value := range other {
		if label != model.MetricNameLabel && series[label] != value {
			return false
		}
	}
	return true
}

// choices returns the values of a board's variables when everything is selected. It also
// returns the single selections of the most selective variable, as "variable=value" by
// the text that Grafana shows.
func (p prometheus) choices(b dashboards.Board, moment string) (selection, map[string]string) {
	p.t.Helper()
	all := selection{"__rate_interval": "5m", queryTime: moment}
	single := map[string]string{}
	for _, v := range b.Templating.List {
		if v.Expr() == "" {
			continue
		}
		values := p.values(v, all)
		if len(values) == 0 {
			p.t.Fatalf("%s: the variable %s offers nothing: %s", b.UID, v.Name, all.fill(v.Expr()))
		}
		switch {
		case !v.IncludeAll:
			all[v.Name] = ".*"
		case v.AllValue != "":
			all[v.Name] = v.AllValue
		default:
			all[v.Name] = strings.Join(slices.Sorted(maps.Values(values)), "|")
		}
		for text, value := range values {
			single[v.Name+" "+text] = v.Name + "=" + value
		}
	}
	return all, single
}

var (
	labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	queryResult = regexp.MustCompile(`^query_result\((.+)\)$`)
)

// values returns the values that a variable offers, by the text that Grafana shows.
func (p prometheus) values(v dashboards.Variable, chosen selection) map[string]string {
	p.t.Helper()
	values := map[string]string{}
	expr := chosen.fill(v.Expr())
	if m := labelValues.FindStringSubmatch(expr); m != nil {
		for _, sample := range p.ofSelection(chosen, "group by ("+m[2]+") ("+m[1]+")") {
			value := string(sample.Metric[model.LabelName(m[2])])
			values[value] = value
		}
		return values
	}
	m := queryResult.FindStringSubmatch(expr)
	if m == nil {
		p.t.Fatalf("the variable %s asks %s", v.Name, expr)
	}
	pattern := regexp.MustCompile(strings.Trim(v.Regex, "/"))
	for _, sample := range p.ofSelection(chosen, m[1]) {
		// Grafana writes a sample like this, with the labels in Prometheus's order.
		line := fmt.Sprintf("%s %v %v", sample.Metric, sample.Value, int64(sample.Timestamp))
		line = strings.ReplaceAll(line, `", `, `",`)
		if found := pattern.FindStringSubmatch(line); found != nil {
			values[found[pattern.SubexpIndex("text")]] = found[pattern.SubexpIndex("value")]
		}
	}
	return values
}

var variable = regexp.MustCompile(`\$([a-z_]+)`)

// fill replaces variables by the selected values.
func (s selection) fill(expr string) string {
	return variable.ReplaceAllStringFunc(expr, func(name string) string {
		value, ok := s[name[1:]]
		if !ok {
			return name
		}
		return value
	})
}

// ofSelection evaluates an expression with the selected values, at the time of the selection.
func (p prometheus) ofSelection(s selection, expr string) model.Vector {
	p.t.Helper()
	vector, err := p.queryAt(s.fill(expr), s[queryTime])
	if err != nil {
		p.t.Fatal(err)
	}
	return vector
}
