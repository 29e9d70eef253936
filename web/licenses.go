package web

import (
	"net/http"
	"time"

	"license_exporter/status"
)

var licensesTemplate = newTemplate("licenses.html")

// licenses serves the page with the list of licenses and products of all organizations.
func (o *Options) licenses(w http.ResponseWriter, r *http.Request) {
	if overview, q, ok := asked(o, &licenses, w, r); ok {
		o.show(w, licensesTemplate, o.newLicensesPage(q, overview))
	}
}

// licensesPage is the data of the template.
type licensesPage struct {
	listPage
	Rows []lineView
}

// lineView is the row of a license.
type lineView struct {
	Title, ID, State                   string
	Manufacturer, ManufacturerLink     string
	Organization, OrganizationID, Link string
	Account                            string
	Muted                              bool
	Problems                           []problemView
	End                                *moment
	ByPolicy, Renews                   bool
	Act, Deadline                      string
	Seats                              []seatsView
	MoreUnits                          int
	Compliance                         complianceView
	Owner, OwnerLink                   string
	Costs                              []string
	MoreCosts                          int
}

func (o *Options) newLicensesPage(q query, overview *status.Overview) *licensesPage {
	found := licenses.findPage(&q, overview)
	now := overview.Now
	p := &licensesPage{listPage: newListPage(&licenses, q, found, now, o.frame("What needs action, by license", "licenses"), []head{
		{Title: "Product", order: "name", Direction: "ascending"},
		{Title: "Organization", order: "organization", Direction: "ascending"},
		{Title: "To do", order: "urgency", Direction: "descending"},
		{Title: "End and renewal", order: "end", Direction: "ascending"},
		{Title: "Seats and verdict", order: "seats", Direction: "descending"},
		{Title: "Owner", order: "owner", Direction: "ascending"},
		{Title: "Cost"},
	})}
	p.All.Words = integer(found.total) + " products and licenses"
	if found.total == 1 {
		p.All.Words = "1 product or license"
	}
	whole := q
	whole.Page, whole.Limit = 1, defaultLimit
	p.CSV, p.Calendar = "licenses.csv"+whole.link(licenses.orders[0].Name), "calendar.ics"+whole.link(licenses.orders[0].Name)
	v := values(overview)
	p.setFields(stateChoices(&licenses, q.State), orderChoices(&licenses, q.Sort),
		field{"vendor", "Vendor", "any", choicesOf(v.vendors, q.Vendor)}, field{"account", "Account", "any", choicesOf(v.accounts, q.Account)},
		field{"manufacturer", "Manufacturer", "any", choicesOf(v.manufacturers, q.Manufacturer)}, field{"owner", "Owner", "any", choicesOf(v.owners, q.Owner)})
	for _, l := range found.page(q) {
		p.Rows = append(p.Rows, newLine(l, now))
	}
	return p
}

func newLine(l line, now time.Time) lineView {
	v := lineView{
		Title: shorten(l.Title(), maxName), State: shorten(l.State, maxName),
		Link: organizationLink(l.organization), Account: l.Account, Muted: l.License.Muted,
		End: newEnd(l.License, now), ByPolicy: l.EndByPolicy, Renews: l.Renews && !l.End.After(now), // otherwise, End says it
		Compliance: verdict(l.License.Compliant, l.License.Muted, l.License.SeverityOf(status.NonCompliant)), Owner: shorten(l.License.Owner, maxName),
		Manufacturer: shorten(l.Manufacturer, maxName),
	}
	if v.ID = shorten(joined(status.Plain(l.Product), status.Plain(l.LicenseID)), maxName); v.ID == v.Title {
		v.ID = "" // there is no name
	}
	v.Organization, v.OrganizationID = organizationTitle(l.organization)
	for _, p := range l.Problems {
		v.Problems = append(v.Problems, newProblemOf(l.License, p, now))
	}
	if !l.Act.IsZero() && l.End.After(now) {
		v.Act = l.ActDate().Format(time.DateOnly)
	}
	if !l.Deadline.IsZero() {
		v.Deadline = l.DeadlineDate().Format(time.DateOnly)
	}
	if v.Owner != "" {
		v.OwnerLink = query{Owner: l.License.Owner}.licensesLink()
	}
	if v.Manufacturer != "" {
		v.ManufacturerLink = query{Manufacturer: l.Manufacturer}.licensesLink()
	}
	v.Seats, v.MoreUnits = newSeats(l.License.Seats)
	if missing := missingWords(l.Missing); missing != "" {
		v.Compliance.Details = missing
	}
	v.Costs, v.MoreCosts = newCosts(l.Cost())
	return v
}
