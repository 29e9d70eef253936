package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-kit/log/level"

	"license_exporter/status"
)

var (
	//go:embed home.html
	homeHTML string
	//go:embed style.css
	pageStyle string

	homeTemplate = template.Must(template.New("home").Parse(homeHTML))
	// pagePolicy is the Content-Security-Policy. A browser may only use the
	// page's own style and images that are part of the page.
	pagePolicy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		hash(pageStyle))
)

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// home serves the status page, which shows the facts to people. It does not
// fetch, so that viewers cause no requests to vendors.
func (o *Options) home(w http.ResponseWriter, r *http.Request) {
	overview := o.Overview()
	q, err := parseQuery(r.URL.Query(), overview.Accounts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var page bytes.Buffer
	if err := homeTemplate.Execute(&page, o.newHomePage(q, overview)); err != nil {
		_ = level.Error(o.Logger).Log("msg", "status page cannot be shown", "err", err)
		http.Error(w, "the page cannot be shown, and the log says why", http.StatusInternalServerError)
		return
	}
	for name, value := range map[string]string{
		"Cache-Control":           "no-store",
		"Content-Security-Policy": pagePolicy,
		"Content-Type":            "text/html; charset=utf-8",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
	} {
		w.Header().Set(name, value)
	}
	// A parameter need not be UTF-8. Writing fails only if the client has gone.
	_, _ = w.Write(bytes.ToValidUTF8(page.Bytes(), []byte(string(utf8.RuneError))))
}

// homePage is the data of the template.
type homePage struct {
	Version, MetricsPath string
	Style                template.CSS
	Now                  *moment

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
	found := q.find(overview)
	p := &homePage{
		Version: o.Version, MetricsPath: strings.TrimPrefix(o.MetricsPath, "/"),
		Style: template.CSS(pageStyle), //nolint:gosec // a file of this package
		Now:   newMoment(overview.Now, overview.Now.UTC().Format("2006-01-02 15:04:05 UTC"), ""),
		Query: q, Reset: "?", Pages: found.pages,
		Filtered: q.Text != "" || q.Vendor != "" || q.Account != "" || q.Model != "" || q.State != "",
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
	p.Range = fmt.Sprintf("%s–%s of %s", integer(first), integer(first+len(rows)-1), integer(len(found.organizations)))
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
	q := query{Account: a.Name, Sort: orders[0].Name, Limit: defaultLimit}
	v := accountView{
		Name: a.Name, Vendor: a.Vendor, Organizations: integer(a.Organizations), Waiting: a.Waiting, Problem: shorten(a.Problem, maxMessage),
		Link: q.link(), Age: ago(a.Oldest, now),
	}
	if a.Failing > 0 {
		q.State = stateFailing
		v.Failing, v.FailingLink = counted(a.Failing, "organization")+" failing", q.link()
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
		End: ending(o.NextEnd, now), Product: shorten(cmp.Or(o.NextProductName, o.NextProduct), maxName),
		Seats: newSeats(o), Compliance: newCompliance(o, now),
		Age: ago(o.Oldest, now), Waiting: o.Waiting, Disabled: !o.APIEnabled, Problem: shorten(o.Problem, maxMessage),
	}
	if o.ID == "" {
		v.Name, v.ID = cmp.Or(v.Name, o.Account), "account as a whole"
	}
	v.Owner = shorten(o.Owner, maxName)
	if o.Muted > 0 {
		v.Muted = integer(o.Muted) + " muted"
	}
	if o.EndMuted {
		v.End.Class = classNotice
	}
	v.Failures, v.MoreFailures = newFailures(o.Failures)
	v.Notes = newNotes(o.Notes)
	return v
}

// stateClasses maps states to the class of their link. A state without
// organizations has no class.
var stateClasses = map[string]string{
	"expired": classCritical, "expiring": classWarning, "noncompliant": classCritical,
	"short": classWarning, stateFailing: classCritical, "problem": classWarning, "disabled": classNotice,
}

func (p *homePage) setStates(q query, found results) {
	current := q.State
	q.Page, q.State = 1, ""
	p.All = stateView{Words: counted(found.total, "organization"), Link: q.link(), Current: current == ""}
	for i, state := range states {
		q.State = state.Name
		v := stateView{Words: integer(found.inState[i]) + " " + state.Title, Link: q.link(), Current: current == state.Name}
		if found.inState[i] > 0 {
			v.Class = stateClasses[state.Name]
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
	for _, s := range states {
		p.StateChoices = append(p.StateChoices, choice{s.Name, s.Title, s.Name == q.State})
	}
	for _, o := range orders {
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
		*link = sortLink{q.link(), name == current}
	}
}

func (p *homePage) setPager(q query, pages int) {
	to := func(page int) string {
		q := q
		q.Page = page
		return q.link()
	}
	if q.Page > 1 {
		p.First, p.Previous = to(1), to(q.Page-1)
	}
	if q.Page < pages {
		p.Next, p.Last = to(q.Page+1), to(pages)
	}
}
