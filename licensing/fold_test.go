package licensing

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testNow is the time in all tests.
var testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func days(n float64) time.Time { return testNow.Add(time.Duration(n * float64(Day))) }

var (
	active  = State{"active", Assigned}
	expired = State{"expired", Assigned}
	unused  = State{"unused", Unassigned}
)

func inForce(end time.Time) License {
	return License{Product: "MX64", State: active, Phase: InForce, End: end}
}

func ended(end time.Time) License {
	return License{Product: "MX64", State: expired, Phase: Ended, End: end}
}

func foldOf(licenses ...License) *Fold {
	f := NewFold(testNow, active, expired, unused)
	for _, l := range licenses {
		f.Add(l)
	}
	return f
}

// summaryOf returns the only summary of a fold.
func summaryOf(t *testing.T, f *Fold) *Summary {
	t.Helper()
	summaries := f.Summaries()
	if len(summaries) != 1 {
		t.Fatalf("there are %d summaries, want 1", len(summaries))
	}
	return summaries[0]
}

func TestLicensesAreCountedByProductAndState(t *testing.T) {
	unknown := State{"suspended", AssignmentUnknown}
	f := foldOf(
		License{Product: "MX64", State: active, Phase: InForce, EndUnknown: true},
		License{Product: "MX64", State: active, Phase: InForce, EndUnknown: true},
		License{Product: "MX64", State: State{"active", Unassigned}, Phase: InForce, EndUnknown: true},
		License{Product: "ENT", State: unknown, EndUnknown: true},
	)
	want := []*Summary{
		{Product: "ENT", Licenses: tableOf(unknown, 1)},
		{Product: "MX64", Licenses: tableOf(active, 2)},
	}
	want[1].Licenses.Set(State{"active", Unassigned}, 1)
	if diff := cmp.Diff(want, f.Summaries(), cmpopts.IgnoreUnexported(Summary{}), compareFacts); diff != "" {
		t.Errorf("the summaries differ (-want +got):\n%s", diff)
	}
}

func TestMissingStates(t *testing.T) {
	for name, test := range map[string]struct {
		licenses []License
		want     []State
	}{
		"no license":        {nil, []State{active, expired, unused}},
		"of one product":    {[]License{inForce(days(1)), {Product: "ENT", State: active}}, []State{expired, unused}},
		"of other products": {[]License{inForce(days(1)), {Product: "ENT", State: expired}, {State: unused}}, []State{}},
		"assigned or not":   {[]License{{State: State{"active", Unassigned}}, {State: State{"unused", AssignmentUnknown}}}, []State{expired}},
		"unusual state":     {[]License{{State: State{"suspended", Assigned}}}, []State{active, expired, unused}},
	} {
		t.Run(name, func(t *testing.T) {
			f := foldOf(test.licenses...)
			if diff := cmp.Diff(test.want, f.MissingStates()); diff != "" {
				t.Errorf("the states differ (-want +got):\n%s", diff)
			}
			if got := NewFold(testNow).MissingStates(); len(got) != 0 {
				t.Errorf("without usual states, %v are missing", got)
			}
		})
	}
}

// The numbers of ends within the horizons, and of licenses without an end, count unless another
// number implies them.
func TestCountsOfEnds(t *testing.T) {
	unknown := License{Product: "MX64", State: active, Phase: InForce, EndUnknown: true}
	dormant := License{Product: "MX64", State: unused, Phase: Dormant}
	for name, test := range map[string]struct {
		licenses         []License
		ends, withoutEnd bool
	}{
		"soon":                    {[]License{inForce(days(5)), inForce(days(500))}, true, false},
		"at the last horizon":     {[]License{inForce(days(90))}, true, false},
		"later":                   {[]License{inForce(days(91))}, false, false},
		"ended":                   {[]License{ended(days(-5))}, false, false},
		"without end":             {[]License{inForce(time.Time{})}, false, true},
		"without end, and soon":   {[]License{inForce(time.Time{}), inForce(days(5))}, true, true},
		"without end, and later":  {[]License{inForce(time.Time{}), inForce(days(500))}, false, true},
		"not in force":            {[]License{dormant}, true, true},
		"not in force, and later": {[]License{dormant, inForce(days(500))}, false, false},
		"unknown":                 {[]License{unknown}, false, false},
		"unknown, and ended":      {[]License{unknown, ended(days(-5))}, true, true},
		"unknown, and later":      {[]License{unknown, inForce(days(500))}, false, false},
		"no license":              {nil, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := summaryOf(t, foldOf(test.licenses...))
			if s.CountsEnds() != test.ends || s.CountsWithoutEnd() != test.withoutEnd {
				t.Errorf("ends count: %t, those without end: %t; want %t, %t", s.CountsEnds(), s.CountsWithoutEnd(), test.ends, test.withoutEnd)
			}
		})
	}
}

func TestEmptyFoldHasASummary(t *testing.T) {
	want := []*Summary{{Dated: true}}
	if diff := cmp.Diff(want, foldOf().Summaries(), cmpopts.IgnoreUnexported(Summary{}), compareFacts); diff != "" {
		t.Errorf("the summaries differ (-want +got):\n%s", diff)
	}
}

func TestEmptyUndatedFoldReportsNoEnds(t *testing.T) {
	f := foldOf()
	f.Undated = true
	if summaryOf(t, f).Dated {
		t.Error("the summary has dates")
	}
}

func TestEmptyFoldWithoutStatesReportsNothing(t *testing.T) {
	if got := NewFold(testNow).Summaries(); len(got) != 0 {
		t.Errorf("there are %d summaries, want none", len(got))
	}
}

func TestExpiringWithinHorizons(t *testing.T) {
	const instant = time.Nanosecond
	for name, test := range map[string]struct {
		license License
		want    [3]int32 // within 7, 30, 90 days
	}{
		"just within 7 days":   {inForce(days(7)), [3]int32{1, 1, 1}},
		"just beyond 7 days":   {inForce(days(7).Add(instant)), [3]int32{0, 1, 1}},
		"just within 30 days":  {inForce(days(30)), [3]int32{0, 1, 1}},
		"just beyond 30 days":  {inForce(days(30).Add(instant)), [3]int32{0, 0, 1}},
		"just within 90 days":  {inForce(days(90)), [3]int32{0, 0, 1}},
		"just beyond 90 days":  {inForce(days(90).Add(instant)), [3]int32{0, 0, 0}},
		"now":                  {inForce(testNow), [3]int32{1, 1, 1}},
		"tolerated in force":   {inForce(days(-20)), [3]int32{1, 1, 1}},
		"ended":                {ended(days(-1)), [3]int32{0, 0, 0}},
		"declared ended early": {ended(days(5)), [3]int32{0, 0, 0}},
		"dormant":              {License{Phase: Dormant, End: days(5)}, [3]int32{0, 0, 0}},
		"no end":               {inForce(time.Time{}), [3]int32{0, 0, 0}},
		"end unknown":          {License{Phase: InForce, EndUnknown: true}, [3]int32{0, 0, 0}},
		"queued cover": {
			License{Phase: InForce, Start: days(-360), End: days(5), Cover: 380 * Day}, [3]int32{0, 1, 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summaryOf(t, foldOf(test.license)).Expiring; got != test.want {
				t.Errorf("expiring within 7, 30 and 90 days are %v, want %v", got, test.want)
			}
		})
	}
}

func TestExpiringIsCumulative(t *testing.T) {
	f := foldOf(inForce(days(1)), inForce(days(2)), inForce(days(20)), inForce(days(80)), inForce(days(800)))
	if got, want := summaryOf(t, f).Expiring, [3]int32{2, 3, 4}; got != want {
		t.Errorf("expiring within 7, 30 and 90 days are %v, want %v", got, want)
	}
}

func TestWithoutEnd(t *testing.T) {
	f := foldOf(inForce(time.Time{}), inForce(days(1)),
		License{Product: "MX64", State: unused, Phase: Dormant},
		License{Product: "MX64", State: active, Phase: InForce, EndUnknown: true},
		ended(time.Time{}))
	if got := summaryOf(t, f).WithoutEnd; got != 1 {
		t.Errorf("%d licenses are without end, want 1", got)
	}
}

func TestDated(t *testing.T) {
	unknown := License{Product: "MX64", State: active, Phase: InForce, EndUnknown: true}
	if summaryOf(t, foldOf(unknown, unknown)).Dated {
		t.Error("licenses whose ends are all unknown count as dated")
	}
	if !summaryOf(t, foldOf(unknown, inForce(time.Time{}), unknown)).Dated {
		t.Error("a license without end does not make the product dated")
	}
}

func TestNextEnd(t *testing.T) {
	for name, test := range map[string]struct {
		licenses []License
		want     time.Time
	}{
		"earliest in force":           {[]License{inForce(days(9)), inForce(days(3)), inForce(days(5))}, days(3)},
		"in force before ended":       {[]License{ended(days(-1)), inForce(days(3)), ended(days(-5))}, days(3)},
		"latest that ended":           {[]License{ended(days(-5)), ended(days(-1)), ended(days(-9))}, days(-1)},
		"tolerated in force":          {[]License{inForce(days(-3)), inForce(days(3))}, days(-3)},
		"perpetual beside another":    {[]License{inForce(time.Time{}), inForce(days(3))}, days(3)},
		"perpetual alone":             {[]License{inForce(time.Time{})}, time.Time{}},
		"perpetual beside ended":      {[]License{inForce(time.Time{}), ended(days(-1))}, time.Time{}},
		"end unknown beside ended":    {[]License{{Product: "MX64", Phase: InForce, EndUnknown: true}, ended(days(-1))}, time.Time{}},
		"dormant does not matter":     {[]License{{Product: "MX64", Phase: Dormant, End: days(1)}, inForce(days(3))}, days(3)},
		"dormant alone":               {[]License{{Product: "MX64", Phase: Dormant, End: days(1)}}, time.Time{}},
		"ended without a known end":   {[]License{{Product: "MX64", Phase: Ended, EndUnknown: true}, ended(days(-2))}, days(-2)},
		"queued cover prolongs":       {[]License{{Product: "MX64", Phase: InForce, Start: days(-10), End: days(1), Cover: 30 * Day}, inForce(days(50))}, days(20)},
		"unknown state in the future": {[]License{{Product: "MX64", End: days(2)}, inForce(days(3))}, days(2)},
		"none":                        {nil, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summaryOf(t, foldOf(test.licenses...)).NextEnd(); !got.Equal(test.want) {
				t.Errorf("the next end is %s, want %s", got, test.want)
			}
		})
	}
}

func TestDatesDecideIfTheStateIsUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		license    License
		nextEnd    time.Time
		expiring   int32
		withoutEnd int32
	}{
		"end to come":           {License{End: days(5)}, days(5), 1, 0},
		"end now":               {License{End: testNow}, testNow, 0, 0},
		"end passed":            {License{End: days(-5)}, days(-5), 0, 0},
		"end passed but cover":  {License{Start: days(-10), End: days(-5), Cover: 12 * Day}, days(2), 1, 0},
		"no end":                {License{}, time.Time{}, 0, 0},
		"end unknown":           {License{EndUnknown: true}, time.Time{}, 0, 0},
		"end marked as unknown": {License{End: days(5), EndUnknown: true}, time.Time{}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := summaryOf(t, foldOf(test.license))
			if got := s.NextEnd(); !got.Equal(test.nextEnd) {
				t.Errorf("the next end is %s, want %s", got, test.nextEnd)
			}
			if s.Expiring[0] != test.expiring || s.WithoutEnd != test.withoutEnd {
				t.Errorf("%d expire soon and %d are without end, want %d and %d",
					s.Expiring[0], s.WithoutEnd, test.expiring, test.withoutEnd)
			}
		})
	}
}

// A past end of a license with an unknown state must not hide a later end.
func TestUnknownStateWithPastEndIsNotInForce(t *testing.T) {
	f := foldOf(License{Product: "MX64", End: days(-5)}, inForce(days(9)))
	if got := summaryOf(t, f).NextEnd(); !got.Equal(days(9)) {
		t.Errorf("the next end is %s, want %s", got, days(9))
	}
}

func TestCoverEnd(t *testing.T) {
	for name, test := range map[string]struct {
		license License
		want    time.Time
	}{
		"own end":               {License{End: days(5)}, days(5)},
		"queued behind it":      {License{Start: days(-5), End: days(5), Cover: 30 * Day}, days(25)},
		"nothing queued":        {License{Start: days(-5), End: days(5), Cover: 10 * Day}, days(5)},
		"cover before the end":  {License{Start: days(-5), End: days(5), Cover: Day}, days(5)},
		"start unknown":         {License{End: days(5), Cover: 30 * Day}, days(5)},
		"no end":                {License{Start: days(-5), Cover: 30 * Day}, time.Time{}},
		"end unknown":           {License{Start: days(-5), EndUnknown: true, Cover: 30 * Day}, time.Time{}},
		"end marked as unknown": {License{Start: days(-5), End: days(5), EndUnknown: true}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.license.CoverEnd(); !got.Equal(test.want) {
				t.Errorf("the cover ends at %s, want %s", got, test.want)
			}
		})
	}
}

func TestAssignedIf(t *testing.T) {
	if AssignedIf(true) != "true" || AssignedIf(false) != "false" {
		t.Errorf("assigned is %q, unassigned %q", AssignedIf(true), AssignedIf(false))
	}
}

// The end of a license that renews by itself must not hide the end of one that somebody must renew.
func TestUnattendedEndsComeLast(t *testing.T) {
	quiet := func(l License) License {
		l.Unattended = true
		return l
	}
	for name, test := range map[string]struct {
		licenses []License
		want     time.Time
	}{
		"before another":          {[]License{quiet(inForce(days(1))), inForce(days(9))}, days(9)},
		"after another":           {[]License{inForce(days(9)), quiet(inForce(days(10)))}, days(9)},
		"the only ones":           {[]License{quiet(inForce(days(2))), quiet(inForce(days(1)))}, days(1)},
		"with an end in the past": {[]License{ended(days(-1)), quiet(inForce(days(1)))}, days(1)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summaryOf(t, foldOf(test.licenses...)).NextEnd(); !got.Equal(test.want) {
				t.Errorf("the next end is %v, want %v", got, test.want)
			}
			merged := foldOf()
			for _, l := range test.licenses {
				merged.Merge(foldOf(l))
			}
			if got := summaryOf(t, merged).NextEnd(); !got.Equal(test.want) {
				t.Errorf("the next end is %v if folds are merged, want %v", got, test.want)
			}
		})
	}
	if got := summaryOf(t, foldOf(quiet(inForce(days(1))), inForce(days(9)))).Expiring; got != [3]int32{1, 2, 2} {
		t.Errorf("the licenses that end are %v", got)
	}
}
