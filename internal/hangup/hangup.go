// Package hangup receives SIGHUP, which kills a process that does not ask for it.
//
// It begins when it is initialized. It imports almost nothing, so Go initializes it before
// packages that take long, some milliseconds before main.
package hangup

import (
	"os"
	"os/signal"
	"syscall"
)

var received = notify()

// notify never stops receiving the signal, so that a SIGHUP during the shutdown does not
// kill the process.
func notify() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}

// Received returns a channel that receives SIGHUP. It contains one that nobody has
// received yet.
func Received() <-chan os.Signal { return received }

// Forget drops a signal that has been received so far.
func Forget() {
	select {
	case <-received:
	default:
	}
}
