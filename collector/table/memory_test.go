package table

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/memorytest"
)

// manyRows makes a file of n rows of 50 products in 4 companies.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("Contract,Product,Company,Start,Renewal date,Seats,Used,Owner,Remarks\n")
	for i := range n {
		fmt.Fprintf(&b, "C-%d,Product %d,Company %d,2020-01-01,%d-03-31,%d,%d,team-%d,of no interest %d\n", i, i%50, i%4, 2026+i%9, i%90, i%70, i%5, i)
	}
	return b.String()
}

const manyColumns = `file: table.csv
columns: {id: Contract, product: Product, organization: Company, start: Start, end: "Renewal date", seats: Seats, assigned: Used, owner: Owner}
`

// read returns an engine that has read a file.
func read(t testing.TB, keys, content string) *enginetest.Harness {
	t.Helper()
	a, _, err := load(t, keys, content)
	if err != nil {
		t.Fatal(err)
	}
	h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
	h.Refresh(t.Context(), engine.Selection{})
	return h
}

// What is kept of a table grows with its products, not with its records.
func TestFactsGrowWithProducts(t *testing.T) {
	kept := func(n int) float64 {
		content := manyRows(n)
		before := memorytest.Live()
		h := read(t, manyColumns, content)
		after := memorytest.Live()
		if up := h.Lines("license_up"); up != `license_up{organization_id=""} 1` {
			t.Fatal(up, h.Log)
		}
		runtime.KeepAlive(content)
		return float64(after) - float64(before)
	}
	const tolerance = 256 << 10 // what the process keeps for other reasons
	if few, many := kept(1000), kept(100_000); many > 1.5*max(few, 0)+tolerance {
		t.Errorf("100,000 records keep %.0f bytes, 1,000 keep %.0f", many, few)
	}
}

func TestIndividualLicensesAreLimited(t *testing.T) {
	h := read(t, manyColumns+"individual_licenses: true\nindividual_licenses_limit: 100", manyRows(5000))
	if n := strings.Count(h.Lines("license_info"), "\n") + 1; n != 100 {
		t.Errorf("%d licenses have series of their own, want 100", n)
	}
	enginetest.WantLines(t, h.Lines("license_exporter_series_dropped"), `license_exporter_series_dropped{collector="table_licenses"} 4900`)
}

// BenchmarkRefresh reads a file of 100,000 records and makes facts of them. It reports the allocations of
// a record, and the time as a ratio to that of only reading the records.
func BenchmarkRefresh(b *testing.B) {
	const records = 100_000
	a, dir, err := load(b, manyColumns, manyRows(records))
	if err != nil {
		b.Fatal(err)
	}
	mapping, errs := own(&a).mapping()
	if errs != nil {
		b.Fatal(errs)
	}
	var reading, refreshing time.Duration
	var allocations uint64
	for b.Loop() {
		start, n := time.Now(), 0
		for record, err := range own(&a).open(nil, rest.Clock{}, "").Records(b.Context(), mapping.References()) {
			if err != nil {
				b.Fatal(err)
			}
			if _, kept := mapping.Read(&record, nil); kept {
				n++
			}
		}
		if reading += time.Since(start); n != records {
			b.Fatalf("%d records of %s", n, filepath.Join(dir, "table.csv"))
		}
		h := newHarness(b, a, engine.Config{Now: enginetest.Clock})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start = time.Now()
		h.Refresh(b.Context(), engine.Selection{})
		refreshing += time.Since(start)
		runtime.ReadMemStats(&after)
		allocations += after.Mallocs - before.Mallocs
	}
	b.ReportMetric(float64(allocations)/float64(b.N)/records, "allocs/record")
	b.ReportMetric(refreshing.Seconds()/reading.Seconds(), "refresh/read")
	b.ReportMetric(0, "ns/op")
}
