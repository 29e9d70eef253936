package engine_test

import (
	"io"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// Whoever reads the log may be slow.
func TestABlockedLogDoesNotBlockScrapes(t *testing.T) {
	reader, writer := io.Pipe() // that nobody reads
	d := enginetest.Organizations("1")
	d.Organizations[0].APIAccess = licensing.APIDisabled
	e := engine.New(engine.Config{Logger: log.NewLogfmtLogger(writer), Telemetry: engine.NewTelemetry(prometheus.NewRegistry())},
		[]*engine.Account{enginetest.Account("acme", &enginetest.Source{Discovery: d})})
	e.Begin(false)
	time.Sleep(50 * time.Millisecond) // until the listing logs
	done := make(chan struct{})
	go func() { e.Snapshots(engine.Selection{}); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Second):
		t.Error("a scrape waits for the log")
	}
	_ = reader.Close()
	e.Close()
}
