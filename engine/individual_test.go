package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// licensesOf reports so many individual licenses of each organization.
func licensesOf(counts map[string]int) enginetest.UpdateFunc {
	return func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		for i := range counts[o.ID] {
			r.Individual(o.ID, licensing.License{ID: fmt.Sprint(i + 1), Product: "p", End: enginetest.Days(1)})
		}
		return nil
	}
}

// kept counts the individual licenses that are in memory, and those dropped.
func kept(h *enginetest.Harness) (licenses, dropped int) {
	for _, s := range h.Snapshots(engine.Selection{}) {
		for _, o := range s.Organizations {
			for _, c := range o.Collectors {
				licenses += c.Report.IndividualLicenses()
				dropped += c.Report.Dropped()
			}
		}
	}
	return licenses, dropped
}

func TestIndividualLicensesInMemoryAreLimitedPerAccount(t *testing.T) {
	const organizations, each, limit = 200, 60, 50
	counts := map[string]int{}
	var ids []string
	for i := range organizations {
		id := fmt.Sprint(i + 1)
		ids, counts[id] = append(ids, id), each
	}
	a := enginetest.Account("acme", &enginetest.Source{Discovery: enginetest.Organizations(ids...)},
		collector.Named{Name: "things", Collector: &enginetest.Collector{Do: licensesOf(counts)}})
	a.Options.IndividualLimit = limit
	h := enginetest.NewOf(t, engine.Config{Now: enginetest.Clock}, a)
	got := h.Scrape(t.Context(), "license_info", "license_exporter_series_dropped")
	if n, dropped := kept(h); n != limit || dropped != organizations*each-limit {
		t.Errorf("%d licenses are kept and %d dropped, want %d and %d", n, dropped, limit, organizations*each-limit)
	}
	if strings.Count(got, "license_info{") != limit || strings.Count(got, `organization_id="1"`) != limit {
		t.Errorf("not the first organization's licenses are shown:\n%s", got)
	}
	if want := fmt.Sprintf(`license_exporter_series_dropped{collector="things"} %d`, organizations*each-limit); !strings.Contains(got, want) {
		t.Errorf("it lacks %s:\n%s", want, got)
	}
}

// Organizations that come first have their licenses first, also if they are
// fetched last. What was shown of others is dropped then, from the cached text
// as well.
func TestIndividualLicensesOfEarlierOrganizationsComeFirst(t *testing.T) {
	counts := map[string]int{"1": 2, "2": 2, "3": 2}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock, MaxAge: time.Hour}, &enginetest.Source{Discovery: enginetest.Organizations("1", "2", "3")},
		collector.Named{Name: "things", Collector: &enginetest.Collector{Do: licensesOf(counts)}}) // limit 3
	shown := func(id string) int {
		t.Helper()
		one, err := h.One(t.Context(), "acme", id)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(h.ScrapeOnly(t.Context(), one, "license_info"), "license_info{")
	}
	for _, step := range []struct {
		fetched string
		want    map[string]int
	}{
		{"3", map[string]int{"3": 2}},
		{"2", map[string]int{"2": 2, "3": 1}},
		{"1", map[string]int{"1": 2, "2": 1, "3": 0}},
	} {
		shown(step.fetched)
		for id, want := range step.want {
			if n := shown(id); n != want {
				t.Errorf("after organization %s was fetched, %d licenses of %s are shown, want %d", step.fetched, n, id, want)
			}
		}
	}
	if n, dropped := kept(h); n != 3 || dropped != 3 {
		t.Errorf("%d are kept and %d dropped, want 3 and 3", n, dropped)
	}
}
