package engine

import (
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// logInterval is the minimum time between two log lines for similar failures.
const logInterval = time.Minute

// accountLog writes the log of an account. It limits the lines about failures,
// since a vendor that is down makes all fetches for all organizations fail.
type accountLog struct {
	logger log.Logger
	now    func() time.Time

	mu       sync.Mutex
	failures map[string]*failures // by what makes them similar
	logged   map[string]bool
}

// failures are similar failures since the latest log line about one of them.
type failures struct {
	logged     time.Time
	suppressed int
}

func newAccountLog(a *Account, logger log.Logger, now func() time.Time) *accountLog {
	return &accountLog{
		logger:   log.With(logger, "vendor", a.Vendor.Name, "account", a.Name),
		now:      now,
		failures: map[string]*failures{},
		logged:   map[string]bool{},
	}
}

func (l *accountLog) failed(collector, organization string, err error) {
	reason := rest.ReasonOf(err)
	logger := log.With(l.logger, "collector", collector, "organization_id", organization, "reason", reason, "err", err)
	similar := string(reason)
	if reason == rest.ReasonForbidden || reason == rest.ReasonNotFound { // collectors can need different permissions
		similar += " " + collector
	}
	n, ok := l.allow(similar)
	if !ok {
		_ = level.Debug(logger).Log("msg", "fetch failed")
		return
	}
	if n > 0 {
		logger = log.With(logger, "suppressed", n)
	}
	_ = level.Error(logger).Log("msg", "fetch failed, the last good facts are kept")
}

// allow reports whether to log a failure, and how many similar failures were not
// logged before.
func (l *accountLog) allow(similar string) (suppressed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.failures[similar]
	if f == nil {
		f = &failures{}
		l.failures[similar] = f
	}
	now := l.now()
	if now.Sub(f.logged) < logInterval {
		f.suppressed++
		return 0, false
	}
	suppressed = f.suppressed
	*f = failures{logged: now}
	return suppressed, true
}

func (l *accountLog) apiDisabled(o licensing.Organization) {
	_ = level.Warn(l.logger).Log("msg", "API access is switched off for an organization, nothing can be read of it; "+
		"switch it on at the vendor or exclude the organization",
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

// once reports whether it is called with a key for the first time.
func (l *accountLog) once(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.logged[key]
	l.logged[key] = true
	return first
}
