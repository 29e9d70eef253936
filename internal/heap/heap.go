// Package heap reports how much memory of the process is in use.
package heap

import "runtime/metrics"

// LiveBytes returns how many bytes the latest garbage collection found in use.
func LiveBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
