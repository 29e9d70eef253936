package snow

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

const (
	// atOnce bounds how many licenses, applications or agreements a collector
	// asks about at a time.
	atOnce = 4
	// sharedAge is how long the lists that several collectors read are shared
	// between them. The collectors start within seconds of each other.
	sharedAge = time.Minute
	// namesAge is how long names are kept. They hardly ever change, and each
	// application takes a request.
	namesAge = 24 * time.Hour
)

// tenant is what the collectors of an account share: the client, and the lists
// that several of them read.
type tenant struct {
	client client
	// withAgreements is set if the collector of agreements is enabled.
	withAgreements bool

	licenses   cache.Entry[[]api.License]
	agreements cache.Entry[[]agreement]
}

// Applies implements collector.Collector. All collectors read the tenant as a
// whole.
func (*tenant) Applies(o licensing.Organization) bool { return o.ID == "" }

// younger describes how to fetch a value unless there is one that is younger
// than age.
func younger[T any](now time.Time, age time.Duration, fetch func() (T, error)) cache.Job[T] {
	return cache.Job[T]{
		Now:   func() time.Time { return now },
		Due:   func(s cache.State[T]) bool { return !s.Valid || now.Sub(s.ValueStarted) >= age },
		Fetch: func(time.Time) (T, error) { return fetch() },
	}
}

// listLicenses returns all licenses of the tenant.
func (t *tenant) listLicenses(ctx context.Context, now time.Time) ([]api.License, error) {
	return t.licenses.Get(ctx, younger(now, sharedAge, func() ([]api.License, error) {
		return collector.ReadAll(api.Distinct(t.client.Licenses(ctx), func(l api.License) api.ID { return l.ID }))
	}))
}

// licensesByID returns the licenses that have an id.
func (t *tenant) licensesByID(ctx context.Context, now time.Time) (map[api.ID]api.License, error) {
	licenses, err := t.listLicenses(ctx, now)
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

// current returns the ids of the licenses that are not archived, sorted.
func current(licenses map[api.ID]api.License) []api.ID {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(licenses)), func(id api.ID) bool { return licenses[id].Status == api.StatusArchived })
}

// licensedApplications returns the applications that there are licenses of,
// sorted.
func (t *tenant) licensedApplications(ctx context.Context, now time.Time) ([]api.ID, error) {
	licenses, err := t.listLicenses(ctx, now)
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

// number sets one of the vendor's own metrics, if the vendor gave the number.
func number(o *collector.OrganizationReport, m *collector.Metric, n api.Int, labels ...string) {
	if n.Valid {
		o.Sample(m, float64(n.Value), labels...)
	}
}

// flag sets one of the vendor's own metrics to 1 or 0, if the vendor says
// which.
func flag(o *collector.OrganizationReport, m *collector.Metric, b api.Bool, labels ...string) {
	if b.Valid {
		o.Sample(m, collector.Bool(b.Value), labels...)
	}
}

// boolLabel returns a label's value, empty if the vendor does not say.
func boolLabel(b api.Bool) string {
	if !b.Valid {
		return ""
	}
	return strconv.FormatBool(b.Value)
}

// saysNo reports whether the vendor says no, rather than nothing.
func saysNo(b api.Bool) bool { return b.Valid && !b.Value }
