package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

// filledAfter is when the facts of all windows of 15 minutes are there. What queries read is counted then.
const filledAfter = 16 * time.Minute

// number returns the number in an environment variable.
func number(t *testing.T, variable string) int {
	t.Helper()
	all := numbers(t, variable)
	if len(all) != 1 {
		t.Fatalf("%s is %q, want one number", variable, os.Getenv(variable))
	}
	return all[0]
}

// numbers returns the numbers in an environment variable, which are separated by spaces.
func numbers(t *testing.T, variable string) []int {
	t.Helper()
	all := []int{}
	for field := range strings.FieldsSeq(os.Getenv(variable)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
		all = append(all, n)
	}
	return all
}

// startLargeEstate starts an exporter and waits until it has fetched all facts. It may have more accounts.
func startLargeEstate(t *testing.T, organizations, licenses int, accounts ...string) *process {
	t.Helper()
	vendor := meraki.New(meraki.Options{
		Estate: meraki.Generate(1, organizations, licenses), Key: "not-a-real-key", Limits: meraki.Limits{Off: true},
	})
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	config, err := os.ReadFile(configFor(t, baseURL))
	if err != nil {
		t.Fatal(err)
	}
	exporter := startExporter(t, "--config.file="+writeFile(t, "large.yml",
		string(config)+"    max_age: 2h\n    rate_limit: {organization: 1000000, source: 1000000}\n"+strings.Join(accounts, "")))
	eventually(t, 5*time.Minute, func() error {
		_, err := exporter.get("/-/ready")
		return err
	})
	return exporter
}

// runRules starts a Prometheus that scrapes an exporter and evaluates the rules of a folder each
// minute, and waits for its first scrape. Rules that compare with yesterday find what the exporter
// shows now.
func runRules(t *testing.T, exporter *process, folder string, alertmanagers ...string) prometheus {
	t.Helper()
	storage := t.TempDir()
	rememberYesterday(t, exporter, storage)
	prom := prometheus{start(t, prometheusBinary, "--storage.tsdb.path="+storage, "--config.file="+writeFile(t, "prometheus.yml", fmt.Sprintf(`
global:
  scrape_interval: 1m
  scrape_timeout: 55s
  evaluation_interval: 1m
rule_files: [%q]
alerting:
  alertmanagers:
    - static_configs: [{targets: %q}]
scrape_configs:
  - job_name: license_exporter
    static_configs: [{targets: [%q]}]
`, filepath.Join(folder, "*.rules.yml"), alertmanagers, exporter.address)))}
	eventually(t, 3*time.Minute, func() error {
		_, err := prom.value(`scrape_samples_scraped > 0`)
		return err
	})
	return prom
}

// rememberYesterday stores what the exporter shows now as if it had been scraped from a day
// ago on, for as long as the test takes, since rules compare with that.
func rememberYesterday(t *testing.T, exporter *process, storage string) {
	t.Helper()
	page, err := exporter.get("/metrics")
	if err != nil {
		t.Fatal(err)
	}
	target := fmt.Sprintf(`instance=%q,job="license_exporter"`, exporter.address)
	first := time.Now().AddDate(0, 0, -1)
	createBlocks(t, storage, func(w io.Writer) {
		for series, value := range samples(page) {
			if name, labels, ok := strings.Cut(series, "{"); ok {
				series = name + "{" + target + "," + labels
			} else {
				series += "{" + target + "}"
			}
			for after := time.Duration(0); after < filledAfter+10*time.Minute; after += 4 * time.Minute { // Prometheus looks back 5 minutes
				fmt.Fprintf(w, "%s %s %d\n", series, value, first.Add(after).Unix())
			}
		}
	})
}

// samples returns the series of a page with their values.
func samples(page string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for line := range strings.Lines(page) {
			at := strings.LastIndexByte(line, ' ')
			if !strings.HasPrefix(line, "#") && at >= 0 && !yield(line[:at], strings.TrimSpace(line[at:])) {
				return
			}
		}
	}
}

// createBlocks stores the samples that a function writes, each with a time.
func createBlocks(t *testing.T, storage string, write func(io.Writer)) {
	t.Helper()
	promtool, err := binary("PROMTOOL", filepath.Join(t.TempDir(), "promtool"),
		append(prometheusTool, "github.com/prometheus/prometheus/cmd/promtool")...)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "samples.txt")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	write(w)
	fmt.Fprintln(w, "# EOF")
	if err := errors.Join(w.Flush(), file.Close()); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", path, storage).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
