package engine

import (
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// quiet is how long failures of the same kind are not logged again.
const quiet = time.Minute

// accountLog writes an account's log, at most one line a minute for each kind
// of failure, however many organizations and scrapes it concerns.
type accountLog struct {
	logger log.Logger
	now    func() time.Time

	mu       sync.Mutex
	failures map[failureKind]*suppressed
	logged   map[string]bool
}

// failureKind is what the failures have in common of which one is logged. What
// is forbidden or not there differs between collectors, so each of them has a
// line of its own.
type failureKind struct {
	reason    rest.Reason
	collector string // empty if all collectors are likely to fail alike
}

func kindOf(reason rest.Reason, collector string) failureKind {
	switch reason {
	case rest.ReasonForbidden, rest.ReasonNotFound:
		return failureKind{reason, collector}
	default:
		return failureKind{reason: reason}
	}
}

// suppressed counts the failures that were not logged since the last line.
type suppressed struct {
	since time.Time
	count int
}

func newAccountLog(a *Account, logger log.Logger, now func() time.Time) *accountLog {
	return &accountLog{
		logger:   log.With(logger, "vendor", a.Vendor.Name, "account", a.Name),
		now:      now,
		failures: map[failureKind]*suppressed{},
		logged:   map[string]bool{},
	}
}

func (l *accountLog) failed(collector, organization string, err error) {
	reason := rest.ReasonOf(err)
	logger := log.With(l.logger, "collector", collector, "organization_id", organization, "reason", reason, "err", err)
	n, ok := l.due(kindOf(reason, collector))
	if !ok {
		_ = level.Debug(logger).Log("msg", "fetch failed")
		return
	}
	if n > 0 {
		logger = log.With(logger, "suppressed", n)
	}
	_ = level.Error(logger).Log("msg", "fetch failed, the last good facts are kept")
}

// due reports whether a failure is to be logged, and how many were not since the
// last that was.
func (l *accountLog) due(kind failureKind) (n int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, known := l.failures[kind]
	now := l.now()
	if known && now.Sub(before.since) < quiet {
		before.count++
		return 0, false
	}
	if known {
		n = before.count
	}
	l.failures[kind] = &suppressed{since: now}
	return n, true
}

func (l *accountLog) apiDisabled(o licensing.Organization) {
	_ = level.Warn(l.logger).Log("msg", "API access is switched off for an organization, nothing can be read of it; "+
		"switch it on in the dashboard or exclude the organization",
		"organization_id", o.ID, "organization_name", o.Name)
}

func (l *accountLog) notApplicable(collector, organization string, err error) {
	if l.once(collector + " " + organization) {
		_ = level.Info(l.logger).Log("msg", "collector does not apply to an organization", "collector", collector,
			"organization_id", organization, "err", err)
	}
}

func (l *accountLog) withheld(collector string, withheld map[string]error) {
	for what, err := range withheld {
		if l.once(collector + " " + what) {
			_ = level.Warn(l.logger).Log("msg", "collecting without "+what, "collector", collector, "err", err)
		}
	}
}

func (l *accountLog) slow(took, maxAge time.Duration) {
	if l.once("slow") {
		_ = level.Warn(l.logger).Log("msg", "refreshing takes longer than max-age, so facts are older than asked for; "+
			"set max_age of the account to at least what it took, or raise its rate_limit, or spread its organizations over several exporters",
			"took", took.Round(time.Second), "max_age", maxAge)
	}
}

func (l *accountLog) once(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.logged[key]
	l.logged[key] = true
	return first
}
