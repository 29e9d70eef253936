package meraki

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"license_exporter/internal/simulator"
)

// query reads the parameters of a request and remembers what was wrong with them.
type query struct {
	values   url.Values
	problems []string
}

func newQuery(u *url.URL) *query { return &query{values: u.Query()} }

// list returns a repeated array parameter, spelled name[]=a&name[]=b.
func (q *query) list(name string) []string { return q.values[name+"[]"] }

// listOf is list, with each value checked against those allowed.
func (q *query) listOf(name string, allowed ...string) []string {
	values := q.list(name)
	for _, value := range values {
		q.check(name, value, allowed)
	}
	return values
}

// oneOf returns a parameter that is empty or one of those allowed.
func (q *query) oneOf(name string, allowed ...string) string {
	value := q.values.Get(name)
	if value != "" {
		q.check(name, value, allowed)
	}
	return value
}

func (q *query) check(name, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		q.problems = append(q.problems, fmt.Sprintf("'%s' must be one of: %s", name, strings.Join(allowed, ", ")))
	}
}

// flag returns a predicate on a boolean: any value will do where the parameter is not given.
func (q *query) flag(name string) func(bool) bool {
	text := q.values.Get(name)
	if text == "" {
		return func(bool) bool { return true }
	}
	want, err := strconv.ParseBool(text)
	if err != nil {
		q.problems = append(q.problems, fmt.Sprintf("'%s' must be a boolean", name))
	}
	return func(value bool) bool { return value == want }
}

// page returns the page asked for, at most and by default of so many records.
func (q *query) page(most int) window {
	w := window{size: most, after: q.values.Get("startingAfter"), before: q.values.Get("endingBefore")}
	if text := q.values.Get("perPage"); text != "" {
		size, err := strconv.Atoi(text)
		if err != nil || size < 3 || size > most {
			q.problems = append(q.problems, fmt.Sprintf("'perPage' must be an integer between 3 and %d", most))
		}
		w.size = size
	}
	if w.after != "" && w.before != "" {
		q.problems = append(q.problems, "'startingAfter' and 'endingBefore' cannot be given together")
	}
	return w
}

// refusal is the answer to a request whose parameters are wrong.
func (q *query) refusal() (simulator.Answer, bool) {
	if len(q.problems) == 0 {
		return simulator.Answer{}, false
	}
	return refuse(http.StatusBadRequest, q.problems...), true
}

// anyOf reports whether a filter lets a value through: one that is not given lets everything through.
func anyOf(filter []string, values ...string) bool {
	if len(filter) == 0 {
		return true
	}
	return slices.ContainsFunc(values, func(value string) bool { return slices.Contains(filter, value) })
}

// same is anyOf for a filter of one value.
func same(filter, value string) bool { return filter == "" || filter == value }
