package snow

import (
	"sync"

	"license_exporter/internal/simulator"
)

// Estate is a tenant and what it holds: DemoEstate or Generate makes one. The zero value holds nothing. An estate never changes,
// so several simulated APIs may share it.
type Estate struct{ book *book }

// Generate is an estate of any size: the same one for the same arguments, with the licenses spread over the applications in turn.
// It has the demo's organizations, agreements and policies. A license is made when it is asked for; what is added up over all of them
// is kept once it was.
func Generate(seed uint64, applications, licenses int) Estate {
	b := &book{Dice: simulator.Dice(seed), applications: max(0, applications), licenses: max(0, licenses)}
	if b.applications == 0 {
		b.licenses = 0
	}
	b.application = b.generatedApplication
	b.prepare()
	return Estate{b}
}

// book is all that is known of a tenant. The n-th license is of the application n modulo the number of applications. Nothing in it
// depends on the day: dates are days from today.
type book struct {
	simulator.Dice
	applications, licenses int
	application            func(int) application

	periods          func() []periodPlace
	entitlements     func() []licenseEntitlement
	computerCoverage func() []trackPlace
	userCoverage     func() []trackPlace
}

// prepare sets up what is added up when it is first asked for.
func (b *book) prepare() {
	b.periods = sync.OnceValue(b.placePeriods)
	b.entitlements = sync.OnceValue(b.addEntitlements)
	b.computerCoverage = sync.OnceValue(func() []trackPlace { return b.placeTracks(onComputers) })
	b.userCoverage = sync.OnceValue(func() []trackPlace { return b.placeTracks(byUsers) })
}

// application is an application that the tenant licenses, and in which shape its licenses are. Other applications are told by their
// number from 1, since 0 stands for none.
type application struct {
	name, manufacturer, platform string
	metric, second               metric // second is noMetric for most
	assignment                   assignmentKind
	size                         int   // of a license, on average
	price                        money // of one
	subscription                 bool
	compliance                   int // by its first metric: below 0, licenses are missing
	agreement                    int // that most of its licenses belong to
	older, newer                 int // the version before, whose licenses are upgraded to this one, and the version after
	gives                        transferPlan
	receives                     int // the application that gives transfers to this one
	supportEnds                  int // in so many days; 0 is not announced
}

// transferPlan says how many licenses of an application serve another one.
type transferPlan struct {
	kind  transferKind
	by    transferSubject
	to    int
	count int
}

type transferKind int

const (
	downgrading transferKind = iota
	upgrading
	crossEdition
	crossPlatform
)

// transferSubject is what a transfer is for.
type transferSubject int

const (
	forComputers transferSubject = iota
	forUsers
	forCustomValues
)

// metric is what licenses count.
type metric int

const (
	noMetric metric = iota
	installations
	users
	cores
	tradingDesks // the tenant's own
)

var metricNames = [...]string{installations: "Installations", users: "Users", cores: "Number of processor cores", tradingDesks: "Trading desks"}

// id is the metric's id. That of installations is the one in the vendor's documents.
func (m metric) id() string {
	switch m {
	case noMetric:
		return ""
	case installations:
		return "5891a1d8-7fb0-45bd-b1f6-01c943f9c572"
	}
	return guid(guidMetric, int(m), 0)
}

// step is how many licenses of a metric one thing needs.
func (m metric) step() int {
	if m == cores {
		return 8
	}
	return 1
}

// assignmentKind is what licenses are assigned to. Its number is the vendor's.
type assignmentKind int

const (
	toOrganizations assignmentKind = iota
	toComputers
	toUsers
	toSite
)

var assignmentNames = [...]string{"Organization", "Computer", "User", "Site"}

// id is the assignment type's id. That of organizations is the one in the vendor's documents.
func (k assignmentKind) id() string {
	if k == toOrganizations {
		return "8e5d8f69-c818-4575-9a91-aebae9a9eacc"
	}
	return guid(guidAssignmentType, int(k), 0)
}

// organization is a node of the tree. Its parent is told by its number from 1; 0 is none.
type organization struct {
	name, currency string
	parent         int
	legal          bool
}

// rootOrganization stands for no node: some licenses are the whole tenant's.
const rootOrganization = -1

var organizations = [...]organization{
	{"Northwind Group", "EUR", 0, true},
	{"Northwind Europe", "EUR", 1, true},
	{"Northwind Germany", "EUR", 2, false},
	{"Northwind France", "EUR", 2, false},
	{"Northwind United Kingdom", "GBP", 2, true},
	{"Northwind North America", "USD", 1, true},
	{"Northwind Stores", "USD", 6, false},
	{"Northwind Shared Services", "USD", 1, false},
}

func organizationGUID(o int) string {
	if o == rootOrganization {
		return noGUID
	}
	return guid(guidOrganization, o+1, 0)
}

func currencyOf(organization int) string {
	if organization == rootOrganization {
		return "EUR"
	}
	return organizations[organization].currency
}

// applicationGUID is the id of an application by its number from 1.
func applicationGUID(number int) string { return guid(guidApplication, number, 0) }

// applicationOf returns the index of the application with an id.
func (b *book) applicationOf(id string) (int, bool) {
	number, part, ok := parseGUID(guidApplication, id)
	return number - 1, ok && part == 0 && number >= 1 && number <= b.applications
}
