// Package e2e tests the exporter as users run it: the binary, scraped by a real
// Prometheus that is built from source. `make e2e` runs it.
//
// It uses the exporter from the outside only: flags, logs, signals, metrics and, in a real
// browser, its pages. It is a module of its own, which keeps the browser's driver out of the
// exporter's go.mod.
package e2e
