package licensing

import (
	"cmp"
	"testing"
)

// The order must be consistent for all ids: it decides which
// organization shows a shared license.
func TestCompareIDs(t *testing.T) {
	sorted := []string{"", "0", "9", "10", "2930101", "00", "09", "1a", "emea", "x1"}
	for i, a := range sorted {
		for j, b := range sorted {
			if got, want := CompareIDs(a, b), cmp.Compare(i, j); got != want {
				t.Errorf("CompareIDs(%q, %q) is %d, want %d", a, b, got, want)
			}
		}
	}
}
