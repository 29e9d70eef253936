package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// BenchmarkCSV reads a file of 50 MB of which it keeps six columns. It reports the allocations of a
// row, and the time as a ratio to that of encoding/csv alone.
func BenchmarkCSV(b *testing.B) {
	path := filepath.Join(b.TempDir(), "large.csv")
	rows := largeCSV(b, path, 50_000_000)
	s, columns := NewFile(path, FileOptions{}), refs("Contract", "Product", "Company", "End", "Seats", "Used")
	var reading, parsing time.Duration
	var allocations uint64
	for b.Loop() {
		parsing += timed(b, rows, func() (n int) {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = f.Close() }() // nothing was written
			r := csv.NewReader(bufio.NewReaderSize(f, 64<<10))
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					return n - 1 // without the header
				} else if err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		reading += timed(b, rows, func() (n int) {
			for _, err := range s.Records(b.Context(), columns) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			return n
		})
		runtime.ReadMemStats(&after)
		allocations += after.Mallocs - before.Mallocs
	}
	b.ReportMetric(float64(allocations)/float64(b.N*rows), "allocs/row")
	b.ReportMetric(float64(reading)/float64(parsing), "x-encoding/csv")
	b.ReportMetric(float64(rows), "rows")
}

// timed returns the time for reading a number of rows.
func timed(b *testing.B, rows int, read func() int) time.Duration {
	b.Helper()
	begin := time.Now()
	if n := read(); n != rows {
		b.Fatalf("%d rows, want %d", n, rows)
	}
	return time.Since(begin)
}

// largeCSV writes a table of at least a number of bytes, and returns the number of its rows.
func largeCSV(b *testing.B, path string, size int) (rows int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	n, _ := fmt.Fprint(w, "Contract,Product,Manufacturer,Company,Start,End,Seats,Used,\"Annual cost\",Currency,Owner,Notes\r\n")
	for ; n < size; rows++ {
		added, _ := fmt.Fprintf(w, "C-%06d,\"Contoso Suite, edition %d\",Contoso,Contoso Retail,2026-01-01,2026-12-31,%d,%d,\"12,500.00\",EUR,sam-team,\"bought with \"\"order\"\" %d\"\r\n", rows, rows%50, rows%500, rows%400, rows)
		n += added
	}
	if err := errors.Join(w.Flush(), f.Close(), os.Chtimes(path, testTime, time.Now().Add(-time.Hour))); err != nil {
		b.Fatal(err)
	}
	return rows
}
