package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// errAccessDisabled is an error by which the vendor refuses access to an organization.
var errAccessDisabled = fmt.Errorf("%w: %w", rest.ErrAccessDisabled,
	&rest.Error{Operation: "getThings", URL: "http://vendor.test/things", Status: 404, Reason: rest.ReasonNotFound})

func refuseAccess(context.Context, licensing.Organization, *collector.Report) error {
	return errAccessDisabled
}

// Access may be switched off and on at the vendor while the list of organizations does
// not show it.
func TestAccessThatTheVendorRefusesToCollectorsIsDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, other := &enginetest.Collector{Do: refuseAccess}, &enginetest.Collector{Do: enginetest.EndsIn(9)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c),
			collector.Named{Name: "others", Collector: other})
		defer h.Close()
		shown := []string{"license_up", "license_days", "license_organization", "license_exporter_collector_success"}
		wantRefused := func() {
			t.Helper()
			enginetest.WantLines(t, h.Scrape(t.Context(), shown...),
				`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
				`license_organization_info{api_enabled="false",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
				`license_up{organization_id=""} 1`)
		}
		wantLogged := func(want int) {
			t.Helper()
			if n := h.Log.Count("API access is switched off"); n != want {
				t.Errorf("logged %d times, want %d:\n%s", n, want, h.Log)
			}
		}
		wantRefused()
		time.Sleep(time.Hour)
		wantRefused()
		wantLogged(1)
		time.Sleep(time.Minute) // a failure would be due again
		wantRefused()
		if n := c.Called("1"); n != 2 {
			t.Errorf("%d requests in an hour, want 2", n)
		}

		c.Set(enginetest.EndsIn(1))
		time.Sleep(time.Hour)
		enginetest.WantLines(t, h.Scrape(t.Context(), shown...),
			`license_days_to_expiration{organization_id="1",product=""} 1`,
			`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
			`license_organization_info{api_enabled="true",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
			`license_up{organization_id=""} 1`,
			`license_up{organization_id="1"} 1`)

		c.Set(refuseAccess)
		time.Sleep(time.Hour)
		wantRefused()
		wantLogged(2)
		for _, series := range h.OwnSeries("license_exporter_collector_errors_total") {
			if series[len(series)-2:] != " 0" {
				t.Errorf("counted as a failure: %s", series)
			}
		}

		c.Set(enginetest.Fails) // the vendor no longer says that access is off
		other.Set(enginetest.Fails)
		time.Sleep(time.Hour)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_days"),
			`license_days_to_expiration{organization_id="1",product=""} 8.9609375`,
			`license_up{organization_id=""} 1`,
			`license_up{organization_id="1"} 0`)
	})
}

func TestAccessThatTheVendorRefusesToTheSourceIsDisabled(t *testing.T) {
	source := enginetest.NewSource("1")
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	h.Refresh(t.Context(), engine.Selection{})
	source.Set(collector.Discovery{Failed: map[string]error{"1": errAccessDisabled, "9": errAccessDisabled}}, nil)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization", "license_days", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
		`license_organization_info{api_enabled="false",licensing_model="",organization_id="9",organization_name="",region=""} 1`,
		`license_organization_info{api_enabled="false",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
		`license_up{organization_id=""} 1`)
}

// An account as a whole has no access that could be switched off.
func TestAccessThatTheVendorRefusesToTheAccountIsAFailure(t *testing.T) {
	c := &enginetest.Collector{ForAccount: true, Do: refuseAccess}
	d := collector.Discovery{Organizations: []licensing.Organization{{}}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 0`)
	if h.Log.Count("fetch failed") != 1 {
		t.Errorf("the failure is not logged:\n%s", h.Log)
	}
}

func TestAccessThatTheVendorDoesNotTellOfIsEmpty(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Organizations[0].APIAccess = licensing.APIUnknown
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization"),
		`license_organization_info{api_enabled="",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="1"} 1`)
}

func TestOrganizationWithAProblemIsReadAndLoggedOnce(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Organizations[0].Problem = "its model is new"
	source := &enginetest.Source{Discovery: d}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	for range 2 {
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_days"),
			`license_days_to_expiration{organization_id="1",product=""} 1`,
			`license_up{organization_id=""} 1`,
			`license_up{organization_id="1"} 1`)
	}
	if n := h.Log.Count("its model is new"); n != 1 {
		t.Errorf("logged %d times, want once:\n%s", n, h.Log)
	}
	d = enginetest.Organizations("1")
	d.Organizations[0].Problem = "it has no model"
	source.Set(d, nil)
	h.Refresh(t.Context(), engine.Selection{})
	if n := h.Log.Count("it has no model"); n != 1 {
		t.Errorf("another problem was logged %d times, want once:\n%s", n, h.Log)
	}
}

// An empty list after a good one keeps the organizations.
func TestNoOrganizationIsAProblem(t *testing.T) {
	source := &enginetest.Source{Err: collector.NoOrganization(0)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 0`)
	if h.Log.Count("check which organizations the credential may read") != 1 {
		t.Errorf("the log does not say what to do:\n%s", h.Log)
	}
	source.Set(enginetest.Organizations("1"), nil)
	h.Refresh(t.Context(), engine.Selection{})
	source.Set(collector.Discovery{}, collector.NoOrganization(3))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_days"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_up{organization_id=""} 0`,
		`license_up{organization_id="1"} 1`)
}

// A problem of the list is logged once, and again if there is another.
func TestProblemOfTheListIsLogged(t *testing.T) {
	d := enginetest.Organizations("1")
	s := &enginetest.Source{}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, s)
	for _, problem := range []string{"", "nothing matches a", "nothing matches a", "nothing matches b", ""} {
		d.Problem = problem
		s.Set(d, nil)
		h.Refresh(t.Context(), engine.Selection{})
		if got := h.Snapshots(engine.Selection{})[0].DiscoveryProblem; got != problem {
			t.Errorf("the problem is %q, want %q", got, problem)
		}
	}
	if a, b := h.Log.Count("nothing matches a"), h.Log.Count("nothing matches b"); a != 1 || b != 1 || h.Log.Count("the account has a problem") != 2 {
		t.Errorf("the log has %d and %d lines, want one of each:\n%s", a, b, h.Log)
	}
}
