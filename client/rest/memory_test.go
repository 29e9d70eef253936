package rest

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"license_exporter/internal/memorytest"
)

// most is the largest heap that a probe found.
var most uint64

// probe measures the heap while a record is decoded. It is the last member of a
// record, so all others have been decoded.
type probe struct{}

func (*probe) UnmarshalJSON([]byte) error {
	most = max(most, memorytest.Live())
	return nil
}

// large is a record that takes much memory for few bytes of JSON.
type large struct {
	Text, Other string
	Number      float64
	List        []struct{ A, B, C, D string }
	Texts       []string
	Map         map[string]*int64
	Probe       probe
	_           [100]int64
}

// A page of any shape takes at most four times its bytes of memory while it is
// read. The buffer of a body of this size is twice as large.
func TestMemoryOfAPage(t *testing.T) {
	const size = 2<<20 + 1<<10
	fill := func(part string) string { return strings.Repeat(part, size/len(part)) }
	record := func(members string) string { return `{` + members + `, "probe": 1},` }
	for name, list := range map[string]string{
		"empty records":       fill(`{},`),
		"sparse records":      strings.Repeat(`{"text": "`+strings.Repeat("a", size/maxRecords)+`"},`, maxRecords-1) + record(`"text": ""`),
		"no records":          fill(`1,`),
		"nested empty values": record(`"list": [` + fill(`{},`) + `{}]`),
		"lists of values":     strings.Repeat(record(`"list": [`+strings.Repeat(`{},`, maxValues-10)+`{}]`), 10) + fill(`{"text": "`+strings.Repeat("a", 100)+`"},`),
		"lists of texts":      strings.Repeat(record(`"texts": [`+strings.Repeat(`"a",`, maxValues-10)+`"a"]`), 10) + fill(`{"text": "`+strings.Repeat("a", 100)+`"},`),
		"deep nesting":        record(`"other": ` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2)),
		"open brackets":       fill(`[`),
		"nested records":      strings.Repeat(record(`"none": `+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)), 10) + fill(`{"text": "`+strings.Repeat("a", 100)+`"},`),
		"long texts":          strings.Repeat(record(`"text": "`+strings.Repeat(`\u00e4`, maxBytes/6-100)+`"`), size/maxBytes),
		"long text":           record(`"text": "` + fill("a") + `"`),
		"long numbers":        strings.Repeat(record(`"number": 1.`+strings.Repeat("1", maxBytes-100)), size/maxBytes),
		"long number":         record(`"number": ` + fill("1")),
		"keys":                record(`"map": {` + fill(`"a":1,`) + `"a":1}`),
		"unknown members":     record(fill(`"a":1,`) + `"a":1`),
	} {
		list = strings.TrimSuffix(list, ",")
		for shape, body := range map[string]string{"array": "[" + list + "]", "object": `{"items": [` + list + `]}`, "single": list} {
			t.Run(name+"/"+shape, func(t *testing.T) {
				c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
				}))
				before := memorytest.Live()
				most = before
				err := readHostile(t, c, shape)
				most = max(most, memorytest.Live())
				ratio := float64(most-before) / float64(len(body))
				t.Logf("%.2f times %d bytes, %v", ratio, len(body), err)
				if ratio > 4 {
					t.Errorf("a page of %d bytes takes %.1f times as much, want 4 at most", len(body), ratio)
				}
				runtime.KeepAlive(body)
			})
		}
	}
}

// readHostile reads an answer and measures the heap several times.
func readHostile(t *testing.T, c *Client, shape string) error {
	if shape == "single" {
		_, err := Object[large](t.Context(), c, things)
		return err
	}
	name := map[string]string{"object": "items"}[shape]
	page, err := ReadPage[large](t.Context(), c, things, pathOf(name)...)
	if err != nil {
		return err
	}
	most = max(most, memorytest.Live())
	n := 0
	for _, err := range page.Records(NewListing[large](t.Context(), c, things)) {
		if err != nil {
			return err
		}
		if n++; n%(maxRecords/4) == 1 {
			most = max(most, memorytest.Live())
		}
	}
	return nil
}
