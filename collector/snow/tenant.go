package snow

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

const (
	// concurrency is the maximum number of requests of a collector at a time.
	concurrency = 4
	// listMaxAge is how long collectors share a list. They start within seconds of
	// each other.
	listMaxAge = time.Minute
	// namesMaxAge is how long names are cached. They hardly ever change, and
	// each application takes a request.
	namesMaxAge = 24 * time.Hour
)

// tenant is the state that the collectors of an account share: the client and
// the lists that several collectors read.
type tenant struct {
	client *api.Client
	// memory knows which optional operations have succeeded.
	memory *collector.Memory
	// withAgreements is set if the collector of agreements is enabled.
	withAgreements bool

	licenses   sharedList[api.License]
	agreements sharedList[agreement]
}

// sharedList is a list that several collectors read. It is fetched once for all of
// them, but again for a collector that has already read it: the facts of a fetch
// must not be older than the fetch. The zero value is ready for use.
type sharedList[T any] struct {
	entry cache.Entry[*[]T]
	read  sync.Map // the list that a collector has read last, by collector
}

// get returns the list for a collector. It fetches the list if that is due.
func (l *sharedList[T]) get(ctx context.Context, reader any, now time.Time, fetch func() ([]T, error)) ([]T, error) {
	job := fetchIfOlder(now, listMaxAge, func() (*[]T, error) {
		list, err := fetch()
		return &list, err
	})
	tooOld := job.Due
	job.Due = func(s cache.State[*[]T]) bool {
		read, _ := l.read.Load(reader)
		return tooOld(s) || read == s.Value
	}
	list, err := l.entry.Get(ctx, job)
	if err != nil {
		return nil, err
	}
	l.read.Store(reader, list)
	return *list, nil
}

// Applies implements collector.Collector. All collectors read the account as a
// whole, which is the tenant.
func (*tenant) Applies(o licensing.Organization) bool { return o.ID == "" }

// fetchIfOlder returns a job that fetches a value if there is none or if it is at
// least maxAge old.
func fetchIfOlder[T any](now time.Time, maxAge time.Duration, fetch func() (T, error)) cache.Job[T] {
	return cache.Job[T]{
		Now:   func() time.Time { return now },
		Due:   func(s cache.State[T]) bool { return !s.Valid || now.Sub(s.ValueStarted) >= maxAge },
		Fetch: func(time.Time) (T, error) { return fetch() },
	}
}

// listLicenses returns all licenses of the tenant.
func (t *tenant) listLicenses(ctx context.Context, reader any, now time.Time) ([]api.License, error) {
	return t.licenses.get(ctx, reader, now, func() ([]api.License, error) {
		return collector.ReadAll(api.Distinct(t.client.Licenses(ctx), func(l api.License) api.ID { return l.ID }))
	})
}

// licensesByID returns the licenses that have an id.
func (t *tenant) licensesByID(ctx context.Context, reader any, now time.Time) (map[api.ID]api.License, error) {
	licenses, err := t.listLicenses(ctx, reader, now)
	if err != nil {
		return nil, err
	}
	byID := make(map[api.ID]api.License, len(licenses))
	for _, l := range licenses {
		if l.ID != "" {
			byID[l.ID] = l
		}
	}
	return byID, nil
}

// unarchived returns the sorted ids of the licenses that are not archived.
func unarchived(licenses map[api.ID]api.License) []api.ID {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(licenses)), func(id api.ID) bool { return licenses[id].Status == api.StatusArchived })
}

// licensedApplications returns the sorted ids of the applications that have
// licenses.
func (t *tenant) licensedApplications(ctx context.Context, reader any, now time.Time) ([]api.ID, error) {
	licenses, err := t.listLicenses(ctx, reader, now)
	if err != nil {
		return nil, err
	}
	ids := map[api.ID]bool{}
	for _, l := range licenses {
		ids[l.ApplicationID] = true
	}
	delete(ids, "")
	return slices.Sorted(maps.Keys(ids)), nil
}

// number sets one of the vendor's own metrics if the vendor reports the number.
func number(o *collector.OrganizationReport, m *collector.Metric, n api.Int, labels ...string) {
	if n.Valid {
		o.Sample(m, float64(n.Value), labels...)
	}
}

// flag sets one of the vendor's own metrics to 1 or 0 if the vendor reports the
// flag.
func flag(o *collector.OrganizationReport, m *collector.Metric, b api.Bool, labels ...string) {
	if b.Valid {
		o.Sample(m, collector.Bool(b.Value), labels...)
	}
}

// boolLabel returns a flag as a label value. It is empty if the vendor does not
// report the flag.
func boolLabel(b api.Bool) string {
	if !b.Valid {
		return ""
	}
	return strconv.FormatBool(b.Value)
}

// isFalse reports whether a flag is false, and not merely missing.
func isFalse(b api.Bool) bool { return b.Valid && !b.Value }
