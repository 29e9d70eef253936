package web

import (
	"math/rand/v2"
	"slices"
	"testing"
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
