package snow

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	sim "license_exporter/internal/simulator/snow"
)

// seriesOf returns the series about licenses by the name of the collector. Those
// of the source have an empty name. It gathers each collector separately, because
// a scrape leaves out series that another collector has already made.
func seriesOf(t *testing.T, estate sim.Estate, version string) map[string][]string {
	t.Helper()
	var names []string
	for _, r := range registrations {
		names = append(names, r.Name)
	}
	h, _ := newSimulated(t, estate, version, names...)
	h.Refresh(t.Context(), engine.Selection{})
	discovered := []string{"license_up", "license_organization_info"}
	series := map[string][]string{"": strings.Split(enginetest.Lines(t, h.Gatherer(engine.Selection{}), discovered...), "\n")}
	for _, name := range names {
		for line := range strings.SplitSeq(enginetest.Lines(t, h.Gatherer(engine.Selection{Collectors: []string{name}})), "\n") {
			isOwn := strings.HasPrefix(line, "license_exporter_")
			if isOwn && strings.Contains(line, "collector_success{") && !strings.HasSuffix(line, " 1") {
				t.Errorf("%s failed", name)
			}
			if !isOwn && !slices.ContainsFunc(discovered, func(p string) bool { return strings.HasPrefix(line, p) }) {
				series[name] = append(series[name], line[:strings.LastIndexByte(line, ' ')])
			}
		}
	}
	return series
}

// If two collectors made the same series, one of the two would be dropped
// silently. The test also checks the numbers of series in docs/vendors/snow.md.
func TestSnowSeries(t *testing.T) {
	doc, err := os.ReadFile("../../docs/vendors/snow.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "## How many series")
	series := seriesOf(t, sim.Generate(1, 300, 1200), "1.7.0")
	wantNoSharedSeries(t, series)
	for collector, made := range series {
		if collector == "" {
			continue
		}
		n := len(made)
		if collector == "snow_licenses" { // without those of individual licenses
			n = len(slices.DeleteFunc(made, func(s string) bool {
				return strings.HasPrefix(s, "license_info{") || strings.HasPrefix(s, "license_expiration_timestamp_seconds{")
			}))
		}
		_, row, _ := strings.Cut(section, "| `"+collector+"` | ")
		row, _, _ = strings.Cut(row, "\n")
		if want := " | " + thousands(n) + " | "; n == 0 || !strings.Contains(row, want) {
			t.Errorf("docs/vendors/snow.md does not say that %s makes%sseries: %s", collector, want, row)
		}
	}
	wantNoSharedSeries(t, seriesOf(t, sim.Generate(1, 40, 100), "1.0.0"))
}

func wantNoSharedSeries(t *testing.T, series map[string][]string) {
	t.Helper()
	by := map[string]string{}
	for collector, made := range series {
		for _, s := range made {
			if other, twice := by[s]; twice {
				t.Errorf("%s and %s both make %s", other, collector, s)
			}
			by[s] = collector
		}
	}
}

// thousands formats a number below a million with a comma.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
