package engine_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// A reload replaces an account if any of its settings has changed. It keeps the
// facts unless the setting affects what they mean.
func TestReloadKeepsFactsThatMeanTheSame(t *testing.T) {
	fiveMinutes := 5 * time.Minute
	for name, test := range map[string]struct {
		change  func(*engine.Account)
		kept    bool
		fetches int // after another scrape
	}{
		"max_age":        {func(a *engine.Account) { a.MaxAge = &fiveMinutes }, true, 1},
		"rate_limit":     {func(a *engine.Account) { a.Concurrency = 7 }, true, 1},
		"whose facts":    {func(a *engine.Account) { a.FactsKey = "another tenant" }, false, 2},
		"name":           {func(a *engine.Account) { a.Name = "renamed" }, false, 2},
		"fewer licenses": {func(a *engine.Account) { a.Options.IndividualLimit = 1 }, true, 1},
		"more licenses":  {func(a *engine.Account) { a.Options.IndividualLimit = 9 }, true, 2},
		"no licenses":    {func(a *engine.Account) { a.Options.IndividualLicenses = false }, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
					for _, id := range []string{"1", "2"} {
						r.Individual(o.ID, licensing.License{ID: id})
					}
					return enginetest.EndsIn(10)(ctx, o, r)
				}}
				h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1", "2"), enginetest.Things(c)) // limit 3
				defer h.Close()
				h.Refresh(t.Context(), engine.Selection{})
				changed := *h.Account
				test.change(&changed)
				h.Reload([]*engine.Account{&changed})
				shown := strings.Contains(enginetest.Lines(t, h.Gatherer(engine.Selection{}), "license_next"), `organization_id="1"`)
				if shown != test.kept {
					t.Errorf("facts are kept: %v, want %v", shown, test.kept)
				}
				if got, want := strings.Count(enginetest.Lines(t, h.Gatherer(engine.Selection{}), "license_info"), "license_info{"), min(3, changed.Options.IndividualLimit); test.kept && changed.Options.IndividualLicenses && got != want {
					t.Errorf("%d individual licenses, want %d", got, want)
				}
				if got := enginetest.Lines(t, h.Gatherer(engine.Selection{}), "license_info"); !changed.Options.IndividualLicenses && got != "" {
					t.Errorf("individual licenses are still shown: %s", got)
				}
				if _, dropped := kept(h); !changed.Options.IndividualLicenses && dropped != 0 {
					t.Errorf("%d individual licenses count as dropped, but they are switched off", dropped)
				}
				h.Refresh(t.Context(), engine.Selection{})
				if n := c.Called("1"); n != test.fetches {
					t.Errorf("%d fetches, want %d", n, test.fetches)
				}
				if n := h.Source.Calls; n != 2 {
					t.Errorf("the organizations were listed %d times, want 2: again after the reload", n)
				}
			})
		})
	}
}

// A reload drops the facts of organizations that are no longer selected, but not of those that the account
// reads anyway.
func TestReloadKeepsFactsOfSelectedOrganizations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1", "2", "3"), enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		changed := *h.Account
		changed.Organizations.Include, changed.Also = []string{"1"}, []string{"3"}
		h.Reload([]*engine.Account{&changed})
		got := enginetest.Lines(t, h.Gatherer(engine.Selection{}), "license_next_expiration")
		for id, want := range map[string]bool{"1": true, "2": false, "3": true} {
			if shown := strings.Contains(got, `organization_id="`+id+`"`); shown != want {
				t.Errorf("the facts of organization %s are kept: %v, want %v", id, shown, want)
			}
		}
	})
}

// Fetches that a reload cancels start again for the new account.
func TestReloadRestartsCanceledFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := time.Minute
		c := &enginetest.Collector{Do: slowly(&wait)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		h.Begin(true)
		time.Sleep(time.Second)
		changed := *h.Account
		h.Reload([]*engine.Account{&changed})
		time.Sleep(2 * time.Minute) // nobody scrapes
		if got := enginetest.Lines(t, h.Gatherer(engine.Selection{}), `license_up{organization_id="1"`); got != `license_up{organization_id="1"} 1` {
			t.Errorf("after the reload: %q", got)
		}
	})
}

// Counters of an account are kept if a later reload adds an account with the same
// name before the last fetch of the old one has ended.
func TestCountersStayWithTheNameOfAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			<-ctx.Done()
			time.Sleep(time.Minute) // ends long after it was canceled
			return ctx.Err()
		}}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, engine.Selection{})
		h.Reload(nil)
		c.Set(enginetest.EndsIn(1))
		again := *h.Account
		h.Reload([]*engine.Account{&again})
		h.Refresh(t.Context(), engine.Selection{})
		time.Sleep(2 * time.Minute)
		if n := len(h.OwnSeries("license_exporter_collector_errors_total")); n != 2*8 {
			t.Errorf("%d counters of errors, want those of the new account", n)
		}
	})
}

// Begin and Reload must not leave goroutines that wait for fetches.
func TestReloadLeavesNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := time.Hour
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"),
			enginetest.Things(&enginetest.Collector{Do: slowly(&wait)}))
		defer h.Close()
		h.Begin(true)
		synctest.Wait()
		before := runtime.NumGoroutine()
		for range 10 {
			h.Reload([]*engine.Account{h.Account})
			synctest.Wait()
		}
		if after := runtime.NumGoroutine(); after > before {
			t.Errorf("%d goroutines more after ten reloads", after-before)
		}
	})
}

func TestBeginFetchesOnceOrganizationsAreListed(t *testing.T) {
	for name, all := range map[string]bool{"all": true, "organizations alone": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
				h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, &enginetest.Source{Err: enginetest.ErrVendor, Wait: time.Second}, enginetest.Things(c))
				defer h.Close()
				h.Begin(all)
				time.Sleep(2 * time.Second)
				h.Source.Set(enginetest.Organizations("1"), nil)
				time.Sleep(time.Minute)
				h.Targets() // lists organizations again, since the first listing failed
				time.Sleep(2 * time.Second)
				if n, want := c.Called("1"), int(collector.Bool(all)); n != want {
					t.Errorf("%d fetches, want %d", n, want)
				}
				time.Sleep(2 * time.Hour)
				h.Refresh(t.Context(), onlyList)
				time.Sleep(time.Second)
				if n, want := c.Called("1"), int(collector.Bool(all)); n != want {
					t.Errorf("%d fetches after a later listing, want %d: only the first one starts fetches", n, want)
				}
			})
		})
	}
}

// A fetch may end while a reload passes on its account's facts.
func TestReloadWhileFetchesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			<-ended
			r.Individual(o.ID, licensing.License{ID: o.ID})
			return nil
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1", "2", "3", "4", "5"), enginetest.Things(c)) // limit 3
		defer h.Close()
		h.Begin(true)
		synctest.Wait()
		close(ended)
		for limit := range 5 {
			changed := *h.Account
			changed.Options.IndividualLimit = limit
			h.Reload([]*engine.Account{&changed})
			h.Refresh(t.Context(), engine.Selection{})
		}
		if n, _ := kept(h); n != 4 {
			t.Errorf("%d individual licenses are kept, want 4", n)
		}
	})
}

// Organizations that a reload leaves out go at once, even if the vendor is down.
func TestReloadDropsOrganizationsThatAreLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		filter collector.OrganizationFilter
		want   string
	}{
		"exclude": {collector.OrganizationFilter{Exclude: []string{"2"}}, `license_up{organization_id="1"} 1`},
		"include": {collector.OrganizationFilter{Include: []string{"2", "3"}}, `license_up{organization_id="2"} 1`},

		"exclude a name": {collector.OrganizationFilter{Exclude: []string{"name:*2"}}, `license_up{organization_id="1"} 1`},
		"include a name": {collector.OrganizationFilter{Include: []string{"name:* 2", "3"}}, `license_up{organization_id="2"} 1`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
				h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("", "1", "2"),
					enginetest.Things(c), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1), ForAccount: true}))
				defer h.Close()
				h.Refresh(t.Context(), engine.Selection{})
				h.Source.Set(collector.Discovery{}, enginetest.ErrVendor)
				changed := *h.Account
				changed.Organizations = test.filter
				h.Reload([]*engine.Account{&changed})
				time.Sleep(time.Hour)
				enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 0`, test.want)
				if n := strings.Count(h.Scrape(t.Context(), "license_next"), "license_next"); n != 2 {
					t.Errorf("%d ends of cover, want those of the account and of the organization", n)
				}
			})
		})
	}
}
