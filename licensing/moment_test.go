package licensing

import (
	"testing"
	"time"
)

func TestMomentIsTheTime(t *testing.T) {
	far := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	for _, want := range []time.Time{{}, testNow, time.Unix(0, 0).UTC(), time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC), far} {
		m := momentOf(want)
		if got := m.time(); !got.Equal(want) || got.IsZero() != want.IsZero() {
			t.Errorf("%s became %s", want, got)
		}
		if m.earlier(0) != m || moment(0).earlier(m) != m || m.earlier(momentOf(far)) != m && !want.IsZero() {
			t.Errorf("%s is not the earlier", want)
		}
	}
}
