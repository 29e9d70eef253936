package main

import (
	"license_exporter/collector"
	"license_exporter/collector/elasticsearch"
	"license_exporter/collector/fortigate"
	"license_exporter/collector/github"
	"license_exporter/collector/gitlab"
	"license_exporter/collector/meraki"
	"license_exporter/collector/microsoft365"
	"license_exporter/collector/snow"
	"license_exporter/collector/table"
)

// vendors lists all vendors by name. To add one, write its folders and add a
// line here.
var vendors = collector.Vendors{
	elasticsearch.Vendor,
	fortigate.Vendor,
	github.Vendor,
	gitlab.Vendor,
	meraki.Vendor,
	microsoft365.Vendor,
	snow.Vendor,
	table.Vendor,
}
