package elasticsearch

import "license_exporter/internal/simulator"

// DemoKey is the API key of the simulated clusters that the functions below start.
const DemoKey = "ZGVtby1pZDpkZW1vLWVsYXN0aWNzZWFyY2gta2V5"

var monitor = []string{"monitor"}

// StartDemo starts a cluster of a company whose license ends soon.
func StartDemo() (baseURL string, stop func(), err error) {
	return simulator.Listen(New(Options{
		Version: "8.19.2", Name: "contoso-search", UUID: "W0Wc4CU_Tqupykaa7g_pwQ", Key: DemoKey, Privileges: monitor, Nodes: 9,
		License: &License{UID: "893361dc-9749-4997-93cb-802e3d7fa4a8", Type: "platinum", StartDay: -341, EndDay: 24, MaxNodes: 12},
	}))
}

// StartSmall starts a cluster with an enterprise license, or an old one with a gold license.
func StartSmall(old bool) (baseURL string, stop func(), err error) {
	o := Options{
		Version: "9.1.0", Name: "search", UUID: "wv4925kBQAarma0wiJvJFA", Key: DemoKey, Privileges: monitor, Nodes: 3,
		License: &License{UID: "5d5f8d1c-55ab-4f6f-8f0c-f1a4d5b1f2a0", Type: "enterprise", StartDay: -100, EndDay: 265, MaxResourceUnits: 20},
	}
	if old {
		o.Version, o.License = "6.8.23", &License{UID: "84b22937-aedb-4f8a-a05e-c21954bb24d4", Type: "gold", StartDay: -100, EndDay: 265, MaxNodes: 5}
	}
	return simulator.Listen(New(o))
}
