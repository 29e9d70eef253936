package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/internal/heap"
)

const (
	// leastGCPercent is the least value of GOGC: garbage is collected once it is this percentage
	// of what is in use. With Go's default of 100, the process takes a third more memory.
	leastGCPercent = 25
	// freeGarbage is how many bytes of garbage may gather, unless that is more than is in use.
	// To collect it earlier costs CPU and saves little memory.
	freeGarbage = 16 << 20
)

// gcPercent returns the value of GOGC if live bytes are in use.
func gcPercent(live uint64) int {
	return int(min(100, max(leastGCPercent, 100*freeGarbage/max(live, 1)))) //nolint:gosec // at most 100
}

// limitMemory has garbage collected often enough for the process to stay within the memory limit
// of its container, and earlier than by default if much memory is in use. The environment
// variables GOGC, GOMEMLIMIT and AUTOMEMLIMIT take precedence.
func limitMemory(limit memlimit.Provider, logger log.Logger) {
	if os.Getenv("GOGC") == "" {
		afterEachGC(func() { debug.SetGCPercent(gcPercent(heap.LiveBytes())) })
	}
	_, err := memlimit.Set(memlimit.WithProvider(limit))
	if err != nil && !errors.Is(err, memlimit.ErrNoCgroup) && !errors.Is(err, memlimit.ErrCgroupsNotSupported) {
		_ = level.Warn(logger).Log("msg", "the memory limit of the container could not be read; set GOMEMLIMIT", "err", err)
	}
}

// collected is the type of the object that each garbage collection finds unused. It is large
// enough for a separate allocation: Go may keep a tiny object together with others.
type collected struct{ _ [32]byte }

// afterEachGC calls a function after each garbage collection.
func afterEachGC(f func()) {
	runtime.SetFinalizer(&collected{}, func(*collected) {
		f()
		afterEachGC(f)
	})
}
