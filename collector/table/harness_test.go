package table

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// write writes a file that was not changed for a while.
func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	age(t, path, time.Hour)
}

// age makes a file older.
func age(t testing.TB, path string, by time.Duration) {
	t.Helper()
	when := time.Now().Add(-by)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

// load returns an account with these keys, in a directory with a file table.csv of this content.
func load(t testing.TB, keys, content string) (a collector.AccountConfig, dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "table.csv"), content)
	path := filepath.Join(dir, "license_exporter.yml")
	write(t, path, "accounts:\n  - name: acme\n    vendor: table\n    "+strings.ReplaceAll(strings.TrimSpace(keys), "\n", "\n    ")+"\n")
	c, err := config.Load(path, collector.Vendors{Vendor})
	if err != nil {
		return a, dir, err
	}
	return c.Accounts[0], dir, nil
}

// newHarness returns an engine with an account of this configuration.
func newHarness(t testing.TB, a collector.AccountConfig, c engine.Config) *enginetest.Harness {
	t.Helper()
	registry := prometheus.NewRegistry()
	connection, err := Vendor.Connect(collector.Deps{
		Account: &a,
		HTTP: rest.Options{
			BaseURL: a.BaseURL, HTTP: commonconfig.HTTPClientConfig(a.HTTPClientConfig), UserAgent: "test",
			Budgets: rest.NewBudgets(rest.NewLimiter(1e6), 1e6), Metrics: engine.NewTelemetry(registry).API("table", a.Name), Logger: log.NewNopLogger(),
		},
		Memory: &collector.Memory{}, Enabled: func(string) bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	if connection.Close != nil {
		t.Cleanup(connection.Close)
	}
	return enginetest.NewOf(t, c, &engine.Account{
		Name: a.Name, Vendor: Vendor, Connection: connection, Organizations: a.Organizations,
		Options: collector.Options{IndividualLicenses: a.IndividualLicenses, IndividualLimit: a.IndividualLicensesLimit},
	})
}

// facts returns the facts that an account with these keys reads of a file table.csv with this content.
func facts(t testing.TB, keys, content string) string {
	t.Helper()
	a, _, err := load(t, keys, content)
	if err != nil {
		t.Fatal(err)
	}
	h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
	series := h.ScrapeCollectors(t.Context())
	if log := h.Log.String(); strings.Contains(log, "level=error") {
		t.Errorf("the log has\n%s", log)
	}
	return series
}
