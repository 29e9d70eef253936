package collector

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/licensing"
)

func TestTextIsMadeWhenFactsChangeAndNotAtEachScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1", "2")}, Named{"things", c})
		defer h.Close()
		h.scrape(t.Context())
		a := (*h.accounts.Load())[0]
		first, other := a.pages.byID["1"], a.pages.byID["2"]
		h.scrape(t.Context())
		if a.pages.byID["1"] != first {
			t.Error("the text was made again though nothing has changed")
		}
		time.Sleep(time.Hour)
		one, err := h.One(t.Context(), "acme", "1")
		if err != nil {
			t.Fatal(err)
		}
		h.scrapeOnly(t.Context(), one)
		if a.pages.byID["1"] == first {
			t.Error("the text was not made again though the facts have changed")
		}
		if a.pages.byID["2"] != other {
			t.Error("the text of another organization was made again")
		}
		h.source.set(organizations("2"), nil)
		time.Sleep(time.Hour)
		h.scrape(t.Context())
		if a.pages.byID["1"] != nil {
			t.Error("the text of an organization that is gone is kept")
		}
	})
}

// Whatever differs between two states of an organization must be part of the
// basis, or an old text would be shown: each step changes one thing, and the
// harness compares the text with what the client library makes of the facts.
func TestTextFollowsEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		source := &fakeSource{discovery: organizations("1")}
		h := newHarness(t, Config{MaxStale: 24 * time.Hour}, source, Named{"things", c})
		defer h.Close()
		previous := ""
		step := func(what string) {
			t.Helper()
			time.Sleep(time.Minute)
			got := movingDays.ReplaceAllString(h.scrape(t.Context()), "")
			if got == previous {
				t.Errorf("%s changes nothing", what)
			}
			previous = got
		}
		step("the first fetch")
		c.set(alwaysFails)
		step("a failure")
		d := organizations("1")
		d.Organizations[0].Name = "Renamed"
		source.set(d, nil)
		step("a new name")
		d = organizations()
		d.Failed = map[string]error{"1": errVendor}
		source.set(d, nil)
		step("an organization that cannot be read")
		time.Sleep(24 * time.Hour)
		step("facts that are too old")
		c.set(endsIn(20))
		source.set(organizations("1"), nil)
		step("a recovery")
	})
}

func TestNoSeriesTwiceWhateverTheVendorSends(t *testing.T) {
	c := &fakeCollector{update: func(_ context.Context, o licensing.Organization, r *Report) error {
		f := r.Organization(o.ID)
		f.NextEnd("p", days(3))
		r.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{
			Product: "p", State: licensing.State{Name: "active"}, Phase: licensing.InForce, End: days(5),
		})
		f.Single(licensing.License{ID: "1", Product: "p", End: days(3)})
		r.Individual(o.ID, licensing.License{ID: "1", Product: "p", End: days(4)})
		for _, license := range []string{"1", "2"} {
			f.SeatsOf(licensing.SeatsKey{Product: "p", Unit: "u", LicenseID: license}, licensing.Seats{Required: licensing.Seat(1)})
		}
		return nil
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"first", c}, Named{"second", c})
	got := h.scrape(t.Context(), "license_next", "license_info", "license_seats_required", "license_licenses{")
	if n := strings.Count(got, "\n") + 1; n != 4 {
		t.Errorf("%d series, want 4:\n%s", n, got)
	}
}

func TestTextEscapesAndMendsLabels(t *testing.T) {
	c := &fakeCollector{update: func(_ context.Context, o licensing.Organization, r *Report) error {
		r.Organization(o.ID).Product(licensing.Product{ID: "back\\slash", Name: "a \"quoted\"\nname", Type: "bro\xffken"})
		return nil
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	wantLines(t, h.scrape(t.Context(), "license_product_info"), // compared with the text on the way
		`license_product_info{feature_tier="",manufacturer="",organization_id="1",product="back\\slash",product_class="",product_name="a \"quoted\"\nname",product_type="bro`+"\uFFFD"+`ken"} 1`)
}
