package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

const (
	// leastGCPercent is how far the heap of a large estate grows, in percent of what is in use,
	// until garbage is collected. With Go's default, the process takes a third more memory.
	leastGCPercent = 30
	// freeGarbage is how many bytes of garbage are left in any case, unless it is more than
	// is in use: collecting it earlier costs CPU and saves little memory.
	freeGarbage = 16 << 20
)

// gcPercent returns how far the heap may grow, in percent, if so many bytes are in use.
func gcPercent(live uint64) int {
	return int(min(100, max(leastGCPercent, 100*freeGarbage/max(live, 1)))) //nolint:gosec // at most 100
}

// limitMemory has garbage collected in time for the process to stay within the memory limit of
// its container, and keeps the share of garbage small if much is in use. The environment
// variables GOGC, GOMEMLIMIT and AUTOMEMLIMIT take precedence.
func limitMemory(limit memlimit.Provider, logger log.Logger) {
	if os.Getenv("GOGC") == "" {
		afterEachGC(func() { debug.SetGCPercent(gcPercent(liveBytes())) })
	}
	_, err := memlimit.Set(memlimit.WithProvider(limit))
	if err != nil && !errors.Is(err, memlimit.ErrNoCgroup) && !errors.Is(err, memlimit.ErrCgroupsNotSupported) {
		_ = level.Warn(logger).Log("msg", "the memory limit of the container is not known; set GOMEMLIMIT", "err", err)
	}
}

// liveBytes returns how many bytes the latest garbage collection found in use.
func liveBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// collected is an object that each garbage collection finds unused. It must not be a tiny
// object, which Go may keep together with others.
type collected struct{ _ [32]byte }

// afterEachGC calls a function after each garbage collection.
func afterEachGC(f func()) {
	runtime.SetFinalizer(&collected{}, func(*collected) {
		f()
		afterEachGC(f)
	})
}
