package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"license_exporter/internal/faults"
)

const (
	soakOrganizations = 200
	// All vendors are well each so many minutes. The process is measured in that minute:
	// what it needs at other times depends on the fault.
	calmEvery = 6
	// flatWithin is how much larger the last third of these measurements may be than the first.
	flatWithin = 0.15
)

// TestSoak runs the exporter for as long as SOAK says, with vendors that misbehave. make soak
// starts it.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("it takes long; start it with make soak SOAK=1h")
	}
	s := newSoak(t, duration)
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	var all sync.WaitGroup
	for _, run := range []func(context.Context){s.sample, s.misbehave, s.reload, s.scrapeRegularly, s.readNothing} {
		all.Go(func() { run(ctx) })
	}
	all.Wait()
	s.judge()
}

// soak is a run of the exporter against vendors that misbehave.
type soak struct {
	*process
	duration time.Duration
	minute   time.Duration // or less if the run is short
	fronts   []*fronted
	file     string
	facts    []string // the series that must be in every scrape
	began    time.Time

	mu       sync.Mutex
	faults   map[string]bool // kinds so far
	scrapes  int
	bad      []string // late, failed or incomplete scrapes
	reloads  int
	latest   *measurement // of the current minute; nil at first
	measured []measurement
}

type measurement struct{ memory, goroutines, files float64 }

func newSoak(t *testing.T, duration time.Duration) *soak {
	t.Helper()
	s := &soak{duration: duration, minute: min(time.Minute, duration/20), file: filepath.Join(t.TempDir(), "config.yml"), faults: map[string]bool{}}
	for _, v := range vendors {
		for i := range 2 { // accounts whose number of organizations is fixed have few of them
			f := newFronted(t, v, soakOrganizations/2, nil)
			f.Name = fmt.Sprint(v.Name, "-", i)
			s.fronts = append(s.fronts, f)
		}
	}
	writeAccounts(t, s.file, s.minute, s.fronts...)
	s.process = startProcess(t, binary(t), append(collectorFlags(), "--config.file="+s.file, "--web.enable-lifecycle")...)
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Second) {
		series, err := s.scrape(t.Context())
		if err == nil {
			s.facts = factsOf(series)
			if up := len(with(series, "license_up{")); up >= soakOrganizations && len(with(series, "license_up{", " 1")) == up && s.ready() {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not become healthy: %v\n%s", err, &s.stderr)
		}
	}
	s.began = time.Now()
	t.Logf("%d series of %d organizations", len(s.facts), len(with(s.facts, "license_organization_info{")))
	return s
}

func (s *soak) ready() bool {
	status, _, err := s.get(s.t.Context(), "/-/ready")
	return err == nil && status == http.StatusOK
}

// with returns the lines that begin with a text and, if one is given, end with another.
func with(lines []string, prefix string, suffix ...string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return !strings.HasPrefix(line, prefix) || len(suffix) > 0 && !strings.HasSuffix(line, suffix[0])
	})
}

// factsOf returns the series without values and without those of the exporter itself.
func factsOf(lines []string) []string {
	var facts []string
	for _, line := range lines {
		if strings.HasPrefix(line, "license_") && !strings.HasPrefix(line, "license_exporter_") {
			facts = append(facts, line[:strings.LastIndex(line, " ")])
		}
	}
	slices.Sort(facts)
	return facts
}

// scrape returns the series, and an error if Prometheus would not take them.
func (s *soak) scrape(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapeTimeout)
	defer cancel()
	status, body, err := s.get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("status %d", status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(body)); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(strings.TrimSpace(body), "\n"), func(line string) bool { return strings.HasPrefix(line, "#") }), nil
}

// every calls a function regularly until the context ends.
func every(ctx context.Context, interval time.Duration, do func(n int)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for n := 0; ; n++ {
		do(n)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// misbehave changes how the vendors misbehave. At the end, they are well.
func (s *soak) misbehave(ctx context.Context) {
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same in each run
	kinds := slices.DeleteFunc(faults.Kinds(), func(k faults.Kind) bool { return k.Expect == faults.Fewer || k.Pause > time.Minute })
	order := dice.Perm(len(kinds))
	next := 0
	every(ctx, s.minute, func(n int) {
		s.measure(n > 0 && n%calmEvery == 0)
		for _, f := range s.fronts {
			f.Clear()
			s.note(f.ClearConnections())
			switch chance := dice.IntN(10); {
			case chance == 0, n%calmEvery == calmEvery-1: // all is well
			case chance == 1:
				k := faults.Connections[dice.IntN(len(faults.Connections))]
				if !k.TLS {
					s.begin(k.Name)
					s.note(f.SetConnections(k))
				}
			case chance == 2:
				k := faults.Tokens[dice.IntN(len(faults.Tokens))]
				s.begin(k.Name)
				f.Set(k, 0, isToken)
			default:
				k := kinds[order[next%len(order)]]
				next++
				s.begin(k.Name)
				if chance < 7 {
					f.Set(k, 0, func(r *http.Request) bool { return !isToken(r) })
				} else {
					f.Set(k, 0, f.requestsOf(f.vendor.Operations[dice.IntN(len(f.vendor.Operations))]))
				}
			}
		}
	})
	for _, f := range s.fronts {
		f.Clear()
		s.note(f.ClearConnections())
	}
}

func (s *soak) begin(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[kind] = true
}

// note notes what must not happen.
func (s *soak) note(err error) {
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad = append(s.bad, time.Since(s.began).Round(time.Second).String()+": "+err.Error())
}

// reload reloads the configuration with another setting of each account.
func (s *soak) reload(ctx context.Context) {
	every(ctx, 3*s.minute, func(n int) {
		writeAccounts(s.t, s.file, s.minute+time.Duration(n%2)*time.Second, s.fronts...)
		if n%2 == 0 {
			s.note(s.cmd.Process.Signal(syscall.SIGHUP))
		} else {
			resp, err := http.Post(s.url+"/-/reload", "", nil) //nolint:noctx // it ends soon
			if err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					err = fmt.Errorf("reload: %s", resp.Status)
				}
			}
			s.note(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.reloads++
	})
}

// scrapeRegularly scrapes like Prometheus and notes what is wrong.
func (s *soak) scrapeRegularly(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	every(ctx, min(15*time.Second, s.minute), func(int) {
		running.Go(func() {
			series, err := s.scrape(context.WithoutCancel(ctx))
			if err == nil {
				err = s.check(series)
			}
			s.note(err)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.scrapes++
		})
	})
}

// check returns an error if facts are missing.
func (s *soak) check(series []string) error {
	facts := factsOf(series)
	var lost []string
	for _, fact := range s.facts {
		if _, found := slices.BinarySearch(facts, fact); !found {
			lost = append(lost, fact)
		}
	}
	if len(lost) > 0 {
		return fmt.Errorf("%d facts are lost, such as %s", len(lost), lost[0])
	}
	return nil
}

// readNothing asks for pages and reads nothing, and opens connections without asking.
func (s *soak) readNothing(ctx context.Context) {
	address := strings.TrimPrefix(s.url, "http://")
	var open []net.Conn
	closeAll := func() {
		for _, c := range open {
			_ = c.Close()
		}
	}
	defer func() { closeAll() }()
	every(ctx, 5*s.minute, func(int) {
		closeAll()
		open = nil
		for i := range 20 {
			c, err := net.Dial("tcp", address) //nolint:noctx // it is on this host
			s.note(err)
			if err != nil {
				return
			}
			open = append(open, c)
			if i%2 == 0 {
				_, _ = io.WriteString(c, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 20))
			}
		}
	})
}

// sample measures the process often. Of the goroutines and file descriptors, the least of a
// minute counts: more are in use while it fetches, but not if none are lost.
func (s *soak) sample(ctx context.Context) {
	every(ctx, s.minute/30, func(int) {
		_, body, err := s.get(ctx, "/metrics/exporter")
		if err != nil {
			if ctx.Err() == nil {
				s.note(err)
			}
			return
		}
		m := measurement{memory: float64(s.memory("VmRSS")), files: float64(s.fileDescriptors())}
		for line := range strings.Lines(body) {
			_, _ = fmt.Sscanf(line, "go_goroutines %f", &m.goroutines) // of the line that has it
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if before := s.latest; before != nil {
			m.goroutines, m.files = min(m.goroutines, before.goroutines), min(m.files, before.files)
		}
		s.latest = &m
	})
}

// measure ends a minute. It keeps the measurement if all vendors were well.
func (s *soak) measure(keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.latest
	if m == nil {
		return
	}
	s.latest = nil
	calm := ""
	if keep {
		s.measured = append(s.measured, *m)
		calm = ", all was well"
	}
	fmt.Printf("%8s  memory %4.0f MiB  goroutines %4.0f  file descriptors %3.0f  scrapes %d  reloads %d  kinds of faults %d  wrong %d%s\n",
		time.Since(s.began).Round(time.Second), m.memory/(1<<20), m.goroutines, m.files, s.scrapes, s.reloads, len(s.faults), len(s.bad), calm)
}

// judge ends the exporter and fails the test if something was wrong.
func (s *soak) judge() {
	if len(s.bad) > 0 {
		s.t.Errorf("%d times something was wrong:\n%s", len(s.bad), strings.Join(s.bad[:min(len(s.bad), 50)], "\n"))
	}
	if status := s.terminate(); status != 0 {
		s.t.Errorf("it ends with %d", status)
	}
	if s.t.Failed() {
		lines := strings.Split(s.stderr.String(), "\n")
		s.t.Logf("the end of the log:\n%s", strings.Join(lines[max(0, len(lines)-50):], "\n"))
	}
	measured := s.measured
	third := len(measured) / 3
	if third == 0 {
		return
	}
	for what, of := range map[string]func(measurement) float64{
		"resident memory":  func(m measurement) float64 { return m.memory },
		"goroutines":       func(m measurement) float64 { return m.goroutines },
		"file descriptors": func(m measurement) float64 { return m.files },
	} {
		first, last := median(measured[:third], of), median(measured[len(measured)-third:], of)
		fmt.Printf("%s: %.0f at first, %.0f at last\n", what, first, last)
		if s.duration >= 10*time.Minute && last > first*(1+flatWithin) {
			s.t.Errorf("%s grow from %.0f to %.0f", what, first, last)
		}
	}
}

func median(all []measurement, of func(measurement) float64) float64 {
	values := make([]float64, 0, len(all))
	for _, m := range all {
		values = append(values, of(m))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
