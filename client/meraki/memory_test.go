package meraki

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// live returns how many bytes of the heap are in use.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A page takes no more than four times its bytes while it is read, and one that
// holds more than any page is refused.
func TestMemoryOfAPage(t *testing.T) {
	const size = 1_000_000
	empty := func(n int) string { return strings.Repeat("{},", n-1) + "{}" }
	for name, test := range map[string]struct {
		body    string
		refused bool
	}{
		"empty records":      {"[" + empty(size/3) + "]", true},
		"many records":       {"[" + empty(99_999) + "]", false},
		"a list in a record": {`[{"counts": [` + empty(size/3) + "]}]", true},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, &vendor{status: http.StatusOK, body: []byte(test.body)})
			before := live()
			most, n := before, 0
			var failure error
			for _, err := range c.CotermLicenses(t.Context(), "1") {
				if n++; n%25_000 == 1 {
					most = max(most, live())
				}
				failure = err
			}
			most = max(most, live())
			if (failure != nil) != test.refused {
				t.Errorf("%d records and the error %v", n, failure)
			}
			ratio := float64(most-before) / float64(len(test.body))
			t.Logf("%.2f times %d bytes", ratio, len(test.body))
			if ratio > 4 {
				t.Errorf("a page of %d bytes takes %.1f times as much, want 4 at most", len(test.body), ratio)
			}
			runtime.KeepAlive(test)
		})
	}
}
