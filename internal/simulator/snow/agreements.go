package snow

import (
	"fmt"
	"net/http"
	"time"

	"license_exporter/internal/simulator"
)

// span is a time from a day to another, both from today. The last day is out.
type span struct{ from, to int }

// now reports whether today is in the span.
func (s span) now() bool { return s.from <= 0 && s.to > 0 }

// begun reports whether the span lies not wholly ahead.
func (s span) begun() bool { return s.from <= 0 }

// agreement is an agreement of the tenant. Other agreements and their types are told by their number from 1; 0 is none.
type agreement struct {
	name, manufacturer string
	typ, parent        int
	subscription       bool   // its periods are those of its licenses
	periods            []span // in any order
	warning, critical  int    // days before the end
	silent             bool   // no alert is wanted
	ownEnds            int    // when the licenses' own subscriptions say that they end, from some days on; 0 for any time
}

// Agreements that licenses belong to, by number.
const (
	endingAgreement     = 1 + iota // inside its critical days
	warnedAgreement                // inside its warning days
	endedAgreement                 // maintenance that ended
	renewedAgreement               // covers licenses that say that they ended
	lapsedAgreement                // ended before the licenses say so
	prolongedAgreement             // its next period waits behind the one that runs
	undatedAgreement               // part of endingAgreement, without periods of its own
	maintainedAgreement            // its periods are those of the licenses' maintenance
)

var agreements = [...]agreement{
	{name: "Contoso Enterprise Agreement", manufacturer: "Contoso", typ: 1, subscription: true,
		periods: []span{{-711, -346}, {-346, 20}}, warning: 60, critical: 30},
	{name: "Fabrikam Volume Agreement", manufacturer: "Fabrikam", typ: 2, periods: []span{{-290, 75}}, warning: 90, critical: 30},
	{name: "Adatum Support Agreement", manufacturer: "Adatum", typ: 3, periods: []span{{-410, -45}}, warning: 60, critical: 14},
	{name: "Litware Cloud Subscription", manufacturer: "Litware", typ: 4, subscription: true,
		periods: []span{{-330, 400}}, warning: 90, critical: 30, ownEnds: -40},
	{name: "Proseware HR Subscription", manufacturer: "Proseware", typ: 4, subscription: true,
		periods: []span{{-377, -12}}, warning: 45, critical: 15, ownEnds: 190},
	{name: "Tailspin Platform Agreement", manufacturer: "Tailspin", typ: 2,
		periods: []span{{300, 665}, {-65, 300}}, warning: 60, critical: 30},
	{name: "Contoso Enrollment for Stores", manufacturer: "Contoso", typ: 1, parent: endingAgreement, silent: true},
	{name: "Wingtip Maintenance Agreement", manufacturer: "Wingtip", typ: 3,
		periods: []span{{-680, -315}, {-315, 50}}, warning: 60, critical: 20},
}

var agreementTypes = [...]string{
	"Enterprise agreement", "Volume license agreement", "Maintenance agreement", "Subscription agreement",
}

func agreementGUID(number int) string          { return guid(guidAgreement, number, 0) }
func agreementPeriodGUID(number, n int) string { return guid(guidAgreementPeriod, number, n+1) }

type agreementItem struct {
	ID             string                     `json:"id"`
	ParentID       simulator.Optional[string] `json:"parentId"`
	AssignedID     string                     `json:"assignedId"`
	Name           string                     `json:"name"`
	TypeID         string                     `json:"typeId"`
	ContactID      string                     `json:"contactId"`
	ManufacturerID string                     `json:"manufacturerId"`
}

// agreementDetail is an agreement on its own. It names people.
type agreementDetail struct {
	ID                         string                     `json:"id"`
	ParentID                   simulator.Optional[string] `json:"parentId"`
	AssignedID                 string                     `json:"assignedId"`
	Name                       string                     `json:"name"`
	Description                string                     `json:"description"`
	TypeID                     string                     `json:"typeId"`
	IsSubscription             bool                       `json:"isSubscription"`
	IsUpgradable               bool                       `json:"isUpgradable"`
	IsValidForAll              bool                       `json:"isValidForAll"`
	RenewalDays                int                        `json:"renewalDays"`
	IsAlertingOnExpiration     bool                       `json:"isAlertingOnExpiration"`
	WarningDayLimit            int                        `json:"warningDayLimit"`
	CriticalDayLimit           int                        `json:"criticalDayLimit"`
	IsAutoAttachingToComputers bool                       `json:"isAutoAttachingToComputers"`
	ContactID                  string                     `json:"contactId"`
	ContactName                string                     `json:"contactName"`
	ContactDepartment          string                     `json:"contactDepartment"`
	ContactPhone               string                     `json:"contactPhone"`
	ContactEmail               string                     `json:"contactEmail"`
	ManufacturerID             string                     `json:"manufacturerId"`
	ManufacturerName           string                     `json:"manufacturerName"`
	ManufacturerLink           string                     `json:"manufacturerLink"`
	ManufacturerPhone          string                     `json:"manufacturerPhone"`
	ManufacturerContact        string                     `json:"manufacturerContact"`
	ManufacturerContactPhone   string                     `json:"manufacturerContactPhone"`
	ManufacturerContactEmail   string                     `json:"manufacturerContactEmail"`
	Links                      links                      `json:"_links"`
}

type agreementPeriod struct {
	ID        string    `json:"id"`
	ValidFrom time.Time `json:"validFrom"`
	ValidTo   time.Time `json:"validTo"`
	Links     links     `json:"_links"`
}

type agreementType struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Links       links  `json:"_links,omitempty"` // not in the list
}

func (a agreement) item(number int) agreementItem {
	item := agreementItem{
		ID:             agreementGUID(number),
		AssignedID:     fmt.Sprintf("AGR-%04d", 2000+number),
		Name:           a.name,
		TypeID:         guid(guidAgreementType, a.typ, 0),
		ContactID:      guid(guidContact, number, 0),
		ManufacturerID: guid(guidManufacturer, number, 0),
	}
	if a.parent > 0 {
		item.ParentID = simulator.Some(agreementGUID(a.parent))
	}
	return item
}

func (a agreement) detail(number int) agreementDetail {
	item := a.item(number)
	return agreementDetail{
		ID: item.ID, ParentID: item.ParentID, AssignedID: item.AssignedID, Name: item.Name, TypeID: item.TypeID,
		Description:            simulator.FakeKeyMarker + " description",
		IsSubscription:         a.subscription,
		IsUpgradable:           !a.subscription,
		IsValidForAll:          a.parent == 0,
		RenewalDays:            30,
		IsAlertingOnExpiration: !a.silent,
		WarningDayLimit:        a.warning, CriticalDayLimit: a.critical,
		ContactID:         item.ContactID,
		ContactName:       simulator.FakeKeyMarker + " Contact",
		ContactDepartment: simulator.FakeKeyMarker + " Department",
		ContactPhone:      simulator.FakeKeyMarker + "-555-0100",
		ContactEmail:      "contact@" + simulator.FakeKeyMarker + ".example",
		ManufacturerID:    item.ManufacturerID,
		ManufacturerName:  a.manufacturer, ManufacturerLink: "www." + simulator.FakeKeyMarker + ".example",
		ManufacturerPhone:        simulator.FakeKeyMarker + "-555-0101",
		ManufacturerContact:      simulator.FakeKeyMarker + " Account Manager",
		ManufacturerContactPhone: simulator.FakeKeyMarker + "-555-0102",
		ManufacturerContactEmail: "sales@" + simulator.FakeKeyMarker + ".example",
		Links:                    selfLink("/api/sam/v2/agreements/" + item.ID),
	}
}

// agreement returns the agreement in the path, by its number.
func (c *call) agreement() (number int, ok bool) {
	number, part, ok := parseGUID(guidAgreement, c.request.PathValue("id"))
	return number, ok && part == 0 && number >= 1 && number <= len(agreements)
}

func listAgreements(c *call) simulator.Answer {
	return turnPage(c, short, list[agreementItem]{c.book.agreements(), func(i int) agreementItem {
		return agreements[i].item(i + 1)
	}})
}

// agreements is how many agreements the tenant has: none without licenses.
func (b *book) agreements() int {
	if b.licenses == 0 {
		return 0
	}
	return len(agreements)
}

func showAgreement(c *call) simulator.Answer {
	number, ok := c.agreement()
	if !ok {
		return c.missing("id")
	}
	return simulator.Found(agreements[number-1].detail(number))
}

func listAgreementPeriods(c *call) simulator.Answer {
	number, ok := c.agreement()
	if !ok {
		return c.missing("id")
	}
	periods := agreements[number-1].periods
	return turnPage(c, short, list[agreementPeriod]{len(periods), func(i int) agreementPeriod {
		return agreementPeriod{
			ID:        agreementPeriodGUID(number, i),
			ValidFrom: simulator.Moment(c.today, periods[i].from, 0),
			ValidTo:   simulator.Moment(c.today, periods[i].to, 0),
			Links:     links{},
		}
	}})
}

func agreementTypeRecord(i int) agreementType {
	name := agreementTypes[i]
	return agreementType{ID: guid(guidAgreementType, i+1, 0), Name: name, Description: name}
}

func listAgreementTypes(c *call) simulator.Answer {
	return turnPage(c, short, list[agreementType]{len(agreementTypes), agreementTypeRecord})
}

// missing is the answer to an id in the path that is not one, or that nothing has.
func (c *call) missing(name string) simulator.Answer {
	id := c.request.PathValue(name)
	if !isGUID(id) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("The value '%s' is not valid for %s.", id, name))
	}
	return refuse(http.StatusNotFound, fmt.Sprintf("Resource with ID '%s' not found.", id))
}
