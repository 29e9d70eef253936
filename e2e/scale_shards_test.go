package e2e

import (
	"fmt"
	"os"
	"testing"
	"time"
)

const (
	shards = 3
	// shardRounds is how often each organization is scraped, and thus fetched.
	shardRounds = 3
	// probesPerSecond is how many organizations are scraped each second, and leastRound the least time for all of them.
	probesPerSecond, leastRound = 100, 10 * time.Second
)

// TestScaleShards prints what each of several exporters costs if one Prometheus spreads the organizations over them, as
// docs/scaling.md shows, and checks that it scrapes each organization exactly once. make scale-shards starts it.
func TestScaleShards(t *testing.T) {
	path := scaleExporters(t)[0]
	organizations := number(t, "ORGANIZATIONS")
	table := scaleTable{}
	var exporters []*scaled
	var processes []*process
	for i := range shards {
		s := startScaled(t, path, organizations)
		exporters, processes = append(exporters, s), append(processes, s.process)
		table = append(table, &scaleColumn{title: fmt.Sprint(i + 1)})
		table[i].add("RSS, idle, MiB", "%.0f", mebibytes(s.status().VmRSS))
	}
	interval := max(leastRound, time.Duration(organizations/probesPerSecond)*time.Second)
	prom := runPrometheus(t, sharded(t, interval, processes...))
	eventually(t, time.Minute+2*shardRounds*interval, func() error {
		scraped, err := prom.value(fmt.Sprintf(`count(count_over_time(license_up{organization_id!=""}[1h]) >= %d)`, shardRounds))
		if err == nil && int(scraped) < organizations {
			err = fmt.Errorf("%.0f organizations were scraped %d times, want %d", scraped, shardRounds, organizations)
		}
		return err
	})

	for i, s := range exporters {
		c := table[i]
		ask := func(name, format, expr string) {
			value, err := prom.value(fmt.Sprintf(expr, i))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			c.add(name, format, value)
		}
		ask("organizations", "%.0f", `count(license_up{job="license_exporter_probe_%d",organization_id!=""})`)
		ask("series of them", "%.0f", `sum(scrape_samples_scraped{job="license_exporter_probe_%d"})`)
		ask("seconds of a scrape, at most", "%.2f", `max(max_over_time(scrape_duration_seconds{job="license_exporter_probe_%d"}[1h]))`)
		c.add("requests", "%d", s.requests())
		c.add("CPU seconds", "%.1f", s.cpu())
		c.add("RSS, peak, MiB", "%.0f", mebibytes(s.status().VmHWM))
	}
	fmt.Printf("\n## %d exporters for %d organizations with %s licenses each, scraped %d times, each %s\n\n%s\n",
		shards, organizations, os.Getenv("LICENSES"), shardRounds, interval, table.markdown("exporter"))
	for _, check := range []struct {
		name, expr string
		want       int
	}{
		{"organizations that are scraped", `count(count by (organization_id) (license_up{organization_id!=""} == 1))`, organizations},
		{"organizations that are scraped more than once", `count(count by (organization_id) (license_up{organization_id!=""}) > 1) or vector(0)`, 0},
		{"series that several exporters have", `count(count without (job, instance) (label_replace(` +
			`{__name__=~"license_.+",__name__!~"license_exporter_.+",organization_id!=""}, "metric", "$1", "__name__", "(.+)")) > 1) or vector(0)`, 0},
		{"probes that failed", `sum(count_over_time((up == 0)[1h:1s])) or vector(0)`, 0},
	} {
		got, err := prom.value(check.expr)
		if err != nil || int(got) != check.want {
			t.Errorf("%s: %v, %v, want %d", check.name, got, err, check.want)
		}
		fmt.Printf("- %s: %.0f\n", check.name, got)
	}
	fmt.Printf("- Prometheus, peak RSS in MiB: %.0f\n\n", mebibytes(prom.status().VmHWM))
	for _, s := range exporters {
		s.stop()
	}
}
