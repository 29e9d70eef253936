package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

// glance is a scrape that waits for a second only.
func glance(t *testing.T, h *enginetest.Harness) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	return h.Scrape(ctx, "license_up", "license_days", "license_exporter_collector_success")
}

// shown returns whether the status page and --check show a failure of a collector.
func shown(h *enginetest.Harness, name string) (page, check bool) {
	snapshots := h.Snapshots(engine.Selection{})
	o := status.NewOverview(enginetest.Now, snapshots)
	var failures []status.Failure
	for _, a := range o.Accounts {
		failures = append(failures, a.Failures...)
	}
	for _, org := range o.Organizations {
		failures = append(failures, org.Failures...)
	}
	for _, f := range failures {
		page = page || f.Collector == name
	}
	for _, row := range status.Rows(snapshots) {
		check = check || row.Collector == name && row.Problem != ""
	}
	return page, check
}

func wantShown(t *testing.T, h *enginetest.Harness, name string, want bool) {
	t.Helper()
	if page, check := shown(h, name); page != want || check != want {
		t.Errorf("the failure of %s is shown on the page: %v, and by --check: %v, want %v", name, page, check, want)
	}
}

// A fetch of a vendor that hangs takes minutes. It does not look healthy meanwhile.
func TestFetchUnderWayThatFailsMakesTheOrganizationDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1", "2"), enginetest.Things(c))
		defer h.Close()
		good := glance(t, h)
		c.Set(func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			if o.ID == "2" {
				return enginetest.EndsIn(1)(ctx, o, r)
			}
			_ = enginetest.Sleep(ctx, time.Minute)
			answered := r.Trace().Retrying(o.ID, enginetest.ErrVendor)
			_ = enginetest.Sleep(ctx, time.Minute)
			answered()
			_ = enginetest.Sleep(ctx, time.Minute)
			return enginetest.EndsIn(1)(ctx, o, r)
		})
		time.Sleep(time.Hour)
		if glance(t, h); h.Log.String() != "" {
			t.Errorf("it is logged:\n%s", h.Log)
		}
		up := func() string { return h.Lines("license_up") }
		enginetest.WantLines(t, up(), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 1`)
		time.Sleep(time.Minute)
		enginetest.WantLines(t, glance(t, h),
			`license_days_to_expiration{organization_id="1",product=""} 0.9609375`,
			`license_days_to_expiration{organization_id="2",product=""} 1`,
			`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 1`,
			`license_up{organization_id=""} 1`,
			`license_up{organization_id="1"} 0`,
			`license_up{organization_id="2"} 1`)
		wantShown(t, h, "things", true)
		time.Sleep(time.Minute)
		enginetest.WantLines(t, up(), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 1`)
		wantShown(t, h, "things", false)
		if again := h.Scrape(t.Context(), "license_up", "license_exporter_collector_success"); len(again) == 0 || len(good) == 0 {
			t.Error("there are no series")
		}
	})
}

// Before a first fetch has ended, there is no license_up, unless a request has failed.
func TestFirstFetchThatFailsMakesTheOrganizationDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			_ = enginetest.Sleep(ctx, time.Minute)
			r.Trace().Retrying(o.ID, enginetest.ErrVendor)
			return enginetest.Sleep(ctx, time.Hour)
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		glance(t, h)
		enginetest.WantLines(t, h.Lines("license_up"), `license_up{organization_id=""} 1`)
		time.Sleep(time.Minute)
		enginetest.WantLines(t, h.Lines("license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`)
		wantShown(t, h, "things", true)
	})
}

// A request that is given up counts as failed until the fetch ends. The next fetch begins
// without it.
func TestRequestThatIsGivenUpCountsUntilTheFetchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			r.Trace().Retrying(o.ID, enginetest.ErrVendor)
			return enginetest.Sleep(ctx, time.Minute)
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		up := func(want string) {
			t.Helper()
			enginetest.WantLines(t, h.Lines(`license_up{organization_id="1"`), `license_up{organization_id="1"} `+want)
		}
		glance(t, h)
		up("0")
		time.Sleep(time.Minute)
		up("1")
		c.Set(func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, time.Minute)
		})
		time.Sleep(time.Hour)
		glance(t, h)
		up("1")
	})
}

// retryingSource is a source whose requests can be sent again.
type retryingSource struct {
	enginetest.Source
	organization string
	fails        bool
}

func (s *retryingSource) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	if s.fails {
		answered := r.Trace().Retrying(s.organization, enginetest.ErrVendor)
		_ = enginetest.Sleep(ctx, time.Minute)
		answered()
		_ = enginetest.Sleep(ctx, time.Minute)
	}
	return s.Source.Discover(ctx, r)
}

func TestListingUnderWayThatFailsMakesTheAccountDown(t *testing.T) {
	for organization, want := range map[string]string{"": "1", "1": "0"} { // 1 is read by its id
		t.Run(organization, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &retryingSource{organization: organization}
				s.Discovery = enginetest.Organizations("1", "2")
				h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, s, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
				defer h.Close()
				glance(t, h)
				s.fails = true
				time.Sleep(time.Hour)
				glance(t, h)
				enginetest.WantLines(t, h.Lines("license_up", `license_exporter_collector_success{collector="test`),
					`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
					`license_up{organization_id=""} 0`, `license_up{organization_id="1"} `+want, `license_up{organization_id="2"} 1`)
				wantShown(t, h, "test_organizations", true)
				time.Sleep(time.Minute)
				enginetest.WantLines(t, h.Lines("license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 1`)
				wantShown(t, h, "test_organizations", false)
			})
		})
	}
}
