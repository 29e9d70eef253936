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

// Front adds latency, injected faults and counts to a simulated API, which embeds it. The zero value is ready for use. It is safe for
// concurrent use.
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

// Fail sets a hook that is called before each operation. If it returns ok, its status and body are the answer. The status 0 closes the
// connection without an answer. The status 429 adds Retry-After: 1. nil removes the hook.
func (f *Front) Fail(fault func(*http.Request) (status int, body string, ok bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fault
}

// Serve answers one request of an operation: it waits, answers and counts.
func (f *Front) Serve(w http.ResponseWriter, r *http.Request, operation string, respond func() Answer) {
	if f.Latency > 0 {
		select {
		case <-time.After(f.Latency):
		case <-r.Context().Done():
			return
		}
	}
	a, ok := f.injected(r)
	if !ok {
		a = respond()
	}
	f.count(operation, a.Status)
	if a.Status == 0 {
		panic(http.ErrAbortHandler) // the server drops the connection and logs nothing
	}
	a.Write(w)
}

// injected returns the answer that the hook of Fail asks for, if any.
func (f *Front) injected(r *http.Request) (a Answer, ok bool) {
	f.mu.Lock()
	fail := f.fail
	f.mu.Unlock()
	if fail == nil {
		return a, false
	}
	status, body, ok := fail(r)
	a = Answer{status, http.Header{"Content-Type": {"text/html"}}, []byte(body)}
	if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
		a.With("Content-Type", "application/json")
	}
	if status == http.StatusTooManyRequests {
		a.After(time.Second)
	}
	return a, ok
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

// Object is a JSON object.
type Object = map[string]any

// Answer is a response before it is written.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// NewAnswer returns an answer whose body is a value as JSON.
func NewAnswer(status int, value any) Answer {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // a bug in the simulator
	}
	return Answer{status, http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))}}, body}
}

// Found returns a successful answer.
func Found(value any) Answer { return NewAnswer(http.StatusOK, value) }

// With sets a header of the answer and returns it.
func (a Answer) With(name, value string) Answer {
	a.Header.Set(name, value)
	return a
}

// After sets the Retry-After header, which has whole seconds.
func (a Answer) After(wait time.Duration) Answer {
	return a.With("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// Write writes the answer.
func (a Answer) Write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}
