package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-kit/log"

	"license_exporter/collector"
	"license_exporter/collector/meraki"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/hangup"
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
		served <- serve(ending{ctx, t.Context()}, handler, flags.web, log.NewNopLogger(), slog.New(slog.NewTextHandler(&logged, nil)))
	}()
	p := &program{t: t, url: "http://" + address(t, &logged)}
	if body := p.get("/metrics"); body != "at hand" {
		t.Errorf("the scrape is answered with %q", body)
	}
	if err := <-served; err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// A client that does not read its answer does not prevent the end: its connection is
// closed when the grace period is over, or when a second signal comes.
func TestStopClosesTheConnectionsOfThoseThatDoNotRead(t *testing.T) {
	flags, _, err := parseFlags(vendors, []string{"--web.listen-address=127.0.0.1:0"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	soon, stop := context.WithCancel(t.Context())
	now, stopNow := context.WithCancel(t.Context())
	begun, ended := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		defer close(ended)
		for err := error(nil); err == nil; {
			_, err = w.Write(make([]byte, 1<<20))
		}
	})
	var logged, serverLogged enginetest.Buffer
	served := make(chan error, 1)
	go func() {
		served <- serve(ending{soon, now}, handler, flags.web, log.NewLogfmtLogger(&logged), slog.New(slog.NewTextHandler(&serverLogged, nil)))
	}()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address(t, &serverLogged))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	fmt.Fprint(conn, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
	<-begun
	stop()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(logged.String(), "shutting down"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not shut down")
		}
	}
	stopNow()
	if err := <-served; err != nil {
		t.Errorf("it ends with %v", err)
	}
	<-ended
	if want := "level=info msg=\"shutting down\"\nlevel=warn msg=\"connections were closed because their clients had not read the complete response\"\n"; logged.String() != want {
		t.Errorf("it logs\n%swant\n%s", &logged, want)
	}
}

// A start that hangs ends with the first signal.
func TestStopDuringTheStart(t *testing.T) {
	for args, want := range map[string]int{"--no-check": 0, "--check": 1} {
		release, reading := make(chan struct{}), make(chan struct{})
		slow := *meraki.Vendor
		slow.Settings = sync.OnceValue(func() collector.Settings {
			close(reading)
			<-release
			return meraki.Vendor.Settings()
		})
		p := &program{t: t, status: make(chan int, 1)}
		go func() {
			p.status <- run(collector.Vendors{&slow}, []string{args, "--config.file=" + configFile(t, "http://127.0.0.1:1")}, &p.stdout, &p.stderr)
		}()
		<-reading
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if got := <-p.status; got != want {
			t.Errorf("%q: it exits with %d, want %d: %s", args, got, want, &p.stderr)
		}
		close(release)
	}
}

// A SIGHUP before the configuration has been read changes nothing.
func TestHangupBeforeTheStart(t *testing.T) {
	hangup.Forget() // what other tests sent
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); len(hangup.Received()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the signal does not come")
		}
	}
	p := launch(t, vendors, "--demo")
	p.wait("/-/healthy", "OK")
	p.stop()
	if strings.Contains(p.stderr.String(), "configuration") {
		t.Errorf("the configuration was read again:\n%s", &p.stderr)
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
