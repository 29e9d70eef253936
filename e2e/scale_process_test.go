package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/procfs"
)

// Accept headers of Prometheus.
const (
	// acceptDefault is the header of Prometheus 3 by default.
	acceptDefault = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5," +
		"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

func (p *process) proc() procfs.Proc {
	p.t.Helper()
	proc, err := procfs.NewProc(p.cmd.Process.Pid)
	if err != nil {
		p.t.Fatal(err)
	}
	return proc
}

// status returns the memory of the process in bytes: VmRSS at present, and VmHWM the peak since clearPeak.
func (p *process) status() procfs.ProcStatus {
	p.t.Helper()
	status, err := p.proc().NewStatus()
	if err != nil {
		p.t.Fatal(err)
	}
	return status
}

// clearPeak sets VmHWM to VmRSS.
func (p *process) clearPeak() {
	p.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0); err != nil {
		p.t.Fatal(err)
	}
}

// cpu returns how many seconds of CPU time the process has used.
func (p *process) cpu() float64 {
	p.t.Helper()
	stat, err := p.proc().Stat()
	if err != nil {
		p.t.Fatal(err)
	}
	return stat.CPUTime()
}

func mebibytes(n uint64) float64 { return float64(n) / (1 << 20) }

// scrape fetches all facts as Prometheus does, but waits for as long as it takes. It returns the compressed page.
func (p *process) scrape(accept string) []byte {
	p.t.Helper()
	return scrape(p.t, "http://"+p.address+"/metrics", accept)
}

// uncompressed is a client that leaves pages as they are.
var uncompressed = http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}

func scrape(t *testing.T, url, accept string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Accept": {accept}, "Accept-Encoding": {"gzip"}, "X-Prometheus-Scrape-Timeout-Seconds": {"3600"}}
	resp, err := uncompressed.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "gzip") {
		err = fmt.Errorf("%s, encoding %q", resp.Status, resp.Header.Get("Content-Encoding"))
	}
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return body
}

func unzip(t *testing.T, page []byte) string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// countSeries returns how many series a page has, and how many of them are 0.
func countSeries(page string) (series, zeros int) {
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "#") {
			series++
			if strings.HasSuffix(line, " 0\n") {
				zeros++
			}
		}
	}
	return series, zeros
}

// measureScrapes measures scrapes that fetch nothing, by format. The page is served by promhttp, too, from gauges.
func (s *scaled) measureScrapes(c *scaleColumn, page string) {
	s.t.Helper()
	plain := httptest.NewServer(promhttp.HandlerFor(gauges(s.t, page), promhttp.HandlerOpts{}))
	defer plain.Close()
	// A scrape may use the memory that those before it have left, so text comes first.
	var text float64
	for _, kind := range []struct{ name, accept string }{{"text", acceptDefault}, {"OpenMetrics only", acceptOpenMetrics}, {"protobuf only", acceptProtobuf}} {
		s.clearPeak()
		var own, others []float64
		for begun := time.Now(); len(own) == 0 || len(own) < repeated && time.Since(begun) < enough; {
			own = append(own, seconds(func() { s.scrape(kind.accept) }))
			if kind.accept == acceptDefault {
				others = append(others, seconds(func() { scrape(s.t, plain.URL, kind.accept) }))
			}
		}
		c.add("seconds of a scrape, "+kind.name, "%.3f", median(own))
		c.add("RSS, peak of scrapes, "+kind.name+", MiB", "%.0f", mebibytes(s.status().VmHWM))
		if kind.accept == acceptDefault {
			text = median(own)
			c.add("seconds of a scrape, promhttp", "%.3f", median(others))
			c.add("text over promhttp", "%.3f", text/median(others))
		} else {
			c.add(kind.name+" over text", "%.2f", median(own)/text)
		}
	}
}

func seconds(f func()) float64 {
	begun := time.Now()
	f()
	return time.Since(begun).Seconds()
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// gauges returns the gauges of a page as a plain exporter would keep them.
func gauges(t *testing.T, page string) *client.Registry {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	registry := client.NewRegistry()
	for name, family := range families {
		var vec *client.GaugeVec
		for _, m := range family.Metric {
			labels := client.Labels{}
			for _, l := range m.Label {
				labels[l.GetName()] = l.GetValue()
			}
			if m.Gauge == nil {
				continue // the exporter's own counters and histograms, which are few
			}
			if vec == nil {
				vec = client.NewGaugeVec(client.GaugeOpts{Name: name, Help: family.GetHelp()}, slices.Collect(maps.Keys(labels)))
				registry.MustRegister(vec)
			}
			vec.With(labels).Set(m.Gauge.GetValue())
		}
	}
	return registry
}
