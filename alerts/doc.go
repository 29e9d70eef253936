// Package alerts contains the rules for Prometheus, which gen writes from
// templates, and an example configuration of Alertmanager. Its tests check the
// files. `make alerts` and `make e2e` test them with Prometheus and Alertmanager.
package alerts

//go:generate go run ./gen
