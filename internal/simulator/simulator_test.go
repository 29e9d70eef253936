package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const testKey = "a-key-for-tests"

// testNow is the clock of the tests: late in a day, so that a date rounded the wrong way shows.
var testNow = time.Date(2026, 3, 17, 22, 45, 10, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// api is a simulated API on a real connection.
type api struct {
	t      *testing.T
	meraki *Meraki
	base   string
	prefix string // of paths
	bearer string // what get sends
	client *http.Client
}

func start(t *testing.T, o MerakiOptions) *api {
	t.Helper()
	if o.Key == "" {
		o.Key = testKey
	}
	if o.Now == nil {
		o.Now = func() time.Time { return testNow }
	}
	m := NewMeraki(o)
	a := connect(t, m)
	a.meraki, a.prefix, a.bearer = m, "/api/v1", testKey
	return a
}

// connect serves a handler on a real connection.
func connect(t *testing.T, h http.Handler) *api {
	t.Helper()
	a := &api{t: t, client: &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	base, stop, err := Listen(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	t.Cleanup(a.client.CloseIdleConnections)
	a.base = base
	return a
}

// demo is the demo's estate without limits.
func demo(t *testing.T) *api {
	t.Helper()
	return start(t, MerakiOptions{Estate: DemoMeraki(), Limits: MerakiLimits{Off: true}})
}

type reply struct {
	status int
	header http.Header
	body   string
}

// do sends one request; a path without a host goes to the API.
func (a *api) do(method, target string, header http.Header) reply {
	a.t.Helper()
	return a.send(method, target, header, "")
}

// send is do with a body.
func (a *api) send(method, target string, header http.Header, content string) reply {
	a.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = a.base + a.prefix + target
	}
	request, err := http.NewRequestWithContext(a.t.Context(), method, target, strings.NewReader(content))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header = header
	response, err := a.client.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

func bearer(key string) http.Header { return http.Header{"Authorization": {"Bearer " + key}} }

func (a *api) get(target string) reply {
	a.t.Helper()
	return a.do(http.MethodGet, target, bearer(a.bearer))
}

// object is a JSON object as a client sees it that knows nothing of the simulator's types.
type object = map[string]any

// read gets a path that must answer 200.
func read[T any](a *api, target string) T {
	a.t.Helper()
	r := a.get(target)
	if r.status != http.StatusOK {
		a.t.Fatalf("GET %s: %d %s", target, r.status, r.body)
	}
	var value T
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		a.t.Fatalf("GET %s: %v", target, err)
	}
	return value
}

// at walks into nested objects.
func at(value any, path ...string) any {
	for _, name := range path {
		inner, ok := value.(object)
		if !ok {
			return nil
		}
		value = inner[name]
	}
	return value
}

// links reads a Link header, whose rels must not be quoted.
func links(t *testing.T, header string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for link := range strings.SplitSeq(header, ", ") {
		target, rel, ok := strings.Cut(link, ">; rel=")
		if !ok || !strings.HasPrefix(target, "<") || strings.Contains(rel, `"`) {
			t.Fatalf("Link %q", header)
		}
		target = target[1:]
		if u, err := url.Parse(target); err != nil || !u.IsAbs() {
			t.Fatalf("link %q is not absolute: %v", target, err)
		}
		found[rel] = target
	}
	return found
}

// walk follows a rel from page to page and returns the values of one field, page by page.
func (a *api) walk(target, rel, field string) [][]string {
	a.t.Helper()
	var pages [][]string
	for target != "" && len(pages) < 100 {
		r := a.get(target)
		if r.status != http.StatusOK {
			a.t.Fatalf("GET %s: %d %s", target, r.status, r.body)
		}
		var records []object
		if err := json.Unmarshal([]byte(r.body), &records); err != nil {
			a.t.Fatal(err)
		}
		var values []string
		for _, record := range records {
			values = append(values, record[field].(string))
		}
		pages = append(pages, values)
		target = links(a.t, r.header.Get("Link"))[rel]
	}
	return pages
}
