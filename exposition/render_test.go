package exposition

import (
	"testing"
	"time"
)

func TestDaysToTheYear9999(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	end := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if got, want := daysUntil(end, now), float64(end.Unix()-now.Unix())/86400; got != want {
		t.Errorf("%v days, want %v", got, want)
	}
	if got := daysUntil(now.AddDate(-400, 0, 0), now); got != -146097 {
		t.Errorf("%v days until 400 years ago", got)
	}
}
