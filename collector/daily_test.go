package collector_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
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
		got, err := names.Get(t.Context(), r, func(ctx context.Context) (string, error) {
			fetched = true
			unreadable(ctx, t)
			if vendor == "" {
				return "", enginetest.ErrVendor
			}
			return vendor, nil
		})
		if got != step.want || (err != nil) != (step.want == "") || fetched != step.fetched {
			t.Errorf("%d: got %q, %v, fetched: %v; want %q, fetched: %v", i, got, err, fetched, step.want, step.fetched)
		}
		if n := r.ParseErrors()["name"]; n != 1 || len(r.Unreadable()) != 1 { // all day, and whether it failed or not
			t.Errorf("%d: %d unreadable values, want 1: %v", i, n, r.Unreadable())
		}
	}
}

// unreadable reads an answer with a name that cannot be read.
func unreadable(ctx context.Context, t *testing.T) {
	t.Helper()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"name": [1]}`)) }))
	defer vendor.Close()
	c, err := rest.New(rest.Options{BaseURL: vendor.URL, Metrics: enginetest.ClientMetrics(), Budgets: rest.NewBudgets(rest.NewLimiter(100), 100)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rest.Object[struct{ Name scalar.Text }](ctx, c, rest.Call{Operation: "names"}); err != nil {
		t.Fatal(err)
	}
}
