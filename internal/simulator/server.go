package simulator

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// front is what the simulated APIs have in common: they wait, fail when they are told to, and count. It is safe for
// concurrent use, and made with a map for the counts.
type front struct {
	latency time.Duration

	mu       sync.Mutex
	requests map[string]int
	limited  int
	fail     func(*http.Request) (int, string, bool)
}

// Requests returns how many requests were answered so far, by operation id and whatever the status.
func (f *front) Requests() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.requests)
}

// RateLimited returns how many requests were answered with 429 so far.
func (f *front) RateLimited() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.limited
}

// Fail sets a hook that is asked before each operation: where it says ok, its status and body are the answer, and a status of 0 closes
// the connection without one. A 429 bears Retry-After: 1. nil ends it.
func (f *front) Fail(fault func(*http.Request) (status int, body string, ok bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fault
}

// wait lets the configured latency pass. It reports whether the client is still there.
func (f *front) wait(r *http.Request) bool {
	if f.latency <= 0 {
		return true
	}
	timer := time.NewTimer(f.latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// injected answers with the fault that the Fail hook wants, if it wants one.
func (f *front) injected(w http.ResponseWriter, r *http.Request, operation string) bool {
	f.mu.Lock()
	fail := f.fail
	f.mu.Unlock()
	if fail == nil {
		return false
	}
	status, body, ok := fail(r)
	if !ok {
		return false
	}
	f.count(operation, status)
	if status == 0 {
		panic(http.ErrAbortHandler) // the server's own way to drop a connection: nothing is logged
	}
	if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
		w.Header().Set("Content-Type", "application/json")
	} else {
		w.Header().Set("Content-Type", "text/html")
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
	return true
}

func (f *front) count(operation string, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests[operation]++
	if status == http.StatusTooManyRequests {
		f.limited++
	}
}

// serve answers one request of an operation: wait, answer, count.
func (f *front) serve(w http.ResponseWriter, r *http.Request, operation string, respond func() answer) {
	if !f.wait(r) || f.injected(w, r, operation) {
		return
	}
	a := respond()
	f.count(operation, a.status)
	a.write(w)
}

// answer is a response before it is written; a nil body writes none.
type answer struct {
	status int
	header http.Header
	body   any
}

func found(body any) answer {
	return answer{status: http.StatusOK, header: http.Header{}, body: body}
}

// midnight is the start of the day in UTC: what all dates of an answer are relative to, so that they hold still for a day.
func midnight(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// retryAfter is a wait in the header's whole seconds.
func retryAfter(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }

func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	body, err := json.Marshal(a.body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}
