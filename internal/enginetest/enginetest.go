// Package enginetest helps to test code that works with an engine. It has
// vendors that answer from memory, an engine with one account, and functions
// that compare series.
package enginetest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/exposition"
	"license_exporter/licensing"
)

var update = flag.Bool("update", false, "rewrite the golden files and the generated documents")

// Updating reports whether golden files are to be rewritten.
func Updating() bool { return *update }

// Now is the time that Clock returns.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Clock is a clock that always returns Now.
func Clock() time.Time { return Now }

// Days returns the time n days after Now.
func Days(n float64) time.Time { return Now.Add(time.Duration(n * 24 * float64(time.Hour))) }

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
// It applies to organizations, and not to the account as a whole.
type Collector struct {
	Do UpdateFunc

	mu      sync.Mutex
	calls   map[string]int
	running int
	most    int
}

// Applies implements collector.Collector.
func (c *Collector) Applies(o licensing.Organization) bool { return o.ID != "" }

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

// AccountCollector is a Collector that applies to the account as a whole only.
type AccountCollector struct{ Collector }

// Applies implements collector.Collector.
func (*AccountCollector) Applies(o licensing.Organization) bool { return o.ID == "" }

// NewAccountCollector returns an AccountCollector that calls a function.
func NewAccountCollector(update UpdateFunc) *AccountCollector {
	return &AccountCollector{Collector{Do: update}}
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
		d.Organizations = append(d.Organizations, licensing.Organization{ID: id, Name: "Organization " + id, Model: "model", APIEnabled: true})
	}
	return d
}

// Vendor is a vendor without collectors and metrics of its own.
var Vendor = &collector.Vendor{Name: "test", SourceName: "test_organizations", Fields: []string{"state"}}

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

// Harness is an engine with one account, named acme.
type Harness struct {
	*engine.Engine
	*exposition.Exposition
	// Account is the account of the engine.
	Account *engine.Account
	// Source is the source of the account, if it is a Source of this package.
	Source *Source
	// Log is the engine's log.
	Log *Buffer
	// Own holds the exporter's own counters.
	Own *prometheus.Registry

	t *testing.T
}

// New returns an engine with an account of Vendor that has these collectors.
func New(t *testing.T, c engine.Config, source collector.Source, collectors ...collector.Named) *Harness {
	t.Helper()
	h := NewOf(t, c, Account("acme", source, collectors...))
	h.Source, _ = source.(*Source)
	return h
}

// NewWithMetrics is like New, but the vendor has metrics of its own.
func NewWithMetrics(t *testing.T, c engine.Config, metrics []*collector.Metric, source collector.Source, collectors ...collector.Named) *Harness {
	t.Helper()
	vendor := *Vendor
	vendor.Metrics = metrics
	a := Account("acme", source, collectors...)
	a.Vendor = &vendor
	return NewOf(t, c, a)
}

// NewOf returns an engine with this account.
func NewOf(t *testing.T, c engine.Config, a *engine.Account) *Harness {
	t.Helper()
	h := &Harness{t: t, Account: a, Log: &Buffer{}, Own: prometheus.NewRegistry()}
	c.Logger = log.NewLogfmtLogger(h.Log)
	c.Telemetry = engine.NewTelemetry(h.Own)
	if c.MaxStale == 0 {
		c.MaxStale = 24 * time.Hour
	}
	h.Engine = engine.New(c, []*engine.Account{a})
	h.Exposition = exposition.New(h.Engine, collector.Vendors{a.Vendor}.Metrics())
	t.Cleanup(h.Close)
	return h
}

// Scrape refreshes the facts and returns the series whose lines begin with one
// of the prefixes. Without prefixes, it returns all series.
func (h *Harness) Scrape(ctx context.Context, prefixes ...string) string {
	h.t.Helper()
	return h.ScrapeOnly(ctx, engine.Selection{}, prefixes...)
}

// ScrapeCollectors is like Scrape, but returns only the series that collectors
// make of licenses. These are without those that every account has.
func (h *Harness) ScrapeCollectors(ctx context.Context) string {
	h.t.Helper()
	lines := strings.Split(h.Scrape(ctx), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "license_exporter_") || strings.HasPrefix(line, "license_up") || strings.HasPrefix(line, "license_organization_info")
	}), "\n")
}

// ScrapeOnly is like Scrape, but for the selected facts only. It also checks that
// the text format has the same series as the client library.
func (h *Harness) ScrapeOnly(ctx context.Context, s engine.Selection, prefixes ...string) string {
	h.t.Helper()
	h.Refresh(ctx, s)
	gatherer := h.Gatherer(s)
	var text bytes.Buffer
	if err := h.WriteText(&text, s); err != nil {
		h.t.Fatal(err)
	}
	WantSameLines(h.t, Text(h.t, gatherer), text.String())
	return Lines(h.t, gatherer, prefixes...)
}

// OwnSeries returns the exporter's own series whose lines begin with a prefix.
func (h *Harness) OwnSeries(prefix string) []string {
	h.t.Helper()
	text := Lines(h.t, h.Own, prefix)
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// MovingDays matches the series of license_days_to_expiration, which change all
// the time.
var MovingDays = regexp.MustCompile(`(?m)^(license_days_to_expiration{.*} ).*$`)

// WantSameLines fails the test unless both texts have the same lines, in any order.
func WantSameLines(t *testing.T, want, got string) {
	t.Helper()
	sorted := func(text string) string {
		all := strings.Split(MovingDays.ReplaceAllString(text, "${1}N"), "\n")
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("the lines differ (-want +got):\n%s", diff)
	}
}

// commonLabels matches the labels that Lines leaves out: they are the same in
// all series of a test.
var commonLabels = regexp.MustCompile(`account="acme",|,vendor="[a-z]+"`)

// Lines returns the series of a gatherer in the text format, without comments.
// It returns those whose lines begin with one of the prefixes, or all.
func Lines(t *testing.T, g prometheus.Gatherer, prefixes ...string) string {
	t.Helper()
	var kept []string
	for line := range strings.SplitSeq(strings.TrimSpace(Text(t, g)), "\n") {
		line = commonLabels.ReplaceAllString(line, "")
		if strings.HasPrefix(line, "#") || len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(line, p) }) {
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// Text returns what a gatherer gathers in the text format.
func Text(t *testing.T, g prometheus.Gatherer) string {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// WantLines fails the test unless the text has exactly these lines.
func WantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
}

// Golden compares got with a file in testdata. With -update, it rewrites the
// file.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs, rewrite it with -update if that is right (-want +got):\n%s", path, diff)
	}
}

// Sequence returns an iterator over records that ends with err, if it is not nil.
func Sequence[T any](records []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// Buffer is a buffer that is safe for concurrent use.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Count returns the number of lines that contain a text.
func (b *Buffer) Count(text string) int {
	n := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// ErrPlain is an error that is not a rest.Error.
var ErrPlain = errors.New("plain error")
