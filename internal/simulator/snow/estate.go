package snow

import (
	"strconv"
	"sync"

	"license_exporter/internal/simulator"
)

// Estate is a tenant and what it has. DemoEstate and Generate return one. The zero value is empty. An estate never changes, so several
// simulated APIs may share it.
type Estate struct{ book *book }

// Generate returns an estate of any size. The same arguments give the same estate. Its applications take turns in having licenses. It
// has the demo's organizations, agreements and policies. A license is made when it is requested. Sums over all licenses are computed
// once.
func Generate(seed uint64, applications, licenses int) Estate {
	b := &book{Dice: simulator.Dice(seed), applications: max(0, applications), licenses: max(0, licenses)}
	if b.applications == 0 {
		b.licenses = 0
	}
	b.application = b.generatedApplication
	return b.estate()
}

// book has everything about a tenant. The n-th license belongs to the application n modulo the number of applications. Dates are
// days from today.
type book struct {
	simulator.Dice
	applications, licenses int
	application            func(int) application

	maintained   func() []maintainedLicense
	entitlements func() []simulator.Object
	usage        map[string]func() []track // of computers and of users
}

// estate completes the book with what is computed at its first use.
func (b *book) estate() Estate {
	b.maintained = sync.OnceValue(b.maintainedLicenses)
	b.entitlements = sync.OnceValue(b.addEntitlements)
	b.usage = map[string]func() []track{}
	for _, subject := range []string{"computers", "users"} {
		b.usage[subject] = sync.OnceValue(func() (all []track) {
			for index := range b.applications {
				all = append(all, b.tracks(index, subject)...)
			}
			return all
		})
	}
	return Estate{b}
}

// application is an application of the tenant. Numbers of other applications start at 1, and 0 means none.
type application struct {
	name, manufacturer, platform string
	metric, second               metric // second is noMetric for most
	assignment                   assignmentKind
	size                         int   // average quantity of a license
	price                        money // for a quantity of 1
	subscription                 bool
	compliance                   int // by its first metric; negative if licenses are missing
	free                         int // the least compliance by its second metric
	agreement                    int // of most of its licenses
	owner                        int // the organization that has the licenses of the agreement; 0 if any has
	nextEnd                      int // days to the end of one of its licenses; 0 if there is no such license
	quiet                        int // days before and after today in which no other license ends by its own dates
	older, newer                 int // versions; licenses of the older one are upgraded to this one
	gives                        transferPlan
	receives                     int // the application that transfers licenses to this one
	supportEnds                  int // in days; 0 if the end is not announced
}

// metric is what licenses are counted by.
type metric int

const (
	noMetric metric = iota
	installations
	users
	cores
	tradingDesks // the tenant's own
)

// metrics describes the metrics. The id of installations is that of the vendor's documentation.
var metrics = [...]struct {
	id, name string
	subject  string // what needs licenses: computers, users, or empty for others
	step     int    // how many licenses each of them needs
}{
	noMetric:      {step: 1},
	installations: {"5891a1d8-7fb0-45bd-b1f6-01c943f9c572", "Installations", "computers", 1},
	users:         {guid(guidMetric, int(users), 0), "Users", "users", 1},
	cores:         {guid(guidMetric, int(cores), 0), "Number of processor cores", "computers", 8},
	tradingDesks:  {guid(guidMetric, int(tradingDesks), 0), "Trading desks", "", 1},
}

// assignmentKind is what licenses are assigned to. Its number is the vendor's.
type assignmentKind int

const (
	toOrganizations assignmentKind = iota
	toComputers
	toUsers
	toSite
)

// assignmentKinds has the vendor's names, and the end of the path that lists such assignments. The id of organizations is that of the
// vendor's documentation.
var assignmentKinds = [...]struct{ id, name, path string }{
	toOrganizations: {"8e5d8f69-c818-4575-9a91-aebae9a9eacc", "Organization", "organizations"},
	toComputers:     {guid(guidAssignmentType, int(toComputers), 0), "Computer", "computers"},
	toUsers:         {guid(guidAssignmentType, int(toUsers), 0), "User", "users"},
	toSite:          {guid(guidAssignmentType, int(toSite), 0), "Site", "site"},
}

// organization is a node of the tree. Numbers of parents start at 1, and 0 means none.
type organization struct {
	name, currency string
	parent         int
	legal          bool
}

// rootOrganization is the root of the tree. Licenses of the whole tenant belong to it.
const (
	rootOrganization = -1
	rootName         = "Northwind"
)

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

// applicationGUID returns the id of the application with a number. Numbers start at 1.
func applicationGUID(number int) string { return guid(guidApplication, number, 0) }

// money is an amount in hundredths of its currency.
type money int

func (m money) String() string { return strconv.FormatFloat(float64(m)/100, 'f', -1, 64) }

// MarshalJSON writes the amount as a number.
func (m money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// span is a time between two days, which are relative to today. The last day is excluded.
type span struct{ from, to int }

// now reports whether today is in the span.
func (s span) now() bool { return s.begun() && s.to > 0 }

// begun reports whether the span has begun.
func (s span) begun() bool { return s.from <= 0 }
