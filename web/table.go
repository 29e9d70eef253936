package web

import (
	"slices"
	"sort"
	"time"
)

// table is a table of facts. The cells of its first column are the names of the rows.
type table struct {
	ID, Title, Caption string
	Heads              []string
	Rows               [][]cell
	// More is the number of rows that are left out. It is empty if there are none. MoreLink
	// leads to all rows.
	More, MoreLink string

	size int
	row  func(i int) []cell
}

// minRows is the number of rows that each table may have.
const minRows = 3

// cell is a cell of a table. It may be empty.
type cell []piece

// piece is a part of a cell: a text, which may have a class, be a link or stand for a time.
type piece struct{ Text, Class, Link, Exact string }

// The classes of pieces besides those of badges.
const (
	classSmall = "small" // secondary
	classLine  = "line"  // on its own line
)

// fill sets what the table shows. showRows makes the rows with row. link leads to all of them, for
// tables that do not show all.
func fill[T any](t *table, all []T, link string, row func(T) []cell) {
	t.size, t.MoreLink = len(all), link
	t.row = func(i int) []cell { return row(all[i]) }
}

// showRows makes the rows of tables, at most budget in all. If there are more, the largest tables
// show only their first rows.
func showRows(tables []*table, budget int) {
	limit := sort.Search(budget, func(limit int) bool {
		rows := 0
		for _, t := range tables {
			rows += min(t.size, limit+1)
		}
		return rows > budget
	})
	limit = max(limit, minRows)
	for _, t := range tables {
		for i := range min(t.size, limit) {
			t.Rows = append(t.Rows, t.row(i))
		}
		if left := t.size - limit; left > 0 {
			t.More = integer(left)
		}
		t.dropEmpty()
	}
}

// dropEmpty drops the columns without anything in the rows that are shown.
func (t *table) dropEmpty() {
	for i := len(t.Heads) - 1; i > 0; i-- {
		if !slices.ContainsFunc(t.Rows, func(row []cell) bool { return len(row[i]) > 0 }) {
			t.Heads = slices.Delete(t.Heads, i, i+1)
			for j := range t.Rows {
				t.Rows[j] = slices.Delete(t.Rows[j], i, i+1)
			}
		}
	}
}

// words returns a cell with a text. It is empty if the text is.
func words(s string) cell {
	if s == "" {
		return nil
	}
	return cell{{Text: shorten(s, maxName)}}
}

// small adds a text below the others, unless it is empty.
func (c cell) small(s string) cell {
	if s == "" {
		return c
	}
	return append(c, piece{Text: shorten(s, maxMessage), Class: classSmall})
}

// badge adds a text that stands out.
func (c cell) badge(s, class string) cell {
	return append(c, piece{Text: shorten(s, maxName), Class: "badge " + class})
}

// date returns a cell with a date and the days until or since then. It is empty if t is zero.
func date(t, now time.Time) cell {
	if t.IsZero() {
		return nil
	}
	m := newMoment(t, "")
	return cell{{Text: m.Date, Exact: m.Exact}}.small(inDays(t, now))
}

// known returns a cell with a number. It is empty if the number is unknown.
func known(n *float64) cell {
	if n == nil {
		return nil
	}
	return words(quantity(*n))
}
