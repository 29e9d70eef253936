package snow

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// effect is what follows for a license from its own dates or from those of its agreement.
type effect struct {
	phase licensing.Phase
	end   string // a date, "never" or "unknown"
	seats certainty
}

var (
	unknownEnd = effect{phase: licensing.InForce, end: "unknown", seats: perhaps}
	perpetual  = effect{phase: licensing.InForce, end: "never", seats: yes}
	ended      = effect{phase: licensing.Ended, end: "2026-01-01", seats: no}
	current    = effect{phase: licensing.InForce, end: "2027-01-01", seats: yes}
	toCome     = effect{phase: licensing.Dormant, end: "never", seats: no}
	undated    = effect{phase: licensing.InForce, end: "unknown", seats: yes}
	uncertain  = effect{phase: licensing.InForce, end: "2027-01-01", seats: perhaps} // it may not have begun
)

// The time of the test is 2026-03-01.
var agreementPeriods = map[string]struct {
	periods string
	want    effect
}{
	"current":          {`[{"validFrom": "2026-01-01", "validTo": "2027-01-01"}]`, current},
	"past":             {`[{"validFrom": "2025-01-01", "validTo": "2026-01-01"}]`, ended},
	"future":           {`[{"validFrom": "2026-06-01", "validTo": "2027-01-01"}]`, toCome},
	"gap":              {`[{"validFrom": "2026-06-01", "validTo": "2027-01-01"}, {"validFrom": "2025-01-01", "validTo": "2026-01-01"}]`, ended},
	"renewed":          {`[{"validFrom": "2026-05-01", "validTo": "2027-01-01"}, {"validFrom": "2025-01-01", "validTo": "2026-04-30"}]`, current},
	"none":             {`[]`, unknownEnd},
	"unreadable":       {`[{"validFrom": "2025-01-01", "validTo": "2026-01-01"}, {"validFrom": "2026-01-01", "validTo": "soon"}]`, unknownEnd},
	"unreadable start": {`[{"validFrom": "once", "validTo": "2027-01-01"}]`, uncertain},
	"unreadable past":  {`[{"validFrom": "once", "validTo": "2026-01-01"}]`, ended},
	"endless":          {`[{"validFrom": "2025-01-01", "validTo": null}]`, undated},
}

var ownDates = map[string]struct {
	dates        string
	subscription effect
	unclear      effect // if it is not known whether it is a subscription
}{
	"none":             {``, undated, undated},
	"current":          {`, "subscriptionValidFrom": "2026-01-01", "subscriptionValidTo": "2027-01-01"`, current, undated},
	"past":             {`, "subscriptionValidFrom": "2025-01-01", "subscriptionValidTo": "2026-01-01"`, ended, unknownEnd},
	"future":           {`, "subscriptionValidFrom": "2026-06-01", "subscriptionValidTo": "2027-01-01"`, toCome, unknownEnd},
	"unreadable":       {`, "subscriptionValidFrom": "2025-01-01", "subscriptionValidTo": "soon"`, unknownEnd, unknownEnd},
	"unreadable start": {`, "subscriptionValidFrom": "once", "subscriptionValidTo": "2027-01-01"`, uncertain, unknownEnd},
}

// What a license means follows from its agreement if that is, or may be, a subscription
// agreement, and otherwise from its own flag and dates.
func TestTermsOfAllCombinations(t *testing.T) {
	for flag, isSubscription := range map[string]string{"true": `true`, "false": `false`, "null": `null`, "unreadable": `"Yes and no"`} {
		for ownName, own := range ownDates {
			byItself := own.unclear
			switch flag {
			case "true":
				byItself = own.subscription
			case "false":
				byItself = perpetual
			}
			for periodsName, of := range agreementPeriods {
				for state, test := range map[string]struct {
					covers covers
					want   effect
				}{
					"subscription": {agreedBy(t, `true`, of.periods), of.want},
					"plain":        {agreedBy(t, `false`, of.periods), byItself},
					"null":         {agreedBy(t, `null`, of.periods), unknownEnd},
					"unreadable":   {agreedBy(t, `"maybe"`, of.periods), unknownEnd},
					"not listed":   {covers{now: enginetest.Now}, unknownEnd},
					"withheld":     {covers{unused: true}, byItself},
				} {
					var l api.License
					text := `{"id": "1", "agreementId": "a", "status": "Active", "isIncomplete": false, "isSubscription": ` + isSubscription + own.dates + `}`
					if err := json.Unmarshal([]byte(text), &l); err != nil {
						t.Fatal(err)
					}
					if got := effectOf(termOf(l, test.covers, enginetest.Now)); got != test.want {
						t.Errorf("isSubscription %s, own dates %s, agreement %s with periods %s: got %+v, want %+v",
							flag, ownName, state, periodsName, got, test.want)
					}
				}
			}
		}
	}
}

func TestRenewalDeadline(t *testing.T) {
	end, start := enginetest.Days(100), enginetest.Days(-100)
	for days, want := range map[int64]time.Time{
		30: enginetest.Days(70), 0: {}, -1: {}, 200: {}, 100_000: {}, math.MaxInt64: {},
	} {
		a := agreement{Agreement: api.Agreement{RenewalDays: api.Int{Value: days, Valid: true}}}
		if got := a.renewalDeadline(end, start); !got.Equal(want) {
			t.Errorf("%d days: %v, want %v", days, got, want)
		}
	}
	a := agreement{Agreement: api.Agreement{RenewalDays: api.Int{Value: 100_000, Valid: true}}}
	if got := a.renewalDeadline(end, time.Time{}); !got.IsZero() {
		t.Errorf("longer than a century, without a start: %v", got)
	}
}

// agreedBy returns the covers of an agreement, as it is after it was read.
func agreedBy(t *testing.T, isSubscription, periods string) covers {
	t.Helper()
	var a agreement
	var read []api.AgreementPeriod
	for text, into := range map[string]any{`{"id": "a", "isSubscription": ` + isSubscription + `}`: &a.Agreement, periods: &read} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range read {
		a.add(p)
	}
	return covers{byID: map[api.ID]agreement{"a": a}, now: enginetest.Now}
}

func effectOf(t term) effect {
	e := effect{phase: t.license.Phase, end: "never", seats: t.usable}
	switch end := t.license.CoverEnd(); {
	case t.license.Phase == licensing.Dormant:
	case t.license.EndUnknown:
		e.end = "unknown"
	case !end.IsZero():
		e.end = end.Format(time.DateOnly)
	}
	return e
}
