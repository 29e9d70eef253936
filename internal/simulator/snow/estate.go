package snow

import (
	"strconv"
	"sync"

	"license_exporter/internal/simulator"
)

// Estate is a tenant and what it has: DemoEstate or Generate makes one. The zero value is empty. An estate never changes, so several
// simulated APIs may share it.
type Estate struct{ book *book }

// Generate is an estate of any size: the same one for the same arguments, with the licenses spread over the applications in turn.
// It has the demo's organizations, agreements and policies. A license is made when it is asked for; sums over all of them are kept
// once they were computed.
func Generate(seed uint64, applications, licenses int) Estate {
	b := &book{Dice: simulator.Dice(seed), applications: max(0, applications), licenses: max(0, licenses)}
	if b.applications == 0 {
		b.licenses = 0
	}
	b.application = b.generatedApplication
	return b.estate()
}

// book is everything about a tenant. The n-th license is of the application n modulo the number of applications. Nothing in it
// depends on the day: dates are days from today.
type book struct {
	simulator.Dice
	applications, licenses int
	application            func(int) application

	maintained   func() []maintainedLicense
	entitlements func() []simulator.Object
	usage        map[string]func() []track // of computers and of users
}

// estate sets up what is computed when it is first asked for.
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

// application is an application that the tenant licenses, and what its licenses are like. Numbers of other applications count from 1;
// 0 is none.
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

// metric is what licenses count.
type metric int

const (
	noMetric metric = iota
	installations
	users
	cores
	tradingDesks // the tenant's own
)

// metrics are what the vendor and the simulator know of each metric. The id of installations is the one in the vendor's documents.
var metrics = [...]struct {
	id, name string
	subject  string // what the metric counts, where it is computers or users
	step     int    // how many licenses one of them needs
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

// assignmentKinds have the vendor's names, and the end of the path that lists such assignments. The id of organizations is the one in
// the vendor's documents.
var assignmentKinds = [...]struct{ id, name, path string }{
	toOrganizations: {"8e5d8f69-c818-4575-9a91-aebae9a9eacc", "Organization", "organizations"},
	toComputers:     {guid(guidAssignmentType, int(toComputers), 0), "Computer", "computers"},
	toUsers:         {guid(guidAssignmentType, int(toUsers), 0), "User", "users"},
	toSite:          {guid(guidAssignmentType, int(toSite), 0), "Site", "site"},
}

// organization is a node of the tree. Its parent's number counts from 1; 0 is none.
type organization struct {
	name, currency string
	parent         int
	legal          bool
}

// rootOrganization is the root of the tree, which has no node. Some licenses belong to the tenant as a whole.
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

// money is an amount in hundredths of its currency.
type money int

func (m money) String() string { return strconv.FormatFloat(float64(m)/100, 'f', -1, 64) }

// MarshalJSON writes the amount as a number.
func (m money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// span is a time from one day to another, both counted from today. The last day is not in it.
type span struct{ from, to int }

// now reports whether today is in the span.
func (s span) now() bool { return s.begun() && s.to > 0 }

// begun reports whether the span has begun.
func (s span) begun() bool { return s.from <= 0 }
