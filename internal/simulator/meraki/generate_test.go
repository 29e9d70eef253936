package meraki

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator/simtest"
)

func TestGenerateIsDeterministic(t *testing.T) {
	paths := []string{
		"/organizations", "/organizations/5000001/licenses", "/organizations/5000001/licenses/overview",
		"/organizations/5000002/licensing/coterm/licenses", "/organizations/5000002/licenses/overview",
		"/organizations/5000002/inventory/devices", subscriptionsPath + "?organizationIds[]=5000003",
	}
	answers := func(seed uint64, now time.Time) []string {
		m := New(Options{Estate: Generate(seed, 6, 120), Key: testKey, Now: func() time.Time { return now }})
		bodies := make([]string, len(paths))
		for i, path := range paths {
			bodies[i] = ask(t.Context(), m, path).Body.String()
		}
		return bodies
	}
	first := answers(1, simtest.Now)
	if diff := cmp.Diff(first, answers(1, simtest.Now.Add(-20*time.Hour))); diff != "" {
		t.Errorf("the same seed at another hour of the day (-first +second):\n%s", diff)
	}
	other := answers(2, simtest.Now)
	for i, path := range paths[1:] {
		if first[i+1] == other[i+1] {
			t.Errorf("%s does not depend on the seed", path)
		}
	}
}

// The cost of a page does not depend on the size of the estate.
func TestGenerateIsMadeOnDemand(t *testing.T) {
	m := New(Options{Estate: Generate(1, 9_000, 10_000_000), Key: testKey})
	for _, path := range []string{
		"/organizations?perPage=3&startingAfter=5008000",
		"/organizations/5009000",
		"/organizations/5000001/licenses?perPage=3&startingAfter=" + fakeLicense(1, 9_000_000),
		"/organizations/5000002/licensing/coterm/licenses?perPage=3",
		subscriptionsPath + "?organizationIds[]=5000003&perPage=3",
	} {
		allocations := testing.AllocsPerRun(1, func() {
			if r := ask(t.Context(), m, path); r.Code != http.StatusOK || len(r.Body.String()) < 100 {
				t.Errorf("GET %s: %d %s", path, r.Code, r.Body)
			}
		})
		if allocations > 5_000 {
			t.Errorf("GET %s: %v allocations", path, allocations)
		}
	}
}

func TestGenerateHoldsAllStates(t *testing.T) {
	a := start(t, Options{Estate: Generate(3, 3, 1000), Limits: Limits{Off: true}})
	checkDeviceLicenses(t, a, "5000001")
	overview := read[object](a, "/organizations/5000001/licenses/overview")
	for _, state := range []string{"active", "expired", "expiring", "recentlyQueued", "unused", "unusedActive"} {
		if n, _ := at(overview, "states", state, "count").(float64); n == 0 {
			t.Errorf("no license is %s", state)
		}
	}
	empty := start(t, Options{Estate: Generate(3, 3, 0)})
	for i, path := range []string{"/licenses", "/licensing/coterm/licenses", "/inventory/devices"} {
		if r := empty.Get(fmt.Sprintf("/organizations/%d%s", 5000001+i, path)); r.Body != "[]" {
			t.Errorf("%s of an estate without licenses: %s", path, r.Body)
		}
	}
}
