package collector

import (
	"strings"
	"testing"
	"time"

	"license_exporter/internal/simulator"
)

// seriesSink takes down which series are made.
type seriesSink map[string]bool

func (s seriesSink) sample(m *Metric, _ float64, labels []string) {
	s[m.Name+"{"+strings.Join(labels, ",")+"}"] = true
}

func (s seriesSink) countdown(_ time.Time, labels []string) { s.sample(metricDays, 0, labels) }

// snowSeries returns the series of facts of each collector, and of the
// discovery, by name. Each is rendered by itself, since a renderer leaves out
// what it has made already.
func snowSeries(t *testing.T, estate simulator.SnowEstate, version string) map[string]seriesSink {
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
// dropped without a word.
func TestSnowCollectorsShareNoSeries(t *testing.T) {
	for _, version := range []string{"1.7.0", "1.0.0"} {
		made := map[string]string{} // by whom
		for collector, series := range snowSeries(t, simulator.DemoSnow(), version) {
			if len(series) == 0 && version == "1.7.0" {
				t.Errorf("%s makes nothing", collector)
			}
			for s := range series {
				if other, twice := made[s]; twice {
					t.Errorf("%s: %s and %s both make %s", version, collector, other, s)
				}
				made[s] = collector
			}
		}
	}
}
