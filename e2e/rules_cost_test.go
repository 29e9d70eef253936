package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// countedFor is how long alerts and messages are counted.
const countedFor = 10 * time.Minute

// TestRulesCost prints what the rules cost where there are thousands of organizations, and how
// many messages their alerts make. make rules-cost starts it. RULES names the folder of the
// rules and of the example for Alertmanager.
func TestRulesCost(t *testing.T) {
	folder := os.Getenv("RULES")
	if folder == "" {
		t.Skip("it takes 20 minutes; start it with make rules-cost")
	}
	organizations, licenses := number(t, "ORGANIZATIONS"), number(t, "LICENSES")
	exporter := startLargeEstate(t, organizations, licenses)
	to := &counter{messages: map[string]int{}, alerts: map[string]map[string]bool{}}
	server := httptest.NewServer(to)
	t.Cleanup(server.Close)
	alertmanager := runAlertmanager(t, rewrite(t, filepath.Join(folder, "alertmanager.example.yml"), func(key, value string) string {
		if key == "url" {
			return server.URL
		}
		return value
	}))
	prom := runRules(t, exporter, folder, alertmanager.address)
	begun := time.Now()

	time.Sleep(countedFor)
	firing := prom.counts(`count by (alertname, severity) (ALERTS{alertstate="firing"})`, "alertname", "severity")
	receivers := to.table()
	evaluation, cpu, since := prom.own(evaluationSeconds), prom.own(cpuSeconds), time.Now()
	time.Sleep(time.Until(begun.Add(filledAfter)))
	minutes := time.Since(since).Minutes()
	evaluation, cpu = (prom.own(evaluationSeconds)-evaluation)/minutes, (prom.own(cpuSeconds)-cpu)/minutes

	scraped, err := prom.value(`scrape_samples_scraped`)
	if err != nil {
		t.Fatal(err)
	}
	recorded := prom.counts(`count by (prefix) (label_replace({__name__=~".+:.+|ALERTS.*"}, "prefix", "$1", "__name__", "([^:]+).*"))`, "prefix")
	alerts := prom.counts(`count by (alertstate) (ALERTS)`, "alertstate")
	rules := prom.rules()
	var total cost
	for _, r := range rules {
		total.Samples += r.Samples
		total.Peak = max(total.Peak, r.Peak)
	}
	fmt.Printf("\n## %d organizations with %d licenses each\n\n", organizations, licenses)
	fmt.Printf("| what | |\n| --- | --- |\n| series scraped | %.0f |\n", scraped)
	made := 0
	for _, row := range recorded {
		fmt.Printf("| series recorded, %s | %d |\n", row.name, row.n)
		made += row.n
	}
	fmt.Printf("| series recorded in all, over those scraped | +%.1f %% |\n", 100*float64(made)/scraped)
	for _, row := range alerts {
		fmt.Printf("| alerts after %s, %s | %d |\n", filledAfter, row.name, row.n)
	}
	fmt.Printf("| samples read by an evaluation of all rules | %d |\n", total.Samples)
	fmt.Printf("| most samples in memory at once, of any rule | %d |\n", total.Peak)
	fmt.Printf("| seconds of evaluation in a minute, all groups | %.1f |\n", evaluation)
	fmt.Printf("| CPU seconds of Prometheus in a minute, with the scrape | %.1f |\n", cpu)
	printCounts(fmt.Sprintf("messages and alerts of the first %s, by receiver", countedFor), receivers)
	printCounts(fmt.Sprintf("alerts that fire after %s", countedFor), firing)
	fmt.Printf("\nGroups\n\n| group | rules | samples | seconds |\n| --- | --- | --- | --- |\n")
	groups := byGroup(rules)
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		all := groups[group]
		samples, seconds := 0, 0.0
		for _, r := range all {
			samples += r.Samples
			seconds += r.Seconds
		}
		fmt.Printf("| %s | %d | %d | %.2f |\n", group, len(all), samples, seconds)
	}
	fmt.Printf("\nThe dearest rules\n\n| rule | samples | seconds |\n| --- | --- | --- |\n")
	slices.SortFunc(rules, func(a, b cost) int { return cmp.Compare(b.Samples, a.Samples) })
	for _, r := range rules[:min(12, len(rules))] {
		fmt.Printf("| %s | %d | %.2f |\n", r.Name, r.Samples, r.Seconds)
	}
	fmt.Println()
}

// counter is a webhook that counts what Alertmanager sends.
type counter struct {
	mu       sync.Mutex
	messages map[string]int
	alerts   map[string]map[string]bool // by receiver, each alert once
}

func (c *counter) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var message struct {
		Receiver string `json:"receiver"`
		Alerts   []struct {
			Fingerprint string `json:"fingerprint"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(req.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages[message.Receiver]++
	if c.alerts[message.Receiver] == nil {
		c.alerts[message.Receiver] = map[string]bool{}
	}
	for _, a := range message.Alerts {
		c.alerts[message.Receiver][a.Fingerprint] = true
	}
}

// count is how often something occurs.
type count struct {
	name string
	n    int
}

func (c *counter) table() []count {
	c.mu.Lock()
	defer c.mu.Unlock()
	rows := []count{}
	messages, alerts := 0, map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(c.messages)) {
		rows = append(rows, count{"messages to " + name, c.messages[name]}, count{"alerts in them", len(c.alerts[name])})
		messages += c.messages[name]
		maps.Copy(alerts, c.alerts[name])
	}
	return append(rows, count{"messages in all", messages}, count{"alerts in all", len(alerts)})
}

func printCounts(title string, rows []count) {
	fmt.Printf("\n%s\n\n| | |\n| --- | --- |\n", title)
	for _, row := range rows {
		fmt.Printf("| %s | %d |\n", row.name, row.n)
	}
}

// counts returns the values of an expression, named by some labels.
func (p prometheus) counts(expr string, labels ...string) []count {
	p.t.Helper()
	rows := []count{}
	vector, err := p.query(expr)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, sample := range vector {
		name := ""
		for _, label := range labels {
			name += ", " + string(sample.Metric[model.LabelName(label)])
		}
		rows = append(rows, count{strings.TrimPrefix(name, ", "), int(sample.Value)})
	}
	slices.SortFunc(rows, func(a, b count) int { return cmp.Compare(a.name, b.name) })
	return rows
}

// Counters of Prometheus about itself. The first is that of all groups of rules together.
const (
	evaluationSeconds = "prometheus_rule_group_duration_seconds_sum"
	cpuSeconds        = "process_cpu_seconds_total"
)

// own returns the value of a metric of Prometheus itself.
func (p prometheus) own(name string) float64 {
	p.t.Helper()
	metrics, err := p.get("/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	value, err := sample(metrics, name)
	if err != nil {
		p.t.Fatal(err)
	}
	return value
}

// cost is what one evaluation of a rule takes.
type cost struct {
	Group, Name   string
	Seconds       float64
	Samples, Peak int
}

// queryStats is what Prometheus says of a query with stats=all.
type queryStats struct {
	Samples struct {
		Total int `json:"totalQueryableSamples"`
		Peak  int `json:"peakSamples"`
	} `json:"samples"`
}

// rules returns the costs of all rules, which must have been evaluated without an error.
func (p prometheus) rules() []cost {
	p.t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Name  string `json:"name"`
				Rules []struct {
					Name      string  `json:"name"`
					Query     string  `json:"query"`
					Health    string  `json:"health"`
					LastError string  `json:"lastError"`
					Seconds   float64 `json:"evaluationTime"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	p.decode("/api/v1/rules?exclude_alerts=true", &answer)
	all := []cost{}
	for _, group := range answer.Data.Groups {
		for _, r := range group.Rules {
			if r.Health != "ok" {
				p.t.Errorf("rule %s is %s: %s", r.Name, r.Health, r.LastError)
			}
			var stats struct {
				Data struct {
					Stats queryStats `json:"stats"`
				} `json:"data"`
			}
			p.decode("/api/v1/query?"+url.Values{"query": {r.Query}, "stats": {"all"}}.Encode(), &stats)
			read := stats.Data.Stats.Samples
			all = append(all, cost{group.Name, r.Name, r.Seconds, read.Total, read.Peak})
		}
	}
	return all
}

func (p prometheus) decode(path string, into any) {
	p.t.Helper()
	body, err := p.get(path)
	if err == nil {
		err = json.Unmarshal([]byte(body), into)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
}

func byGroup(rules []cost) map[string][]cost {
	groups := map[string][]cost{}
	for _, r := range rules {
		groups[r.Group] = append(groups[r.Group], r)
	}
	return groups
}
