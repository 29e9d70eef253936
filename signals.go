package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// ending reports how the process is to end. SIGTERM and SIGINT set it.
type ending struct {
	// soon ends at the first signal: requests that have begun may end.
	soon context.Context
	// now ends at the second signal: nothing is waited for.
	now context.Context
}

// awaitSignals returns an ending that follows the signals until stop is called.
func awaitSignals() (e ending, stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	soon, beginEnd := context.WithCancel(context.Background())
	now, endNow := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		for _, end := range []func(){beginEnd, endNow} {
			select {
			case <-signals:
				end()
			case <-stopped:
				return
			}
		}
	}()
	return ending{soon, now}, func() {
		signal.Stop(signals)
		close(stopped)
		beginEnd()
		endNow()
	}
}
