//go:build !unix

package main

// maxConnections returns how many connections clients may have.
func maxConnections() int { return mostConnections }
