package licensing

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tableOf returns a table with one key.
func tableOf[K comparable, V any](key K, value V) (t Table[K, V]) {
	t.Set(key, value)
	return t
}

// A table contains what a map would, with few keys or many, and after it was compacted.
func TestTableIsAMap(t *testing.T) {
	for _, keys := range []int{1, unindexed - 1, unindexed, unindexed + 1, 500} {
		random := rand.New(rand.NewPCG(1, uint64(keys)))
		var table Table[int, int]
		want, order := map[int]int{}, []int(nil)
		for step := range 2000 {
			key := random.IntN(keys)
			if _, found := want[key]; !found {
				order = append(order, key)
			}
			if want[key] += step; step%2 == 0 {
				*table.At(key) += step
			} else {
				value, _ := table.Get(key)
				table.Set(key, value+step)
			}
			if step%700 == 0 {
				table.Compact()
			}
		}
		if diff := cmp.Diff(want, maps.Collect(table.All)); diff != "" {
			t.Fatalf("the values of %d keys differ (-want +got):\n%s", keys, diff)
		}
		if got := slices.Collect(table.Keys); !slices.Equal(got, order) || table.Len() != len(order) {
			t.Errorf("%d keys are yielded as %v, want %v", keys, got, order)
		}
		if value, found := table.Get(keys); found || value != 0 {
			t.Errorf("a key that is not there has %d, %v", value, found)
		}
	}
}

func TestEmptyTable(t *testing.T) {
	var table Table[string, int]
	table.Compact()
	for key := range table.All {
		t.Errorf("it yields %q", key)
	}
	if value, found := table.Get(""); found || value != 0 || table.Len() != 0 {
		t.Errorf("it has %d, %v", value, found)
	}
}
