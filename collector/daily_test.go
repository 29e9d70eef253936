package collector_test

import (
	"context"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/enginetest"
)

func TestDailyIsFetchedOnceADay(t *testing.T) {
	var names collector.Daily[string]
	var vendor string // what it answers; an error if it is empty
	for i, step := range []struct {
		at      time.Duration
		answers string
		want    string
		fetched bool
	}{
		{0, "", "", true},
		{time.Minute, "old", "old", true},
		{time.Hour, "new", "old", false},
		{24*time.Hour + time.Minute - 1, "new", "old", false},
		{24*time.Hour + time.Minute, "", "", true},
		{25 * time.Hour, "new", "new", true},
	} {
		vendor = step.answers
		fetched := false
		r := collector.NewReport(enginetest.Now.Add(step.at), collector.Options{})
		got, err := names.Get(t.Context(), r, func(context.Context) (string, error) {
			fetched = true
			if vendor == "" {
				return "", enginetest.ErrVendor
			}
			return vendor, nil
		})
		if got != step.want || (err != nil) != (step.want == "") || fetched != step.fetched {
			t.Errorf("%d: got %q, %v, fetched: %v; want %q, fetched: %v", i, got, err, fetched, step.want, step.fetched)
		}
	}
}
