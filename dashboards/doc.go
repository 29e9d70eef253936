// Package dashboards contains four dashboards for Grafana as JSON, which the
// module in gen generates. Its tests check that the metrics and labels in their
// queries exist.
package dashboards

//go:generate go run -C gen . .. ../../deploy/helm/license_exporter/dashboards
