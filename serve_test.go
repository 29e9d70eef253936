package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/go-kit/log"

	"license_exporter/internal/enginetest"
)

// A scrape that waits for a vendor does not delay the shutdown: it is answered with
// the facts that there are.
func TestStopAnswersTheScrapesThatWait(t *testing.T) {
	flags, _, err := parseFlags(vendors, []string{"--web.listen-address=127.0.0.1:0"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stop()
		select {
		case <-r.Context().Done():
			fmt.Fprint(w, "at hand")
		case <-time.After(time.Minute):
		}
	})
	var logged enginetest.Buffer
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx, handler, flags.web, log.NewNopLogger(), slog.New(slog.NewTextHandler(&logged, nil)))
	}()
	p := &program{t: t, url: "http://" + address(t, &logged)}
	if body := p.get("/metrics"); body != "at hand" {
		t.Errorf("the scrape is answered with %q", body)
	}
	if err := <-served; err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// address waits until a server listens and returns its address.
func address(t *testing.T, logged *enginetest.Buffer) string {
	t.Helper()
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if m := listening.FindStringSubmatch(logged.String()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("it does not listen:\n%s", logged)
	return ""
}
