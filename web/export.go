package web

import (
	"bufio"
	"context"
	"io"
	"iter"
	"net/http"
	"time"

	"license_exporter/status"
)

// licensesCSV serves what the page of licenses shows, for a spreadsheet.
func (o *Options) licensesCSV(w http.ResponseWriter, r *http.Request) {
	o.export(w, r, "text/csv; charset=utf-8; header=present", `attachment; filename="licenses.csv"`, func(w io.Writer, _ string, _ *status.Overview, rows exported) error {
		return status.WriteCSV(w, rows)
	})
}

// calendar serves the ends of what the page of licenses shows, for a calendar.
func (o *Options) calendar(w http.ResponseWriter, r *http.Request) {
	o.export(w, r, "text/calendar; charset=utf-8; method=PUBLISH", `inline; filename="licenses.ics"`, func(w io.Writer, name string, overview *status.Overview, rows exported) error {
		return status.WriteCalendar(w, name, overview.Now, rows)
	})
}

// maxExport is how long a client may take to read an export. Until then, the facts in it are
// kept, while new ones replace them.
const maxExport = 10 * time.Minute

// exported are licenses with their organizations.
type exported = iter.Seq2[*status.Organization, *status.License]

// export serves the licenses that a query selects: those of a page if it asks for one, and
// otherwise all.
func (o *Options) export(w http.ResponseWriter, r *http.Request, contentType, disposition string, write func(io.Writer, string, *status.Overview, exported) error) {
	overview := o.Overview()
	q, err := licenses.parse(r.URL.Query(), overview.Accounts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for name, value := range map[string]string{
		"Cache-Control":          "no-store",
		"Content-Disposition":    disposition,
		"Content-Type":           contentType,
		"X-Content-Type-Options": "nosniff",
	} {
		w.Header().Set(name, value)
	}
	if r.Method == http.MethodHead {
		return
	}
	found := licenses.find(&q, overview)
	rows := found.rows
	if !q.Whole {
		rows = found.page(q)
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxExport)
	defer cancel()
	buffered := bufio.NewWriterSize(w, maxWrite)
	err = write(buffered, q.words(), overview, func(yield func(*status.Organization, *status.License) bool) {
		for _, l := range rows {
			if ctx.Err() != nil || !yield(l.organization, l.License) {
				return
			}
		}
	})
	if ctx.Err() != nil {
		panic(http.ErrAbortHandler) // so that the client does not take a part for the whole
	}
	if err == nil { // it fails only if the client has gone
		_ = buffered.Flush()
	}
}

// words names what the query selects. They tell calendars of several queries apart.
func (q *query) words() string {
	words, separator := "Licenses", ": "
	for _, p := range append(q.filters(), parameter{"state", q.State}) {
		if p.value != "" {
			words += separator + p.value
			separator = ", "
		}
	}
	return words
}
