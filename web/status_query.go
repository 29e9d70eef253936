package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"license_exporter/licensing"
	"license_exporter/status"
)

const (
	defaultLimit = 100
	maxLimit     = 500
	// maxText bounds the values of parameters, which the page repeats in each
	// of its links.
	maxText = 200
	// expiringWithin is how far ahead the state expiring looks.
	expiringWithin = 30 * licensing.Day
)

// query is what the status page is asked for.
type query struct {
	// Text is part of a name or id; Vendor, Account and Model are whole.
	Text, Vendor, Account, Model string
	State                        string // one of states, or empty
	Sort                         string // one of orders
	Page, Limit                  int    // Page counts from 1
}

type organization = status.Organization

// state is a condition of organizations that the page can be limited to.
type state struct {
	Name, Title string
	Has         func(o *organization, now time.Time) bool
}

const stateFailing = "failing"

var states = []state{
	{"expired", "expired", func(o *organization, now time.Time) bool { return expired(o.NextEnd, now) }},
	{"expiring", "ending within 30 days", func(o *organization, now time.Time) bool {
		return !o.NextEnd.IsZero() && !expired(o.NextEnd, now) && o.NextEnd.Sub(now) <= expiringWithin
	}},
	{"noncompliant", "not compliant", func(o *organization, _ time.Time) bool { return o.Compliant != nil && !*o.Compliant }},
	{"short", "short of seats", func(o *organization, _ time.Time) bool { return o.SeatsShort > 0 }},
	{stateFailing, "failing", func(o *organization, _ time.Time) bool { return len(o.Failures) > 0 }},
	{"disabled", "with API access switched off", func(o *organization, _ time.Time) bool { return !o.APIEnabled }},
}

func expired(end, now time.Time) bool { return !end.IsZero() && !end.After(now) }

// order is a way to sort organizations. Those for which it does not matter come
// last.
type order struct {
	Name, Title string
	Compare     func(a, b *organization) int
}

var orders = []order{
	{"end", "next end", func(a, b *organization) int { return compareTimes(a.NextEnd, b.NextEnd) }},
	{"name", "name", compareNames},
	{"seats", "seats in use", func(a, b *organization) int {
		return cmp.Or(cmp.Compare(min(b.SeatsShort, 1), min(a.SeatsShort, 1)), cmp.Compare(usage(b), usage(a)))
	}},
	{"age", "age of facts", func(a, b *organization) int {
		// What is not fetched cannot be old.
		return cmp.Or(compareBools(!a.APIEnabled, !b.APIEnabled), a.Oldest.Compare(b.Oldest))
	}},
}

// compareTimes orders by time, with none last.
func compareTimes(a, b time.Time) int {
	return cmp.Or(compareBools(a.IsZero(), b.IsZero()), a.Compare(b))
}

func compareNames(a, b *organization) int {
	return cmp.Or(compareBools(a.Name == "", b.Name == ""), strings.Compare(a.Name, b.Name))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// usage is the part of the seats that is assigned or, where the vendor does not
// count that, needed. It is -1 if that is not known.
func usage(o *organization) float64 {
	used := cmp.Or(o.Seats.Assigned, o.Seats.Required)
	if used == nil || o.Seats.Limit == nil || *o.Seats.Limit <= 0 {
		return -1
	}
	return *used / *o.Seats.Limit
}

// parseQuery reads the parameters. Of one that is repeated the first counts,
// and unknown ones do not matter. An error says what there is to choose from.
func parseQuery(values url.Values) (query, error) {
	q := query{
		Text: strings.TrimSpace(values.Get("q")), Vendor: values.Get("vendor"), Account: values.Get("account"),
		Model: values.Get("model"), State: values.Get("state"), Sort: cmp.Or(values.Get("sort"), orders[0].Name),
	}
	for name, value := range map[string]string{"q": q.Text, "vendor": q.Vendor, "account": q.Account, "model": q.Model} {
		if len(value) > maxText {
			return q, fmt.Errorf("parameter %s is longer than %d bytes", name, maxText)
		}
	}
	if q.State != "" && !slices.ContainsFunc(states, func(s state) bool { return s.Name == q.State }) {
		return q, fmt.Errorf("parameter state must be one of %s", names(states, func(s state) string { return s.Name }))
	}
	if !slices.ContainsFunc(orders, func(o order) bool { return o.Name == q.Sort }) {
		return q, fmt.Errorf("parameter sort must be one of %s", names(orders, func(o order) string { return o.Name }))
	}
	var err error
	if q.Page, err = number(values, "page", 1, 1_000_000); err != nil {
		return q, err
	}
	q.Limit, err = number(values, "limit", defaultLimit, maxLimit)
	return q, err
}

func names[T any](all []T, name func(T) string) string {
	list := make([]string, 0, len(all))
	for _, t := range all {
		list = append(list, name(t))
	}
	return strings.Join(list, ", ")
}

// number reads a parameter from 1 to most.
func number(values url.Values, name string, fallback, most int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("parameter %s must be a number from 1 to %d", name, most)
	}
	return n, nil
}

// link returns the query as a relative URL, without what is so by default.
func (q query) link() string {
	values := url.Values{}
	add := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	add("q", q.Text)
	add("vendor", q.Vendor)
	add("account", q.Account)
	add("model", q.Model)
	add("state", q.State)
	if q.Sort != orders[0].Name {
		add("sort", q.Sort)
	}
	if q.Page > 1 {
		add("page", strconv.Itoa(q.Page))
	}
	if q.Limit != defaultLimit {
		add("limit", strconv.Itoa(q.Limit))
	}
	return "?" + values.Encode()
}

// selection is the organizations that a query is about.
type selection struct {
	// inState counts those in each of states, whatever state is asked for.
	inState []int
	all     int // in any state
	chosen  []*organization
	pages   int
}

// choose filters and sorts the organizations. Of a page beyond the last, the
// last is taken, since the estate may have shrunk.
func (q *query) choose(o *status.Overview) selection {
	s := selection{inState: make([]int, len(states))}
	text := strings.ToLower(q.Text)
	for i := range o.Organizations {
		org := &o.Organizations[i]
		if !q.matches(org, text) {
			continue
		}
		s.all++
		chosen := q.State == ""
		for j, state := range states {
			if state.Has(org, o.Now) {
				s.inState[j]++
				chosen = chosen || q.State == state.Name
			}
		}
		if chosen {
			s.chosen = append(s.chosen, org)
		}
	}
	by := orders[slices.IndexFunc(orders, func(o order) bool { return o.Name == q.Sort })]
	slices.SortStableFunc(s.chosen, func(a, b *organization) int { return cmp.Or(by.Compare(a, b), compareNames(a, b)) })
	s.pages = max(1, (len(s.chosen)+q.Limit-1)/q.Limit)
	q.Page = min(q.Page, s.pages)
	return s
}

// matches tells whether an organization fits all but the state. The text is in
// lower case.
func (q *query) matches(o *organization, text string) bool {
	return (q.Vendor == "" || q.Vendor == o.Vendor) &&
		(q.Account == "" || q.Account == o.Account) &&
		(q.Model == "" || q.Model == o.Model) &&
		(text == "" || strings.Contains(strings.ToLower(o.Name), text) || strings.Contains(strings.ToLower(o.ID), text))
}

// page returns the organizations of the page.
func (s selection) page(q query) []*organization {
	first := (q.Page - 1) * q.Limit
	return s.chosen[first:min(first+q.Limit, len(s.chosen))]
}
