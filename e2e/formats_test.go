package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFormats has a Prometheus read all facts in each format. A proxy makes the exporter believe
// that only this format is accepted.
func TestFormats(t *testing.T) {
	exporter := startExporter(t, "--demo")
	address, err := url.Parse("http://" + exporter.address)
	if err != nil {
		t.Fatal(err)
	}
	formats := map[string]string{
		"text":        "text/plain;version=0.0.4",
		"openmetrics": "application/openmetrics-text;version=1.0.0",
		"protobuf":    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
	}
	jobs := ""
	for name, accept := range formats {
		proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(address)
			r.Out.Header.Set("Accept", accept)
		}, ModifyResponse: func(r *http.Response) error {
			wanted, _, _ := strings.Cut(accept, ";")
			if got := r.Header.Get("Content-Type"); !strings.HasPrefix(got, wanted) {
				return fmt.Errorf("%s is answered with %s", accept, got)
			}
			return nil
		}})
		t.Cleanup(proxy.Close)
		jobs += fmt.Sprintf("  - {job_name: %s, static_configs: [{targets: [%q]}]}\n", name, strings.TrimPrefix(proxy.URL, "http://"))
	}
	prom := runPrometheus(t, "global: {scrape_interval: 2s, scrape_timeout: 2s}\nscrape_configs:\n"+jobs)
	// The days change with the time.
	const facts = `__name__=~"(license|github|gitlab|meraki|microsoft365|snow)_.+", __name__!~"license_exporter_.+|license_days_to_expiration"`
	eventually(t, time.Minute, func() error {
		ready, err := prom.value(`count(count by (job) (license_up{organization_id=""} == 1) == 8)`)
		if err == nil && ready != float64(len(formats)) {
			err = fmt.Errorf("%v of %d formats are scraped", ready, len(formats))
		}
		return err
	})
	prom.awaitScrapes(3)
	series := func(job string) []string {
		return prom.series(fmt.Sprintf(`count_values by (__name__, vendor, organization_id, product, unit, license_id, state) ("value", {%s, job=%q})`, facts, job),
			"__name__", "vendor", "organization_id", "product", "unit", "license_id", "state", "value")
	}
	want := series("text")
	if len(want) < 500 {
		t.Fatalf("only %d series are read as text", len(want))
	}
	for _, job := range []string{"openmetrics", "protobuf"} {
		if diff := cmp.Diff(want, series(job)); diff != "" {
			t.Errorf("the facts in %s differ from those in text (-text +%[1]s):\n%s", job, diff)
		}
	}
}
