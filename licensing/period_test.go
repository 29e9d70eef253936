package licensing

import (
	"testing"
)

func TestCoverAt(t *testing.T) {
	span := func(from, to float64) Period { return Period{days(from), days(to)} }
	for name, test := range map[string]struct {
		periods []Period
		want    Cover
	}{
		"none":                  {nil, Cover{}},
		"now":                   {[]Period{span(-10, 10)}, Cover{span(-10, 10), InForce}},
		"renewed ahead":         {[]Period{span(11, 20), span(-10, 10)}, Cover{span(-10, 20), InForce}},
		"gap before the next":   {[]Period{span(-10, 10), span(12, 20)}, Cover{span(-10, 10), InForce}},
		"within another":        {[]Period{span(-10, 10), span(-5, 5)}, Cover{span(-10, 10), InForce}},
		"between two days":      {[]Period{span(-10, -0.5), span(0.5, 20)}, Cover{span(-10, 20), InForce}},
		"ended":                 {[]Period{span(-30, -20), span(-10, -5)}, Cover{span(-10, -5), Ended}},
		"ended before the next": {[]Period{span(5, 10), span(-10, -5)}, Cover{span(-10, -5), Ended}},
		"to come":               {[]Period{span(15, 20), span(5, 10)}, Cover{span(5, 10), Dormant}},
		"ends this moment":      {[]Period{span(-5, 0)}, Cover{span(-5, 0), Ended}},
		"begins this moment":    {[]Period{span(0, 5)}, Cover{span(0, 5), InForce}},
		"without end":           {[]Period{{From: days(-5)}, span(5, 10)}, Cover{Period{From: days(-5)}, InForce}},
		"endless renewal":       {[]Period{span(-5, 5), {From: days(5)}}, Cover{Period{From: days(-5)}, InForce}},
		"since ever":            {[]Period{{To: days(5)}}, Cover{Period{To: days(5)}, InForce}},
	} {
		if got := CoverAt(test.periods, testNow); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestRunOfPeriods(t *testing.T) {
	span := func(from, to float64) Period { return Period{days(from), days(to)} }
	term := span(-10, 3)
	for name, test := range map[string]struct {
		by   []Period
		want Period
	}{
		"by none":           {nil, term},
		"at its end":        {[]Period{span(3, 20)}, span(-10, 20)},
		"on the day after":  {[]Period{span(4, 20)}, span(-10, 20)},
		"after a gap":       {[]Period{span(4.1, 20)}, term},
		"before its end":    {[]Period{span(-1, 20)}, span(-10, 20)},
		"by two in a row":   {[]Period{span(20, 40), span(3, 20)}, span(-10, 40)},
		"by a shorter one":  {[]Period{span(-1, 2)}, term},
		"without end":       {[]Period{{From: days(3)}}, Period{From: days(-10)}},
		"up to a later gap": {[]Period{span(3, 20), span(22, 40)}, span(-10, 20)},
	} {
		if got, _ := term.run(sortPeriods(test.by)); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
