package microsoft365

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	api "license_exporter/client/microsoft365"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// tenant is a configured tenant and its client.
type tenant struct {
	// key is the id or a domain, as configured.
	key    string
	client *api.Client
	// name is read once a day. known is the latest answer, and listed is set once the name has been asked for to list the tenant.
	// They outlive the connection.
	name   *collector.Daily[api.Organization]
	known  *atomic.Pointer[api.Organization]
	listed *atomic.Bool
}

func newTenant(key string, client *api.Client, m *collector.Memory) *tenant {
	return &tenant{
		key: key, client: client,
		name:   collector.Remembered[collector.Daily[api.Organization]](m, "organization "+key),
		known:  collector.Remembered[atomic.Pointer[api.Organization]](m, "known organization "+key),
		listed: collector.Remembered[atomic.Bool](m, "listed organization "+key),
	}
}

// id returns the id of the tenant. It is empty if the tenant is configured by a domain and has not been read.
func (t *tenant) id() string {
	if guid.MatchString(t.key) {
		return t.key
	}
	if known := t.known.Load(); known != nil {
		return string(known.ID)
	}
	return ""
}

// organization returns what is known of the tenant.
func (t *tenant) organization() licensing.Organization {
	o := licensing.Organization{ID: t.id()}
	if known := t.known.Load(); known != nil {
		o.Name = string(known.DisplayName)
	}
	return o
}

// errAnotherTenant is why the facts of a tenant must not be shown: the token is for another tenant.
const errAnotherTenant = rest.Missing("the vendor answers with the tenant")

// readName reads the id and the name of the tenant if that is due.
func (t *tenant) readName(ctx context.Context, r *collector.Report) error {
	_, err := t.name.Get(ctx, r, func(ctx context.Context) (api.Organization, error) {
		o, err := t.client.Organization(ctx)
		if id := t.id(); err == nil && id != "" && string(o.ID) != id {
			return o, fmt.Errorf("%w %s instead of %s; if token_url is set, write {tenant} in place of the tenant in it", errAnotherTenant, rest.Clip(string(o.ID)), id)
		}
		if err == nil {
			t.known.Store(&o)
		}
		return o, err
	})
	return err
}

// source lists the configured tenants.
type source struct{ tenants []*tenant }

const (
	// discoverConcurrency is the maximum number of tenants whose names are read at a time.
	discoverConcurrency = 16
	// namesTimeout is how long tenants wait for the names of others.
	namesTimeout = time.Minute
)

// Discover implements collector.Source. The list is that of the configuration. Names are read here only for the first list.
// The collector reads them each day, and reports those that cannot be read for their tenants: that costs neither the tenant's
// licenses nor other tenants. A tenant that is configured by a domain cannot be listed before it has been read.
func (s source) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	failures := make([]error, len(s.tenants))
	names, cancel := context.WithTimeout(ctx, namesTimeout)
	defer cancel()
	_ = collector.ForEach(names, len(s.tenants), discoverConcurrency, func(ctx context.Context, i int) error {
		if t := s.tenants[i]; t.id() == "" || !t.listed.Swap(true) {
			part := r.Part() // what is odd about a name is reported by the collector
			failures[i] = t.readName(rest.WithTrace(ctx, part.Trace()), part)
		}
		return nil // an error would cancel the others
	})
	if err := ctx.Err(); err != nil {
		return collector.Discovery{}, err
	}
	d := collector.Discovery{Failed: map[string]error{}}
	for i, t := range s.tenants {
		o := t.organization()
		switch {
		case o.ID == "":
			d.Failed[t.key] = failures[i]
		case slices.ContainsFunc(d.Organizations, func(other licensing.Organization) bool { return other.ID == o.ID }):
			d.Problem = fmt.Sprintf("the tenant %s is configured twice: by its id, and as %s; leave one out", o.ID, t.key)
		default:
			d.Organizations = append(d.Organizations, o)
		}
	}
	return d, nil
}
