package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"license_exporter/status"
)

// listPage is the data of a page that shows a list. The templates of list.html use it.
type listPage struct {
	frame
	Now *moment

	Thing  string // what the list shows, in the plural
	All    stateView
	States []stateView

	Query           query
	Limit           int // if it is not the default
	Filtered, More  bool
	Fields          []field
	Heads           []head
	Range, Empty    string
	Pages           int
	First, Previous string
	Next, Last      string
	CSV, Calendar   string
}

// stateView is a link to the rows in a state, with their number.
type stateView struct {
	Words, Link string
	Class       string
	Current     bool
}

// field is a field of the form in which one of several values can be chosen. Any is the
// choice of no value, if there is one.
type field struct {
	Name, Title, Any string
	Choices          []choice
}

// choice is an option of a field in the form.
type choice struct {
	Value, Title string
	Selected     bool
}

// head is the head of a column. If it has an order, it links to the list in this order.
type head struct {
	Title, order string
	// Direction is the direction of the order, for assistive technology.
	Direction string
	Link      string
	Current   bool
}

// newListPage returns the page of a query. found are the rows of all pages.
func newListPage[T any](l *list[T], q query, found results[T], now time.Time, f frame, heads []head) listPage {
	p := listPage{frame: f, Now: asOf(now), Thing: l.thing + "s", Query: q, Pages: found.pages, Filtered: q.filtered(), Heads: heads}
	if q.Limit != defaultLimit {
		p.Limit = q.Limit
	}
	to := func(change func(q *query)) string {
		q := q
		change(&q)
		return q.link(l.orders[0].Name)
	}
	p.All = stateView{Link: to(func(q *query) { q.Page, q.State = 1, "" }), Current: q.State == ""}
	for i, state := range l.states {
		n := found.inState[i]
		v := stateView{Words: stateWords(n, state.Title), Link: to(func(q *query) { q.Page, q.State = 1, state.Name }), Current: q.State == state.Name}
		if n > 0 {
			v.Class = state.Class
		}
		if n > 0 || v.Current || state.Name == stateAction {
			p.States = append(p.States, v)
		}
	}
	for i := range p.Heads {
		if h := &p.Heads[i]; h.order != "" {
			h.Link, h.Current = to(func(q *query) { q.Page, q.Sort = 1, h.order }), h.order == q.Sort
		}
	}
	if q.Page > 1 {
		p.First, p.Previous = to(func(q *query) { q.Page = 1 }), to(func(q *query) { q.Page-- })
	}
	if q.Page < found.pages {
		p.Next, p.Last = to(func(q *query) { q.Page++ }), to(func(q *query) { q.Page = found.pages })
	}
	first, n := (q.Page-1)*q.Limit+1, len(found.rows)
	switch {
	case n > 0:
		p.Range = fmt.Sprintf("%s–%s of %s", integer(first), integer(min(first+q.Limit-1, n)), integer(n))
	case p.Filtered:
		p.Empty = "No " + l.thing + " matches the filter."
	default:
		p.Empty = "No " + l.thing + " is known yet."
	}
	return p
}

// stateWords returns the number of rows in a state in words.
func stateWords(n int, title string) string {
	if n == 1 {
		title = strings.Replace(title, "that need ", "that needs ", 1)
	}
	return integer(n) + " " + title
}

// setFields sets the fields of the form, and adds those for the state and the order. The form
// is open if a field that only it shows has a value.
func (p *listPage) setFields(states, orders []choice, fields ...field) {
	p.Fields = slices.Concat(fields, []field{{"state", "State", "any", states}, {"sort", "Sort by", "", orders}})
	for i := range p.Fields {
		f := &p.Fields[i]
		for j := range f.Choices {
			p.More = p.More || f.Choices[j].Selected && f.Any != "" && f.Name != "state" // the links to the states show this one
		}
	}
	p.More = p.More || p.Query.Organization != "" || p.Query.Month != ""
}

// choicesOf returns the sorted values as choices. They include the chosen value
// even if it no longer exists, so that the form shows the current filter.
func choicesOf(values map[string]bool, chosen string) []choice {
	values[chosen] = true
	delete(values, "")
	var all []choice
	for value := range values {
		all = append(all, choice{value, shorten(value, maxName), value == chosen})
	}
	slices.SortFunc(all, func(a, b choice) int { return strings.Compare(a.Value, b.Value) })
	return all
}

func stateChoices[T any](l *list[T], chosen string) []choice {
	var all []choice
	for _, s := range l.states {
		all = append(all, choice{s.Name, s.Title, s.Name == chosen})
	}
	return all
}

func orderChoices[T any](l *list[T], chosen string) []choice {
	var all []choice
	for _, o := range l.orders {
		all = append(all, choice{o.Name, o.Title, o.Name == chosen})
	}
	return all
}

// maxOwners is how many owners the form offers, and how many the summary shows. The form offers
// as many manufacturers.
const maxOwners = 200

// valuesOf are the values of all organizations that a list can be filtered by.
type valuesOf struct {
	vendors, accounts, models, manufacturers, owners map[string]bool
}

// values returns the values of all organizations, without those that are too long for a parameter.
func values(overview *status.Overview) valuesOf {
	v := valuesOf{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	add := func(values map[string]bool, value string) {
		if len(value) <= maxText {
			values[value] = true
		}
	}
	for i := range overview.Accounts {
		a := &overview.Accounts[i]
		v.vendors[a.Vendor], v.accounts[a.Name] = true, true
	}
	model, manufacturer, owner := "", "", "" // most often, the next has the same
	for i := range overview.Organizations {
		o := &overview.Organizations[i]
		if o.Model != model {
			model = o.Model
			add(v.models, model)
		}
		for j := range o.Licenses {
			l := &o.Licenses[j]
			if l.Manufacturer != manufacturer && len(v.manufacturers) < maxOwners {
				manufacturer = l.Manufacturer
				add(v.manufacturers, manufacturer)
			}
			if l.Owner != owner && len(v.owners) < maxOwners {
				owner = l.Owner
				add(v.owners, owner)
			}
		}
		if o.Owner != "" && len(v.owners) < maxOwners {
			add(v.owners, o.Owner)
		}
	}
	return v
}

// problemRow is a problem of a license on a page.
type problemRow struct {
	problemView
	Product string
}

const (
	maxProblems = 3 // per row
	maxUnits    = 2 // of the seats in a row
	maxCosts    = 3 // per row
)

// foundProblem is a problem of a license, or of an organization if there is no license.
type foundProblem struct {
	status.Problem
	license *status.License
}

func compareFound(a, b foundProblem) int {
	return cmp.Or(a.Compare(b.Problem), strings.Compare(titleOf(a.license), titleOf(b.license)))
}

func titleOf(l *status.License) string {
	if l == nil {
		return ""
	}
	return l.Title()
}

// todo shows what is to be done about an organization, the most urgent problems first.
type todo struct {
	Problems       []problemRow
	More, MoreLink string
}

func newTodo(o *organization, now time.Time) todo {
	var worst []foundProblem // at most maxProblems, sorted
	total, action := 0, 0
	add := func(f foundProblem) {
		total++
		if f.Severity >= status.Warning {
			action++
		}
		if len(worst) == maxProblems && compareFound(f, worst[maxProblems-1]) >= 0 {
			return
		}
		at, _ := slices.BinarySearchFunc(worst, f, compareFound)
		worst = slices.Insert(worst, at, f)
		worst = worst[:min(len(worst), maxProblems)]
	}
	if o.Kinds.Has(status.Unreadable) {
		add(foundProblem{Problem: status.Problem{Kind: status.Unreadable, Severity: o.Unreadable()}})
	}
	for i := range o.Licenses {
		l := &o.Licenses[i]
		for _, p := range l.Problems {
			add(foundProblem{p, l})
		}
	}
	var t todo
	for _, f := range worst {
		if f.license == nil {
			t.Problems = append(t.Problems, problemRow{newProblem(f.Problem, now), reason(o)})
		} else {
			t.Problems = append(t.Problems, problemRow{newProblemOf(f.license, f.Problem, now), shorten(f.license.Title(), maxName)})
		}
		if f.Severity >= status.Warning {
			action--
		}
	}
	rest, q := total-len(worst), query{Account: o.Account, Organization: o.ID}
	if action > 0 {
		rest, q.State = action, stateAction
	}
	if rest > 0 {
		t.More, t.MoreLink = "and "+integer(rest)+" more", q.licensesLink()
		if o.ID == "" || t.MoreLink == "" { // no parameter selects the account as a whole alone
			t.MoreLink = organizationLink(o)
		}
	}
	return t
}

// reason returns why an organization cannot be read.
func reason(o *organization) string {
	switch {
	case !o.APIEnabled:
		return "API access is switched off"
	case o.Problem != "":
		return shorten(o.Problem, maxMessage)
	}
	return "" // the row shows what fails
}
