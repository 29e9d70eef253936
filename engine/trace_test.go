package engine_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// What a client finds in answers reaches the report of the fetch.
func TestFindingsOfRequestsAreCountedAndLogged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"end": "2027-01-01"}, null, {"end": "some day"}]`))
	}))
	defer server.Close()
	client, err := rest.New(rest.Options{
		BaseURL: server.URL, HTTP: config.DefaultHTTPClientConfig, Budgets: rest.NewBudgets(nil, 0),
		Metrics: engine.NewTelemetry(prometheus.NewRegistry()).API("test", "acme"), Logger: log.NewNopLogger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	things := 0
	c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, _ *collector.Report) error {
		type thing struct{ End scalar.Time }
		call := rest.Call{Operation: "getThings", Path: "/things", Organization: o.ID}
		all, err := collector.ReadAll(rest.Pages[thing](ctx, client, call))
		things = len(all)
		return err
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_exporter_records_skipped"),
		`license_exporter_records_skipped{collector="things",reason="decode"} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="1"} 1`)
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, "license_exporter_parse_errors_total"),
		`license_exporter_parse_errors_total{field="end"} 1`,
		`license_exporter_parse_errors_total{field="state"} 0`)
	for _, want := range []string{`organization_id=1 field=end operation=getThings value=`, `organization_id=1 operation=getThings records=1`} {
		if h.Log.Count(want) != 1 {
			t.Errorf("the log lacks %s:\n%s", want, h.Log)
		}
	}
	if things != 2 {
		t.Errorf("%d things were read, want 2", things)
	}
}
