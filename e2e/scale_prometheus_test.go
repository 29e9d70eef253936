package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scrapes is how many scrapes a Prometheus makes before it is measured.
const scrapes = 3

// measurePrometheus measures a Prometheus that scrapes all facts of an exporter.
func measurePrometheus(t *testing.T, c *scaleColumn, exporter *process) {
	t.Helper()
	prom := runPrometheus(t, fmt.Sprintf(`
global: {scrape_interval: 20s, scrape_timeout: 20s}
scrape_configs:
  - job_name: license_exporter
    static_configs: [{targets: [%q]}]
`, exporter.address))
	prom.awaitScrapes(scrapes)
	for _, m := range []struct{ name, format, expr string }{
		{"Prometheus: samples a scrape", "%.0f", `scrape_samples_post_metric_relabeling`},
		{"Prometheus: seconds of a scrape", "%.2f", `quantile_over_time(0.5, scrape_duration_seconds[5m])`},
	} {
		value, err := prom.value(m.expr)
		if err != nil {
			t.Fatal(err)
		}
		c.add(m.name, m.format, value)
	}
	c.add(fmt.Sprintf("Prometheus: RSS, peak of %d scrapes, MiB", scrapes), "%.0f", mebibytes(prom.status().VmHWM))
	prom.stop()
}

const (
	blockTime   = 2 * time.Hour // of a block of Prometheus
	scrapedEach = time.Minute   // between two scrapes
	// inBlock is how many organizations are stored. There are several of each licensing model.
	inBlock = 60
	// daySteps is how many steps a day has in license_days_to_expiration.
	daySteps = 128
)

var organizationID = regexp.MustCompile(`[{,]organization_id="([^"]+)"`)

// measureBlocks measures a block of a Prometheus that scrapes each minute. In the middle, facts were fetched again: the two
// pages are those before and after that. The days to an end are counted down, in steps if those of the page are.
func measureBlocks(t *testing.T, c *scaleColumn, before, after string) {
	t.Helper()
	ends := map[string]float64{}
	stepped := true
	for series, value := range samples(after) {
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		if labels, ok := strings.CutPrefix(series, "license_next_expiration_timestamp_seconds"); ok {
			ends[labels] = number
		}
		if strings.HasPrefix(series, "license_days_to_expiration") {
			stepped = stepped && number*daySteps == math.Round(number*daySteps)
		}
	}
	first := maps.Collect(samples(before))
	begin := time.Now().Truncate(blockTime).Add(-blockTime)
	stored := map[string]bool{}
	storage := t.TempDir()
	createBlocks(t, storage, func(w io.Writer) {
		for series, second := range samples(after) {
			m := organizationID.FindStringSubmatch(series)
			if m == nil || len(stored) == inBlock && !stored[m[1]] {
				continue
			}
			stored[m[1]] = true
			labels, countdown := strings.CutPrefix(series, "license_days_to_expiration")
			for at := begin; at.Before(begin.Add(blockTime)); at = at.Add(scrapedEach) {
				value := second
				switch {
				case countdown:
					value = daysAsServed(ends[labels]-float64(at.Unix()), stepped)
				case at.Before(begin.Add(blockTime / 2)):
					value = first[series]
				}
				if value != "" {
					fmt.Fprintf(w, "%s %s %d\n", series, value, at.Unix())
				}
			}
		}
	})
	chunks, samplesStored := blockSizes(t, storage)
	perSample := float64(chunks) / float64(samplesStored)
	c.add("Prometheus: bytes a sample, scraped each minute", "%.2f", perSample)
	series, _ := countSeries(after)
	c.add("Prometheus: MB a day, scraped each minute", "%.0f", perSample*float64(series)*float64(24*time.Hour/scrapedEach)/1e6)
}

// daysAsServed returns the value of license_days_to_expiration so many seconds before an end.
func daysAsServed(seconds float64, stepped bool) string {
	days := seconds / (24 * time.Hour).Seconds()
	if stepped {
		days = math.Copysign(math.Ceil(math.Abs(days)*daySteps)/daySteps, days)
	}
	return strconv.FormatFloat(days, 'g', -1, 64)
}

// blockSizes returns the bytes of all chunks of the blocks in a folder, and the number of their samples.
func blockSizes(t *testing.T, storage string) (bytes, stored int64) {
	t.Helper()
	metas, err := filepath.Glob(filepath.Join(storage, "*", "meta.json"))
	if err != nil || len(metas) == 0 {
		t.Fatalf("no blocks: %v", err)
	}
	for _, path := range metas {
		var meta struct {
			Stats struct {
				Samples int64 `json:"numSamples"`
			} `json:"stats"`
		}
		content, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(content, &meta)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		stored += meta.Stats.Samples
		chunks, err := filepath.Glob(filepath.Join(filepath.Dir(path), "chunks", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, chunk := range chunks {
			info, err := os.Stat(chunk)
			if err != nil {
				t.Fatal(err)
			}
			bytes += info.Size()
		}
	}
	return bytes, stored
}
