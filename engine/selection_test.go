package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// onlyList makes Refresh list the organizations and fetch nothing else.
var onlyList = engine.Selection{Collectors: []string{"none"}}

func TestOneOrganizationAloneIsFetchedAndShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
		source := enginetest.NewSource("1", "2")
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, source, enginetest.Things(c))
		defer h.Close()
		one, err := h.One(t.Context(), "acme", "2")
		if err != nil {
			t.Fatal(err)
		}
		enginetest.WantLines(t, h.ScrapeOnly(t.Context(), one, "license_"),
			`license_days_to_expiration{organization_id="2",product=""} 1`,
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="2"} 9.466848e+08`,
			`license_exporter_collector_success{collector="things",organization_id="2"} 1`,
			`license_next_expiration_timestamp_seconds{organization_id="2",product=""} 9.467712e+08`,
			`license_organization_info{api_enabled="true",licensing_model="model",organization_id="2",organization_name="Organization 2",region=""} 1`,
			`license_up{organization_id="2"} 1`)
		if c.Called("1") != 0 || c.Called("2") != 1 || source.Calls != 1 {
			t.Errorf("organization 1 was fetched %d times, 2 %d times, and the list %d times, want 0, 1, 1", c.Called("1"), c.Called("2"), source.Calls)
		}
		account, err := h.One(t.Context(), "acme", "")
		if err != nil {
			t.Fatal(err)
		}
		enginetest.WantLines(t, h.ScrapeOnly(t.Context(), account, "license_up", "license_exporter_collector_success"),
			`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
			`license_up{organization_id=""} 1`)
	})
}

func TestSomeCollectorsAlone(t *testing.T) {
	first, second := &enginetest.Collector{Do: enginetest.EndsIn(1)}, &enginetest.Collector{Do: enginetest.Fails}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), collector.Named{Name: "first", Collector: first}, collector.Named{Name: "second", Collector: second})
	for range 2 { // the text of some collectors must not be cached for all
		enginetest.WantLines(t, h.ScrapeOnly(t.Context(), engine.Selection{Collectors: []string{"first"}}, "license_up", "license_exporter_collector_oldest", "license_exporter_collector_success"),
			`license_exporter_collector_oldest_success_timestamp_seconds{collector="first"} 1.7723664e+09`,
			`license_exporter_collector_oldest_success_timestamp_seconds{collector="test_organizations"} 1.7723664e+09`,
			`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
			`license_up{organization_id=""} 1`,
			`license_up{organization_id="1"} 1`)
	}
	if n := second.Called("1"); n != 0 {
		t.Errorf("the other collector fetched %d times", n)
	}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`)
}

func TestOneReportsWhatIsUnknown(t *testing.T) {
	source := enginetest.NewSource("1")
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	for _, test := range []struct{ account, organization, what string }{
		{"", "1", "account"}, {"other", "1", "account"}, {"acme", "3", "organization"},
	} {
		_, err := h.One(t.Context(), test.account, test.organization)
		var unknown *engine.UnknownError
		if !errors.As(err, &unknown) || unknown.What != test.what {
			t.Errorf("account %q, organization %q: %v, want an unknown %s", test.account, test.organization, err, test.what)
		}
	}
	// A new organization is found before max-age has passed.
	source.Set(enginetest.Organizations("1", "3"), nil)
	if _, err := h.One(t.Context(), "acme", "3"); err != nil {
		t.Error(err)
	}
}

func TestOrganizationOfAnAccountThatCannotBeListed(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Err: enginetest.ErrVendor}, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	_, err := h.One(t.Context(), "acme", "1")
	var undiscovered *engine.UndiscoveredError
	if !errors.As(err, &undiscovered) || !errors.Is(err, enginetest.ErrVendor) {
		t.Errorf("%v, want the failure of the listing", err)
	}
	account, err := h.One(t.Context(), "acme", "")
	if err != nil {
		t.Fatalf("the account as a whole: %v", err)
	}
	enginetest.WantLines(t, h.ScrapeOnly(t.Context(), account, "license_up"), `license_up{organization_id=""} 0`)
}

func TestTargetsAreAllOrganizationsOnceTheyAreKnown(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "2"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	if _, tried := h.Targets(); tried {
		t.Error("organizations are known before the first listing")
	}
	h.Begin(false)
	h.Refresh(t.Context(), onlyList)
	targets, tried := h.Targets()
	want := []engine.Target{
		{Account: "acme", Vendor: "test"},
		{"acme", "test", "1", "Organization 1", "model", "", false},
		{"acme", "test", "2", "Organization 2", "model", "", false},
	}
	if diff := cmp.Diff(want, targets); diff != "" || !tried {
		t.Errorf("tried: %v (-want +got):\n%s", tried, diff)
	}
	if got := h.Waiting(); len(got) != 0 {
		t.Errorf("once discovered it waits for %v", got)
	}
}

// The limit on individual licenses and the owners of shared licenses are the same
// whether organizations are scraped together or separately.
func TestOneByOneShowsTheSameAsAllTogether(t *testing.T) {
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		for _, id := range []string{"10", "9"} {
			r.Individual(o.ID, licensing.License{ID: id, Product: "p", End: enginetest.Days(1)})
		}
		r.Shared("7").Organization(o.ID).License(licensing.License{ID: "7"})
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock, MaxAge: time.Hour}, enginetest.NewSource("10", "9"), enginetest.Things(c)) // limit 3
	together := h.Scrape(t.Context(), "license_info")
	single := ""
	for _, id := range []string{"9", "10"} {
		one, err := h.One(t.Context(), "acme", id)
		if err != nil {
			t.Fatal(err)
		}
		single += h.ScrapeOnly(t.Context(), one, "license_info") + "\n"
	}
	enginetest.WantSameLines(t, together+"\n", single)
}

func TestTargetsOfAnAccountThatCouldNotBeListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, &enginetest.Source{Err: enginetest.ErrVendor})
		defer h.Close()
		h.Refresh(t.Context(), onlyList)
		want := []engine.Target{{Account: "acme", Vendor: "test", Unlisted: true}}
		if got, tried := h.Targets(); !cmp.Equal(want, got) || !tried {
			t.Errorf("tried: %v, %+v", tried, got)
		}
		h.Source.Set(enginetest.Organizations("1"), nil)
		time.Sleep(time.Minute)
		h.Targets() // starts another listing
		synctest.Wait()
		if got, _ := h.Targets(); len(got) != 2 || got[0].Unlisted {
			t.Errorf("they are not listed again: %+v", got)
		}
		h.Source.Set(collector.Discovery{}, enginetest.ErrVendor)
		time.Sleep(time.Minute)
		h.Refresh(t.Context(), onlyList)
		if got, _ := h.Targets(); len(got) != 2 || got[0].Unlisted {
			t.Errorf("a failure after a good listing changes the targets: %+v", got)
		}
	})
}
