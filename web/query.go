package web

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"license_exporter/status"
)

const (
	defaultLimit = 50
	maxLimit     = 500
	// maxText is the maximum length of a parameter in bytes. Each link of the
	// page repeats the parameters.
	maxText = 200
)

// query contains the parameters of a page that lists organizations or licenses.
type query struct {
	// Text matches a part of a name or id. The others match exactly.
	Text, Vendor, Account, Manufacturer, Owner string
	// Model is for organizations only. Organization, which is an id, and Month, which is that
	// of the end, such as 2026-12, are for licenses only.
	Model, Organization, Month string
	State                      string // a state of the list, or empty
	Sort                       string // an order of the list
	Page, Limit                int    // of the list; Page counts from 1
	// Whole is set if the query has neither page nor limit.
	Whole bool
}

// list is what a page lists, such as organizations.
type list[T any] struct {
	thing  string // in the singular
	states []state[T]
	orders []order[T] // the first is the default
	all    func(o *status.Overview) iter.Seq[T]
	// ignore clears the parameters that are for the other list only.
	ignore func(q *query)
	// matches reports whether the query selects a row, in any state. text is
	// query.Text in lower case.
	matches func(q *query, row T, text string) bool
}

// state is a condition to filter a list by.
type state[T any] struct {
	Name, Title string
	Class       string // of its link if anything is in this state
	Has         func(row T, now time.Time) bool
}

// order is an order of a list. Rows without the value to sort by come last.
type order[T any] struct {
	Name, Title string
	// Compare continues with the name of the row if two are equal.
	Compare func(a, b T) int
}

// asked returns the overview and the query of a request for a list. It answers requests with
// invalid parameters itself.
func asked[T any](o *Options, l *list[T], w http.ResponseWriter, r *http.Request) (overview *status.Overview, q query, ok bool) {
	overview = o.Overview()
	q, err := l.parse(r.URL.Query(), overview.Accounts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return overview, q, err == nil
}

// parse parses the parameters. The first value of a repeated parameter
// counts, and unknown parameters are ignored. Errors list the valid values. accounts are
// those that the page links to, however long their names are.
func (l *list[T]) parse(values url.Values, accounts []status.Account) (query, error) {
	q := query{
		Text: strings.TrimSpace(values.Get("q")), Vendor: values.Get("vendor"), Account: values.Get("account"),
		Manufacturer: values.Get("manufacturer"), Owner: values.Get("owner"),
		Model: values.Get("model"), Organization: values.Get("organization_id"), Month: values.Get("month"),
		State: values.Get("state"), Sort: cmp.Or(values.Get("sort"), l.orders[0].Name), Whole: !values.Has("page") && !values.Has("limit"),
	}
	l.ignore(&q)
	for _, p := range q.filters() {
		isAccount := func(a status.Account) bool { return p.name == "account" && a.Name == p.value }
		if len(p.value) > maxText && !slices.ContainsFunc(accounts, isAccount) {
			return q, fmt.Errorf("parameter %s is longer than %d bytes", p.name, maxText)
		}
	}
	if _, err := time.Parse(monthLayout, q.Month); q.Month != "" && err != nil {
		return q, errors.New("parameter month must be a month such as 2026-12")
	}
	if q.State != "" && !slices.ContainsFunc(l.states, func(s state[T]) bool { return s.Name == q.State }) {
		return q, fmt.Errorf("parameter state must be one of %s", joinNames(l.states, func(s state[T]) string { return s.Name }))
	}
	if !slices.ContainsFunc(l.orders, func(o order[T]) bool { return o.Name == q.Sort }) {
		return q, fmt.Errorf("parameter sort must be one of %s", joinNames(l.orders, func(o order[T]) string { return o.Name }))
	}
	var err error
	if q.Page, err = number(values, "page", 1, 1_000_000); err != nil {
		return q, err
	}
	q.Limit, err = number(values, "limit", defaultLimit, maxLimit)
	return q, err
}

const monthLayout = "2006-01"

func joinNames[T any](all []T, name func(T) string) string {
	names := make([]string, 0, len(all))
	for _, t := range all {
		names = append(names, name(t))
	}
	return strings.Join(names, ", ")
}

// number parses a parameter that is a number from 1 to limit. The default is for
// a missing one.
func number(values url.Values, name string, byDefault, limit int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > limit {
		return 0, fmt.Errorf("parameter %s must be a number from 1 to %d", name, limit)
	}
	return n, nil
}

// parameter is a parameter of a query.
type parameter struct{ name, value string }

// filters returns the parameters that select rows, except the state.
func (q *query) filters() []parameter {
	return []parameter{
		{"q", q.Text},
		{"vendor", q.Vendor},
		{"account", q.Account},
		{"organization_id", q.Organization},
		{"model", q.Model},
		{"manufacturer", q.Manufacturer},
		{"owner", q.Owner},
		{"month", q.Month},
	}
}

// filtered reports whether anything is filtered.
func (q *query) filtered() bool {
	return q.State != "" || slices.ContainsFunc(q.filters(), func(p parameter) bool { return p.value != "" })
}

// link returns the query as a relative URL, without default values. byDefault is the name of
// the default order.
func (q query) link(byDefault string) string {
	values := url.Values{}
	for _, p := range append(q.filters(), parameter{"state", q.State}) {
		if p.value != "" {
			values.Set(p.name, p.value)
		}
	}
	if q.Sort != "" && q.Sort != byDefault {
		values.Set("sort", q.Sort)
	}
	if q.Page > 1 {
		values.Set("page", strconv.Itoa(q.Page))
	}
	if q.Limit != defaultLimit && q.Limit != 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	return "?" + values.Encode()
}

// licensesLink returns the path of the list of licenses with a query. It is empty if a
// parameter is too long for the list.
func (q query) licensesLink() string { return q.linkTo("licenses") }

// linkTo is like licensesLink, for any path that takes the parameters of that list.
func (q query) linkTo(path string) string {
	for _, p := range q.filters() {
		if len(p.value) > maxText && p.name != "account" {
			return ""
		}
	}
	return path + q.link("")
}

// results are the rows of a list that match a query.
type results[T any] struct {
	// inState counts the rows in each state, and total counts them in any state. Both ignore
	// the state of the query.
	inState []int
	total   int
	rows    []T
	pages   int
}

// find filters and sorts the rows. If Page is beyond the last page, find
// sets it to the last page: the list may have become shorter.
func (l *list[T]) find(q *query, o *status.Overview) results[T] {
	found := l.filter(q, o)
	slices.SortFunc(found.rows, l.order(q))
	return found
}

// findPage is like find, but of the rows, only those of the query's page are in order. Sorting
// tens of thousands would take most of the time.
func (l *list[T]) findPage(q *query, o *status.Overview) results[T] {
	found := l.filter(q, o)
	first := (q.Page - 1) * q.Limit
	sortRange(found.rows, first, min(first+q.Limit, len(found.rows)), l.order(q))
	return found
}

// order returns the order of a query.
func (l *list[T]) order(q *query) func(a, b T) int {
	return l.orders[slices.IndexFunc(l.orders, func(o order[T]) bool { return o.Name == q.Sort })].Compare
}

// filter finds the rows that match a query, in no order.
func (l *list[T]) filter(q *query, o *status.Overview) results[T] {
	found := results[T]{inState: make([]int, len(l.states))}
	text := strings.ToLower(q.Text)
	for row := range l.all(o) {
		if !l.matches(q, row, text) {
			continue
		}
		found.total++
		hasState := q.State == ""
		for i := range l.states {
			if l.states[i].Has(row, o.Now) {
				found.inState[i]++
				hasState = hasState || q.State == l.states[i].Name
			}
		}
		if hasState {
			found.rows = append(found.rows, row)
		}
	}
	found.pages = max(1, (len(found.rows)+q.Limit-1)/q.Limit)
	q.Page = min(q.Page, found.pages)
	return found
}

// sortRange puts into rows[first:last] what sorting all rows would put there. It is a quicksort
// that does not sort the other rows.
func sortRange[T any](rows []T, first, last int, compare func(a, b T) int) {
	for len(rows) > 2*(last-first)+16 {
		pivot := rows[rand.IntN(len(rows))] //nolint:gosec // any choice is right
		low, high := 0, len(rows)-1
		for low <= high {
			for compare(rows[low], pivot) < 0 {
				low++
			}
			for compare(rows[high], pivot) > 0 {
				high--
			}
			if low <= high {
				rows[low], rows[high] = rows[high], rows[low]
				low, high = low+1, high-1
			}
		}
		switch { // rows[:high+1] come before rows[low:], and what is between is in its place
		case last <= high+1:
			rows = rows[:high+1]
		case first >= low:
			rows, first, last = rows[low:], first-low, last-low
		default:
			sortRange(rows[:high+1], min(first, high+1), high+1, compare)
			sortRange(rows[low:], 0, max(0, last-low), compare)
			return
		}
	}
	slices.SortFunc(rows, compare)
}

// page returns the rows on the query's page of the list.
func (r results[T]) page(q query) []T {
	first := (q.Page - 1) * q.Limit
	return r.rows[first:min(first+q.Limit, len(r.rows))]
}
