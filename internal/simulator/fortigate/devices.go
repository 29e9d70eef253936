package fortigate

import (
	"fmt"
	"maps"
	"time"

	"license_exporter/internal/simulator"
)

// The kinds of services, which are the values of type.
const (
	database = "downloaded_fds_object"
	live     = "live_fortiguard_service"
	cloud    = "live_cloud_service"
	account  = "account_level_live_cloud_service"
	status   = "cloud_service_status"
)

// service is a service of a device and what it is bought with.
type service struct{ key, kind, entitlement string }

// The services of the contracts of a device.
var (
	// firmware comes with each support contract.
	firmware = []service{
		{"appctrl", database, "FMWR"}, {"device_os_id", database, "FMWR"}, {"firmware_updates", live, "FMWR"}, {"inline_casb", database, "FMWR"},
	}
	// protection is what the bundle "Unified Threat Protection" has.
	protection = []service{
		{"antispam", live, "SPAM"}, {"antivirus", database, "AVDB"}, {"botnet_domain", database, "AVDB"}, {"ips", database, "NIDS"},
		{"malicious_urls", database, "NIDS"}, {"mobile_malware", database, "AVDB"}, {"outbreak_prevention", live, "ZHVO"}, {"web_filtering", live, "FURL"},
	}
	industrial = []service{{"industrial_db", database, "ISSS"}}
	// unbought are services that no device of the demo has, unless it has bought them.
	unbought = []service{
		{"fortianalyzer_cloud", cloud, "FAZC"}, {"fortimanager_cloud", cloud, "FMGC"}, {"fortisandbox_cloud", cloud, "FSAC"},
		{"industrial_db", database, "ISSS"}, {"sdwan_network_monitor", live, "SWNM"}, {"security_rating", "functionality_enabling", "FGSA"},
	}
)

// day returns Unix time in seconds of the start of a day.
func day(today time.Time, days int) int64 { return simulator.Moment(today, days, 0).Unix() }

// add adds services with a status. An end of 0 is left out.
func add(results simulator.Object, all []service, state string, end int64) {
	for _, s := range all {
		o := simulator.Object{"type": s.kind, "status": state, "entitlement": s.entitlement}
		if end != 0 {
			o["expires"] = end
		}
		if s.kind == database {
			o["version"], o["last_update"] = "1.00042", int64(978303600)
		}
		results[s.key] = o
	}
}

// base returns what each registered device has: a support contract, free services, and numbers of virtual domains.
func base(today time.Time, days int, hardware string, used, most int) simulator.Object {
	end := day(today, days)
	support := simulator.Object{"enhanced": simulator.Object{"status": "licensed", "support_level": "Premium", "expires": end}}
	if hardware != "" {
		support["hardware"] = simulator.Object{"status": "licensed", "support_level": hardware, "expires": end}
	}
	results := simulator.Object{
		"fortiguard": simulator.Object{
			"type": status, "supported": true, "connected": true, "server_address": "203.0.113.7:443", "fortigate_wan_ip": simulator.FakeKeyMarker + "-wan-ip",
		},
		"forticare": simulator.Object{
			"type": status, "status": "registered", "registration_status": "registered", "registration_supported": true,
			"account": simulator.FakeKeyMarker + "@example.com", "company": simulator.FakeKeyMarker + " company", "industry": "", "support": support,
		},
		"forticloud":          simulator.Object{"type": status, "status": "cloud_logged_in", "account": simulator.FakeKeyMarker + "@example.com", "domain": "EUROPE"},
		"forticloud_logging":  simulator.Object{"type": cloud, "status": "free_license", "used_bytes": 0, "max_bytes": 0, "log_retention_days": 7},
		"forticloud_sandbox":  simulator.Object{"type": cloud, "status": "free_license", "expires": day(today, -700), "entitlement": "AVDB", "max_files_daily": 100},
		"internet_service_db": simulator.Object{"type": database, "status": "licensed", "version": "7.03943", "last_update": day(today, 0)},
		"vdom":                simulator.Object{"type": "platform", "can_upgrade": false, "used": used, "max": most},
		"sms":                 simulator.Object{"type": "other", "status": "no_license", "used": 0, "max": 0},
	}
	add(results, unbought, "no_license", 0)
	add(results, firmware, "licensed", end)
	return results
}

// Demo returns the devices of an invented company. One has a service that ends soon, and one a service that has ended.
func Demo() []Device {
	return []Device{
		{Serial: "FG200FT900000001", Name: "fw-headquarters", Version: "v7.4.8", Build: 2795, Results: func(today time.Time) simulator.Object {
			r := base(today, 512, "Advanced HW", 6, 10)
			add(r, protection, "licensed", day(today, 512))
			add(r, []service{{"fortiems_cloud", account, "FCEM"}}, "expired", day(today, -9))
			return r
		}},
		{Serial: "FGR70FTK00000002", Name: "fw-plant", Version: "v7.4.8", Build: 2795, Results: func(today time.Time) simulator.Object {
			r := base(today, 268, "Advanced HW", 1, 10)
			add(r, protection, "licensed", day(today, 268))
			add(r, industrial, "expires_soon", day(today, 12))
			r["ot_detection"] = simulator.Object{
				"detect_definitions": simulator.Object{"type": database, "status": "no_license", "entitlement": "ISSS"},
				"patch_definitions":  simulator.Object{"type": database, "status": "no_license", "entitlement": "ISSS"},
			}
			return r
		}},
		{Serial: "FGT60FTK00000003", Name: "fw-branch-lisbon", Version: "v7.2.11", Build: 1740, Results: func(today time.Time) simulator.Object {
			r := base(today, 143, "Advanced HW", 1, 10)
			add(r, protection, "licensed", day(today, 143))
			return r
		}},
		{Serial: "FGT60FTK00000004", Name: "fw-branch-oslo", Version: "v7.2.11", Build: 1740, Results: func(today time.Time) simulator.Object {
			r := base(today, 822, "Advanced HW", 1, 10)
			add(r, protection, "no_license", 0)
			return r
		}},
		{Serial: "FGVM04TM00000005", Name: "fw-cloud", Version: "v7.6.4", Build: 3596, Results: func(today time.Time) simulator.Object {
			r := base(today, 331, "", 3, 15)
			add(r, protection, "licensed", day(today, 331))
			r["vm"] = simulator.Object{
				"type": "platform", "valid": true, "status": "vm_valid", "license_model": 6, "license_platform_name": "FGVM04", "expires": day(today, 331),
				"cpu_used": 4, "cpu_max": 4, "mem_used": int64(8589934592), "is_payg": false, "closed_network": false,
			}
			return r
		}},
	}
}

// Small returns so many devices with little data. If it is one, it has the oldest known version, whose services have other keys.
func Small(n int) []Device {
	all := make([]Device, 0, n)
	for i := range n {
		d := Device{Serial: fmt.Sprintf("FGT40FTK%08d", i+1), Name: fmt.Sprintf("fw-%d", i+1), Version: "v7.2.11", Build: 1740}
		d.Results = func(today time.Time) simulator.Object {
			r := base(today, 100+i, "Advanced HW", 1+i%9, 10)
			add(r, protection[:3], "expired", day(today, -40-i))
			delete(r, "sms") // with its type, other
			return r
		}
		all = append(all, d)
	}
	if n == 1 {
		all[0].Version, all[0].Build = "v6.0.9", 8661
		newer := all[0].Results
		all[0].Results = func(today time.Time) simulator.Object {
			r := newer(today)
			maps.DeleteFunc(r, func(key string, _ any) bool {
				return key == "firmware_updates" || key == "inline_casb" || key == "security_rating"
			})
			r["forticlient"] = simulator.Object{"type": "product_integration", "status": "free_license", "can_upgrade": false, "used": 0, "max": 10}
			return r
		}
	}
	return all
}
