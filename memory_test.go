package main

import (
	"bytes"
	"errors"
	"math"
	"runtime"
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
		warns    bool
	}{
		"container with a limit":    {memlimit.Limit(container), nil, container / 10 * 9, false},
		"container without a limit": {none, nil, math.MaxInt64, false},
		"no container":              {func() (uint64, error) { return 0, memlimit.ErrNoCgroup }, nil, math.MaxInt64, false},
		"unreadable":                {failing, nil, math.MaxInt64, true},
		"GOMEMLIMIT":                {memlimit.Limit(container), map[string]string{"GOMEMLIMIT": "1GiB"}, math.MaxInt64, false}, // which Go has read at its start
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", "100")
			t.Setenv("AUTOMEMLIMIT", "0.9")
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
			var logged bytes.Buffer
			limitMemory(test.provider, log.NewLogfmtLogger(&logged))
			if got := debug.SetMemoryLimit(-1); got-test.limit > 10 || test.limit-got > 10 {
				t.Errorf("the limit is %d, want %d", got, test.limit)
			}
			if warned := strings.Contains(logged.String(), "set GOMEMLIMIT"); warned != test.warns {
				t.Errorf("logged: %s", &logged)
			}
		})
	}
}

func TestGarbageIsCollectedEarlierIfMuchIsInUse(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 1: 100, 10 << 20: 100, 16 << 20: 100, 32 << 20: 50, 48 << 20: 33, 64 << 20: 25, 100 << 20: 25, 1 << 40: 25} {
		if got := gcPercent(live); got != want {
			t.Errorf("with %d bytes in use, the heap grows by %d %%, want %d", live, got, want)
		}
	}
}

func TestAfterEachGC(*testing.T) {
	calls := make(chan struct{}, 1)
	afterEachGC(func() {
		select {
		case calls <- struct{}{}:
		default: // after the test; a finalizer must not block
		}
	})
	for range 3 {
		runtime.GC()
		<-calls
	}
}
