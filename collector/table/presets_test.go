package table

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"

	"license_exporter/client/rest"
	api "license_exporter/client/table"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// presetWant is what a preset reads of an answer.
type presetWant struct {
	Records    []map[string]string
	Unreadable []presetUnreadable
	Failure    bool
}

type presetUnreadable struct {
	Record int
	Field  string
}

// serve returns an account of a preset whose requests get an answer.
func serve(t *testing.T, preset string, answer []byte) collector.AccountConfig {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/base/") || r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("offset") != "" && r.URL.Query().Get("offset") != "0" {
			answer = []byte(`{"total": 0, "rows": []}`)
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	a := collector.AccountConfig{Name: "test", Vendor: "table", BaseURL: server.URL + "/base", HTTPClientConfig: collector.BearerToken("token"), Settings: &settings{Preset: preset}}
	own(&a).SetDefaults(&a)
	if err := errors.Join(append(own(&a).Check(&a), a.HTTPClientConfig.Check())...); err != nil {
		t.Fatal(err)
	}
	return a
}

// Answers as the vendors document them and as others have recorded them. What contains SECRET are
// people, companies and keys, and must not be shown anywhere.
func TestPresets(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/presets/*.json")
	if err != nil || len(fixtures) == 0 {
		t.Fatal("no fixtures: ", err)
	}
	tried := map[string]bool{}
	for _, fixture := range fixtures {
		name := strings.TrimSuffix(filepath.Base(fixture), ".json")
		preset, _, _ := strings.Cut(name, "-")
		tried[preset] = true
		t.Run(name, func(t *testing.T) {
			answer, err := os.ReadFile(fixture)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(strings.TrimSuffix(fixture, ".json") + ".want.yaml")
			if err != nil {
				t.Fatal(err)
			}
			var wanted presetWant
			if err := yaml.Unmarshal(text, &wanted); err != nil {
				t.Fatal(err)
			}
			a := serve(t, preset, answer)
			if diff := gocmp.Diff(wanted, readPreset(t, a)); diff != "" {
				t.Errorf("the records differ (-want +got):\n%s", diff)
			}
			h := newHarness(t, serve(t, preset, answer), engine.Config{Now: enginetest.Clock})
			shown := h.Scrape(t.Context()) + h.Log.String()
			if p := h.Account.Preview(); p != nil {
				for _, row := range p.Rows {
					shown += strings.Join(row, " ")
				}
			}
			if strings.Contains(shown, "SECRET") {
				t.Errorf("a secret is shown:\n%s", shown)
			}
			if up := strings.Contains(shown, `license_up{account="test",organization_id=""} 1`); up == wanted.Failure {
				t.Errorf("license_up is %v:\n%s", up, shown)
			}
		})
	}
	for name := range presets() {
		if !tried[name] {
			t.Errorf("preset %s has no fixture", name)
		}
	}
}

// readPreset reads the records of an account.
func readPreset(t *testing.T, a collector.AccountConfig) (got presetWant) {
	t.Helper()
	mapping, errs := own(&a).mapping()
	if errs != nil {
		t.Fatal(errs)
	}
	client, err := rest.New(rest.Options{
		BaseURL: a.BaseURL, HTTP: commonconfig.HTTPClientConfig(a.HTTPClientConfig), Budgets: rest.NewBudgets(rest.NewLimiter(1e6), 1e6),
		Metrics: engine.NewTelemetry(prometheus.NewRegistry()).API("table", a.Name), Logger: log.NewNopLogger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for record, err := range own(&a).open(client, rest.Clock{}, a.BaseURL).Records(context.Background(), mapping.References()) {
		if err != nil {
			return presetWant{Failure: true}
		}
		l, kept := mapping.Read(&record, func(u api.Unreadable) { got.Unreadable = append(got.Unreadable, presetUnreadable{u.Record, u.Field}) })
		if kept {
			got.Records = append(got.Records, textsOf(&l))
		}
	}
	got.Failure = len(got.Records) == 0
	return got
}

// textsOf returns a license as in the files with what is wanted.
func textsOf(l *api.License) map[string]string {
	texts := map[string]string{}
	add := func(key, text string) {
		if text != "" {
			texts[key] = text
		}
	}
	date := func(key string, d api.Date) {
		switch {
		case d.Never:
			add(key, "never")
		case !d.Time.IsZero():
			add(key, d.Time.UTC().Format(time.RFC3339Nano))
		}
	}
	number := func(key string, n api.Optional[float64]) {
		if n.Valid {
			add(key, strconv.FormatFloat(n.Value, 'f', -1, 64))
		}
	}
	add("organization", cmp.Or(l.Organization, "test"))
	add("organization_name", l.OrganizationName)
	add("id", l.ID)
	add("name", l.Name)
	add("product", l.Product)
	add("product_name", l.ProductName)
	add("manufacturer", l.Manufacturer)
	add("product_type", l.ProductType)
	add("state", l.State)
	add("unit", l.Unit)
	add("order_id", l.OrderID)
	add("currency", l.Currency)
	date("start", l.Start)
	date("end", l.End)
	date("grace_end", l.GraceEnd)
	number("seats", l.Seats)
	number("assigned", l.Assigned)
	number("available", l.Available)
	number("cost", l.Cost)
	number("minimum_available_seats", l.MinimumAvailableSeats)
	return texts
}
