package status

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// policies returns a policy for each Match, at the places p:1, p:2 and so on.
func policies(all ...policy.Match) *policy.Set {
	var list []policy.Policy
	for i, m := range all {
		list = append(list, policy.Policy{Match: m, Rules: policy.Rules{Owner: "a"}, Place: fmt.Sprintf("p:%d", i+1)})
	}
	return policy.NewSet(list)
}

// reportsProduct is an UpdateFunc that reports a product with an end and one with licenses
// alone.
func reportsProduct(_ context.Context, o licensing.Organization, r *collector.Report) error {
	r.Organization(o.ID).NextEnd("product", enginetest.Days(1))
	r.Fold(o.ID).Add(licensing.License{Product: "counted", State: licensing.State{Name: "active"}, Phase: licensing.InForce})
	return nil
}

func TestUnmatchedPolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		things := &enginetest.Collector{Do: reportsProduct}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1", "2"), enginetest.Things(things))
		defer h.Close()
		h.Policies.Store(policies(
			policy.Match{Product: "product"}, policy.Match{Product: "produkt", Vendor: "*"}, policy.Match{OrganizationID: "2"}, policy.Match{OrganizationName: "3"},
			policy.Match{Product: "counted"}, // has no series, since it has neither end nor seats nor verdict
			policy.Match{Account: "other"},
		))
		var output enginetest.Buffer
		u := NewUnmatched(h.Engine, log.NewLogfmtLogger(&output))
		wantCount := func(when string, want, lines int) {
			t.Helper()
			if got := u.Count(); got != want {
				t.Errorf("%s: %d policies match nothing, want %d", when, got, want)
			}
			if got := strings.Count(output.String(), "\n"); got != lines {
				t.Errorf("%s: %d lines, want %d:\n%s", when, got, lines, &output)
			}
		}
		wantCount("before the first fetch", 0, 0)
		one, err := h.One(t.Context(), "acme", "1")
		if err != nil {
			t.Fatal(err)
		}
		h.Refresh(t.Context(), one)
		wantCount("while an organization has not been tried", 0, 0)
		one.Organization = "2"
		h.Refresh(t.Context(), one)
		wantCount("at the end, without a complete scrape", 4, 4)
		for _, line := range []string{`policy=p:2 match=vendor,product`, `policy=p:4 match=organization_name`, `policy=p:5 match=product`, `policy=p:6 match=account`} {
			if output.Count(line) != 1 {
				t.Errorf("no line has %s:\n%s", line, &output)
			}
		}

		h.Source.Set(enginetest.Organizations("1", "2", "3"), nil)
		h.Source.Discovery.Organizations[2].Name = "3"
		time.Sleep(time.Minute)
		h.Refresh(t.Context(), engine.Selection{})
		wantCount("when an organization comes", 3, 4)
		h.Policies.Store(policies(policy.Match{Product: "gone"}))
		wantCount("after a reload", 1, 5)
		h.Policies.Store(nil)
		wantCount("without policies", 0, 5)
	})
}

// What could not be read may have what policies match.
func TestPoliciesForWhatCouldNotBeReadAreNotUnmatched(t *testing.T) {
	fails := func(_ context.Context, o licensing.Organization, _ *collector.Report) error {
		if o.ID == "1" {
			return enginetest.ErrVendor
		}
		return nil
	}
	set := policies(policy.Match{Product: "a"}, policy.Match{OrganizationID: "1", Product: "a"}, policy.Match{OrganizationID: "2", Product: "a"}, policy.Match{Account: "other"})
	for name, test := range map[string]struct {
		source *enginetest.Source
		things *enginetest.Collector
		want   []int
	}{
		"all is read":              {enginetest.NewSource("1", "2"), &enginetest.Collector{Do: enginetest.EndsIn(1)}, []int{0, 1, 2, 3}},
		"an organization fails":    {enginetest.NewSource("1", "2"), &enginetest.Collector{Do: fails}, []int{2, 3}},
		"the account fails":        {enginetest.NewSource("", "1"), &enginetest.Collector{Do: enginetest.Fails, ForAccount: true}, []int{3}},
		"the list fails":           {&enginetest.Source{Err: enginetest.ErrVendor}, &enginetest.Collector{Do: enginetest.EndsIn(1)}, []int{3}},
		"access is switched off":   {disabledSource(), &enginetest.Collector{Do: fails}, []int{0, 1, 2, 3}},
		"there is no organization": {enginetest.NewSource(), &enginetest.Collector{Do: fails}, []int{0, 1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, test.source, enginetest.Things(test.things))
			h.Policies.Store(set)
			h.Refresh(t.Context(), engine.Selection{})
			if got := UnmatchedPolicies(set, h.Snapshots(engine.Selection{})); fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("unmatched are %v, want %v", got, test.want)
			}
		})
	}
}

func disabledSource() *enginetest.Source {
	source := enginetest.NewSource("1")
	source.Discovery.Organizations[0].APIAccess = licensing.APIDisabled
	return source
}

// There are at most 20 lines, and the last one has the number of the others.
func TestManyUnmatchedPoliciesGiveFewLines(t *testing.T) {
	for n, want := range map[int]string{20: "policy=p:20 match=product", 21: "further=1", 1000: "further=980"} {
		h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"))
		all := make([]policy.Match, n)
		for i := range all {
			all[i].Product = "p"
		}
		h.Policies.Store(policies(all...))
		h.Refresh(t.Context(), engine.Selection{})
		var output enginetest.Buffer
		if got := NewUnmatched(h.Engine, log.NewLogfmtLogger(&output)).Count(); got != n {
			t.Errorf("%d policies match nothing, want %d", got, n)
		}
		if lines := strings.Split(strings.TrimSpace(output.String()), "\n"); len(lines) != 20 || !strings.Contains(lines[19], want) {
			t.Errorf("%d lines, want 20, and %s in the last one:\n%s", len(lines), want, &output)
		}
	}
}
