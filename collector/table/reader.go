package table

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"license_exporter/client/rest"
	api "license_exporter/client/table"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// reread is the time after which a table that has not changed is read again. Some facts depend on the time at
// which they were read, such as the number of licenses that end within 30 days.
const reread = time.Hour

// reader reads a table for the list of organizations and for the collector. It is safe for
// concurrent use.
type reader struct {
	*settings
	account string
	filter  collector.OrganizationFilter
	source  api.Source
	mapping *api.Mapping // of the configuration; nil if that has no columns

	shared collector.Shared[*reading]
	listed atomic.Bool // Discover has succeeded

	mu     sync.Mutex
	latest map[any]version // that each user has read
	// shown is about the latest fetch. unmapped are the columns of a table without columns in the
	// configuration, and own are those that are named like fields.
	shown    *collector.Preview
	unmapped []string
	own      api.Fields
}

// version identifies the content of a table that was read.
type version struct {
	content any
	read    time.Time
}

// reading is a table that was read.
type reading struct {
	version
	organizations []licensing.Organization
	problem       string // of the filter of organizations
	facts         *collector.Report
	source        string
	unreadable    map[string]*unreadable // by field
	skipped       int
}

// Discover implements collector.Source. All organizations of a table are read at once, for the account
// as a whole. If they cannot be read again, that is a failure of the collector only, and the list stays
// as it is.
func (t *reader) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	read, err := t.get(ctx, t, r)
	switch {
	case err != nil && t.listed.Load():
		return collector.Discovery{}, collector.ErrUnchanged
	case err != nil:
		return collector.Discovery{}, err
	}
	t.listed.Store(true)
	return collector.Discovery{Organizations: append([]licensing.Organization{{}}, read.organizations...), Problem: read.problem}, nil
}

// licensesCollector reports the facts of a table.
type licensesCollector struct{ *reader }

// Applies implements collector.Collector.
func (licensesCollector) Applies(o licensing.Organization) bool { return o.ID == "" }

// Update implements collector.Collector.
func (c licensesCollector) Update(ctx context.Context, _ licensing.Organization, r *collector.Report) error {
	read, err := c.get(ctx, c, r)
	if err != nil {
		return err
	}
	trace := r.Trace()
	for _, u := range read.unreadable {
		for range u.n {
			trace.Unreadable(u.first)
		}
	}
	if read.skipped > 0 {
		trace.Skipped(c.sourceName(), read.skipped)
	}
	r.Adopt(read.facts)
	return nil
}

// get returns the table as it is now. The error wraps collector.ErrUnchanged if the user has read it
// before.
func (t *reader) get(ctx context.Context, user any, r *collector.Report) (*reading, error) {
	content, err := t.version(ctx)
	if err != nil {
		t.setLatest(user, version{})
		return nil, err
	}
	if latest := t.latestOf(user); content != nil && content == latest.content && r.Now.Sub(latest.read) < reread {
		return nil, collector.ErrUnchanged
	}
	read, err := t.shared.Get(ctx, user, r, func(ctx context.Context, part *collector.Report) (*reading, error) {
		return t.read(ctx, part, content)
	})
	if err != nil {
		t.setLatest(user, version{})
		return nil, err
	}
	t.setLatest(user, read.version)
	return read, nil
}

func (t *reader) version(ctx context.Context) (any, error) {
	if v, ok := t.source.(api.Versioned); ok {
		return v.Version(ctx)
	}
	return nil, nil
}

func (t *reader) latestOf(user any) version {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest[user]
}

func (t *reader) setLatest(user any, v version) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest == nil {
		t.latest = map[any]version{}
	}
	t.latest[user] = v
}

// read reads the table. content is its version.
func (t *reader) read(ctx context.Context, part *collector.Report, content any) (*reading, error) {
	shown := &previewer{zone: t.location()}
	mapping, err := t.mappingOf(ctx, shown)
	if err != nil {
		t.show(shown)
		return nil, err
	}
	read := &reading{version: version{content, part.Now}, facts: part, source: t.sourceName(), unreadable: map[string]*unreadable{}}
	all, kept := 0, 0
	folder := newFolder(part, t.account, t.filter)
	for record, err := range t.source.Records(ctx, mapping.References()) {
		if err != nil {
			t.show(shown)
			return nil, err
		}
		all++
		shown.begin(record.Place)
		found := func(u api.Unreadable) {
			shown.unreadable(u)
			read.add(u)
		}
		l, problem := api.License{}, record.Problem
		if problem == "" && record.Empty() {
			problem = emptyRecord
		}
		if problem == "" {
			var isLicense bool
			if l, isLicense = mapping.Read(&record, found); !isLicense {
				shown.leaveOut()
				continue
			}
			kept++
			problem = folder.add(&l)
		}
		if problem != "" {
			read.skipped++
			found(api.Unreadable{Place: record.Place, Field: fieldRecord, Advice: problem})
		}
		shown.end(&l)
	}
	folder.finish()
	t.show(shown)
	read.organizations, read.problem = folder.list(), folder.selector.Problem()
	return read, folder.empty(all, kept, cmp.Or(read.problemOf("if"), read.problemOf(fieldRecord)))
}

// mappingOf returns the mapping. Without columns in the configuration, it follows from the names of the
// table's columns.
func (t *reader) mappingOf(ctx context.Context, shown *previewer) (*api.Mapping, error) {
	if t.mapping != nil {
		return t.mapping, nil
	}
	columns, err := t.source.Columns(ctx)
	if err != nil {
		return nil, err
	}
	fields, ok := api.Own(columns)
	shown.columns = columns
	if !ok {
		return nil, errors.New("columns is missing, and the columns of the table are not named like its keys; run --check with this file to get a proposal")
	}
	s := *t.settings
	s.Columns, s.optional, shown.own = fields, fields.Others(), fields
	mapping, errs := s.mapping()
	return mapping, errors.Join(errs...)
}

// emptyRecord is said of a record without any value, such as a footnote below a table.
const emptyRecord = "is empty in all columns that are read"

// fieldRecord is the field of a record that cannot be used as a whole.
const fieldRecord = "record"

// unreadable are the values of a field that cannot be read.
type unreadable struct {
	n     int
	first rest.Unreadable
}

// add adds a value that cannot be read.
func (r *reading) add(u api.Unreadable) {
	known := r.unreadable[u.Field]
	if known == nil {
		place := placeText(u.Place)
		if u.Column != "" {
			place += ", column " + u.Column
		}
		known = &unreadable{first: rest.Unreadable{Operation: r.source, Field: u.Field, Value: u.Value, Place: place, Advice: u.Advice}}
		r.unreadable[u.Field] = known
	}
	known.n++
}

// problemOf returns what is wrong with the first value of a field that cannot be read.
func (r *reading) problemOf(field string) string {
	if u := r.unreadable[field]; u != nil {
		return u.first.Place + ": " + u.first.Advice
	}
	return ""
}

// parseErrorFields lists the values of the label field of the parse error counter.
func parseErrorFields() []string {
	fields := append(api.Keys(), "if", fieldRecord)
	slices.Sort(fields)
	return fields
}
