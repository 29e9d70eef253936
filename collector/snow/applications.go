package snow

import (
	"context"
	"sync"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// applicationsCollector reads the names of the licensed applications and of
// their metrics. An application takes a request, so names are cached for a day.
// If some requests fail, the next refresh sends only those again.
type applicationsCollector struct {
	*tenant
	applications *applicationCache
	custom       *cache.Entry[[]api.CustomMetric]
}

func newApplicationsCollector(t *tenant) applicationsCollector {
	return applicationsCollector{t, &applicationCache{byID: map[api.ID]*cache.Entry[api.Application]{}}, &cache.Entry[[]api.CustomMetric]{}}
}

func (c applicationsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	ids, err := c.licensedApplications(ctx, c, r.Now)
	if err != nil {
		return err
	}
	applications, err := c.applications.get(ctx, c.client, ids, r.Now)
	if err != nil {
		return err
	}
	custom, err := c.custom.Get(ctx, fetchIfOlder(r.Now, namesMaxAge, func() ([]api.CustomMetric, error) {
		return collector.ReadAll(c.client.CustomMetrics(ctx))
	}))
	switch c.memory.Classify("custom metrics", err) {
	case collector.Good:
	case collector.Failed:
		return err
	default:
		r.Withhold("the names of custom metrics", err)
	}
	f := r.Organization(o.ID)
	units := map[api.ID]api.Text{}
	for _, m := range custom {
		units[m.ID] = m.Name
	}
	for i, id := range ids {
		if applications[i].ID != "" {
			addApplication(f, id, applications[i], units, r)
		}
	}
	for id, name := range units {
		if id != "" && name != "" {
			f.Sample(metricMetricInfo, 1, string(id), string(name))
		}
	}
	return nil
}

func addApplication(f *collector.OrganizationReport, id api.ID, a api.Application, units map[api.ID]api.Text, r *collector.Report) {
	product := string(id)
	f.Product(licensing.Product{ID: product, Name: string(a.Name), Manufacturer: string(a.Manufacturer), Type: string(a.Platform)})
	for m, end := range map[*collector.Metric]api.Time{
		metricEndOfSupport: a.EndOfSupportDate, metricEndOfLife: a.EndOfLifeDate, metricEndOfExtendedSupport: a.EndOfExtendedSupportDate,
	} {
		r.ParseErrorIf(fieldEndOfSupport, end.Unreadable)
		f.Time(m, end.Time, product)
	}
	for _, m := range a.Metrics {
		units[m.ID] = m.Name
	}
}

// applicationCache caches applications of the vendor's software registry. An
// application that the registry does not know is cached without an id.
type applicationCache struct {
	mu   sync.Mutex
	byID map[api.ID]*cache.Entry[api.Application]
}

// get returns the applications with these ids, and drops all others from the
// cache.
func (a *applicationCache) get(ctx context.Context, client *api.Client, ids []api.ID, now time.Time) ([]api.Application, error) {
	entries := a.entries(ids)
	applications := make([]api.Application, len(ids))
	err := collector.ForEach(ctx, len(ids), concurrency, func(ctx context.Context, i int) (err error) {
		applications[i], err = entries[i].Get(ctx, fetchIfOlder(now, namesMaxAge, func() (api.Application, error) {
			application, err := client.Application(ctx, ids[i])
			if collector.Absent(err) {
				return api.Application{}, nil
			}
			return application, err
		}))
		return err
	})
	return applications, err
}

func (a *applicationCache) entries(ids []api.ID) []*cache.Entry[api.Application] {
	a.mu.Lock()
	defer a.mu.Unlock()
	byID := make(map[api.ID]*cache.Entry[api.Application], len(ids))
	entries := make([]*cache.Entry[api.Application], 0, len(ids))
	for _, id := range ids {
		entry, ok := a.byID[id]
		if !ok {
			entry = &cache.Entry[api.Application]{}
		}
		byID[id] = entry
		entries = append(entries, entry)
	}
	a.byID = byID
	return entries
}
