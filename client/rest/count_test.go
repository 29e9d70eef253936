package rest

import (
	"strings"
	"testing"
)

// A vendor, or whoever answers in its place, must not be able to fill the memory.
func TestAnswerOfTooManyRecordsIsNotDecoded(t *testing.T) {
	for name, body := range map[string]string{
		"records":       "[" + strings.Repeat("{},", 500_000) + "{}]",
		"no records":    "[" + strings.Repeat("1,", 600_000) + "1]",
		"nested values": `[{"other": [` + strings.Repeat("1,", 5_000_000) + "1]}]",
	} {
		t.Run(name, func(t *testing.T) {
			var page []thing
			err := decode([]byte(body), &page)
			if err == nil || !strings.Contains(err.Error(), "more than any page") || page != nil {
				t.Errorf("%d records and the error %v", len(page), err)
			}
		})
	}
}

func TestLargePageIsDecoded(t *testing.T) {
	body := "[" + strings.Repeat(`{"name": "a, [{\"\\"},`, 90_000) + "{}]"
	var page []thing
	if err := decode([]byte(body), &page); err != nil || len(page) != 90_001 {
		t.Errorf("%d records, %v", len(page), err)
	}
}

func TestCountValues(t *testing.T) {
	for body, want := range map[string][2]int{
		`[]`:                       {1, 1},
		`[{}, {}]`:                 {2, 2},
		`[{"a": [1, 2], "b": {}}]`: {1, 3},
		`["a,b", "\",[", 1]`:       {3, 3},
		`{"a": "\\", "b": 1}`:      {2, 2},
		`]]]`:                      {1, 1},
	} {
		if outermost, all := countValues([]byte(body)); outermost != want[0] || all != want[1] {
			t.Errorf("%s has %d elements, %d values in all; want %v", body, outermost, all, want)
		}
	}
}
