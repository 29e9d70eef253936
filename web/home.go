package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"license_exporter/status"
)

var homeTemplate = newTemplate("home.html")

// home serves the status page, which shows the organizations to people. It does not
// fetch, so that viewers cause no requests to vendors.
func (o *Options) home(w http.ResponseWriter, r *http.Request) {
	overview := o.Overview()
	q, err := organizations.parse(r.URL.Query(), overview.Accounts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o.show(w, homeTemplate, o.newHomePage(q, overview))
}

// homePage is the data of the template.
type homePage struct {
	frame
	Now *moment

	Accounts []accountView
	All      stateView
	States   []stateView

	Query                                 query
	Limit                                 int // if it is not the default
	Filtered                              bool
	Reset                                 string
	Vendors, AccountNames, Models         []choice
	StateChoices, Orders                  []choice
	SortEnd, SortName, SortSeats, SortAge sortLink
	Rows                                  []rowView
	Range, Empty                          string
	Pages                                 int
	First, Previous, Next, Last           string
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

// stateView is a link to the organizations in a state, with their number.
type stateView struct {
	Words, Link string
	Class       string
	Current     bool
}

// choice is an option of a field in the form.
type choice struct {
	Value, Title string
	Selected     bool
}

// sortLink is the header of a column to sort by.
type sortLink struct {
	Link    string
	Current bool
}

// rowView is the row of an organization.
type rowView struct {
	Name, ID, Account, Vendor, Model string
	End                              *moment
	Product                          string
	Owner, Muted                     string
	Seats                            seatsView
	Compliance                       complianceView
	Age                              *moment
	Problem                          string
	Waiting, Disabled                bool
	Failures                         []failureView
	MoreFailures                     int
	Notes                            []status.Note
}

func (o *Options) newHomePage(q query, overview *status.Overview) *homePage {
	found := organizations.find(&q, overview)
	p := &homePage{
		frame: o.frame("License status", "."),
		Now:   newMoment(overview.Now, overview.Now.UTC().Format("2006-01-02 15:04:05 UTC"), ""),
		Query: q, Reset: "?", Pages: found.pages,
		Filtered: q.filtered(),
	}
	if q.Limit != defaultLimit {
		p.Limit = q.Limit
	}
	for i := range overview.Accounts {
		p.Accounts = append(p.Accounts, newAccountView(&overview.Accounts[i], overview.Now))
	}
	p.setStates(q, found)
	p.setChoices(q, overview)
	p.setSortLinks(q)
	p.setPager(q, found.pages)
	rows := found.page(q)
	for _, org := range rows {
		p.Rows = append(p.Rows, newRow(org, overview.Now))
	}
	first := (q.Page-1)*q.Limit + 1
	p.Range = fmt.Sprintf("%s–%s of %s", integer(first), integer(first+len(rows)-1), integer(len(found.rows)))
	switch {
	case len(rows) > 0:
	case p.Filtered:
		p.Empty = "No organization fits the filter."
	default:
		p.Empty = "No organization is known yet."
	}
	return p
}

func newAccountView(a *status.Account, now time.Time) accountView {
	q := query{Account: a.Name, Limit: defaultLimit}
	v := accountView{
		Name: a.Name, Vendor: a.Vendor, Organizations: integer(a.Organizations), Waiting: a.Waiting, Problem: shorten(a.Problem, maxMessage),
		Link: q.link(organizations.orders[0].Name), Age: ago(a.Oldest, now),
	}
	if a.Failing > 0 {
		q.State = stateFailing
		v.Failing, v.FailingLink = counted(a.Failing, "organization")+" failing", q.link(organizations.orders[0].Name)
	}
	v.Failures, v.MoreFailures = newFailures(a.Failures)
	v.Notes = newNotes(a.Notes)
	for i := range v.Failures {
		v.Failures[i].Open = true // failures of accounts are important enough to show at once
	}
	return v
}

func newRow(o *organization, now time.Time) rowView {
	v := rowView{
		Name: shorten(o.Name, maxName), ID: shorten(o.ID, maxName), Account: o.Account, Vendor: o.Vendor, Model: o.Model,
		End:   ending(o.NextEnd, now),
		Seats: newSeats(o.Seats), Compliance: newCompliance(o),
		Age: ago(o.Oldest, now), Waiting: o.Waiting, Disabled: !o.APIEnabled, Problem: shorten(o.Problem, maxMessage),
	}
	if o.ID == "" {
		v.Name, v.ID = cmp.Or(v.Name, o.Account), "account as a whole"
	}
	v.Owner = shorten(o.Owner, maxName)
	if o.Muted > 0 {
		v.Muted = integer(o.Muted) + " muted"
	}
	if l := o.NextLicense; l != nil {
		v.Product = shorten(cmp.Or(l.Name, l.ProductName, l.Product), maxName)
		if l.Muted {
			v.End.Class = classNotice
		}
	}
	v.Failures, v.MoreFailures = newFailures(o.Failures)
	v.Notes = newNotes(o.Notes)
	return v
}

func (p *homePage) setStates(q query, found results[*organization]) {
	current := q.State
	q.Page, q.State = 1, ""
	p.All = stateView{Words: counted(found.total, "organization"), Link: q.link(organizations.orders[0].Name), Current: current == ""}
	for i, state := range organizations.states {
		q.State = state.Name
		v := stateView{Words: integer(found.inState[i]) + " " + state.Title, Link: q.link(organizations.orders[0].Name), Current: current == state.Name}
		if found.inState[i] > 0 {
			v.Class = state.Class
		}
		p.States = append(p.States, v)
	}
}

// setChoices sets the options of the form.
func (p *homePage) setChoices(q query, overview *status.Overview) {
	vendors, accounts, models := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, a := range overview.Accounts {
		vendors[a.Vendor], accounts[a.Name] = true, true
	}
	for i := range overview.Organizations {
		models[overview.Organizations[i].Model] = true
	}
	p.Vendors = choicesOf(vendors, q.Vendor)
	p.AccountNames = choicesOf(accounts, q.Account)
	p.Models = choicesOf(models, q.Model)
	for _, s := range organizations.states {
		p.StateChoices = append(p.StateChoices, choice{s.Name, s.Title, s.Name == q.State})
	}
	for _, o := range organizations.orders {
		p.Orders = append(p.Orders, choice{o.Name, o.Title, o.Name == q.Sort})
	}
}

// choicesOf returns the sorted values as choices. They include the chosen value
// even if it no longer exists, so that the form shows the current filter.
func choicesOf(values map[string]bool, chosen string) []choice {
	values[chosen] = true
	delete(values, "")
	var all []choice
	for value := range values {
		all = append(all, choice{value, value, value == chosen})
	}
	slices.SortFunc(all, func(a, b choice) int { return strings.Compare(a.Value, b.Value) })
	return all
}

func (p *homePage) setSortLinks(q query) {
	current := q.Sort
	q.Page = 1
	for name, link := range map[string]*sortLink{"end": &p.SortEnd, "name": &p.SortName, "seats": &p.SortSeats, "age": &p.SortAge} {
		q.Sort = name
		*link = sortLink{q.link(organizations.orders[0].Name), name == current}
	}
}

func (p *homePage) setPager(q query, pages int) {
	to := func(page int) string {
		q := q
		q.Page = page
		return q.link(organizations.orders[0].Name)
	}
	if q.Page > 1 {
		p.First, p.Previous = to(1), to(q.Page-1)
	}
	if q.Page < pages {
		p.Next, p.Last = to(q.Page+1), to(pages)
	}
}
