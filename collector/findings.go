package collector

import (
	"errors"
	"slices"
	"sync"
	"time"

	"license_exporter/client/rest"
)

// findings contains what a fetch could not read, while it could read the rest. It is
// safe for concurrent use.
type findings struct {
	mu       sync.Mutex
	found    *found // nil if nothing was found, as in most reports
	retrying retries
}

type found struct {
	parseErrors map[string]int
	unreadable  []rest.Unreadable
	skipped     map[string]int // by reason
	records     map[string]int // by operation
	children    []ChildFailure
	withheld    map[string]error
}

// record calls change while no other goroutine reads or changes what was found.
func (f *findings) record(change func(*found)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.found == nil {
		f.found = &found{}
	}
	change(f.found)
}

// found returns what was found. It must be called after the fetch has ended.
func (r *Report) found() found {
	if r.findings.found == nil {
		return found{}
	}
	return *r.findings.found
}

// maxUnreadable bounds the unreadable values that are kept for the log.
const maxUnreadable = 20

// ChildFailure is a child object that the latest fetch could not read, such as one
// agreement of many.
type ChildFailure struct {
	// Child names the object, for example "agreement 4711".
	Child string
	Err   error
	// Kept is since when the facts about the object that are shown have been
	// good. It is zero if there are none.
	Kept time.Time
}

// Trace returns a trace that records in the report what requests find.
func (r *Report) Trace() *rest.Trace {
	return &rest.Trace{
		Unreadable: r.unreadable,
		Skipped: func(operation string, n int) {
			r.findings.skip(rest.ReasonDecode, n, func(f *found) { addUp(&f.records, map[string]int{operation: n}) })
		},
		Retrying: r.findings.retrying.add,
	}
}

// CheckKnown records a value as unreadable if it is not one of those that the vendor
// documents. The collector reports such a value unchanged. An empty value is absent.
func (r *Report) CheckKnown(field, value string, values ...string) {
	if value != "" && !slices.Contains(values, value) {
		r.unreadable(rest.Unreadable{Field: field, Value: rest.Clip(value)})
	}
}

// Missing records a value as unreadable that is absent although it is needed.
func (r *Report) Missing(field string) { r.unreadable(rest.Unreadable{Field: field}) }

func (r *Report) unreadable(u rest.Unreadable) {
	r.findings.record(func(f *found) {
		addUp(&f.parseErrors, map[string]int{u.Field: 1})
		if len(f.unreadable) < maxUnreadable && !slices.ContainsFunc(f.unreadable, func(seen rest.Unreadable) bool {
			return seen.Field == u.Field && seen.Operation == u.Operation
		}) {
			f.unreadable = append(f.unreadable, u)
		}
	})
}

// ParseErrors returns the number of unreadable values by field.
func (r *Report) ParseErrors() map[string]int { return r.found().parseErrors }

// Unreadable returns an unreadable value of each field.
func (r *Report) Unreadable() []rest.Unreadable { return r.found().unreadable }

// skip counts n records or child objects and calls a function that records what they
// are.
func (f *findings) skip(reason rest.Reason, n int, record func(*found)) {
	f.record(func(f *found) {
		addUp(&f.skipped, map[string]int{string(reason): n})
		record(f)
	})
}

// ChildFailed records that a child object could not be read. The report then shows
// its last good facts, or none.
func (r *Report) ChildFailed(c ChildFailure) {
	r.findings.skip(rest.ReasonOf(c.Err), 1, func(f *found) { f.children = append(f.children, c) })
}

// Part returns an empty report for data that several collectors share and that one of
// them fetches. Each of them must call Include.
func (r *Report) Part() *Report { return NewReport(r.Now, r.options) }

// Include records the records and child objects that a part could not read. It leaves out
// unreadable values, which count once for each fetch.
func (r *Report) Include(part *Report) {
	if part.findings.found == nil {
		return
	}
	r.findings.record(func(f *found) {
		addUp(&f.skipped, part.findings.found.skipped)
		addUp(&f.records, part.findings.found.records)
		f.children = append(f.children, part.findings.found.children...)
	})
}

// includeUnreadable records the values that a part could not read.
func (r *Report) includeUnreadable(part *Report) {
	if part.findings.found == nil {
		return
	}
	r.findings.record(func(f *found) {
		addUp(&f.parseErrors, part.findings.found.parseErrors)
		f.unreadable = append(f.unreadable, part.findings.found.unreadable...)
	})
}

// addUp adds numbers to sums. It makes the map if there is none: most reports have no sums.
func addUp(sums *map[string]int, more map[string]int) {
	for key, n := range more {
		if *sums == nil {
			*sums = map[string]int{}
		}
		(*sums)[key] += n
	}
}

// Skipped returns the number of records and child objects that could not be read, by
// reason.
func (r *Report) Skipped() map[string]int { return r.found().skipped }

// SkippedRecords returns the number of records that could not be read, by operation.
func (r *Report) SkippedRecords() map[string]int { return r.found().records }

// Children returns the child objects that could not be read.
func (r *Report) Children() []ChildFailure { return r.found().children }

// ErrOff is in the chain of an error passed to Report.Withhold if data are missing because
// the operator switched off the collector that reads them.
var ErrOff = errors.New("switched off")

// Withhold records that data are missing because the vendor refuses an optional operation,
// or because of ErrOff. That is not a failure. It is logged once.
func (r *Report) Withhold(what string, err error) {
	r.findings.record(func(f *found) {
		if f.withheld == nil {
			f.withheld = map[string]error{}
		}
		f.withheld[what] = err
	})
}

// Withheld returns the missing data and why they are missing.
func (r *Report) Withheld() map[string]error { return r.found().withheld }
