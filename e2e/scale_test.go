package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

const (
	// scaleLimits are the exporter's default rate limits times ten, so that a refresh takes seconds and not minutes.
	scaleLimits = "{organization: 80, source: 800}"
	scaleRate   = 800
	// vendorLatency is how long the simulated vendor takes to answer.
	vendorLatency = 50 * time.Millisecond
	// Estates of more than manyOrganizations are refreshed less often, unless REFRESHES is set.
	manyOrganizations, refreshesOfMany, refreshesOfFew = 1000, 3, 10
	// repeated is how many scrapes of a kind are made, unless they take long. The median counts.
	repeated, enough = 5, 30 * time.Second
)

// TestScale prints what an exporter, and a Prometheus that scrapes it, cost as processes. make scale starts it.
// ORGANIZATIONS has numbers of organizations, and EXPORTERS has paths of binaries to compare.
func TestScale(t *testing.T) {
	exporters := scaleExporters(t)
	table := scaleTable{}
	for _, organizations := range numbers(t, "ORGANIZATIONS") {
		for _, exporter := range exporters {
			c := table.column(organizations)
			if len(exporters) > 1 {
				c.title += ", " + filepath.Base(exporter)
			}
			t.Run(strconv.Itoa(organizations), func(t *testing.T) { measureScale(t, c, exporter, organizations) })
		}
	}
	fmt.Printf("\n## One exporter, %s licenses an organization\n\n%s\n", os.Getenv("LICENSES"), table.markdown("organizations"))
}

// scaleExporters returns the paths of the binaries to measure.
func scaleExporters(t *testing.T) []string {
	t.Helper()
	exporters := strings.Fields(os.Getenv("EXPORTERS"))
	if len(exporters) == 0 || runtime.GOOS != "linux" {
		t.Skip("it takes minutes and needs Linux; start it with make scale or make scale-shards")
	}
	return exporters
}

// measureScale measures one exporter at one size.
func measureScale(t *testing.T, c *scaleColumn, path string, organizations int) {
	refreshes := refreshesOfFew
	if organizations > manyOrganizations {
		refreshes = refreshesOfMany
	}
	if os.Getenv("REFRESHES") != "" {
		refreshes = numbers(t, "REFRESHES")[0]
	}
	binary, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	c.add("binary, MB", "%.1f", float64(binary.Size())/1e6)
	begun := time.Now()
	s := startScaled(t, path, organizations)
	c.add("seconds until it is ready", "%.1f", time.Since(begun).Seconds())
	idle := s.status().VmRSS
	c.add("RSS, idle, MiB", "%.0f", mebibytes(idle))

	s.clearPeak()
	first := s.refresh()
	c.add("requests of the first refresh", "%d", first.requests)
	c.add("seconds of the first refresh", "%.1f", first.seconds)
	// A quarter of the rate may come at once.
	if bound := float64(first.requests)/scaleRate - 0.25; bound > 1 {
		c.add("over the bound of the rate limit", "%.3f", first.seconds/bound)
	} else {
		c.add("over the bound of the rate limit", "(less than 1 s)")
	}
	c.add("CPU seconds of the first refresh", "%.2f", first.cpu)
	c.add("RSS, peak of the first refresh, MiB", "%.0f", mebibytes(s.status().VmHWM))

	var later refreshCost
	last, before := first.page, first.page
	for range refreshes - 1 {
		cost := s.refresh()
		before, last = last, cost.page
		later.requests += cost.requests
		later.seconds += cost.seconds
		later.cpu += cost.cpu
	}
	n := float64(max(1, refreshes-1))
	c.add("refreshes", "%d", refreshes)
	c.add("requests of a later refresh, mean", "%.0f", float64(later.requests)/n)
	c.add("seconds of a later refresh, mean", "%.1f", later.seconds/n)
	c.add("CPU seconds of a later refresh, mean", "%.2f", later.cpu/n)
	peak := s.status().VmHWM
	c.add("RSS, peak of all refreshes, MiB", "%.0f", mebibytes(peak))
	c.add("RSS an organization, kB", "%.1f", (float64(peak)-float64(idle))/1e3/float64(organizations))

	page := unzip(t, last)
	series, zeros := countSeries(page)
	c.add("series", "%d", series)
	c.add("series an organization", "%.1f", float64(series)/float64(organizations))
	c.add("series that are 0, %", "%.1f", 100*float64(zeros)/float64(series))
	c.add("page, MB", "%.2f", float64(len(page))/1e6)
	c.add("page, gzip, MB", "%.2f", float64(len(last))/1e6)
	s.keepFacts()
	s.measureScrapes(c, page)
	measurePrometheus(t, c, s.process)
	measureBlocks(t, c, unzip(t, before), page)
	s.stop()
}

// scaled is an exporter that is measured.
type scaled struct {
	*process
	vendor *meraki.API
	config string // path of the configuration
}

// startScaled starts an exporter that has only listed its organizations so far. Each scrape makes it fetch.
func startScaled(t *testing.T, path string, organizations int) *scaled {
	t.Helper()
	s := &scaled{vendor: meraki.New(meraki.Options{
		Estate: meraki.Generate(1, organizations, number(t, "LICENSES")), Key: "not-a-real-key", Latency: vendorLatency, Limits: meraki.Limits{Off: true},
	})}
	baseURL, stop, err := simulator.Listen(s.vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s.config = configFor(t, baseURL, "    rate_limit: "+scaleLimits+"\n    max_age: 1s\n")
	if memory := os.Getenv("MEMORY"); memory != "" {
		t.Setenv("GOMEMLIMIT", memory)
		defer func() { _ = os.Unsetenv("GOMEMLIMIT") }() // it is not for Prometheus
	}
	s.process = start(t, path, "--config.file="+s.config, "--no-scrape.at-start", "--web.enable-lifecycle")
	eventually(t, time.Minute, func() error {
		_, err := s.get("/-/ready")
		return err
	})
	return s
}

// refreshCost is what a refresh took, including the scrape that waited for it.
type refreshCost struct {
	requests     int
	seconds, cpu float64
	page         []byte // compressed
}

// refresh scrapes the exporter, which then fetches all facts.
func (s *scaled) refresh() refreshCost {
	s.t.Helper()
	time.Sleep(1100 * time.Millisecond) // max_age
	requests, cpu, begun := s.requests(), s.cpu(), time.Now()
	page := s.scrape(acceptDefault)
	cost := refreshCost{s.requests() - requests, time.Since(begun).Seconds(), s.cpu() - cpu, page}
	if cost.requests == 0 {
		s.t.Fatalf("a scrape made no request")
	}
	return cost
}

func (s *scaled) requests() int {
	total := 0
	for _, n := range s.vendor.Requests() {
		total += n
	}
	return total
}

// keepFacts makes scrapes show the facts that there are.
func (s *scaled) keepFacts() {
	s.t.Helper()
	config, err := os.ReadFile(s.config)
	if err == nil {
		err = os.WriteFile(s.config, []byte(strings.Replace(string(config), "max_age: 1s", "max_age: 24h", 1)), 0o600)
	}
	if err == nil {
		_, err = s.request(http.MethodPost, "/-/reload")
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// scaleTable is what was measured in each run.
type scaleTable []*scaleColumn

// scaleColumn is what was measured in one run, in the order of the rows.
type scaleColumn struct {
	title string
	rows  []scaleRow
}

type scaleRow struct{ name, value string }

func (t *scaleTable) column(organizations int) *scaleColumn {
	c := &scaleColumn{title: strconv.Itoa(organizations)}
	*t = append(*t, c)
	return c
}

func (c *scaleColumn) add(name, format string, values ...any) {
	c.rows = append(c.rows, scaleRow{name, message.NewPrinter(language.English).Sprintf(format, values...)})
	fmt.Printf("%s: %s: %s\n", c.title, name, c.rows[len(c.rows)-1].value)
}

// markdown returns the table. All columns have the rows of the first one, unless their run failed.
func (t scaleTable) markdown(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |", title)
	for _, c := range t {
		fmt.Fprintf(&b, " %s |", c.title)
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", 1+len(t)) + "\n")
	for i, r := range t[0].rows {
		fmt.Fprintf(&b, "| %s |", r.name)
		for _, c := range t {
			value := ""
			if i < len(c.rows) {
				value = c.rows[i].value
			}
			fmt.Fprintf(&b, " %s |", cmp.Or(value, "failed"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
