package collector

import (
	"maps"
	"slices"
	"sync"
)

// retries contains the requests of a fetch that have failed and that the vendor has not
// answered since: they are sent again, or were given up. The zero value is empty, and it is
// safe for concurrent use.
type retries struct {
	mu     sync.Mutex
	failed map[*retry]struct{}
	// shared contains the retries of other fetches whose answers this fetch waits for.
	shared []*retries
}

type retry struct {
	organization string
	err          error
}

// add implements Trace.Retrying of package rest.
func (all *retries) add(organization string, err error) (answered func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.failed == nil {
		all.failed = map[*retry]struct{}{}
	}
	one := &retry{organization, err}
	all.failed[one] = struct{}{}
	return func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		delete(all.failed, one)
	}
}

func (all *retries) reset() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.failed = nil
}

// errors returns an error for each organization that failed requests are about. The
// organization is empty for requests about none. The result is nil if no request has failed.
func (all *retries) errors() map[string]error {
	all.mu.Lock()
	defer all.mu.Unlock()
	if len(all.failed)+len(all.shared) == 0 {
		return nil
	}
	found := make(map[string]error, len(all.failed))
	for one := range all.failed {
		found[one.organization] = one.err
	}
	for _, other := range all.shared {
		maps.Copy(found, other.errors())
	}
	return found
}

// share adds the requests of another fetch whose answer this fetch waits for. Call stop when
// the answer is there. Requests that were given up by then stay.
func (all *retries) share(other *retries) (stop func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.shared = append(all.shared, other)
	return func() {
		for organization, err := range other.errors() {
			all.add(organization, err)
		}
		all.mu.Lock()
		defer all.mu.Unlock()
		i := slices.Index(all.shared, other)
		all.shared = slices.Delete(all.shared, i, i+1)
	}
}

// Retrying returns the errors of requests that have failed and that the vendor has not
// answered since: they are sent again, or were given up. The key is the organization that a
// request is about, and empty if there is none. Unlike the other methods, Retrying may be
// called by other goroutines during the fetch.
func (r *Report) Retrying() map[string]error { return r.findings.retrying.errors() }
