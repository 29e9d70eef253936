package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"license_exporter/status"
)

const (
	// maxExports is how many clients may read a file at a time. Each keeps the facts of one moment
	// in memory until it has read them.
	maxExports = 4
	// exportPatience is how long others wait until they are refused.
	exportPatience = 10 * time.Second
	// exportTimeout is how long a client may take to read a file.
	exportTimeout = 5 * time.Minute
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

// exported yields licenses with their organizations.
type exported = iter.Seq2[*status.Organization, *status.License]

// export serves the licenses that a query selects: all of them, or those of one page if the
// query asks for a page.
func (o *Options) export(w http.ResponseWriter, r *http.Request, contentType, disposition string, write func(io.Writer, string, *status.Overview, exported) error) {
	overview, q, ok := asked(o, &licenses, w, r)
	if !ok {
		return
	}
	if r.Method != http.MethodHead {
		release, ok := o.admit(w, r)
		if !ok {
			return
		}
		defer release()
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
	ctx, cancel := context.WithTimeout(r.Context(), exportTimeout)
	defer cancel()
	buffered := bufio.NewWriterSize(untilDone{ctx, w}, maxWrite)
	err := write(buffered, q.words(), overview, func(yield func(*status.Organization, *status.License) bool) {
		for _, l := range rows {
			if !yield(l.organization, l.License) {
				return
			}
		}
	})
	if errors.Join(err, buffered.Flush()) != nil {
		panic(http.ErrAbortHandler) // so that a client that is still there knows that the file is not complete
	}
}

// admit waits until the client may read a file, and refuses it if that takes too long.
func (o *Options) admit(w http.ResponseWriter, r *http.Request) (release func(), ok bool) {
	select {
	case o.exports <- struct{}{}:
		return func() { <-o.exports }, true
	case <-time.After(exportPatience):
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many clients are reading files; try again in a moment", http.StatusServiceUnavailable)
	case <-r.Context().Done():
		panic(http.ErrAbortHandler) // if the client is still there, an empty file would mean that nothing ends
	}
	return nil, false
}

// untilDone is a writer that fails once a context has ended.
type untilDone struct {
	ctx context.Context //nolint:containedctx // it lives as long as a request
	io.Writer
}

func (w untilDone) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

// words returns a name for what the query selects, such as "Licenses: sam-team". It distinguishes the
// calendars of several queries.
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
