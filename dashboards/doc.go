// Package dashboards holds what Grafana imports: four boards as JSON, made by
// the module in gen from code, and the tests that hold their queries to the
// metrics that there are.
package dashboards

//go:generate go run -C gen . ..
