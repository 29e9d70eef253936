// Package e2e tests the exporter as users run it: the binary, scraped by a real
// Prometheus that is built from source. `make e2e` runs it.
//
// It knows the exporter from outside only: flags, logs, signals and metrics.
package e2e
