package snow

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"license_exporter/internal/memorytest"
)

// A page takes no more than four times its bytes while it is read, and one that
// contains more than any page is refused.
func TestMemoryOfAPage(t *testing.T) {
	const size = 3 << 20
	empty := func(n int) string { return strings.Repeat("{},", n-1) + "{}" }
	for name, test := range map[string]struct {
		body    string
		refused bool
	}{
		"empty records":      {`{"items": [` + empty(size/3) + `]}`, true},
		"many records":       {`{"items": [` + strings.Repeat(`{"id":1, "note": "`+strings.Repeat("a", 150)+`"},`, 19_998) + `{"id":1}], "pagination": {"total_pages": 1}}`, false},
		"a list in a record": {`{"items": [{"upgrades": [` + empty(size/3) + `]}]}`, true},
		"flags":              {`{"items": [{"incompleteReasons": [` + strings.Repeat("1,", size/2) + `1]}]}`, true},
		"deep nesting":       {`{"items": [{"upgrades": ` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2) + `}]}`, true},
		"beside the records": {`{"items": [], "pagination": {"pages": [` + empty(size/3) + `]}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, answer(http.StatusOK, test.body)).client(t)
			memorytest.WantBounded(t, test.body, c.Licenses(t.Context()), test.refused)
		})
	}
}

func TestMemoryOfTheTree(t *testing.T) {
	body := `{"nodes": [` + strings.Repeat("{},", 1<<20) + `{}]}`
	c := serve(t, answer(http.StatusOK, body)).client(t)
	before := memorytest.Live()
	nodes, err := c.Organizations(t.Context())
	if after := memorytest.Live(); err == nil || after-min(before, after) > 4*uint64(len(body)) {
		t.Errorf("%d organizations take %d bytes, and the error is %v", len(nodes), after-before, err)
	}
	runtime.KeepAlive(nodes)
}
