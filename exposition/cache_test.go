package exposition_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestTextIsRenderedOnlyWhenFactsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1", "2"), enginetest.Things(c))
		defer h.Close()
		h.Scrape(t.Context())
		cached := func(organization string) any { return h.Cached("acme", organization) }
		first, other := cached("1"), cached("2")
		h.Scrape(t.Context())
		if cached("1") != first {
			t.Error("the series were made again, but nothing has changed")
		}
		time.Sleep(time.Hour)
		one, err := h.One(t.Context(), "acme", "1")
		if err != nil {
			t.Fatal(err)
		}
		h.ScrapeOnly(t.Context(), one)
		if cached("1") == first {
			t.Error("the series were not made again, but the facts have changed")
		}
		if cached("2") != other {
			t.Error("the series of another organization were made again")
		}
		h.ScrapeOnly(t.Context(), engine.Selection{Collectors: []string{"none"}})
		if cached("2") != other {
			t.Error("a scrape of other collectors replaces the text")
		}
		h.Source.Set(enginetest.Organizations("2"), nil)
		time.Sleep(time.Hour)
		h.Scrape(t.Context())
		if cached("1") != nil {
			t.Error("the series of an organization that no longer exists are kept")
		}
		h.Reload(nil)
		h.Scrape(t.Context())
		if cached("2") != nil {
			t.Error("the series of an account that no longer exists are kept")
		}
	})
}

// The cache key must contain everything that affects the series. Each step changes
// one thing, and the harness compares the text with the series of the client
// library.
func TestTextFollowsEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		source := enginetest.NewSource("1")
		h := enginetest.New(t, engine.Config{MaxStale: 24 * time.Hour}, source, enginetest.Things(c))
		defer h.Close()
		previous := ""
		step := func(what string) {
			t.Helper()
			time.Sleep(time.Minute)
			got := enginetest.MovingDays.ReplaceAllString(h.Scrape(t.Context()), "")
			if got == previous {
				t.Errorf("%s changes nothing", what)
			}
			previous = got
		}
		step("the first fetch")
		c.Set(enginetest.Fails)
		step("a failure")
		d := enginetest.Organizations("1")
		d.Organizations[0].Name = "Renamed"
		source.Set(d, nil)
		step("a new name")
		d = enginetest.Organizations()
		d.Failed = map[string]error{"1": enginetest.ErrVendor}
		source.Set(d, nil)
		step("an organization that cannot be read")
		time.Sleep(24 * time.Hour)
		step("facts that are too old")
		c.Set(enginetest.EndsIn(20))
		source.Set(enginetest.Organizations("1"), nil)
		step("a recovery")
	})
}

// Texts of accounts that were renamed must not stay in memory, even if only
// organizations are scraped.
func TestTextsOfRenamedAccountsAreDropped(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(10)}))
	for _, name := range []string{"acme", "renamed", "renamed again"} {
		a := *h.Account
		a.Name = name
		h.Reload([]*engine.Account{&a})
		one, err := h.One(t.Context(), name, "1")
		if err != nil {
			t.Fatal(err)
		}
		h.ScrapeOnly(t.Context(), one)
	}
	if n := h.CachedAccounts(); n != 1 {
		t.Errorf("texts of %d accounts are cached, want 1", n)
	}
}

// An account may get the name that an account of another vendor had.
func TestTextFollowsTheVendor(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"))
	h.Scrape(t.Context())
	other := *enginetest.Vendor
	other.Name = "other"
	a := *h.Account
	a.Vendor = &other
	h.Reload([]*engine.Account{&a})
	h.Scrape(t.Context()) // compares the text with the series of the client library
}

func TestDuplicateSeriesAreDropped(t *testing.T) {
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		f.NextEnd("p", enginetest.Days(3))
		r.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{
			Product: "p", State: licensing.State{Name: "active"}, Phase: licensing.InForce, End: enginetest.Days(5),
		})
		f.License(licensing.License{ID: "1", Product: "p", End: enginetest.Days(3)})
		r.Individual(o.ID, licensing.License{ID: "1", Product: "p", End: enginetest.Days(4)})
		for _, license := range []string{"1", "2"} {
			f.SeatsOf(licensing.SeatsKey{Product: "p", Unit: "u", LicenseID: license}, licensing.Seats{Required: licensing.Seat(1)})
		}
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), collector.Named{Name: "first", Collector: c}, collector.Named{Name: "second", Collector: c})
	got := h.Scrape(t.Context(), "license_next", "license_info", "license_seats_required", "license_licenses{")
	if n := strings.Count(got, "\n") + 1; n != 4 {
		t.Errorf("%d series, want 4:\n%s", n, got)
	}
}

func TestTextEscapesLabelsAndReplacesInvalidUTF8(t *testing.T) {
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).Product(licensing.Product{ID: "back\\slash", Name: "a \"quoted\"\nname", Type: "bro\xffken"})
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_product_info"), // compared with the text on the way
		`license_product_info{feature_tier="",manufacturer="",organization_id="1",product="back\\slash",product_class="",product_name="a \"quoted\"\nname",product_type="bro`+"\uFFFD"+`ken"} 1`)
}
