package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// emptyRefreshes is how many refreshes in a row may leave out an organization that has nothing.
const emptyRefreshes = 3

// nothing is an UpdateFunc for an organization that has nothing.
func nothing(_ context.Context, o licensing.Organization, r *collector.Report) error {
	r.Organization(o.ID)
	r.Empty = true
	return nil
}

// Organizations that have nothing are fetched in one of four refreshes, not all in the same one.
func TestEmptyOrganizationsAreFetchedLessOften(t *testing.T) {
	const organizations, refreshes = 100, 12
	var ids []string
	for i := range organizations {
		ids = append(ids, fmt.Sprint(5_000_000+i))
	}
	now := enginetest.Now
	c := &enginetest.Collector{Do: nothing}
	h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Minute}, enginetest.NewSource(ids...), enginetest.Things(c))
	fetches := func() int {
		total := 0
		for _, id := range ids {
			total += c.Called(id)
		}
		return total
	}
	h.Refresh(t.Context(), engine.Selection{})
	before := fetches()
	if before != organizations {
		t.Errorf("the first refresh has %d fetches, want %d", before, organizations)
	}
	for i := range refreshes {
		now = now.Add(time.Minute)
		h.Refresh(t.Context(), engine.Selection{})
		n := fetches() - before
		if before += n; n < organizations/10 || n > organizations/2 {
			t.Errorf("refresh %d has %d fetches, want about %d", i+2, n, organizations/4)
		}
		for _, s := range h.Snapshots(engine.Selection{}) {
			for _, o := range s.Organizations {
				if o.Health() != engine.Healthy || o.Collectors[0].Report == nil {
					t.Fatalf("refresh %d: organization %s has the health %v", i+2, o.ID, o.Health())
				}
			}
		}
	}
	for _, id := range ids {
		if n := c.Called(id); n != 1+refreshes/4 {
			t.Errorf("organization %s: %d fetches, want %d", id, n, 1+refreshes/4)
		}
	}
}

// The first license of an organization is shown within a bounded time, and facts do not become too
// old until then.
func TestEmptyOrganizationsAreFetchedInTime(t *testing.T) {
	for _, test := range []struct{ maxAge, maxStale, least, most time.Duration }{
		{0, time.Hour, 0, 0},
		{time.Minute, time.Hour, 2 * time.Minute, 4 * time.Minute},
		{time.Hour, 24 * time.Hour, 2 * time.Hour, 4 * time.Hour},
		{2 * time.Hour, 24 * time.Hour, 2 * time.Hour, 4 * time.Hour},
		{6 * time.Hour, 24 * time.Hour, 6 * time.Hour, 6 * time.Hour},
		{time.Hour, 5 * time.Hour, time.Hour, 5 * time.Hour / 2},
		{time.Hour, 2 * time.Hour, time.Hour, time.Hour},
		{time.Hour, time.Hour, time.Hour, time.Hour},
	} {
		t.Run(fmt.Sprint(test.maxAge, test.maxStale), func(t *testing.T) {
			scrapes := max(test.maxAge/10, time.Second) // the time between them
			now, fetched := enginetest.Now, time.Time{}
			least, most := 100*time.Hour, time.Duration(0)
			c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
				if !fetched.IsZero() {
					least, most = min(least, now.Sub(fetched)), max(most, now.Sub(fetched))
				}
				fetched = now
				return nothing(ctx, o, r)
			}}
			h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: test.maxAge, MaxStale: test.maxStale}, enginetest.NewSource("1"), enginetest.Things(c))
			for range 200 {
				h.Refresh(t.Context(), engine.Selection{})
				if s := h.Snapshots(engine.Selection{})[0]; s.Organizations[0].Health() != engine.Healthy || s.Organizations[0].Collectors[0].Report == nil {
					t.Fatalf("after %s the facts are not shown", now.Sub(enginetest.Now))
				}
				now = now.Add(scrapes)
			}
			if most > test.most+scrapes {
				t.Errorf("%s between fetches, want at most %s", most, test.most)
			}
			if most < test.least || least < test.maxAge {
				t.Errorf("%s to %s between fetches, want at least %s, and once %s", least, most, test.maxAge, test.least)
			}
		})
	}
}

// One failed fetch does not cost the facts of an organization that has nothing.
func TestEmptyOrganizationKeepsItsFactsWhenAFetchFails(t *testing.T) {
	now := enginetest.Now
	c := &enginetest.Collector{Do: nothing}
	h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour, MaxStale: 3 * time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
	until := func(fetches int) {
		for ; c.Called("1") < fetches; now = now.Add(time.Minute) {
			h.Refresh(t.Context(), engine.Selection{})
		}
	}
	until(3) // from then on, a whole period is between the fetches
	c.Set(enginetest.Fails)
	until(4)
	if s := h.Snapshots(engine.Selection{})[0].Organizations[0].Collectors[0]; s.Err == nil || s.Report == nil {
		t.Errorf("after a fetch that failed with %v, the report is %v, want that of the fetch before", s.Err, s.Report)
	}
}

// An organization is fetched as often as others unless all reports about it are good and empty.
func TestOrganizationsThatAreNotEmpty(t *testing.T) {
	now := enginetest.Now
	failing := func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
		if now.Equal(enginetest.Now) {
			return nothing(ctx, o, r)
		}
		return enginetest.ErrVendor
	}
	reload := func(h *enginetest.Harness) {
		now = now.Add(time.Second)
		a := *h.Account
		a.Concurrency++
		h.Reload([]*engine.Account{&a})
	}
	for name, test := range map[string]struct {
		other enginetest.UpdateFunc // of another collector of the organization
		step  func(*enginetest.Harness)
		empty bool
	}{
		"all reports are empty":   {other: nothing, empty: true},
		"the other has facts":     {other: enginetest.EndsIn(10)},
		"the other fails":         {other: enginetest.Fails},
		"the other fails later":   {other: failing},
		"the account is reloaded": {other: nothing, step: reload},
		"a child fails": {other: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			r.ChildFailed(collector.ChildFailure{Child: "overview", Err: enginetest.ErrVendor})
			return nothing(ctx, o, r)
		}},
		"a value cannot be read": {other: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			r.Missing("status")
			return nothing(ctx, o, r)
		}},
		"it cannot be listed": {other: nothing, step: func(h *enginetest.Harness) {
			d := enginetest.Organizations("2")
			d.Failed = map[string]error{"1": enginetest.ErrVendor}
			h.Source.Set(d, nil)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			now = enginetest.Now
			c := &enginetest.Collector{Do: nothing}
			h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour}, enginetest.NewSource("1"),
				enginetest.Things(c), collector.Named{Name: "others", Collector: &enginetest.Collector{Do: test.other}})
			const refreshes, fewer = 12, 1 + 12/4
			for range refreshes {
				h.Refresh(t.Context(), engine.Selection{})
				if test.step != nil {
					test.step(h)
				}
				now = now.Add(time.Hour)
			}
			if n := c.Called("1"); test.empty && n > fewer || !test.empty && n < refreshes-emptyRefreshes {
				t.Errorf("%d fetches in %d refreshes", n, refreshes)
			}
		})
	}
}

// An account as a whole is not an organization that has nothing.
func TestAccountAsAWholeIsNeverEmpty(t *testing.T) {
	now := enginetest.Now
	c := &enginetest.Collector{Do: nothing, ForAccount: true}
	h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour}, enginetest.NewSource(""), enginetest.Things(c))
	for range 4 {
		h.Refresh(t.Context(), engine.Selection{})
		now = now.Add(time.Hour)
	}
	if n := c.Called(""); n != 4 {
		t.Errorf("%d fetches in 4 refreshes, want 4", n)
	}
}

// An organization that has got something is fetched as often as others from then on, by all
// collectors. A restart fetches it at once.
func TestOrganizationThatIsNoLongerEmpty(t *testing.T) {
	now := enginetest.Now
	source := enginetest.NewSource("1")
	licenses, devices := &enginetest.Collector{Do: nothing}, &enginetest.Collector{Do: nothing}
	start := func() *enginetest.Harness {
		return enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour}, source,
			collector.Named{Name: "licenses", Collector: licenses}, collector.Named{Name: "devices", Collector: devices})
	}
	h := start()
	h.Refresh(t.Context(), engine.Selection{})
	now = now.Add(time.Second)
	start().Refresh(t.Context(), engine.Selection{})
	if n := licenses.Called("1"); n != 2 {
		t.Errorf("%d fetches after a restart, want 2", n)
	}
	licenses.Set(enginetest.EndsIn(10))
	for refreshes := 1; h.Lines("license_next") == ""; refreshes++ {
		if refreshes > 4 {
			t.Fatal("its first license is not shown after four times max-age")
		}
		now = now.Add(time.Hour)
		h.Refresh(t.Context(), engine.Selection{})
	}
	before := devices.Called("1")
	for range 3 {
		now = now.Add(time.Hour)
		h.Refresh(t.Context(), engine.Selection{})
	}
	if n := devices.Called("1") - before; n != 3 {
		t.Errorf("%d fetches in 3 refreshes, want 3", n)
	}
}
