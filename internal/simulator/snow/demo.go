package snow

import (
	"slices"
	"strings"

	"license_exporter/internal/simulator"
)

// The credentials of the demo.
const (
	DemoClientID     = "demo-client"
	DemoClientSecret = "demo-client-secret" //nolint:gosec // of a simulator within the process
)

// StartDemo serves the demo's tenant on the loopback interface. There are no rate limits, so that collectors with a request for each
// license finish soon. It returns the base URL of the APIs and a function that stops them.
func StartDemo() (baseURL string, stop func(), err error) {
	return serve(DemoEstate(), "")
}

// StartSmall is like StartDemo, but the API has the data of SmallEstate. If legacy is set, it has the oldest version.
func StartSmall(legacy bool) (baseURL string, stop func(), err error) {
	version := ""
	if legacy {
		version = oldestVersion
	}
	return serve(SmallEstate(), version)
}

func serve(e Estate, version string) (baseURL string, stop func(), err error) {
	return simulator.Listen(New(Options{
		Estate: e, Version: version, ClientID: DemoClientID, ClientSecret: DemoClientSecret, Limits: Limits{Off: true},
	}))
}

const (
	demoLicenses = 1000
	// smallLicenses is two for each application of SmallEstate.
	smallLicenses = 20
	demoSeed      = 2055 // so that all situations occur
	// demoQuiet is how long before and after today licenses of the demo end only as their applications and agreements say, so that
	// there are few alerts.
	demoQuiet = 100
)

// DemoEstate returns the tenant of an invented retail group: a thousand licenses for forty applications, eight organizations and eight
// agreements. It has at least one example of each situation that the exporter reports, and few of those that raise alerts.
func DemoEstate() Estate {
	numbers := make([]int, 0, len(demoApplications)-1)
	for number := 1; number < len(demoApplications); number++ {
		numbers = append(numbers, number)
	}
	return demoWith(demoLicenses, numbers...)
}

// SmallEstate returns a part of the demo's tenant that has data of each operation.
func SmallEstate() Estate {
	return demoWith(smallLicenses, 6, 8, 9, 17, 18, 24, 29, 32, 33, 37)
}

// demoWith returns the demo's tenant with some of its applications only.
func demoWith(licenses int, numbers ...int) Estate {
	all := make([]application, 0, len(numbers))
	for _, number := range numbers {
		a := demoApplications[number]
		a.older = slices.Index(numbers, a.older) + 1
		if a.gives.to = slices.Index(numbers, a.gives.to) + 1; a.gives.to == 0 {
			a.gives = transferPlan{}
		}
		all = append(all, a)
	}
	for i, a := range all { // these follow from other fields and applications
		all[i].manufacturer, _, _ = strings.Cut(a.name, " ")
		all[i].quiet = demoQuiet
		if a.older > 0 {
			all[a.older-1].newer = i + 1
		}
		if a.gives.to > 0 {
			all[a.gives.to-1].receives = i + 1
		}
	}
	b := &book{
		Dice: simulator.Dice(demoSeed), applications: len(all), licenses: licenses, application: func(i int) application { return all[i] },
	}
	return b.estate()
}

// demoApplications has the demo's applications by number.
var demoApplications = [...]application{
	1: {name: "Contoso Draw 2024 Professional", platform: "Windows", metric: installations, assignment: toComputers,
		size: 14, price: 38_900, compliance: 14, older: 2, gives: transferPlan{downgrading, "computers", 2, 5}, supportEnds: 1400},
	2: {name: "Contoso Draw 2021 Professional", platform: "Windows", metric: installations, assignment: toComputers,
		size: 9, price: 32_900, compliance: 4, supportEnds: 25},
	3: {name: "Contoso Office Suite Online", platform: "None", metric: users, assignment: toUsers,
		size: 40, price: 14_400, subscription: true, compliance: 120, agreement: endingAgreement, owner: 1},
	4: {name: "Contoso Project Planner Online", platform: "None", metric: users, assignment: toUsers,
		size: 8, price: 33_600, subscription: true, compliance: 7},
	5: {name: "Contoso Server 2025 Datacenter", platform: "Windows", metric: cores, assignment: toComputers,
		size: 6, price: 42_000, compliance: -48, gives: transferPlan{crossEdition, "computers", 6, 2}, supportEnds: 2900},
	6: {name: "Contoso Server 2025 Standard", platform: "Windows", metric: cores, assignment: toComputers,
		size: 5, price: 9800, compliance: 64, supportEnds: 2900},
	7: {name: "Contoso Warehouse 2022 Enterprise", platform: "Windows", metric: cores, assignment: toComputers,
		size: 4, price: 180_000, compliance: 16, supportEnds: 700},
	8: {name: "Fabrikam CAD 2025", platform: "Windows", metric: installations, second: users, assignment: toComputers,
		size: 7, price: 215_000, compliance: 3, free: 1, agreement: warnedAgreement, older: 9},
	9: {name: "Fabrikam CAD 2023", platform: "Windows", metric: installations, assignment: toComputers,
		size: 5, price: 180_000, compliance: 3, gives: transferPlan{upgrading, "computers", 8, 3}, supportEnds: -60},
	10: {name: "Fabrikam PDF Editor Pro", platform: "Windows", metric: users, assignment: toUsers,
		size: 22, price: 17_900, subscription: true, compliance: 45},
	11: {name: "Fabrikam Render Farm", platform: "Linux", metric: cores,
		size: 4, price: 26_000, compliance: 8, agreement: warnedAgreement},
	12: {name: "Fabrikam Simulation Toolbox", platform: "Linux", metric: users, assignment: toUsers,
		size: 3, price: 410_000, compliance: 2},
	13: {name: "Adatum Database 19 Enterprise", platform: "Linux", metric: cores, assignment: toComputers,
		size: 5, price: 475_000, compliance: 96, agreement: endedAgreement, supportEnds: 140},
	14: {name: "Adatum Database 19 Standard", platform: "Linux", metric: cores, assignment: toComputers,
		size: 3, price: 175_000, compliance: 24, agreement: endedAgreement, supportEnds: 140},
	15: {name: "Adatum Backup Manager 7", platform: "CrossPlatform", metric: installations,
		size: 20, price: 8900, compliance: 10},
	16: {name: "Adatum Middleware Suite", platform: "Linux", metric: cores,
		size: 2, price: 98_000},
	17: {name: "Litware CRM Cloud", platform: "None", metric: users, assignment: toUsers,
		size: 18, price: 90_000, subscription: true, compliance: 18, agreement: renewedAgreement,
		gives: transferPlan{crossEdition, "users", 18, 2}},
	18: {name: "Litware Marketing Cloud", platform: "None", metric: users, assignment: toUsers,
		size: 6, price: 120_000, subscription: true, compliance: 5, agreement: renewedAgreement},
	19: {name: "Litware Service Desk Cloud", platform: "None", metric: users, assignment: toUsers,
		size: 10, price: 58_800, subscription: true, compliance: 5},
	20: {name: "Litware Analytics Desktop", platform: "Windows", metric: installations, assignment: toComputers,
		size: 8, price: 74_000, compliance: 9, gives: transferPlan{crossPlatform, "computers", 21, 2}},
	21: {name: "Litware Analytics for macOS", platform: "MacOSX", metric: installations, assignment: toComputers,
		size: 4, price: 74_000, compliance: 2},
	22: {name: "Proseware HR Suite", platform: "None", metric: users, assignment: toUsers,
		size: 12, price: 21_600, subscription: true, compliance: -260, agreement: lapsedAgreement, owner: 8},
	23: {name: "Proseware Payroll", platform: "None", metric: users, assignment: toUsers,
		size: 5, price: 26_400, subscription: true, compliance: 25, agreement: lapsedAgreement, owner: 8},
	24: {name: "Proseware Endpoint Protection", platform: "CrossPlatform", metric: installations,
		size: 45, price: 2900, subscription: true, compliance: 210},
	25: {name: "Proseware VPN Client", platform: "CrossPlatform", metric: installations,
		size: 25, price: 3900, subscription: true, compliance: 30},
	26: {name: "Tailspin Integration Server", platform: "Linux", metric: cores, assignment: toComputers,
		size: 2, price: 240_000, compliance: 8, agreement: prolongedAgreement},
	27: {name: "Tailspin Hypervisor 8", platform: "WMware", metric: cores, assignment: toComputers,
		size: 5, price: 31_000, compliance: 16, agreement: prolongedAgreement, supportEnds: 420},
	28: {name: "Tailspin Monitoring", platform: "None", metric: installations, assignment: toComputers,
		size: 15, price: 6000, subscription: true, compliance: 3},
	29: {name: "Wingtip Warehouse Management", platform: "Windows", metric: users, assignment: toUsers,
		size: 11, price: 89_000, compliance: 6, agreement: maintainedAgreement},
	30: {name: "Wingtip Point of Sale 6", platform: "Windows", metric: installations,
		size: 30, price: 24_000, compliance: 25, agreement: maintainedAgreement, supportEnds: -200},
	31: {name: "Wingtip Label Designer", platform: "Windows", metric: installations, assignment: toComputers,
		size: 3, price: 31_000, compliance: 1},
	32: {name: "Woodgrove Treasury Terminal", platform: "Windows", metric: tradingDesks,
		size: 4, price: 1_250_000, compliance: 2, gives: transferPlan{crossEdition, "custom-values", 33, 2}},
	33: {name: "Woodgrove Treasury Terminal Lite", platform: "Windows", metric: tradingDesks,
		size: 3, price: 640_000, compliance: 2},
	34: {name: "Alpine Diagram Studio", platform: "None", metric: users, assignment: toUsers,
		size: 7, price: 5400, subscription: true, compliance: 11, nextEnd: 75},
	35: {name: "Alpine Screen Recorder 2024", platform: "Windows", metric: installations, assignment: toComputers,
		size: 6, price: 19_900, compliance: 4, older: 36},
	36: {name: "Alpine Screen Recorder 2022", platform: "Windows", metric: installations, assignment: toComputers,
		size: 3, price: 17_900, compliance: 2, supportEnds: -400},
	37: {name: "Alpine Font Library", platform: "CrossPlatform", metric: installations, assignment: toSite,
		size: 30, price: 1200, compliance: 150},
	38: {name: "Lucerne Video Suite", platform: "None", metric: users, assignment: toUsers,
		size: 6, price: 71_900, subscription: true, compliance: 6, nextEnd: 5},
	39: {name: "Margie Travel & Expense", platform: "None", metric: users, assignment: toUsers,
		size: 16, price: 9600, subscription: true, compliance: 12},
	40: {name: "Trey Statistics 29", platform: "Windows", metric: installations, second: users, assignment: toComputers,
		size: 4, price: 134_000, compliance: 1, supportEnds: 330},
}
