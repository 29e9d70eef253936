// Package hangup receives SIGHUP, which kills a process that does not ask for it.
//
// It does so when it is initialized and imports almost nothing, so that Go initializes
// it before the packages that take long. That is some milliseconds before main.
package hangup

import (
	"os"
	"os/signal"
	"syscall"
)

var received = notify()

// It is never stopped: then a SIGHUP during the shutdown would kill the process.
func notify() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}

// Received returns a channel that receives SIGHUP. It holds one that nobody has
// received yet.
func Received() <-chan os.Signal { return received }

// Forget drops what has come until now.
func Forget() {
	select {
	case <-received:
	default:
	}
}
