package collector

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowApplications reads the names of the licensed applications and of what
// their licenses count. Each is a request, so they are kept for a day, and
// those that are at hand survive a refresh that fails.
type snowApplications struct {
	snowTenant
	names  *snowNames
	custom *memo[[]snow.CustomMetric]
}

func newSnowApplications(client SnowClient) *snowApplications {
	return &snowApplications{
		snowTenant: snowTenant{client},
		names:      &snowNames{byID: map[snow.ID]snowName{}},
		custom:     &memo[[]snow.CustomMetric]{},
	}
}

func (c *snowApplications) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	ids, err := licensedApplications(ctx, c.client)
	if err != nil {
		return err
	}
	if err := c.names.refresh(ctx, c.client, ids, r.now); err != nil {
		return err
	}
	custom, err := c.custom.get(r.now, snowNamesAge, func() ([]snow.CustomMetric, error) { return collect(c.client.CustomMetrics(ctx)) })
	if snowWithheld(err) {
		r.Without("the names of custom metrics", err)
	} else if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	units := map[snow.ID]snow.Text{}
	for _, m := range custom {
		units[m.ID] = m.Name
	}
	for _, id := range ids {
		if a, ok := c.names.of(id); ok {
			snowApplication(f, id, a, units, r)
		}
	}
	for id, name := range units {
		if id != "" && name != "" {
			f.Sample(metricSnowMetricInfo, 1, string(id), string(name))
		}
	}
	return nil
}

func snowApplication(f *Facts, id snow.ID, a snow.Application, units map[snow.ID]snow.Text, r *Report) {
	product := string(id)
	f.Product(licensing.Product{ID: product, Name: string(a.Name), Manufacturer: string(a.Manufacturer), Type: string(a.Platform)})
	for m, end := range map[*Metric]snow.Time{
		metricSnowEndOfSupport: a.EndOfSupportDate, metricSnowEndOfLife: a.EndOfLifeDate, metricSnowEndOfExtendedSupport: a.EndOfExtendedSupportDate,
	} {
		legible(r, fieldEndOfSupport, end.Unreadable)
		f.Time(m, end.Time, product)
	}
	for _, m := range a.Metrics {
		units[m.ID] = m.Name
	}
}

// licensedApplications returns the applications that there are licenses of.
func licensedApplications(ctx context.Context, client SnowClient) ([]snow.ID, error) {
	ids := map[snow.ID]bool{}
	for l, err := range client.Licenses(ctx) {
		if err != nil {
			return nil, snowError(err)
		}
		ids[l.ApplicationID] = true
	}
	delete(ids, "")
	return slices.Sorted(maps.Keys(ids)), nil
}

// snowNames keeps what the vendor's registry says of applications.
type snowNames struct {
	mu   sync.Mutex
	byID map[snow.ID]snowName
}

// snowName is what was read of an application. One that the registry does not
// know has no id.
type snowName struct {
	snow.Application
	read time.Time
}

// refresh reads what is missing or old, and drops what is asked for no more.
func (n *snowNames) refresh(ctx context.Context, client SnowClient, ids []snow.ID, now time.Time) error {
	due := n.due(ids, now)
	return sideBySide(ctx, len(due), func(ctx context.Context, i int) error {
		a, err := client.Application(ctx, due[i])
		if err != nil && rest.ReasonOf(err) != rest.ReasonNotFound {
			return err
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.byID[due[i]] = snowName{a, now}
		return nil
	})
}

func (n *snowNames) due(ids []snow.ID, now time.Time) []snow.ID {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.DeleteFunc(n.byID, func(id snow.ID, _ snowName) bool {
		_, wanted := slices.BinarySearch(ids, id)
		return !wanted
	})
	return slices.DeleteFunc(slices.Clone(ids), func(id snow.ID) bool {
		name, ok := n.byID[id]
		return ok && now.Sub(name.read) < snowNamesAge
	})
}

func (n *snowNames) of(id snow.ID) (snow.Application, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := n.byID[id]
	return name.Application, name.ID != ""
}
