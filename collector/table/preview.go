package table

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	api "license_exporter/client/table"
	"license_exporter/collector"
)

// maxShown is the number of records that a preview shows, and of further ones with values that cannot
// be read.
const maxShown = 100

// previewer collects what --check shows of a table while it is read.
type previewer struct {
	zone          *time.Location
	rows          [][]string
	records, left int // that were read, and those that are left out
	shownLeft     int // of those that are left out
	bad           int // rows that are shown because of values that cannot be read
	place         api.Place
	problems      []string // of the current record, like place
	// columns are those of a table without columns in the configuration, and own are those that are
	// named like fields. own is empty if they say too little.
	columns []string
	own     api.Fields
}

// begin is called for each record.
func (p *previewer) begin(place api.Place) {
	p.records++
	p.place, p.problems = place, p.problems[:0]
}

// leaveOut is called for a record that is not a license. It is only shown if that could not be decided.
func (p *previewer) leaveOut() {
	before := len(p.rows)
	if len(p.problems) > 0 {
		p.end(&api.License{})
	}
	p.left++
	p.shownLeft += len(p.rows) - before
}

// unreadable adds a value of the current record that cannot be read.
func (p *previewer) unreadable(u api.Unreadable) {
	if !p.shows(true) {
		return
	}
	text := u.Advice
	if u.Value != "" {
		text = fmt.Sprintf("%q %s", u.Value, text)
	}
	if u.Field != fieldRecord {
		text = u.Field + " " + text
	}
	p.problems = append(p.problems, text)
}

// shows reports whether the current record is shown.
func (p *previewer) shows(bad bool) bool {
	return p.records-p.left <= maxShown || bad && p.bad < maxShown
}

// end is called with the license of the current record.
func (p *previewer) end(l *api.License) {
	bad := len(p.problems) > 0
	if !p.shows(bad) {
		return
	}
	if bad && p.records-p.left > maxShown {
		p.bad++
	}
	p.rows = append(p.rows, []string{
		placeText(p.place), l.ID, productText(l), l.Organization, endText(l.End, p.zone), seatsText(l), l.Owner, strings.Join(p.problems, "; "),
	})
}

func productText(l *api.License) string {
	if l.ProductName != "" && l.ProductName != l.Product {
		return l.Product + " (" + l.ProductName + ")"
	}
	return l.Product
}

// endText returns the last day of a license in the time zone of the table.
func endText(d api.Date, zone *time.Location) string {
	switch {
	case d.Never:
		return "never"
	case d.Time.IsZero():
		return ""
	}
	return d.Time.In(zone).Add(-time.Nanosecond).Format(time.DateOnly) // a day ends at midnight
}

func seatsText(l *api.License) string {
	number := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	var parts []string
	if l.Seats.Valid {
		parts = append(parts, number(l.Seats.Value))
	}
	if l.Assigned.Valid {
		parts = append(parts, number(l.Assigned.Value)+" in use")
	}
	if l.Available.Valid {
		parts = append(parts, number(l.Available.Value)+" free")
	}
	return strings.Join(parts, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// show makes a preview the one of the latest fetch.
func (t *reader) show(p *previewer) {
	shown := &collector.Preview{
		Title:  plural(p.records, "record"),
		Header: []string{"RECORD", "ID", "PRODUCT", "ORGANIZATION", "END", "SEATS", "OWNER", "NOT READ"},
		Rows:   p.rows,
	}
	if p.left > 0 {
		shown.Title += fmt.Sprintf(", %d of them left out by if", p.left)
	}
	if n := p.records - p.left - len(p.rows) + p.shownLeft; n > 0 {
		shown.Title += fmt.Sprintf(", %d not shown", n)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown, t.unmapped, t.own = shown, p.columns, p.own
}

// preview returns the preview of the latest fetch, or nil. If columns without a mapping have names that
// fields usually have, it proposes a mapping.
func (t *reader) preview() *collector.Preview {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.unmapped == nil {
		return t.shown
	}
	if t.own == (api.Fields{}) {
		return &collector.Preview{Title: "it is not known which column is which", Text: t.proposal(t.unmapped)}
	}
	p := api.Propose(t.unmapped, nil)
	isRead := func(column string) bool {
		name := strings.TrimSpace(column)
		return name == "" || slices.ContainsFunc(api.Keys(), func(key string) bool { return t.own.Get(key) == name }) || slices.Contains(p.Withheld, name) || slices.Contains(p.Unplaced, name)
	}
	if !slices.ContainsFunc(t.unmapped, func(column string) bool { return !isRead(column) }) {
		return t.shown
	}
	shown := *t.shown
	shown.Text = "\nOnly the columns that are named like keys of columns are read. " + t.proposal(t.unmapped)
	return &shown
}

// maxSamples is the number of records that a proposal is made from.
const maxSamples = 50

// proposal proposes an account for a table with these columns.
func (t *reader) proposal(columns []string) string {
	p := api.Propose(columns, nil)
	var refs []api.Reference
	var places []int
	for i, column := range columns {
		name := strings.TrimSpace(column)
		if name != "" && !slices.Contains(p.Withheld, name) && !slices.ContainsFunc(refs, func(r api.Reference) bool { return strings.EqualFold(r.Column, name) }) {
			refs, places = append(refs, api.Reference{Key: "columns", Column: name}), append(places, i)
		}
	}
	var samples [][]string
	for record, err := range t.source.Records(context.Background(), refs) {
		if err != nil || len(samples) == maxSamples {
			break // what was read until then is enough
		}
		sample := make([]string, len(columns))
		for i, value := range record.Values {
			sample[places[i]] = value.Text
		}
		samples = append(samples, sample)
	}
	text := strings.ReplaceAll(strings.TrimSpace(api.Propose(columns, samples).YAML), "\n", "\n    ")
	return fmt.Sprintf("Proposed by the names of the columns. Check each line, and write it to a configuration file:\n\naccounts:\n  - name: %s\n    vendor: table\n    file: %q\n    %s",
		t.account, t.File, text)
}
