// Package e2e tests the exporter as users run it: the binary, scraped by a real
// Prometheus that is built from source. `make e2e` runs it.
//
// It knows the exporter from outside only: flags, logs, signals, metrics and, by
// a real browser, its page. It is a module of its own, to keep the browser's
// driver out of the exporter's go.mod.
package e2e
