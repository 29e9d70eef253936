package main

import (
	"errors"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// gcPercent is the default of GOGC: by how many percent of what is in use the heap grows until
// garbage is collected. With Go's default of 100, the process takes a third more memory; with 30,
// a refresh takes some percent more CPU.
const gcPercent = 30

// limitMemory has garbage collected in time for the process to stay within the memory limit of
// its container. The environment variables GOGC, GOMEMLIMIT and AUTOMEMLIMIT take precedence.
func limitMemory(limit memlimit.Provider, logger log.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	_, err := memlimit.Set(memlimit.WithProvider(limit))
	if err != nil && !errors.Is(err, memlimit.ErrNoCgroup) && !errors.Is(err, memlimit.ErrCgroupsNotSupported) {
		_ = level.Warn(logger).Log("msg", "the memory limit of the container is not known; set GOMEMLIMIT", "err", err)
	}
}
