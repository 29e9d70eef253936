package collector

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/simulator/snow"
)

// seriesSink takes down which series are made.
type seriesSink map[string]bool

func (s seriesSink) sample(m *Metric, _ float64, labels []string) {
	s[m.Name+"{"+strings.Join(labels, ",")+"}"] = true
}

func (s seriesSink) countdown(_ time.Time, labels []string) { s.sample(metricDays, 0, labels) }

// of counts the series of a metric.
func (s seriesSink) of(m *Metric) int {
	n := 0
	for series := range s {
		if strings.HasPrefix(series, m.Name+"{") {
			n++
		}
	}
	return n
}

// snowSeries returns the series of facts of each collector, and of the
// discovery, by name. Each is rendered by itself, since a renderer leaves out
// what it has made already.
func snowSeries(t *testing.T, estate snow.Estate, version string) map[string]seriesSink {
	t.Helper()
	var names []string
	for _, r := range Registry() {
		if r.Vendor == VendorSnow {
			names = append(names, r.Name)
		}
	}
	h, _ := snowSimulated(t, estate, version, names...)
	h.Refresh(t.Context(), Selection{})
	v := (*h.accounts.Load())[0].view(Selection{})
	discovered := seriesSink{}
	series := map[string]seriesSink{SnowSourceName: discovered}
	newRenderer(&v, discovered).account(nil)
	for i := range v.scopes {
		scope := &v.scopes[i]
		newRenderer(&v, discovered).organization(scope)
		for _, u := range scope.units {
			if u.err != nil {
				t.Errorf("%s: %v", u.name, u.err)
			}
			sink := seriesSink{}
			series[u.name] = sink
			for id, facts := range u.value.organizations {
				r := newRenderer(&v, sink)
				r.individualLeft = 1_000_000
				r.facts(u.name, id, facts)
			}
		}
	}
	return series
}

// Of two collectors that make the same series one would be shown and the other
// dropped without a word. How many each makes is told by docs/snow.md.
func TestSnowSeries(t *testing.T) {
	doc, err := os.ReadFile("../docs/snow.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "## How many series")
	series := snowSeries(t, snow.Generate(1, 300, 1200), "1.7.0")
	wantNoSharedSeries(t, series)
	for collector, made := range series {
		if collector == SnowSourceName {
			continue
		}
		n := len(made)
		if collector == "snow_licenses" {
			n -= made.of(metricInfo) + made.of(metricEnd) // those of single licenses
		}
		_, row, _ := strings.Cut(section, "| `"+collector+"` | ")
		row, _, _ = strings.Cut(row, "\n")
		if want := " | " + thousands(n) + " | "; n == 0 || !strings.Contains(row, want) {
			t.Errorf("docs/snow.md does not say that %s makes%sseries: %s", collector, want, row)
		}
	}
	wantNoSharedSeries(t, snowSeries(t, snow.Generate(1, 40, 100), "1.0.0"))
}

func wantNoSharedSeries(t *testing.T, series map[string]seriesSink) {
	t.Helper()
	by := map[string]string{}
	for collector, made := range series {
		for s := range made {
			if other, twice := by[s]; twice {
				t.Errorf("%s and %s both make %s", other, collector, s)
			}
			by[s] = collector
		}
	}
}

// thousands spells a number below a million with a comma.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
