// Package decodetest tests types that decode any JSON.
package decodetest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Cases maps JSON texts to the values that they decode to.
type Cases[T any] map[string]T

// Test decodes each text over a former one. No text may fail, and nothing of the former
// value may stay.
func (c Cases[T]) Test(t *testing.T, former string) {
	t.Helper()
	for text, want := range c {
		var got T
		for _, b := range []string{former, text} {
			if err := json.Unmarshal([]byte(b), &got); err != nil {
				t.Errorf("%s: %v", b, err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", text, diff)
		}
	}
}
