package status

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func checkLines(h *enginetest.Harness) string {
	h.Refresh(context.Background(), engine.Selection{})
	var lines []string
	for _, l := range Check(h.Snapshots(engine.Selection{})) {
		lines = append(lines, fmt.Sprintf("%q %s %v %v", l.Organization, l.Name, l.Problems, l.Notes))
	}
	return strings.Join(lines, "\n")
}

// refused returns an error that names the organization, as those of clients do.
func refused(status int, operation string) enginetest.UpdateFunc {
	return func(_ context.Context, o licensing.Organization, _ *collector.Report) error {
		return &rest.Error{Operation: operation, URL: "https://api.example.com/" + o.ID, Status: status, Reason: rest.ReasonServer, Message: "no"}
	}
}

func other(name string, update enginetest.UpdateFunc) collector.Named {
	return collector.Named{Name: name, Collector: &enginetest.Collector{Do: update}}
}

// A problem occurs once: in the line of the account if all organizations have it, and otherwise once
// in that of each organization, with all collectors that have it.
func TestCheckHasEachProblemOnce(t *testing.T) {
	onlyFirst := func(update enginetest.UpdateFunc) enginetest.UpdateFunc {
		return func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			if o.ID != "1" {
				return nil
			}
			return update(ctx, o, r)
		}
	}
	closed := enginetest.Organizations("1", "2", "3")
	closed.Organizations[2].APIAccess = licensing.APIDisabled
	for name, test := range map[string]struct {
		discovery collector.Discovery
		a, b      enginetest.UpdateFunc
		want      string
	}{
		"all": {closed, refused(500, "getA"), refused(500, "getB"), `"" 3 organizations [a_one, a_two: in all organizations: getA: GET https://api.example.com/1: 500 Internal Server Error: no] []
"1" Organization 1 [] []
"2" Organization 2 [] []
"3" Organization 3 [a_organizations: API access is switched off] []`},
		"one collector in all": {closed, refused(500, "getA"), refused(503, "getB"), `"" 3 organizations [a_one: in all organizations: getA: GET https://api.example.com/1: 500 Internal Server Error: no a_two: in all organizations: getB: GET https://api.example.com/1: 503 Service Unavailable: no] []
"1" Organization 1 [] []
"2" Organization 2 [] []
"3" Organization 3 [a_organizations: API access is switched off] []`},
		"one organization": {enginetest.Organizations("1", "2"), onlyFirst(refused(500, "getA")), onlyFirst(refused(500, "getB")), `"" 2 organizations [] []
"1" Organization 1 [a_one, a_two: getA: GET https://api.example.com/1: 500 Internal Server Error: no] []
"2" Organization 2 [] []`},
		"only one": {enginetest.Organizations("1"), refused(500, "getA"), refused(503, "getB"), `"" 1 organization [] []
"1" Organization 1 [a_one: getA: GET https://api.example.com/1: 500 Internal Server Error: no a_two: getB: GET https://api.example.com/1: 503 Service Unavailable: no] []`},
	} {
		t.Run(name, func(t *testing.T) {
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: test.discovery}, other("a_one", test.a), other("a_two", test.b))
			got := strings.ReplaceAll(checkLines(h), h.Snapshots(engine.Selection{})[0].Vendor.SourceName(), "a_organizations")
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestCheckOfAnAccountWithoutOrganizations(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{}, other("a_one", nil))
	if got := checkLines(h); !strings.Contains(got, "the vendor lists no organization; check which organizations the credential may read") {
		t.Errorf("an account that sees nothing is no problem:\n%s", got)
	}
	h = enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Err: errors.New("broken")}, other("a_one", nil))
	if got := checkLines(h); !strings.Contains(got, "broken") || strings.Contains(got, "lists no organization") {
		t.Errorf("an account that cannot be read has another problem:\n%s", got)
	}
}

// A collector that nearly everybody needs and that is off is noted.
func TestCheckNotesWhatIsOff(t *testing.T) {
	a := enginetest.Account("a", enginetest.NewSource("1"), other("a_one", enginetest.EndsIn(1)))
	vendor := *a.Vendor
	vendor.Collectors = []collector.Registration{{Name: "a_one", Headline: "licenses"}, {Name: "a_two", Headline: "verdicts"}, {Name: "a_three"}}
	a.Vendor = &vendor
	h := enginetest.NewOf(t, engine.Config{Now: enginetest.Clock}, a)
	if got := checkLines(h); !strings.HasPrefix(got, `"" 1 organization [] [without verdicts: a_two is off]`+"\n") {
		t.Errorf("got\n%s", got)
	}
}
