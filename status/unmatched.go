package status

import (
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/engine"
	"license_exporter/policy"
)

const (
	// unmatchedAge is how long the number of policies that match nothing is kept.
	unmatchedAge = time.Minute
	// maxUnmatchedLines is how many lines about them are logged after each reload.
	maxUnmatchedLines = 20
)

// Unmatched counts the policies that match nothing, and logs each of them once.
type Unmatched struct {
	engine *engine.Engine
	logger log.Logger

	mu      sync.Mutex
	set     *policy.Set
	found   []int // of set, by the latest search
	at      time.Time
	logged  map[int]bool
	allRead bool
}

// NewUnmatched returns an Unmatched for the policies of an engine.
func NewUnmatched(e *engine.Engine, logger log.Logger) *Unmatched {
	return &Unmatched{engine: e, logger: logger}
}

// Count returns how many policies match nothing. It is 0 until each account has been tried.
// Policies that may match what could not be read are left out.
func (u *Unmatched) Count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if set := u.engine.Policies.Load(); set != u.set {
		u.set, u.found, u.allRead, u.logged = set, nil, false, map[int]bool{}
	}
	if u.set == nil || u.allRead && u.engine.Now().Sub(u.at) < unmatchedAge {
		return len(u.found)
	}
	snapshots := u.engine.Snapshots(engine.Selection{})
	for _, s := range snapshots {
		if s.Policies != u.set || !u.allRead && s.Waiting() != "" {
			return 0
		}
	}
	u.found, u.at, u.allRead = UnmatchedPolicies(u.set, snapshots), u.engine.Now(), true
	u.log()
	return len(u.found)
}

// log logs the policies that have not been logged yet.
func (u *Unmatched) log() {
	for n, i := range u.found {
		if u.logged[i] || len(u.logged) == maxUnmatchedLines {
			continue
		}
		u.logged[i] = true
		p := u.set.Policies()[i]
		further := len(u.found) - n - 1
		if len(u.logged) == maxUnmatchedLines && further > 0 {
			_ = level.Warn(u.logger).Log("msg", "more policies match nothing; the rest is not logged", "policy", p.Place, "further", further)
			return
		}
		_ = level.Warn(u.logger).Log("msg", "a policy matches nothing; correct or remove it", "policy", p.Place, "match", strings.Join(p.Match.Keys(), ","))
	}
}

// UnmatchedPolicies returns the indices of the policies that match nothing, and nothing that
// could not be read.
func UnmatchedPolicies(set *policy.Set, snapshots []*engine.Snapshot) []int {
	matched := make([]bool, len(set.Policies()))
	mark := func(i int) { matched[i] = true }
	for _, s := range snapshots {
		if g := s.GovernedAccount(); g != nil {
			g.EachPolicy(mark)
		}
		for i := range s.Organizations {
			for g := range s.Governed(&s.Organizations[i]) {
				g.EachPolicy(mark)
			}
		}
	}
	var found []int
	for i := range matched {
		if matched[i] {
			continue
		}
		for _, s := range snapshots {
			matched[i] = matched[i] || s.MayMatch(i)
		}
		if !matched[i] {
			found = append(found, i)
		}
	}
	return found
}
