// Package metricsdoc reads docs/metrics.md, for tests of what queries the
// metrics: the list of vendors is in package main, where tests cannot import it.
package metricsdoc

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Metric is a metric that the exporter may show.
type Metric struct {
	Name      string
	Labels    []string
	Histogram bool
}

var (
	row   = regexp.MustCompile("^\\| `(\\w+)`( \\(histogram\\))?[^|]*\\| ([^|]*)\\|[^|]*\\|[^|]*\\|$")
	label = regexp.MustCompile("`(\\w+)`")
)

// Read returns all metrics of the document.
func Read(t *testing.T, path string) []Metric {
	t.Helper()
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var metrics []Metric
	common := []string{"vendor", "account", "organization_id"}
	for line := range strings.SplitSeq(string(doc), "\n") {
		switch line {
		case "## The exporter itself":
			common = common[:2]
		case "## Collectors":
			return metrics
		}
		cells := row.FindStringSubmatch(line)
		if cells == nil {
			continue
		}
		m := Metric{Name: cells[1], Histogram: cells[2] != ""}
		if !strings.HasPrefix(m.Name, "license_exporter_config_") && m.Name != "license_exporter_unmatched_policies" { // of the process
			m.Labels = append(m.Labels, common...)
		}
		for _, l := range label.FindAllStringSubmatch(cells[3], -1) {
			m.Labels = append(m.Labels, l[1])
		}
		metrics = append(metrics, m)
	}
	t.Fatalf("%s has no section on collectors", path)
	return nil
}
