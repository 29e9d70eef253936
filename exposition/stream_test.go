package exposition_test

import (
	"context"
	"io"
	"runtime"
	"strconv"
	"testing"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// counter counts what is written.
type counter struct{ bytes, most int }

func (c *counter) Write(b []byte) (int, error) {
	c.bytes += len(b)
	c.most = max(c.most, len(b))
	return len(b), nil
}

// A page is written piece by piece in each format, and takes a fraction of its size in memory.
func TestPagesAreStreamed(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = strconv.Itoa(100_000 + i)
	}
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		for p := range 20 {
			r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: "product " + strconv.Itoa(p), Unit: "device"}, licensing.Seats{Limit: licensing.Seat(p), Assigned: licensing.Seat(p)})
		}
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource(ids...), enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	for name, write := range map[string]func(io.Writer, engine.Selection) error{"text": h.WriteText, "protobuf": h.WriteProtobuf} {
		var page counter
		var before, after runtime.MemStats
		for range 2 { // the second time, the series are cached
			page = counter{}
			runtime.ReadMemStats(&before)
			if err := write(&page, engine.Selection{}); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(page.bytes)/3 || page.most > 1<<17 {
			t.Errorf("%s: a page of %d bytes takes %d, and is written in pieces of up to %d", name, page.bytes, took, page.most)
		}
	}
}
