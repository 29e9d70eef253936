package licensing

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mixed returns licenses of all kinds.
func mixed() []License {
	return []License{
		using(inForce(days(3)), 2), using(ended(days(-4)), 1), inForce(time.Time{}), inForce(days(20)), ended(days(-2)),
		{Product: "ENT", State: unused, Phase: Dormant},
		{Product: "ENT", State: State{"suspended", AssignmentUnknown}, End: days(60)},
		{Product: "ENT", State: expired, Phase: Ended, End: days(-9)},
		{Product: "LAST", State: active, Phase: InForce, EndUnknown: true},
		{Product: "MX64", State: active, Phase: InForce, Start: days(-5), End: days(1), Cover: 90 * Day},
		using(inForce(days(1)), 5), ofSeats(inForce(days(3)), 7),
	}
}

func TestMergeEqualsFoldingAll(t *testing.T) {
	all := mixed()
	want := foldOf(all...).Summaries()
	for cut := range len(all) + 1 {
		t.Run(fmt.Sprint("cut at ", cut), func(t *testing.T) {
			first, second := foldOf(all[:cut]...), foldOf(all[cut:]...)
			first.Merge(second)
			if diff := cmp.Diff(want, first.Summaries(), compareFacts, statesAsMap); diff != "" {
				t.Errorf("the summaries differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeDoesNotChangeTheOtherFold(t *testing.T) {
	other := foldOf(mixed()...)
	first := foldOf(mixed()...)
	first.Merge(other)
	first.Add(inForce(days(1)))
	want := foldOf(mixed()...).Summaries()
	if diff := cmp.Diff(want, other.Summaries(), compareFacts, statesAsMap); diff != "" {
		t.Errorf("the merged fold changed (-want +got):\n%s", diff)
	}
}

func TestMergeHasTheStatesOfBoth(t *testing.T) {
	license := License{Product: "MX64", State: active, Phase: InForce, End: days(1)}
	for name, licenses := range map[string][2][]License{
		"license in the first":  {{license}, nil},
		"license in the second": {nil, {license}},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := NewFold(testNow, active, unused), NewFold(testNow, active, expired)
			for _, l := range licenses[0] {
				first.Add(l)
			}
			for _, l := range licenses[1] {
				second.Add(l)
			}
			first.Merge(second)
			if diff := cmp.Diff([]State{unused, expired}, first.MissingStates()); diff != "" {
				t.Errorf("the missing states differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeDoesNotChangeTheCallersStates(t *testing.T) {
	states := []State{active, unused}
	f := NewFold(testNow, states[:1]...)
	f.Merge(NewFold(testNow, expired))
	if diff := cmp.Diff([]State{active, unused}, states); diff != "" {
		t.Errorf("the states differ (-want +got):\n%s", diff)
	}
}

func TestMergeOfEmptyFolds(t *testing.T) {
	for _, test := range []struct{ first, second, dated bool }{
		{true, true, true}, {true, false, true}, {false, true, true}, {false, false, false},
	} {
		first, second := foldOf(), foldOf()
		first.Undated, second.Undated = !test.first, !test.second
		first.Merge(second)
		if got := summaryOf(t, first).Dated; got != test.dated {
			t.Errorf("folds that are dated %t and %t merge to dated %t", test.first, test.second, got)
		}
	}
}

// The memory of a fold must not grow with the number of licenses: there may be
// millions.
func TestFoldMemoryDependsOnProductsOnly(t *testing.T) {
	fold := func(licenses int) float64 {
		products := []string{"ENT", "MS", "MX64"}
		return testing.AllocsPerRun(5, func() {
			f := NewFold(testNow, active, expired, unused)
			for i := range licenses {
				f.Add(License{
					Product: products[i%len(products)], State: active, Phase: Phase(i % 4), End: days(float64(i % 500)),
				})
			}
		})
	}
	few, many := fold(1_000), fold(10_000)
	if few == 0 || many > few {
		t.Errorf("folding 10,000 licenses allocates %v times, folding 1,000 %v times, want no more", many, few)
	}
}
