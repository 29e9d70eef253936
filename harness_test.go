package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
	"license_exporter/exposition"
	"license_exporter/internal/enginetest"
)

// engineFor returns an engine that reads from a configuration file at a fixed
// clock, with the collectors that these flags switch on.
func engineFor(t *testing.T, file string, now func() time.Time, args ...string) *shownEngine {
	t.Helper()
	settings, err := config.Load(file, vendors)
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := parseFlags(vendors, args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	telemetry := engine.NewTelemetry(prometheus.NewRegistry())
	accounts, err := (&factory{vendors: vendors, enabled: f.enabled(), telemetry: telemetry, logger: log.NewNopLogger(), userAgent: name}).accounts(settings)
	if err != nil {
		t.Fatal(err)
	}
	e := newShownEngine(engine.Config{MaxStale: time.Hour, Now: now, Logger: log.NewNopLogger(), Telemetry: telemetry}, accounts)
	t.Cleanup(e.Close)
	return e
}

// shownEngine is an engine with its exposition.
type shownEngine struct {
	*engine.Engine
	*exposition.Exposition
}

func newShownEngine(c engine.Config, accounts []*engine.Account) *shownEngine {
	e := engine.New(c, accounts)
	return &shownEngine{e, exposition.New(e, vendors.Metrics())}
}

// hurriedClock returns a clock that advances instead of sleeping.
func hurriedClock() rest.Clock {
	var skipped atomic.Int64
	return rest.Clock{
		Now: func() time.Time { return time.Now().Add(time.Duration(skipped.Load())) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			skipped.Add(int64(d))
			return ctx.Err()
		},
	}
}

// lint checks that the metrics follow the conventions and that no series occurs
// twice. It passes only the first series of each metric to the linter, which
// compares each series with all others.
func lint(t *testing.T, g prometheus.Gatherer) {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var firsts []*dto.MetricFamily
	for _, family := range families {
		seen := map[string]bool{}
		for _, m := range family.GetMetric() {
			labels := fmt.Sprint(m.GetLabel())
			if seen[labels] {
				t.Errorf("%s occurs twice with %s", family.GetName(), labels)
			}
			seen[labels] = true
		}
		firsts = append(firsts, &dto.MetricFamily{
			Name: family.Name, Help: family.Help, Type: family.Type, Metric: family.GetMetric()[:1],
		})
	}
	problems, err := promlint.NewWithMetricFamilies(firsts).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Metric != "license_days_to_expiration" { // people ask for days
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// program is the exporter running in this process.
type program struct {
	t      *testing.T
	stdout enginetest.Buffer
	stderr enginetest.Buffer
	status chan int
	url    string
}

// launch runs the exporter until the test stops it. It returns when the server
// listens.
func launch(t *testing.T, vendors collector.Vendors, args ...string) *program {
	t.Helper()
	p := &program{t: t, status: make(chan int, 1)}
	go func() {
		p.status <- run(vendors, append(args, "--web.listen-address=127.0.0.1:0"), &p.stdout, &p.stderr)
	}()
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	for deadline := time.Now().Add(30 * time.Second); ; {
		if m := listening.FindStringSubmatch(p.stderr.String()); m != nil {
			p.url = "http://" + m[1]
			return p
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not listen:\n%s", &p.stderr)
		}
		select {
		case status := <-p.status:
			t.Fatalf("it exits with %d:\n%s", status, &p.stderr)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop ends the exporter with SIGTERM.
func (p *program) stop() {
	p.t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case status := <-p.status:
		if status != 0 {
			p.t.Errorf("it exits with %d:\n%s", status, &p.stderr)
		}
	case <-time.After(time.Minute):
		p.t.Fatal("it does not end")
	}
}

func (p *program) get(path string) string {
	p.t.Helper()
	_, body := p.request(http.MethodGet, path)
	return body
}

func (p *program) post(path string) (status int, body string) {
	p.t.Helper()
	return p.request(http.MethodPost, path)
}

func (p *program) request(method, path string) (status int, body string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	// A connection that is kept alive would delay the shutdown.
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// wait requests a path until its answer contains a text.
func (p *program) wait(path, text string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.get(path), text); {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not show %q:\n%s", path, text, &p.stderr)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
