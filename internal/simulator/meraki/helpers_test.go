package meraki

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

const testKey = "a-key-for-tests"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type object = simulator.Object

// api is a simulated API on a real connection.
type api struct {
	*simtest.Client
	meraki *API
}

func start(t *testing.T, o Options) *api {
	t.Helper()
	if o.Key == "" {
		o.Key = testKey
	}
	if o.Now == nil {
		o.Now = func() time.Time { return simtest.Now }
	}
	m := New(o)
	a := &api{simtest.Connect(t, m), m}
	a.Prefix, a.Token = "/api/v1", testKey
	return a
}

// demo serves the demo's estate without limits.
func demo(t *testing.T) *api {
	t.Helper()
	return start(t, Options{Estate: DemoEstate(), Limits: Limits{Off: true}})
}

// read gets a path and decodes the answer, whose status must be 200.
func read[T any](a *api, target string) T {
	a.T.Helper()
	return simtest.Read[T](a.Client, target)
}

// where returns the records that have one of the values in a field.
func where(records []object, field string, values ...any) []object {
	return slices.DeleteFunc(slices.Clone(records), func(o object) bool { return !slices.Contains(values, o[field]) })
}

// at returns the value at a path in nested objects.
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
	a.T.Helper()
	var pages [][]string
	for target != "" && len(pages) < 100 {
		r := a.Get(target)
		if r.Status != http.StatusOK {
			a.T.Fatalf("GET %s: %d %s", target, r.Status, r.Body)
		}
		var records []object
		if err := json.Unmarshal([]byte(r.Body), &records); err != nil {
			a.T.Fatal(err)
		}
		var values []string
		for _, record := range records {
			values = append(values, record[field].(string))
		}
		pages = append(pages, values)
		target = links(a.T, r.Header.Get("Link"))[rel]
	}
	return pages
}
