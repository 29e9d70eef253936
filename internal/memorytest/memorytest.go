// Package memorytest measures how much memory a client takes to read a page of a
// vendor's listing.
package memorytest

import (
	"iter"
	"runtime"
	"testing"
)

// Live returns how many bytes of the heap are in use.
func Live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// WantBounded reads the records of a page with a body. It fails the test if that
// takes more than four times the bytes of the body, or if the page is not refused
// although it must be, or the other way round.
func WantBounded[T any](t *testing.T, body string, records iter.Seq2[T, error], refused bool) {
	t.Helper()
	before := Live()
	most, n := before, 0
	var failure error
	for _, err := range records {
		if n++; n%25_000 == 1 {
			most = max(most, Live())
		}
		failure = err
	}
	most = max(most, Live())
	if (failure != nil) != refused {
		t.Errorf("%d records and the error %v", n, failure)
	}
	ratio := float64(most-before) / float64(len(body))
	t.Logf("%.2f times %d bytes", ratio, len(body))
	if ratio > 4 {
		t.Errorf("a page of %d bytes takes %.1f times as much, want 4 at most", len(body), ratio)
	}
	runtime.KeepAlive(body)
}
