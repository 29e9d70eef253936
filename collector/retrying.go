package collector

import (
	"maps"
	"slices"
	"sync"
)

// retries holds the requests of a fetch that have failed and that the vendor has not
// answered since: they are sent again, or were given up. The zero value is empty, and it is
// safe for concurrent use.
type retries struct {
	mu     sync.Mutex
	failed map[*retry]struct{}
	// shared holds those of answers that the fetch waits for and another one fetches.
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

// errors returns an error for each organization that a request is about, or nil. It is
// empty for what is about none.
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

// share adds the requests of an answer that another fetch reads. The function that it
// returns must be called once there is the answer. What was given up for it stays.
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

// Retrying returns why requests have failed that the vendor has not answered since: they
// are sent again, or were given up. The key is the organization that a request is about. It
// is empty if there is none. Unlike the rest of the report, this changes during the fetch
// and may be called by others.
func (r *Report) Retrying() map[string]error { return r.findings.retrying.errors() }
