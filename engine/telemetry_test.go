package engine_test

import (
	"context"
	"testing"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestParseErrorsAreCounted(t *testing.T) {
	c := &enginetest.Collector{Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.CheckKnown("state", "odd", "active")
		r.Shared("7").CheckKnown("state", "odd", "active")
		return enginetest.ErrPlain
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: enginetest.Organizations("1")}, collector.Named{Name: "things", Collector: c})
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, "license_exporter_parse"), `license_exporter_parse_errors_total{field="state"} 0`)
	h.Refresh(t.Context(), engine.Selection{})
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, "license_exporter_parse"), `license_exporter_parse_errors_total{field="state"} 2`)
}

func TestAllReasonsAreCountedFromZero(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{}, collector.Named{Name: "things", Collector: &enginetest.Collector{}})
	if n := len(h.OwnSeries("license_exporter_collector_errors_total")); n != 2*8 {
		t.Errorf("%d series of errors before the first, want 8 reasons for the collector and the discovery", n)
	}
}
