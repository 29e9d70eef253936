package exposition

import (
	"testing"
	"time"

	"license_exporter/licensing"
)

func TestDaysAreInSteps(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const step = 675 * time.Second
	for until, want := range map[time.Duration]float64{
		licensing.Day: 1, 100 * licensing.Day: 100, 12 * time.Hour: 0.5, -licensing.Day: -1,
		step: 1. / 128, step + 1: 2. / 128, step - 1: 1. / 128, 1: 1. / 128, time.Second: 1. / 128, 10 * time.Minute: 1. / 128,
		0: -1. / 128, -1: -1. / 128, -step: -1. / 128, -step - 1: -2. / 128,
	} {
		if got := daysUntil(now.Add(until), now); got != want {
			t.Errorf("%v before the end: %v days, want %v", until, got, want)
		}
	}
	for until := -3 * licensing.Day; until < 3*licensing.Day; until += 7 * time.Second {
		got := daysUntil(now.Add(until), now)
		if off := time.Duration(got*float64(licensing.Day)) - until; off.Abs() > 15*time.Minute {
			t.Fatalf("%v before the end: %v days, which is wrong by %v", until, got, off)
		}
		if isAhead := until > 0; isAhead != (got > 0) || !isAhead != (got < 0) {
			t.Fatalf("%v before the end: %v days", until, got)
		}
	}
}

func TestDaysToTheYear9999(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	end := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	exact := float64(end.Unix()-now.Unix()) / 86400
	if got := daysUntil(end, now); got < exact || got > exact+1./128 {
		t.Errorf("%v days, want %v", got, exact)
	}
	if got := daysUntil(now.AddDate(-400, 0, 0), now); got != -146097 {
		t.Errorf("%v days until 400 years ago", got)
	}
}
