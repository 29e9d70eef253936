package licensing

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// using returns a license that n things use.
func using(l License, n float64) License {
	l.InUse = &n
	return l
}

// ofSeats returns a license for n seats of which the use is not known.
func ofSeats(l License, n float64) License {
	l.Seats = &n
	return l
}

// endedInUse returns the products of organization 1 and the account as a whole with how much
// of what has ended is in use.
func endedInUse(now time.Time, organization, account []*Facts) []string {
	e := NewEndedUses(now)
	for _, f := range organization {
		e.Add("1", f)
	}
	for _, f := range account {
		e.Add("", f)
	}
	var got []string
	for key, n := range e.All {
		got = append(got, fmt.Sprintf("%s/%s %v", key.Organization, key.Product, n))
	}
	slices.Sort(got)
	return got
}

func TestEndedInUseOfLicenses(t *testing.T) {
	queued := License{Product: "MX64", State: expired, Phase: Ended, Start: days(-365), End: days(-5), Cover: 700 * Day}
	for name, test := range map[string]struct {
		licenses []License
		want     string // empty if it is not known
	}{
		"none":                           {nil, ""},
		"ended and in use":               {[]License{using(ended(days(-1)), 3), using(ended(days(-400)), 1)}, "4"},
		"ended and not in use":           {[]License{using(ended(days(-1)), 0)}, "0"},
		"ended, and it is not known":     {[]License{ended(days(-1))}, ""},
		"ended at an unknown time":       {[]License{using(License{Product: "MX64", Phase: Ended, EndUnknown: true}, 2)}, "2"},
		"declared ended early":           {[]License{using(ended(days(5)), 2)}, "2"},
		"known in part":                  {[]License{ended(days(-1)), using(ended(days(-1)), 2)}, "2"},
		"not in use as far as known":     {[]License{ended(days(-1)), using(ended(days(-1)), 0)}, ""},
		"nothing has ended":              {[]License{using(inForce(days(1)), 5)}, "0"},
		"nothing, and use is not known":  {[]License{inForce(days(1))}, ""},
		"nothing, and use is known once": {[]License{inForce(days(1)), using(inForce(days(1)), 5)}, "0"},
		"ended beside one in force":      {[]License{using(inForce(days(100)), 5), using(ended(days(-1)), 2)}, "2"},
		"tolerated":                      {[]License{using(inForce(days(-1)), 5)}, "5"},
		"ends now":                       {[]License{using(inForce(testNow), 5)}, "5"},
		"dormant":                        {[]License{using(License{Product: "MX64", Phase: Dormant, End: days(-1)}, 5)}, "0"},
		"undetermined, with a past end":  {[]License{using(License{Product: "MX64", End: days(-1)}, 5)}, "5"},
		"undetermined, with a later end": {[]License{using(License{Product: "MX64", End: days(1)}, 5)}, "0"},
		"continued by its queue":         {[]License{using(queued, 1)}, "0"},
		"in force for ever":              {[]License{using(inForce(time.Time{}), 1)}, "0"},
		"end unknown":                    {[]License{using(License{Product: "MX64", Phase: InForce, EndUnknown: true}, 1)}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			if test.want != "" {
				want = []string{"1/MX64 " + test.want}
			}
			check := func(what string, facts ...*Facts) {
				if got := endedInUse(testNow, facts, nil); !slices.Equal(got, want) {
					t.Errorf("%s: got %q, want %q", what, got, want)
				}
			}
			check("together", &Facts{Fold: foldOf(test.licenses...)})
			var apart []*Facts
			merged := &Facts{Fold: foldOf()}
			for _, l := range test.licenses {
				one := &Facts{Fold: foldOf(l)}
				apart = append(apart, one)
				merged.Merge(one)
			}
			check("of several collectors", apart...)
			check("merged", merged)
		})
	}
}

// The number changes when an end passes, not with the next fetch.
func TestEndedInUseAtTheEnd(t *testing.T) {
	facts := []*Facts{{Fold: foldOf(
		using(inForce(days(2)), 5), using(inForce(days(1)), 2), using(inForce(days(1)), 1), using(ended(days(-1)), 10), using(inForce(days(1000)), 7),
	)}, {NextEnds: tableOf("", days(1.5)), Dependents: tableOf("", 40.)}}
	for _, test := range []struct {
		now, next time.Time
		want      []string
	}{
		{testNow, days(1), []string{"1/ 0", "1/MX64 10"}},
		{days(1).Add(-1), days(1), []string{"1/ 0", "1/MX64 10"}},
		{days(1), days(1.5), []string{"1/ 0", "1/MX64 13"}},
		{days(1.5), days(2), []string{"1/ 40", "1/MX64 13"}},
		{days(2), time.Time{}, []string{"1/ 40", "1/MX64 18"}},
	} {
		if got := endedInUse(test.now, facts, nil); !slices.Equal(got, test.want) {
			t.Errorf("at %s: got %q, want %q", test.now, got, test.want)
		}
		e := NewEndedUses(test.now)
		for _, f := range facts {
			e.Add("1", f)
		}
		if got := e.Next(); !got.Equal(test.next) {
			t.Errorf("at %s: the next end is %s, want %s", test.now, got, test.next)
		}
	}
}

func TestEndedInUseFollowsWhatDependsOnTheProduct(t *testing.T) {
	licenses := func(l ...License) *Facts { return &Facts{Fold: foldOf(l...)} }
	depend := func(n float64) *Facts { return &Facts{Dependents: tableOf("MX64", n)} }
	assign := func(l License) *Facts {
		var f Facts
		f.Assign(l, testNow)
		return &f
	}
	for name, test := range map[string]struct {
		organization, account []*Facts
		want                  string // empty if it is not known
	}{
		"nothing is known":               {[]*Facts{licenses(ended(days(-1)))}, nil, ""},
		"nothing depends":                {[]*Facts{licenses(ended(days(-1)))}, []*Facts{depend(0)}, "0"},
		"some depend":                    {[]*Facts{licenses(ended(days(-1)))}, []*Facts{depend(3)}, "3"},
		"the organization's own number":  {[]*Facts{licenses(ended(days(-1))), depend(2)}, []*Facts{depend(3)}, "2"},
		"no more than has ended":         {[]*Facts{licenses(ofSeats(ended(days(-1)), 2))}, []*Facts{depend(3)}, "2"},
		"what has ended is known partly": {[]*Facts{licenses(ofSeats(ended(days(-1)), 2), ended(days(-9)))}, []*Facts{depend(3)}, "3"},
		"nothing has ended":              {[]*Facts{licenses(inForce(days(1)))}, []*Facts{depend(3)}, "0"},
		"uses of licenses are better":    {[]*Facts{licenses(using(ended(days(-1)), 1))}, []*Facts{depend(3)}, "1"},
		"assigned":                       {[]*Facts{licenses(ended(days(-1))), assign(using(ended(days(-1)), 4))}, nil, "4"},
		"assigned, some in force":        {[]*Facts{licenses(ended(days(-1))), assign(using(inForce(days(1)), 4))}, nil, "0"},
		"assigned, but not known":        {[]*Facts{licenses(ended(days(-1))), assign(ended(days(-1)))}, nil, ""},
		"not assigned, but depended on":  {[]*Facts{licenses(ended(days(-1))), assign(using(ended(days(-1)), 0))}, []*Facts{depend(3)}, "3"},
		"depended on, but no license":    {nil, []*Facts{depend(3)}, ""},
		"assigned, but no license":       {[]*Facts{assign(using(ended(days(-1)), 4))}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			if test.want != "" {
				want = []string{"1/MX64 " + test.want}
			}
			if got := endedInUse(testNow, test.organization, test.account); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// What depends on a product whose end only the operator knows are the seats in use.
func TestEndedInUseFollowsTheOperatorsEnd(t *testing.T) {
	seats := func(unit, license string, s Seats) *Facts {
		return &Facts{Fold: foldOf(inForce(time.Time{})), Seats: tableOf(SeatsKey{"MX64", unit, license}, s)}
	}
	for name, test := range map[string]struct {
		organization, account []*Facts
		end                   time.Time
		want                  string
	}{
		"not yet":             {[]*Facts{seats("user", "", Seats{Assigned: Seat(4)})}, nil, days(1), "0"},
		"now":                 {[]*Facts{seats("user", "", Seats{Assigned: Seat(4)})}, nil, testNow, "4"},
		"required":            {[]*Facts{seats("user", "", Seats{Required: Seat(3)})}, nil, days(-1), "3"},
		"of several licenses": {[]*Facts{seats("user", "1", Seats{Assigned: Seat(4)}), seats("user", "2", Seats{Assigned: Seat(5)})}, nil, days(-1), "9"},
		"by several units":    {[]*Facts{seats("user", "", Seats{Assigned: Seat(4)}), seats("core", "", Seats{Assigned: Seat(64)})}, nil, days(-1), "64"},
		"of the account":      {[]*Facts{{Fold: foldOf(inForce(time.Time{}))}}, []*Facts{seats("user", "", Seats{Assigned: Seat(7)})}, days(-1), "7"},
		"none":                {[]*Facts{seats("user", "", Seats{Assigned: Seat(0)})}, nil, days(-1), "0"},
		"not known":           {[]*Facts{seats("user", "", Seats{Limit: Seat(4)})}, nil, days(-1), ""},
		"not known before":    {[]*Facts{seats("user", "", Seats{Limit: Seat(4)})}, nil, days(1), ""},
		"other product":       {[]*Facts{{Seats: tableOf(SeatsKey{"ENT", "user", ""}, Seats{Assigned: Seat(4)})}}, nil, days(-1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := NewEndedUses(testNow)
			for _, f := range test.organization {
				e.Add("1", f)
			}
			for _, f := range test.account {
				e.Add("", f)
			}
			e.AddEnd("1", "MX64", test.end)
			got := ""
			for key, n := range e.All {
				if key == (OrganizationProduct{"1", "MX64"}) {
					got = fmt.Sprint(n)
				}
			}
			if got != test.want {
				t.Errorf("%q are in use, want %q", got, test.want)
			}
			if next := e.Next(); test.end.After(testNow) && !next.Equal(test.end) {
				t.Errorf("the number changes at %s, want %s", next, test.end)
			}
		})
	}
}
