package licensing

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// BenchmarkFold folds increasing numbers of licenses of twenty products. It
// reports time and allocations per license, and the heap in use at the end.
func BenchmarkFold(b *testing.B) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	active := State{Name: "active", Assigned: Assigned}
	products := make([]string, 20)
	for i := range products {
		products[i] = fmt.Sprintf("LIC-%d", i)
	}
	for _, licenses := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("licenses=%d", licenses), func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var fold *Fold
			for b.Loop() {
				fold = NewFold(now, active)
				for i := range licenses {
					fold.Add(License{
						Product: products[i%len(products)], State: active, Phase: InForce,
						Start: now, End: now.AddDate(0, 0, i%400),
					})
				}
			}
			runtime.ReadMemStats(&after)
			runs := float64(b.N * licenses)
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/runs, "allocs/license")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/runs, "bytes/license")
			b.ReportMetric(b.Elapsed().Seconds()*1e9/runs, "ns/license")
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc)-float64(before.HeapAlloc), "heap-bytes")
			runtime.KeepAlive(fold)
		})
	}
}
