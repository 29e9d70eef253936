package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// configFor returns the path of a configuration with one account, whose vendor has the
// given address, and more keys.
func configFor(t *testing.T, baseURL string, more ...string) string {
	t.Helper()
	key := writeFile(t, "key", "not-a-real-key\n")
	return writeFile(t, "config.yml", fmt.Sprintf(`
accounts:
  - name: emea
    vendor: meraki
    base_url: %s/api/v1
    http_client_config: {authorization: {credentials_file: %s}}
%s`, baseURL, key, strings.Join(more, "")))
}

// closedPort returns an address on which no server listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestUnreachableVendor checks that the exporter keeps running, reports that it cannot
// collect, and does not flood its log although each fetch fails.
func TestUnreachableVendor(t *testing.T) {
	begun := time.Now()
	exporter := startExporter(t, "--config.file="+configFor(t, "http://"+closedPort(t)), "--scrape.max-age=0s")
	eventually(t, time.Minute, func() error {
		metrics, err := exporter.get("/metrics")
		if err != nil {
			t.Fatal(err)
		}
		up, err := sample(metrics, `license_up{account="emea",organization_id="",vendor="meraki"}`)
		if err != nil || up != 0 {
			return fmt.Errorf("license_up: %v, %w; want 0", up, err)
		}
		failures, err := sample(metrics,
			`license_exporter_collector_errors_total{account="emea",collector="meraki_organizations",reason="network",vendor="meraki"}`)
		if err != nil || failures < 3 {
			return fmt.Errorf("failures: %v, %w; want 3", failures, err)
		}
		return nil
	})
	if lines := exporter.log.with("level=error"); len(lines) == 0 || len(lines) > 1+int(time.Since(begun)/time.Minute) {
		t.Errorf("%d errors were logged, want one a minute:\n%s", len(lines), strings.Join(lines, ""))
	}
	if lines := exporter.log.with("not-a-real-key"); len(lines) > 0 {
		t.Error("the log shows the API key")
	}
	exporter.stop()
}

// TestSilentVendor checks that scrapes are answered before their timeout although the
// vendor never answers, and that the exporter still exits soon.
func TestSilentVendor(t *testing.T) {
	over := make(chan struct{})
	vendor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(vendor.Close)
	t.Cleanup(func() { close(over) })
	exporter := startExporter(t, "--config.file="+configFor(t, vendor.URL))
	prom := startPrometheus(t, exporter)
	eventually(t, 30*time.Second, func() error {
		_, err := prom.value(`up{job="license_exporter"}`)
		return err
	})
	prom.awaitScrapes(3)
	prom.checkScrapes()
	exporter.stop()
}
