package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"license_exporter/status"
)

var homeTemplate = newTemplate("home.html")

// home serves the page with the list of organizations. It does not fetch, so that viewers
// cause no requests to vendors.
func (o *Options) home(w http.ResponseWriter, r *http.Request) {
	if overview, q, ok := asked(o, &organizations, w, r); ok {
		o.show(w, homeTemplate, o.newHomePage(q, overview))
	}
}

// homePage is the data of the template.
type homePage struct {
	listPage
	Rows []rowView

	// Attention has the accounts that fail or wait as a whole. They come first.
	Attention, Accounts accountsView
	Owners              []ownerView
	MoreOwners          int
	Months              []monthView
}

// accountsView is a table of accounts.
type accountsView struct {
	ID, Title string
	Rows      []accountView
}

// accountView is the row of an account.
type accountView struct {
	Name, Vendor, Organizations, Link string
	Waiting, Failing, FailingLink     string
	Problem                           string
	Age                               *moment
	Failures                          []failureView
	MoreFailures                      int
	Notes                             []status.Note
}

// count is a number that links to what it counts.
type count struct {
	Number, Link string
}

// ownerView is the row of an owner.
type ownerView struct {
	Name                     string
	Action, Ending, Renewing count
}

// monthView is the row of a month.
type monthView struct {
	Name, Link       string
	Ending, Renewing string
	Costs            []string
	MoreCosts        int
}

// rowView is the row of an organization.
type rowView struct {
	Name, ID, Link, Account, Vendor, Model string
	todo
	End               *moment
	Product           string
	Owner, Muted      string
	Seats             []seatsView
	MoreUnits         int
	Compliance        complianceView
	Age               *moment
	Waiting, Disabled bool
	Failures          []failureView
	MoreFailures      int
	Notes             []status.Note
}

func (o *Options) newHomePage(q query, overview *status.Overview) *homePage {
	found := organizations.findPage(&q, overview)
	now := overview.Now
	p := &homePage{listPage: newListPage(&organizations, q, found, now, o.frame("What needs action, by organization", "."), []head{
		{Title: "Organization", order: "name", Direction: "ascending"},
		{Title: "To do", order: "urgency", Direction: "descending"},
		{Title: "Next end", order: "end", Direction: "ascending"},
		{Title: "Seats and verdict", order: "seats", Direction: "descending"},
		{Title: "Owner"},
		{Title: "Fetched", order: "age", Direction: "descending"},
	})}
	p.All.Words = organizationsIn(&q, overview, found.total)
	v := values(overview)
	p.setFields(stateChoices(&organizations, q.State), orderChoices(&organizations, q.Sort),
		field{"vendor", "Vendor", "any", choicesOf(v.vendors, q.Vendor)}, field{"account", "Account", "any", choicesOf(v.accounts, q.Account)},
		field{"model", "Model", "any", choicesOf(v.models, q.Model)}, field{"manufacturer", "Manufacturer", "any", choicesOf(v.manufacturers, q.Manufacturer)},
		field{"owner", "Owner", "any", choicesOf(v.owners, q.Owner)})
	for _, org := range found.page(q) {
		p.Rows = append(p.Rows, newRow(org, now))
	}
	p.Attention, p.Accounts = accountsView{ID: "attention", Title: "Accounts that fail or wait"}, accountsView{ID: "accounts", Title: "Accounts"}
	for i := range overview.Accounts {
		a := &overview.Accounts[i]
		table := &p.Accounts
		if a.Waiting != "" || len(a.Failures) > 0 {
			table, p.Accounts.Title = &p.Attention, "Other accounts"
		}
		table.Rows = append(table.Rows, newAccountView(a, now))
	}
	p.setSums(overview)
	return p
}

// organizationsIn returns how many organizations match a query, in words. Accounts as a whole
// are counted separately.
func organizationsIn(q *query, overview *status.Overview, total int) string {
	wholes := 0
	text := strings.ToLower(q.Text)
	for i := range overview.Organizations {
		if org := &overview.Organizations[i]; org.ID == "" && organizations.matches(q, org, text) {
			wholes++
		}
	}
	words := counted(total-wholes, "organization")
	switch wholes {
	case 0:
		return words
	case 1:
		return words + " and 1 account as a whole"
	}
	return words + " and " + integer(wholes) + " accounts as a whole"
}

func newAccountView(a *status.Account, now time.Time) accountView {
	q := query{Account: a.Name}
	v := accountView{
		Name: a.Name, Vendor: a.Vendor, Organizations: integer(a.Organizations), Waiting: a.Waiting, Problem: shorten(a.Problem, maxMessage),
		Link: q.link(""), Age: ago(a.Oldest, now),
	}
	if a.Failing > 0 {
		q.State = stateFailing
		v.Failing, v.FailingLink = counted(a.Failing, "organization")+" failing", q.link("")
	}
	v.Failures, v.MoreFailures = newFailures(a.Failures)
	v.Notes = newNotes(a.Notes)
	for i := range v.Failures {
		v.Failures[i].Open = true // failures of accounts are important enough to show at once
	}
	return v
}

// summaryMonths is how many months are summed up.
const summaryMonths = 6

// setSums sets the sums by owner and by month.
func (p *homePage) setSums(overview *status.Overview) {
	owners := overview.ByOwner()
	p.MoreOwners = max(0, len(owners)-maxOwners)
	for _, sum := range owners[:len(owners)-p.MoreOwners] {
		number := func(n int, state string) count {
			c := count{Number: integer(n)}
			if n > 0 && sum.Owner != "" { // no parameter selects what has no owner
				c.Link = query{Owner: sum.Owner, State: state}.licensesLink()
			}
			return c
		}
		p.Owners = append(p.Owners, ownerView{
			shorten(sum.Owner, maxName), number(sum.Action, stateAction), number(sum.Ending, stateExpiring), number(sum.Renewing, stateRenewing),
		})
	}
	for _, sum := range overview.ByMonth(summaryMonths) {
		q := query{Month: sum.Month.Format(monthLayout), State: stateUpcoming}
		v := monthView{Name: sum.Month.Format("January 2006"), Ending: integer(sum.Ending), Renewing: integer(sum.Renewing)}
		if sum.Ending+sum.Renewing > 0 {
			v.Link = q.licensesLink()
		}
		v.Costs, v.MoreCosts = newCosts(sum.Costs)
		p.Months = append(p.Months, v)
	}
}

// organizationLink returns the path of the page of an organization.
func organizationLink(o *organization) string {
	return "organization?" + url.Values{"account": {o.Account}, "organization_id": {o.ID}}.Encode()
}

// organizationTitle returns the name and the id of an organization.
func organizationTitle(o *organization) (name, id string) {
	name, id = shorten(o.Name, maxName), shorten(status.Plain(o.ID), maxName)
	if o.ID == "" {
		return cmp.Or(name, o.Account), "account as a whole"
	}
	return name, id
}

func newRow(o *organization, now time.Time) rowView {
	v := rowView{
		Link: organizationLink(o), Account: o.Account, Vendor: o.Vendor, Model: shorten(o.Model, maxName),
		todo: newTodo(o, now), Compliance: newCompliance(o), Owner: shorten(o.Owner, maxName),
		Age: ago(o.Oldest, now), Waiting: o.Waiting, Disabled: !o.APIEnabled,
	}
	v.Name, v.ID = organizationTitle(o)
	if o.Muted > 0 {
		v.Muted = integer(o.Muted) + " muted"
	}
	if l := o.NextLicense; l != nil {
		v.End, v.Product = newEnd(l, now), shorten(l.Title(), maxName)
	}
	v.Seats, v.MoreUnits = newSeats(o.Seats)
	v.Failures, v.MoreFailures = newFailures(o.Failures)
	v.Notes = newNotes(o.Notes)
	return v
}
