package web

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSortRange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		rows := make([]int, random.IntN(200))
		for i := range rows {
			rows[i] = random.IntN(1 + random.IntN(150)) // many are equal
		}
		want := slices.Sorted(slices.Values(rows))
		first := random.IntN(len(rows) + 1)
		last := first + random.IntN(len(rows)-first+1)
		sortRange(rows, first, last, func(a, b int) int { return a - b })
		if !slices.Equal(rows[first:last], want[first:last]) {
			t.Fatalf("%d to %d: %d, want %d", first, last, rows[first:last], want[first:last])
		}
		if slices.Sort(rows); !slices.Equal(rows, want) {
			t.Fatal("rows have changed")
		}
	}
}

// A parameter of the other list is ignored like unknown ones: it filters nothing, and no link repeats it.
func TestParametersOfTheOtherList(t *testing.T) {
	for path, query := range map[string]string{"/": "?month=soon&organization_id=102&" + strings.Repeat("x", maxText+1), "/licenses": "?model=" + strings.Repeat("x", maxText+1)} {
		got, want := showPage(t, smallEstate(), path+query), showPage(t, smallEstate(), path)
		if diff := cmp.Diff(want.Body.String(), got.Body.String()); got.Code != http.StatusOK || diff != "" {
			t.Errorf("%s%s: %d (-want +got):\n%s", path, query, got.Code, diff)
		}
	}
}
