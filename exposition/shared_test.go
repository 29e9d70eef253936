package exposition_test

import (
	"context"
	"testing"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// Series of what organizations have in common are shown once for the account. An answer about one
// organization has those of that organization.
func TestSharedSeriesAreShownOnce(t *testing.T) {
	var metrics collector.Metrics
	end := metrics.New("test_model_end", "things", "The end of a model.", "model", "kind")
	end.Shared = true
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		f.Sample(end, map[string]float64{"1": 7, "2": 5, "3": 6}[o.ID], "a", `q"`)
		f.Sample(end, -1.5, "only "+o.ID, "")
		return nil
	}}
	h := enginetest.NewWithMetrics(t, engine.Config{Now: enginetest.Clock}, metrics, enginetest.NewSource("1", "2", "3"), enginetest.Things(c))
	for range 2 { // new, and then cached
		enginetest.WantLines(t, h.Scrape(t.Context(), "test_model"),
			`test_model_end{kind="",model="only 1",organization_id=""} -1.5`,
			`test_model_end{kind="",model="only 2",organization_id=""} -1.5`,
			`test_model_end{kind="",model="only 3",organization_id=""} -1.5`,
			`test_model_end{kind="q\"",model="a",organization_id=""} 5`)
	}
	one, err := h.One(t.Context(), "acme", "3")
	if err != nil {
		t.Fatal(err)
	}
	enginetest.WantLines(t, h.ScrapeOnly(t.Context(), one, "test_model"),
		`test_model_end{kind="",model="only 3",organization_id=""} -1.5`,
		`test_model_end{kind="q\"",model="a",organization_id=""} 6`)
}
