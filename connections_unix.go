//go:build unix

package main

import "syscall"

// maxConnections returns how many connections clients may have: never so many that no file
// descriptors are left for requests to vendors.
func maxConnections() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return mostConnections
	}
	return int(max(8, min(mostConnections, limit.Cur/4))) //nolint:gosec // it is at most mostConnections
}
