package main

import (
	"bytes"
	"errors"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log"
)

func TestMemoryIsLimited(t *testing.T) {
	const container = 256 << 20
	failing := func() (uint64, error) { return 0, errors.New("unreadable") }
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for name, test := range map[string]struct {
		provider memlimit.Provider
		env      map[string]string
		limit    int64
		percent  int
		warns    bool
	}{
		"container with a limit":    {memlimit.Limit(container), nil, container / 10 * 9, gcPercent, false},
		"container without a limit": {none, nil, math.MaxInt64, gcPercent, false},
		"no container":              {func() (uint64, error) { return 0, memlimit.ErrNoCgroup }, nil, math.MaxInt64, gcPercent, false},
		"unreadable":                {failing, nil, math.MaxInt64, gcPercent, true},
		"GOMEMLIMIT":                {memlimit.Limit(container), map[string]string{"GOMEMLIMIT": "1GiB"}, math.MaxInt64, gcPercent, false}, // which Go has read at its start
		"GOGC":                      {none, map[string]string{"GOGC": "100"}, math.MaxInt64, 100, false},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range map[string]string{"GOGC": "", "AUTOMEMLIMIT": "0.9"} {
				t.Setenv(key, value)
			}
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
			defer debug.SetMemoryLimit(limit)
			defer debug.SetGCPercent(percent)
			var logged bytes.Buffer
			limitMemory(test.provider, log.NewLogfmtLogger(&logged))
			if got := debug.SetMemoryLimit(-1); got-test.limit > 10 || test.limit-got > 10 {
				t.Errorf("the limit is %d, want %d", got, test.limit)
			}
			if got := debug.SetGCPercent(100); got != test.percent {
				t.Errorf("garbage is collected at %d %%, want %d", got, test.percent)
			}
			if warned := strings.Contains(logged.String(), "set GOMEMLIMIT"); warned != test.warns {
				t.Errorf("logged: %s", &logged)
			}
		})
	}
}
