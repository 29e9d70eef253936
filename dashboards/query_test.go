package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/metricsdoc"
)

// commonLabels are the labels that Prometheus adds to all series. Where several clusters send their
// facts to one Prometheus, that includes the cluster.
var commonLabels = map[string]bool{"job": true, "instance": true, "cluster": true}

// The labels of what the alert rules record.
var (
	problemLabels = []string{"vendor", "account", "organization_id", "product", "license_id", "severity"}
	scopeLabels   = append(slices.Clip(problemLabels), "organization_name", "product_name", "license_name", "owner", "renewal")
)

// otherMetrics maps metrics that docs/metrics.md does not list to their labels,
// without commonLabels.
var otherMetrics = map[string][]string{
	"up":                            nil, // from Prometheus
	"scrape_duration_seconds":       nil,
	"scrape_samples_scraped":        nil,
	"license_exporter_build_info":   {"version", "revision", "goversion"}, // from the client library
	"process_resident_memory_bytes": nil,
	"process_cpu_seconds_total":     nil,
	"go_memstats_heap_inuse_bytes":  nil,
	"go_goroutines":                 nil,

	"license_problem:expired_in_use":             problemLabels, // from the alert rules
	"license_problem:expired_timestamp_seconds":  problemLabels,
	"license_problem:expiring_timestamp_seconds": problemLabels,
	"license_problem:renewing_timestamp_seconds": problemLabels,
	"license_problem:noncompliant":               problemLabels,
	"license_problem:seats_missing":              append(slices.Clip(problemLabels), "unit"),
	"license_scope:ends":                         scopeLabels,
	"license_scope:compliance":                   scopeLabels,
	"license_ends:count":                         {"vendor", "account", "problem", "severity"},
	"license_threshold:notice_days":              nil,
	"ALERTS":                                     append(slices.Clip(scopeLabels), "alertname", "alertstate", "collector"),
}

// All metrics and labels in queries exist.
func TestMetricsAndLabelsExist(t *testing.T) {
	known := map[string][]string{}
	for name, labels := range otherMetrics {
		known[name] = labels
	}
	for _, m := range metricsdoc.Read(t, "../docs/metrics.md") {
		known[m.Name] = m.Labels
		if m.Histogram {
			known[m.Name+"_bucket"] = append(slices.Clip(m.Labels), "le")
			known[m.Name+"_count"] = m.Labels
		}
	}
	used := map[string]bool{}
	check := func(where, expr string) {
		q := parse(expr)
		available := map[string]bool{}
		for label := range q.created {
			available[label] = true
		}
		for _, s := range q.selectors {
			labels, ok := known[s.metric]
			if !ok {
				t.Errorf("%s uses the metric %s, which does not exist", where, s.metric)
			}
			used[s.metric] = true
			for _, label := range labels {
				available[label] = true
			}
			for _, label := range s.labels {
				if !slices.Contains(labels, label) && !commonLabels[label] && label != "unset" { // which filters use because no series has it
					t.Errorf("%s: %s has no label %s", where, s.metric, label)
				}
			}
		}
		for label := range q.labels {
			if !available[label] && !commonLabels[label] {
				t.Errorf("%s: none of its metrics has a label %s", where, label)
			}
		}
	}
	for _, b := range load(t) {
		for _, v := range b.Templating.List {
			expr := v.Expr()
			if m := labelValues.FindStringSubmatch(expr); m != nil {
				expr = "group by (" + m[2] + ") (" + m[1] + ")"
			}
			check(b.UID+", variable "+v.Name, strings.TrimPrefix(expr, "query_result"))
		}
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				check(b.UID+", "+p.Title+" "+target.RefID, target.Expr)
			}
		}
	}
	for name, labels := range known {
		if slices.Contains(labels, "unset") {
			t.Errorf("%s has the label unset, which filters use because no series has it", name)
		}
	}
	for name := range otherMetrics {
		if !used[name] {
			t.Errorf("no query uses %s any more", name)
		}
	}
}

var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// query contains the metrics and labels of a PromQL expression.
type query struct {
	selectors []selector
	labels    map[string]bool // in grouping and matching clauses, and created
	created   map[string]bool // by label_replace or count_values
}

type selector struct {
	metric string
	labels []string
}

var (
	tokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\[[^]]*\]|[A-Za-z_:][A-Za-z0-9_:]*|[0-9][0-9a-z.]*|\S`)
	name   = regexp.MustCompile(`^[A-Za-z_:][A-Za-z0-9_:]*$`)
	// clauses are followed by labels in parentheses. keywords are not metrics either.
	clauses  = []string{"by", "without", "on", "ignoring", "group_left", "group_right"}
	keywords = []string{"and", "or", "unless", "bool", "offset"}
)

// parse finds the metrics and labels in an expression. It does not check whether
// the expression is valid: package e2e does that with Prometheus.
func parse(expr string) query {
	q := query{labels: map[string]bool{}, created: map[string]bool{}}
	words := tokens.FindAllString(expr, -1)
	next := func(i int) string {
		if i+1 < len(words) {
			return words[i+1]
		}
		return ""
	}
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case strings.HasPrefix(word, `"`):
			if text := strings.Trim(word, `"`); name.MatchString(text) {
				q.created[text], q.labels[text] = true, true
			}
		case word == "{": // without a metric before it, so it selects metrics by name
			var metrics, labels []string
			for i++; words[i] != "}"; i++ {
				switch {
				case words[i] == "__name__":
					metrics = strings.Split(strings.Trim(words[i+3], `"`), "|") // after = and ~
				case name.MatchString(words[i]):
					labels = append(labels, words[i])
				}
			}
			for _, metric := range metrics {
				q.selectors = append(q.selectors, selector{metric, labels})
			}
		case !name.MatchString(word) || slices.Contains(keywords, word):
		case slices.Contains(clauses, word):
			for i += 2; words[i] != ")"; i++ {
				if name.MatchString(words[i]) {
					q.labels[words[i]] = true
				}
			}
		case next(i) == "(" || next(i) == "by": // a function or an aggregation
		case next(i) == "{":
			s := selector{metric: word}
			for i += 2; words[i] != "}"; i++ {
				if name.MatchString(words[i]) {
					s.labels = append(s.labels, words[i])
				}
			}
			q.selectors = append(q.selectors, s)
		default:
			q.selectors = append(q.selectors, selector{metric: word})
		}
	}
	return q
}

func TestParse(t *testing.T) {
	q := parse(`label_replace(sum by (a, b) (rate(x_total{c=~"$c", d!="e"}[5m])) / on (a) group_left (f) y, "g", "$1", "a", "(.*)") > bool 0`)
	if len(q.selectors) != 2 || q.selectors[0].metric != "x_total" || !slices.Equal(q.selectors[0].labels, []string{"c", "d"}) ||
		q.selectors[1].metric != "y" {
		t.Errorf("selectors %v", q.selectors)
	}
	for _, label := range []string{"a", "b", "f", "g"} {
		if !q.labels[label] {
			t.Errorf("labels %v lack %s", q.labels, label)
		}
	}
	if len(q.labels) != 4 {
		t.Errorf("labels %v, want four", q.labels)
	}

	q = parse(`group by (a) ({__name__=~"x|y", b=~"$b"})`)
	want := []selector{{"x", []string{"b"}}, {"y", []string{"b"}}}
	if diff := cmp.Diff(want, q.selectors, cmp.AllowUnexported(selector{})); diff != "" {
		t.Errorf("selectors by name (-want +got):\n%s", diff)
	}
}
