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

// Front is what the simulated APIs have in common: latency, injected faults and counts. A vendor's API embeds it. The zero value is
// ready for use, and safe for concurrent use.
type Front struct {
	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	mu       sync.Mutex
	requests map[string]int
	limited  int
	fail     func(*http.Request) (int, string, bool)
}

// Requests returns how many requests were answered so far, by operation id and whatever the status.
func (f *Front) Requests() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.requests)
}

// RateLimited returns how many requests were answered with 429 so far.
func (f *Front) RateLimited() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.limited
}

// Fail sets a hook that is called before each operation. If it returns ok, its status and body are the answer; a status of 0 closes the
// connection without an answer. A 429 has Retry-After: 1. nil removes the hook.
func (f *Front) Fail(fault func(*http.Request) (status int, body string, ok bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fault
}

// wait lets the configured latency pass. It reports whether the client is still there.
func (f *Front) wait(r *http.Request) bool {
	if f.Latency <= 0 {
		return true
	}
	timer := time.NewTimer(f.Latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// injected answers with the fault that the Fail hook wants, if it wants one.
func (f *Front) injected(w http.ResponseWriter, r *http.Request, operation string) bool {
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

func (f *Front) count(operation string, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.requests == nil {
		f.requests = map[string]int{}
	}
	f.requests[operation]++
	if status == http.StatusTooManyRequests {
		f.limited++
	}
}

// Serve answers one request of an operation: it waits, answers and counts.
func (f *Front) Serve(w http.ResponseWriter, r *http.Request, operation string, respond func() Answer) {
	if !f.wait(r) || f.injected(w, r, operation) {
		return
	}
	a := respond()
	f.count(operation, a.Status)
	a.Write(w)
}

// Object is a JSON object.
type Object = map[string]any

// Answer is a response before it is written. Without a Body only the status and the headers are sent.
type Answer struct {
	Status int
	Header http.Header
	Body   any
}

// NewAnswer returns an answer without headers of its own.
func NewAnswer(status int, body any) Answer {
	return Answer{Status: status, Header: http.Header{}, Body: body}
}

// Found is a successful answer.
func Found(body any) Answer { return NewAnswer(http.StatusOK, body) }

// With sets a header of the answer and returns it.
func (a Answer) With(name, value string) Answer {
	a.Header.Set(name, value)
	return a
}

// After asks the client to wait that long, in the whole seconds of the Retry-After header.
func (a Answer) After(wait time.Duration) Answer {
	return a.With("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// Write writes the answer.
func (a Answer) Write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if a.Body == nil {
		w.WriteHeader(a.Status)
		return
	}
	body, err := json.Marshal(a.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}
