package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// licensesOf reports individual licenses. counts has their number by
// organization.
func licensesOf(counts map[string]int) enginetest.UpdateFunc {
	return func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		for i := range counts[o.ID] {
			r.Individual(o.ID, licensing.License{ID: fmt.Sprint(i + 1), Product: "p", End: enginetest.Days(1)})
		}
		return nil
	}
}

// kept returns the numbers of individual licenses in memory and of those dropped.
func kept(h *enginetest.Harness) (licenses, dropped int) {
	for _, s := range h.Snapshots(engine.Selection{}) {
		for _, o := range s.Organizations {
			for _, c := range o.Collectors {
				if c.Report != nil {
					licenses += c.Report.IndividualLicenses()
					dropped += c.Report.Dropped()
				}
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
	a := enginetest.Account("acme", enginetest.NewSource(ids...),
		enginetest.Things(&enginetest.Collector{Do: licensesOf(counts)}))
	a.Options.IndividualLimit = limit
	h := enginetest.NewOf(t, engine.Config{Now: enginetest.Clock}, a)
	got := h.Scrape(t.Context(), "license_info", "license_exporter_series_dropped")
	if n, dropped := kept(h); n != limit || dropped != organizations*each-limit {
		t.Errorf("%d licenses are kept and %d dropped, want %d and %d", n, dropped, limit, organizations*each-limit)
	}
	if strings.Count(got, "license_info{") != limit || strings.Count(got, `organization_id="1"`) != limit {
		t.Errorf("the licenses are not those of the first organization:\n%s", got)
	}
	if want := fmt.Sprintf(`license_exporter_series_dropped{collector="things"} %d`, organizations*each-limit); !strings.Contains(got, want) {
		t.Errorf("it lacks %s:\n%s", want, got)
	}
}

// The licenses of the first organizations are kept, even if they are fetched
// last. Those of later organizations are then dropped, and must also vanish from
// the cached text.
func TestIndividualLicensesOfEarlierOrganizationsComeFirst(t *testing.T) {
	counts := map[string]int{"1": 2, "2": 2, "3": 2}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock, MaxAge: time.Hour}, enginetest.NewSource("1", "2", "3"),
		enginetest.Things(&enginetest.Collector{Do: licensesOf(counts)})) // limit 3
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

// Facts that were dropped because they were too old have no licenses to limit.
func TestLimitWithFactsThatAreTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counts := map[string]int{"1": 2, "2": 2}
		var failing string
		c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			if o.ID == failing {
				return enginetest.ErrVendor
			}
			return licensesOf(counts)(ctx, o, r)
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute, MaxStale: time.Hour}, enginetest.NewSource("1", "2"), enginetest.Things(c)) // limit 3
		defer h.Close()
		counts["1"] = 1
		h.Scrape(t.Context())
		failing = "2"
		time.Sleep(2 * time.Hour)
		h.Scrape(t.Context()) // drops the facts of organization 2
		counts["1"] = 3
		time.Sleep(2 * time.Hour)
		if got := strings.Count(h.Scrape(t.Context(), "license_info"), `organization_id="1"`); got != 3 {
			t.Errorf("%d licenses of organization 1 are shown, want 3", got)
		}
	})
}

// Licenses in facts that were dropped because of their age do not use up the limit.
func TestIndividualLicensesOfDroppedFactsDoNotCount(t *testing.T) {
	for failing, working := range map[string]string{"1": "2", "2": "1"} {
		t.Run(failing, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				counts := map[string]int{failing: 2, working: 1} // the limit is 3
				c := &enginetest.Collector{Do: licensesOf(counts)}
				h := enginetest.New(t, engine.Config{MaxAge: time.Hour, MaxStale: time.Hour}, enginetest.NewSource("1", "2"), enginetest.Things(c))
				defer h.Close()
				h.Scrape(t.Context())
				c.Set(func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
					if o.ID == failing {
						time.Sleep(time.Second) // ends after the other fetch
						return enginetest.ErrVendor
					}
					return licensesOf(counts)(ctx, o, r)
				})
				time.Sleep(2 * time.Hour)
				h.Scrape(t.Context())
				if n, _ := kept(h); n != 1 {
					t.Fatalf("%d licenses are kept, want 1, since the facts of organization %s are too old", n, failing)
				}
				counts[working] = 3
				time.Sleep(2 * time.Hour)
				h.Scrape(t.Context())
				if n, dropped := kept(h); n != 3 || dropped != 0 {
					t.Errorf("%d licenses are kept and %d dropped, want all 3 of organization %s", n, dropped, working)
				}
			})
		})
	}
}

// Without individual licenses, none are missing.
func TestNoLicensesAreDroppedWithoutIndividualLicenses(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock, MaxAge: time.Hour}, enginetest.NewSource("1", "2", "3"),
		enginetest.Things(&enginetest.Collector{Do: licensesOf(map[string]int{"1": 2, "2": 2, "3": 2})})) // limit 3
	h.Refresh(t.Context(), engine.Selection{})
	changed := *h.Account
	changed.Options.IndividualLicenses = false
	h.Reload([]*engine.Account{&changed})
	if licenses, dropped := kept(h); licenses != 0 || dropped != 0 {
		t.Errorf("%d individual licenses are kept and %d dropped, want none", licenses, dropped)
	}
}
