// Package enginetest helps to test code that works with an engine. It has
// vendors that answer from memory, an engine with one account, and functions
// that compare series.
package enginetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// Now is the time that Clock returns.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Clock is a clock that always returns Now.
func Clock() time.Time { return Now }

// Days returns the time n days after Now.
func Days(n float64) time.Time { return Now.Add(time.Duration(n * float64(licensing.Day))) }

// Source is a collector.Source that returns what tests set.
type Source struct {
	Discovery collector.Discovery
	Err       error
	// Calls counts the calls of Discover.
	Calls int
	// Wait is how long a listing takes.
	Wait time.Duration

	mu sync.Mutex
}

// NewSource returns a Source that lists these organizations.
func NewSource(ids ...string) *Source { return &Source{Discovery: Organizations(ids...)} }

// Discover implements collector.Source.
func (s *Source) Discover(ctx context.Context, _ *collector.Report) (collector.Discovery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Calls++
	if err := Sleep(ctx, s.Wait); err != nil {
		return collector.Discovery{}, err
	}
	return s.Discovery, s.Err
}

// Set changes what Discover returns.
func (s *Source) Set(d collector.Discovery, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Discovery, s.Err = d, err
}

// UpdateFunc is the Update function of a Collector.
type UpdateFunc func(ctx context.Context, o licensing.Organization, r *collector.Report) error

// Collector is a collector.Collector that calls a function and counts the calls.
// It applies either to organizations or, if ForAccount is set, to the account as a
// whole.
type Collector struct {
	Do         UpdateFunc
	ForAccount bool

	mu      sync.Mutex
	calls   map[string]int
	running int
	most    int
}

// Applies implements collector.Collector.
func (c *Collector) Applies(o licensing.Organization) bool { return (o.ID == "") == c.ForAccount }

// Update implements collector.Collector.
func (c *Collector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	c.mu.Lock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[o.ID]++
	c.running++
	c.most = max(c.most, c.running)
	update := c.Do
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running--
	}()
	return update(ctx, o, r)
}

// Set changes the function that Update calls.
func (c *Collector) Set(update UpdateFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Do = update
}

// Called returns how often Update was called for an organization.
func (c *Collector) Called(organization string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[organization]
}

// Most returns the highest number of calls of Update at the same time.
func (c *Collector) Most() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

// Things returns a collector with the name things.
func Things(c collector.Collector) collector.Named {
	return collector.Named{Name: "things", Collector: c}
}

// EndsIn returns an UpdateFunc that reports that the cover of an organization
// ends n days after the fetch.
func EndsIn(n float64) UpdateFunc {
	return func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).NextEnd("", r.Now.Add(time.Duration(n*24)*time.Hour))
		return nil
	}
}

// Fails is an UpdateFunc that returns ErrVendor.
func Fails(context.Context, licensing.Organization, *collector.Report) error { return ErrVendor }

// ErrVendor is an error of a vendor's API.
var ErrVendor = &rest.Error{Operation: "getThings", URL: "http://vendor.test/things", Status: 500, Reason: rest.ReasonServer}

// ErrPlain is an error that is not a rest.Error.
var ErrPlain = errors.New("plain error")

// Sleep waits for d. If the context ends earlier, it returns the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Organizations returns a Discovery with these organizations.
func Organizations(ids ...string) collector.Discovery {
	var d collector.Discovery
	for _, id := range ids {
		d.Organizations = append(d.Organizations, licensing.Organization{ID: id, Name: "Organization " + id, Model: "model", APIAccess: licensing.APIEnabled})
	}
	return d
}

// Vendor is a vendor without collectors and own metrics. Its fetches may
// take long.
var Vendor = &collector.Vendor{Name: "test", Fields: []string{"state"}, Defaults: collector.Defaults{FetchTimeout: 24 * time.Hour}}

// Account returns an account of Vendor.
func Account(name string, source collector.Source, collectors ...collector.Named) *engine.Account {
	return &engine.Account{
		Name: name, Vendor: Vendor, Connection: collector.Connection{Source: source, Collectors: collectors},
		Options: collector.Options{IndividualLicenses: true, IndividualLimit: 3},
	}
}

// Only returns the collectors with these names.
func Only(all []collector.Named, names ...string) []collector.Named {
	return slices.DeleteFunc(all, func(c collector.Named) bool { return !slices.Contains(names, c.Name) })
}
