package github

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
)

// documents are the documented answers about the enterprise octo and the organization labs.
func documents() map[string]answer {
	return map[string]answer{
		seatsPath: documented("consumed-licenses"), securityPath: documented("advanced-security"), copilotPath: documented("copilot-seats"),
		orgPath: documented("organization"), billingPath: documented("copilot-billing"),
	}
}

// The documented answers give these series, and nothing of people.
func TestDocumentedAnswers(t *testing.T) {
	h := newHarness(t, false, documents())
	got := h.Scrape(t.Context())
	enginetest.Golden(t, "cloud.metrics", h.ScrapeCollectors(t.Context())+"\n")
	want(t, got, `license_up{organization_id="labs"} 1`, `license_up{organization_id="octo"} 1`,
		`license_organization_info{api_enabled="",licensing_model="enterprise",organization_id="octo",organization_name="octo",region=""} 1`)
	wantNone(t, got+h.Log.String(), "REDACTED", "octocat")
}

// The documented answer and the recorded one of an Enterprise Server give these series.
func TestDocumentedLicenses(t *testing.T) {
	for _, name := range []string{"license", "license.unlimited"} {
		h := newHarness(t, true, map[string]answer{licensePath: documented(name)})
		enginetest.Golden(t, name+".metrics", h.ScrapeCollectors(t.Context())+"\n")
	}
}

// The end of a license is to the second, in the zone of the server. After it, there are no seats.
func TestEndOfALicense(t *testing.T) {
	end := enginetest.Days(90).Truncate(time.Second)
	text := end.In(time.FixedZone("", -6*3600)).Format("2006/01/02 15:04:05 -0700")
	h := newHarness(t, true, map[string]answer{licensePath: ok(`{"seats": 10, "seats_used": 7, "seats_available": 3, "kind": "standard", "expire_at": "` + text + `"}`)})
	got := h.Scrape(t.Context())
	want(t, got, `license_days_to_expiration{organization_id="127.0.0.1",product="enterprise_server"} 90`,
		`license_seats_available{license_id="",organization_id="127.0.0.1",product="enterprise_server",unit="user"} 3`,
		`license_licenses{assigned="",organization_id="127.0.0.1",product="enterprise_server",state="standard"} 1`,
		`license_ended_in_use{organization_id="127.0.0.1",product="enterprise_server"} 0`)
	h.now = end
	got = h.later(t)
	want(t, got, `license_ended_in_use{organization_id="127.0.0.1",product="enterprise_server"} 7`)
	wantNone(t, got, "license_seats_")
}

// Seats without a limit are absent, and those in use are known.
func TestUnlimitedSeats(t *testing.T) {
	h := newHarness(t, true, map[string]answer{licensePath: ok(`{"seats": "unlimited", "seats_used": 1234, "seats_available": "unlimited", "kind": "evaluation", "expire_at": "2099-01-01T23:59:59.000-08:00"}`)})
	got := h.Scrape(t.Context())
	want(t, got, `license_seats_assigned{license_id="",organization_id="127.0.0.1",product="enterprise_server",unit="user"} 1234`)
	wantNone(t, got, "license_seats_limit", "license_seats_available", "parse_errors")
}

// An end that is missing or cannot be read is not known. It is not that there is none.
func TestUnknownEnd(t *testing.T) {
	for _, end := range []string{`null`, `"soon"`, `""`} {
		h := newHarness(t, true, map[string]answer{licensePath: ok(`{"seats": 10, "seats_used": 7, "kind": "standard", "expire_at": ` + end + `}`)})
		got := h.Scrape(t.Context())
		want(t, got, `license_seats_available{license_id="",organization_id="127.0.0.1",product="enterprise_server",unit="user"} 3`)
		wantNone(t, got, "license_next_expiration", "license_licenses_without_expiration", "license_licenses_expiring", "license_ended_in_use")
	}
}

// The requests of a refresh.
func TestRequests(t *testing.T) {
	h := newHarness(t, false, documents())
	h.Scrape(t.Context())
	got := slices.Sorted(slices.Values(h.requests()))
	if want := []string{seatsPath, copilotPath, securityPath, orgPath, billingPath}; !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the requests are %q, want %q", got, want)
	}
}

// Refused operations are withheld. GitHub's word that Copilot is not enabled is no refusal.
func TestWithheld(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		h := newHarness(t, false, map[string]answer{
			seatsPath: refuse(status), securityPath: refuse(status), product(securityPath, "code_security"): refuse(status),
			product(securityPath, "secret_protection"): refuse(status), copilotPath: refuse(status),
			orgPath: documented("organization.member"), billingPath: {http.StatusNotFound, "file not-enabled"},
		})
		got := h.Scrape(t.Context())
		want(t, got, `license_up{organization_id="labs"} 1`, `license_up{organization_id="octo"} 1`)
		wantNone(t, got, "license_seats_", "\ngithub_", "license_product_info")
		for _, what := range []string{"the seats of octo", "Advanced Security of octo", "Copilot of octo", "the plan of labs"} {
			if n := h.Log.Count(what); n != 1 {
				t.Errorf("%d: %s is logged %d times:\n%s", status, what, n, h.Log)
			}
		}
		if requests := h.requests(); len(requests) != 7 {
			t.Errorf("the requests are %q", requests)
		}
	}
}

// Once an operation has been answered, its refusal is a failure, which keeps the facts.
func TestRefusalAfterAnAnswerIsAFailure(t *testing.T) {
	for path, test := range map[string]struct{ organization, series string }{
		seatsPath:    {"octo", `license_seats_limit{license_id="",organization_id="octo",product="enterprise",unit="user"} 25`},
		securityPath: {"octo", `license_seats_limit{license_id="",organization_id="octo",product="advanced_security",unit="committer"} 4`},
		copilotPath:  {"octo", `license_seats_assigned{license_id="",organization_id="octo",product="copilot",unit="user"} 2`},
		orgPath:      {"labs", `github_organization_plan_seats{organization_id="labs",plan="medium"} 5`},
		billingPath:  {"labs", `license_seats_assigned{license_id="",organization_id="labs",product="copilot",unit="user"} 12`},
	} {
		for _, a := range []answer{refuse(http.StatusForbidden), refuse(http.StatusNotFound), documented("organization.member")} {
			if a.status == http.StatusOK && path != orgPath {
				continue
			}
			h := newHarness(t, false, documents())
			up := `license_up{organization_id="` + test.organization + `"} `
			want(t, h.Scrape(t.Context()), test.series, up+"1")
			h.set(path, a)
			want(t, h.later(t), test.series, up+"0")
			h.set(path, documents()[path])
			want(t, h.later(t), test.series, up+"1")
		}
	}
}

// If Copilot is switched off, the facts about it end.
func TestCopilotIsSwitchedOff(t *testing.T) {
	h := newHarness(t, false, documents(), "github_copilot")
	want(t, h.Scrape(t.Context()), `github_copilot_seats{organization_id="labs",state="inactive_this_cycle"} 11`)
	h.set(billingPath, answer{http.StatusNotFound, "file not-enabled"})
	got := h.later(t)
	want(t, got, `license_up{organization_id="labs"} 1`)
	wantNone(t, got, "github_copilot_seats")
}

// A limit of 0 is none: with usage-based billing, no seats are bought.
func TestUsageBasedBilling(t *testing.T) {
	h := newHarness(t, false, documents())
	h.set(seatsPath, ok(`{"total_seats_consumed": 20, "total_seats_purchased": 0, "users": []}`))
	h.set(securityPath, documented("advanced-security.none"))
	got := h.Scrape(t.Context())
	want(t, got, `license_seats_assigned{license_id="",organization_id="octo",product="enterprise",unit="user"} 20`,
		`license_seats_assigned{license_id="",organization_id="octo",product="advanced_security",unit="committer"} 0`)
	wantNone(t, got, `license_seats_limit{license_id="",organization_id="octo"`, `license_seats_available{license_id="",organization_id="octo"`)
}

// The seats of a plan are those of a product only if the organization has bought them.
func TestPlans(t *testing.T) {
	for plan, isProduct := range map[string]bool{"free": false, "enterprise": false, "team": true, "business": true} {
		h := newHarness(t, false, documents(), "github_plan")
		h.set(orgPath, ok(`{"login": "labs", "plan": {"name": "`+plan+`", "seats": 6, "filled_seats": 5}}`))
		got := h.Scrape(t.Context())
		want(t, got, `github_organization_plan_filled_seats{organization_id="labs",plan="`+plan+`"} 5`)
		series := `license_seats_available{license_id="",organization_id="labs",product="` + plan + `",unit="user"} 1`
		if strings.Contains(got, series) != isProduct {
			t.Errorf("%s: there is %v in:\n%s", series, !isProduct, got)
		}
	}
}

// The name of a plan that GitHub has not documented is still valid text.
func TestNameOfAPlan(t *testing.T) {
	h := newHarness(t, false, documents(), "github_plan")
	h.set(orgPath, ok(`{"login": "labs", "plan": {"name": "équipe", "seats": 6, "filled_seats": 5}}`))
	want(t, h.Scrape(t.Context()), `license_product_info{feature_tier="",manufacturer="GitHub",organization_id="labs",product="équipe",product_class="",product_name="GitHub Équipe",product_type=""} 1`)
}
