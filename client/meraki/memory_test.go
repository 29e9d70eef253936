package meraki

import (
	"net/http"
	"strings"
	"testing"

	"license_exporter/internal/memorytest"
)

// A page takes no more than four times its bytes while it is read, and one that
// contains more than any page is refused.
func TestMemoryOfAPage(t *testing.T) {
	const size = 1_000_000
	empty := func(n int) string { return strings.Repeat("{},", n-1) + "{}" }
	for name, test := range map[string]struct {
		body    string
		refused bool
	}{
		"empty records":      {"[" + empty(size/3) + "]", true},
		"many records":       {"[" + strings.Repeat(`{"mode":"", "note": "`+strings.Repeat("a", 50)+`"},`, 19_998) + `{"mode":""}]`, false},
		"a list in a record": {`[{"counts": [` + empty(size/3) + "]}]", true},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, &vendor{status: http.StatusOK, body: []byte(test.body)})
			memorytest.WantBounded(t, test.body, c.CotermLicenses(t.Context(), "1"), test.refused)
		})
	}
}
