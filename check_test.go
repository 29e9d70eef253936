package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// Optional data that the vendor withholds and records that cannot be read are printed,
// but are no problems.
func TestCheckCountsProblems(t *testing.T) {
	for name, test := range map[string]struct {
		update enginetest.UpdateFunc
		text   string
		err    string
	}{
		"fine": {enginetest.EndsIn(1), "", ""},
		"notes": {func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			r.Withhold("the agreements", errors.New("forbidden"))
			r.Trace().Skipped("getThings", 3)
			return nil
		}, "note: the vendor withholds the agreements: forbidden; note: 3 records of getThings could not be read", ""},
		"a child": {func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			r.ChildFailed(collector.ChildFailure{Child: "agreement 7", Err: errors.New("broken")})
			return nil
		}, "could not read agreement 7: broken", "check found 1 problem"},
	} {
		t.Run(name, func(t *testing.T) {
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: test.update}))
			var table strings.Builder
			got := ""
			if err := check(t.Context(), h.Engine, false, &table); err != nil {
				got = err.Error()
			}
			if got != test.err || !strings.Contains(table.String(), test.text+"\n") {
				t.Errorf("check returns %q, want %q and a line that ends with %q:\n%s", got, test.err, test.text, &table)
			}
		})
	}
}

func TestCheckCountsAnOrganizationThatCannotBeRead(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Organizations[0].Problem = "its model is new"
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d})
	var table strings.Builder
	if err := check(t.Context(), h.Engine, false, &table); err == nil || !strings.Contains(table.String(), "its model is new\n") {
		t.Errorf("check returns %v:\n%s", err, &table)
	}
}

// Check prints what policies do. A problem of what is muted needs no action.
func TestCheckShowsPolicies(t *testing.T) {
	d := enginetest.Organizations("1", "2")
	d.Organizations[0].Problem = "its model is new"
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	h.Policies.Store(policy.NewSet([]policy.Policy{
		{Match: policy.Match{OrganizationID: "1"}, Rules: policy.Rules{Muted: new(policy.Flag(true))}, Place: "policies.csv:2"},
		{Match: policy.Match{Vendor: "*", Product: "nowhere"}, Rules: policy.Rules{Owner: "a"}, Place: "policies.csv:3"},
	}))
	var table strings.Builder
	if err := check(t.Context(), h.Engine, false, &table); err != nil {
		t.Errorf("check returns %v", err)
	}
	for _, want := range []string{"its model is new; note: muted by a policy\n", "\nPOLICIES: 2, without a match: 1\npolicies.csv:3: nothing has this vendor, product\n"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("check does not print %q:\n%s", want, &table)
		}
	}
}

func TestCheckCountsTheProblemOfAList(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Problem = "no organization has a name that matches"
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d})
	var table strings.Builder
	if err := check(t.Context(), h.Engine, false, &table); err == nil || err.Error() != "check found 1 problem" || !strings.Contains(table.String(), d.Problem+"\n") {
		t.Errorf("check returns %v:\n%s", err, &table)
	}
}

// No text breaks the table.
func TestCheckPrintsTextsInOneLine(t *testing.T) {
	withhold := func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.Withhold("a\tb\nc\x1b[31m", errors.New("forbidden"))
		return nil
	}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: withhold}))
	var table strings.Builder
	if err := check(t.Context(), h.Engine, false, &table); err != nil || strings.Count(table.String(), "\n") != 3 || strings.ContainsAny(table.String(), "\t\x1b") {
		t.Errorf("check returns %v:\n%q", err, &table)
	}
}

func TestCheckThatIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	var table strings.Builder
	if err := check(ctx, h.Engine, false, &table); !errors.Is(err, errInterrupted) || table.String() != "" {
		t.Errorf("check returns %v:\n%s", err, &table)
	}
}
