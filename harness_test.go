package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the exporter at work in this process.
type program struct {
	t      *testing.T
	stdout safeBuffer
	stderr safeBuffer
	status chan int
	url    string
}

// launch runs the exporter until the test stops it. It returns when the server
// listens.
func launch(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{t: t, status: make(chan int, 1)}
	go func() { p.status <- run(append(args, "--web.listen-address=127.0.0.1:0"), &p.stdout, &p.stderr) }()
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	for deadline := time.Now().Add(30 * time.Second); ; {
		if m := listening.FindStringSubmatch(p.stderr.String()); m != nil {
			p.url = "http://" + m[1]
			return p
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not listen:\n%s", &p.stderr)
		}
		select {
		case status := <-p.status:
			t.Fatalf("it exits with %d:\n%s", status, &p.stderr)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop ends the exporter as a supervisor does.
func (p *program) stop() {
	p.t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case status := <-p.status:
		if status != 0 {
			p.t.Errorf("it exits with %d:\n%s", status, &p.stderr)
		}
	case <-time.After(time.Minute):
		p.t.Fatal("it does not end")
	}
}

func (p *program) get(path string) string {
	p.t.Helper()
	_, body := p.request(http.MethodGet, path)
	return body
}

func (p *program) post(path string) (status int, body string) {
	p.t.Helper()
	return p.request(http.MethodPost, path)
}

func (p *program) request(method, path string) (status int, body string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	// A connection that is kept alive would hold up the shutdown.
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// wait fetches a path until its answer holds a text.
func (p *program) wait(path, text string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.get(path), text); {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not come to show %q:\n%s", path, text, &p.stderr)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// safeBuffer is a buffer that several goroutines write to.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
