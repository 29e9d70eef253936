package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Binaries under test.
var exporterBinary, prometheusBinary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// prometheusTool builds what is of Prometheus. The tag leaves out the service discoveries,
// which take the longest.
var prometheusTool = []string{"-modfile=tools/go.mod", "-tags=remove_all_sd"}

// run builds the binaries that are missing, and runs the tests.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "license_exporter-e2e-")
	if err == nil {
		defer os.RemoveAll(dir)
		exporterBinary, err = binary("LICENSE_EXPORTER", filepath.Join(dir, "license_exporter"), ".")
	}
	if err == nil {
		prometheusBinary, err = binary("PROMETHEUS", filepath.Join(dir, "prometheus"),
			append(prometheusTool, "github.com/prometheus/prometheus/cmd/prometheus")...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// binary returns the path in an environment variable. If there is none, it builds the
// binary with these arguments.
func binary(variable, path string, build ...string) (string, error) {
	if given := os.Getenv(variable); given != "" {
		return given, nil
	}
	cmd := exec.CommandContext(context.Background(), "go", append([]string{"build", "-buildvcs=false", "-o", path}, build...)...)
	cmd.Dir = ".." // where go.mod is
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, output)
	}
	return path, nil
}

// process is a server that runs for a test.
type process struct {
	t       *testing.T
	name    string
	cmd     *exec.Cmd
	log     logBuffer
	ended   chan struct{}
	address string
}

var listening = regexp.MustCompile(`msg="Listening on".* address=(\S+)`)

// start runs a server at a free port and waits until it listens. The server is killed when
// the test ends. Its log is shown if the test failed.
func start(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: filepath.Base(path), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), path, append(args, "--web.listen-address=127.0.0.1:0")...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.WaitDelay = 5 * time.Second // for children that keep its output open
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the process state has the result
		close(p.ended)
	}()
	t.Cleanup(func() {
		<-p.ended
		if t.Failed() {
			t.Logf("log of %s:\n%s", p.name, p.log.String())
		}
	})
	eventually(t, 30*time.Second, func() error {
		select {
		case <-p.ended:
			t.Fatalf("%s ended early: %s", p.name, p.cmd.ProcessState)
		default:
		}
		m := listening.FindStringSubmatch(p.log.String())
		if m == nil {
			return fmt.Errorf("%s does not listen yet", p.name)
		}
		p.address = m[1]
		return nil
	})
	return p
}

func startExporter(t *testing.T, args ...string) *process {
	t.Helper()
	return start(t, exporterBinary, args...)
}

// stop sends SIGTERM, as an init system does, and checks that the process soon exits
// without an error.
func (p *process) stop() {
	p.t.Helper()
	const patience = 5 * time.Second
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%s still runs %s after SIGTERM", p.name, patience)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("%s: %s after SIGTERM, want exit status 0", p.name, p.cmd.ProcessState)
	}
}

// get fetches a page of the process.
func (p *process) get(path string) (string, error) { return p.request(http.MethodGet, path) }

func (p *process) request(method, path string) (string, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.address+path, http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, body)
	}
	return string(body), err
}

// eventually repeats an attempt until it succeeds. If it never does, the test fails with
// the last error.
func eventually(t *testing.T, patience time.Duration, attempt func() error) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		err := attempt()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("after %s: %v", patience, err)
		}
	}
}

// writeFile writes a file that is removed when the test ends, and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// logBuffer holds what a process has written so far.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// with returns the lines that contain a text.
func (b *logBuffer) with(text string) []string {
	var lines []string
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}
