package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/faults"
)

// fronted is an account whose vendor is simulated, behind a front that can give hostile
// answers.
type fronted struct {
	collector.AccountConfig
	*faults.Front
	vendor *collector.Vendor
	// paths are regular expressions for the paths at which the API begins.
	paths []string
}

// withAddresses is implemented by Settings with addresses of the vendor besides the account's base URL.
type withAddresses interface{ Addresses() []*string }

// newFronted starts the simulator of a vendor with little data and so many organizations.
// The account is named after the vendor.
func newFronted(t *testing.T, v *collector.Vendor, organizations int, certificates *faults.Certificates) *fronted {
	t.Helper()
	a, stop, err := v.Simulate(organizations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	addresses := []*string{&a.BaseURL}
	if s, ok := a.Settings.(withAddresses); ok {
		addresses = slices.DeleteFunc(append(addresses, s.Addresses()...), func(address *string) bool { return *address == "" })
	}
	base := a.BaseURL
	if base == "" {
		base = regexp.MustCompile(`^https?://[^/]+`).FindString(*addresses[0])
	}
	front, err := faults.Start(base, certificates)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.Close)
	f := &fronted{a, front, v, nil}
	for _, address := range addresses {
		if rest, ok := strings.CutPrefix(*address, base); ok {
			*address = front.URL + rest
			f.paths = append(f.paths, regexp.QuoteMeta(strings.TrimSuffix(pathOf(*address), "/")))
		}
	}
	f.BaseURL, f.Name, f.Vendor = a.BaseURL, v.Name, v.Name
	if certificates != nil {
		f.HTTPClientConfig.TLSConfig.CA = certificates.CA
		if oauth := f.HTTPClientConfig.OAuth2; oauth != nil {
			oauth.TLSConfig.CA = certificates.CA
		}
	}
	return f
}

// pathOf returns the path of an address of a simulator or a front.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Path
}

// requestsOf returns a function that matches the requests for an operation.
func (f *fronted) requestsOf(o rest.Operation) func(*http.Request) bool {
	path := strings.ReplaceAll(regexp.QuoteMeta(o.Path), regexp.QuoteMeta("{id}"), "[^/]+")
	match := regexp.MustCompile("^(?:" + strings.Join(f.paths, "|") + ")" + path + "$")
	return func(r *http.Request) bool { return match.MatchString(r.URL.Path) }
}

// isToken matches the requests for tokens, which are the only ones with a body.
func isToken(r *http.Request) bool { return r.Method == http.MethodPost }

// collectorFlags switches on all collectors.
func collectorFlags() []string {
	var args []string
	for _, r := range vendors.Collectors() {
		args = append(args, "--collector."+r.Name)
	}
	return args
}

// writeAccounts writes a configuration file.
func writeAccounts(t *testing.T, path string, maxAge time.Duration, accounts ...*fronted) {
	t.Helper()
	commonconfig.MarshalSecretValue = true // secrets of simulators
	defer func() { commonconfig.MarshalSecretValue = false }()
	var file struct {
		Accounts []*yaml.Node `yaml:"accounts"`
	}
	for _, a := range accounts {
		a.MaxAge = new(model.Duration(maxAge))
		var keys, own yaml.Node
		if err := keys.Encode(a.AccountConfig); err != nil {
			t.Fatal(err)
		}
		if a.Settings != nil {
			if err := own.Encode(a.Settings); err != nil {
				t.Fatal(err)
			}
		}
		for i := 0; i < len(own.Content); i += 2 {
			if key, value := own.Content[i], own.Content[i+1]; value.Kind != yaml.SequenceNode || len(value.Content) > 0 { // an empty list is not as none
				keys.Content = append(keys.Content, key, value)
			}
		}
		file.Accounts = append(file.Accounts, &keys)
	}
	content, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// process is the exporter running in its own process.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr enginetest.Buffer
	ended  chan struct{}
	url    string
}

// binary returns the path of the exporter, which it builds unless the environment names one.
func binary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("LICENSE_EXPORTER"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), name)
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return path
}

var listeningOn = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func startProcess(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), path, append(args, "--web.listen-address=127.0.0.1:0")...)
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // its state has the result
		close(p.ended)
	}()
	t.Cleanup(func() { <-p.ended }) // the context has ended
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if m := listeningOn.FindStringSubmatch(p.stderr.String()); m != nil {
			p.url = "http://" + m[1]
			return p
		}
		select {
		case <-p.ended:
			t.Fatalf("it ends: %s\n%s", p.cmd.ProcessState, &p.stderr)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not listen:\n%s", &p.stderr)
		}
	}
}

const scrapeTimeout = 10 * time.Second

// get requests a page like Prometheus.
func (p *process) get(ctx context.Context, path string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(scrapeTimeout.Seconds()))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(content), err
}

// terminate sends SIGTERM and returns the exit status, or -1 if the process does not end.
func (p *process) terminate() int {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(time.Minute):
		return -1
	}
}

// memory returns a line of the process's status in Linux, such as VmHWM, in bytes.
func (p *process) memory(name string) int64 {
	p.t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(content)
	if m == nil {
		p.t.Fatalf("no %s", name)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return n << 10
}

func (p *process) fileDescriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(entries)
}
