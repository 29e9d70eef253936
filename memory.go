package main

import (
	"errors"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// gcPercent is the default of GOGC: the heap grows by this percentage of what is in use before
// garbage is collected. With Go's default of 100, the process takes a third more memory. With 30,
// a refresh takes a few percent more CPU.
const gcPercent = 30

// limitMemory has garbage collected often enough for the process to stay within the memory limit
// of its container. The environment variables GOGC, GOMEMLIMIT and AUTOMEMLIMIT take precedence.
func limitMemory(limit memlimit.Provider, logger log.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	_, err := memlimit.Set(memlimit.WithProvider(limit))
	if err != nil && !errors.Is(err, memlimit.ErrNoCgroup) && !errors.Is(err, memlimit.ErrCgroupsNotSupported) {
		_ = level.Warn(logger).Log("msg", "the memory limit of the container could not be read; set GOMEMLIMIT", "err", err)
	}
}
