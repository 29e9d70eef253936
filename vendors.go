package main

import (
	"license_exporter/collector"
	"license_exporter/collector/fortigate"
	"license_exporter/collector/meraki"
	"license_exporter/collector/snow"
	"license_exporter/collector/table"
)

// vendors lists all vendors by name. To add one, write its folders and add a
// line here.
var vendors = collector.Vendors{
	fortigate.Vendor,
	meraki.Vendor,
	snow.Vendor,
	table.Vendor,
}
