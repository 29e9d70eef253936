package collector

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
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

var update = flag.Bool("update", false, "rewrite the golden files and the generated documents")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testNow is the clock of tests that need no moving one.
var testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func fixedClock() time.Time { return testNow }

func days(n float64) time.Time { return testNow.Add(time.Duration(n * 24 * float64(time.Hour))) }

// fakeSource is a Source whose answer tests can change.
type fakeSource struct {
	mu        sync.Mutex
	discovery Discovery
	err       error
	calls     int
	wait      time.Duration
}

func (s *fakeSource) Discover(ctx context.Context, _ *Report) (Discovery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if err := sleep(ctx, s.wait); err != nil {
		return Discovery{}, err
	}
	return s.discovery, s.err
}

func (s *fakeSource) set(d Discovery, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discovery, s.err = d, err
}

// fakeCollector is a Collector that counts its calls.
type fakeCollector struct {
	update func(ctx context.Context, o licensing.Organization, r *Report) error

	mu      sync.Mutex
	calls   map[string]int
	running int
	most    int
}

func (c *fakeCollector) Applies(o licensing.Organization) bool { return o.ID != "" }

func (c *fakeCollector) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	c.mu.Lock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[o.ID]++
	c.running++
	c.most = max(c.most, c.running)
	update := c.update
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running--
	}()
	return update(ctx, o, r)
}

func (c *fakeCollector) set(update func(ctx context.Context, o licensing.Organization, r *Report) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.update = update
}

func (c *fakeCollector) called(organization string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[organization]
}

// endsIn reports an organization whose licenses end in so many days.
func endsIn(n float64) func(context.Context, licensing.Organization, *Report) error {
	return func(_ context.Context, o licensing.Organization, r *Report) error {
		r.Organization(o.ID).NextEnd("", r.now.Add(time.Duration(n*24)*time.Hour))
		return nil
	}
}

func alwaysFails(context.Context, licensing.Organization, *Report) error { return errVendor }

var errVendor = &rest.Error{Operation: "getThings", URL: "http://vendor.test/things", Status: 500, Reason: rest.ReasonServer}

func sleep(ctx context.Context, d time.Duration) error {
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

func organizations(ids ...string) Discovery {
	var d Discovery
	for _, id := range ids {
		d.Organizations = append(d.Organizations, licensing.Organization{ID: id, Name: "Organization " + id, Model: "model", APIEnabled: true})
	}
	return d
}

// harness is an engine with one account and what it logs.
type harness struct {
	*Engine
	t      *testing.T
	source *fakeSource
	logged *syncBuffer
	own    *prometheus.Registry
}

// newHarness returns an engine with an account that has the given collectors.
func newHarness(t *testing.T, c Config, source Source, collectors ...Named) *harness {
	t.Helper()
	h := &harness{t: t, logged: &syncBuffer{}, own: prometheus.NewRegistry()}
	h.source, _ = source.(*fakeSource)
	c.Logger = log.NewLogfmtLogger(h.logged)
	c.Telemetry = NewTelemetry(h.own)
	if c.MaxStale == 0 {
		c.MaxStale = 24 * time.Hour
	}
	h.Engine = New(c, []*Account{{
		Name: "acme", Vendor: "test", Source: source, SourceName: "test_organizations", Collectors: collectors,
		Options: Options{IndividualLicenses: true, IndividualLimit: 3},
		Fields:  []string{"state"},
	}})
	t.Cleanup(h.Close)
	return h
}

// scrape returns the series whose lines begin with one of the prefixes, all if
// none is given.
func (h *harness) scrape(ctx context.Context, prefixes ...string) string {
	h.t.Helper()
	return h.scrapeOnly(ctx, Selection{}, prefixes...)
}

// scrapeOnly is scrape for a part of the facts. On the way it compares the text
// that is kept ready with what the client library makes of the same facts.
func (h *harness) scrapeOnly(ctx context.Context, s Selection, prefixes ...string) string {
	h.t.Helper()
	h.Refresh(ctx, s)
	gatherer := h.Gatherer(s)
	var text bytes.Buffer
	if err := h.WriteText(&text, s); err != nil {
		h.t.Fatal(err)
	}
	wantSameLines(h.t, exposition(h.t, gatherer), text.String())
	return lines(h.t, gatherer, prefixes...)
}

// days move while the two are made.
var movingDays = regexp.MustCompile(`(?m)^(license_days_to_expiration{.*} ).*$`)

func wantSameLines(t *testing.T, want, got string) {
	t.Helper()
	sorted := func(text string) string {
		all := strings.Split(movingDays.ReplaceAllString(text, "${1}N"), "\n")
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("the text differs from the client library's (-library +own):\n%s", diff)
	}
}

// commonLabels are the same on all series of a test, and left out.
var commonLabels = regexp.MustCompile(`account="acme",|,vendor="[a-z]+"`)

// lines returns the series of a gatherer as sorted text, without comments.
func lines(t *testing.T, g prometheus.Gatherer, prefixes ...string) string {
	t.Helper()
	var kept []string
	for line := range strings.SplitSeq(strings.TrimSpace(exposition(t, g)), "\n") {
		line = commonLabels.ReplaceAllString(line, "")
		if strings.HasPrefix(line, "#") || len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(line, p) }) {
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// exposition returns the text format of all that is gathered.
func exposition(t *testing.T, g prometheus.Gatherer) string {
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

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
}

// golden compares with a file under testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
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

// sequence returns records and then, if it is not nil, an error.
func sequence[T any](records []T, err error) iter.Seq2[T, error] {
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

// syncBuffer is a buffer that several goroutines write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// count returns how many lines hold a text.
func (b *syncBuffer) count(text string) int {
	n := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

var errPlain = errors.New("plain error")
