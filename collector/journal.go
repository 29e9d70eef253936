package collector

import (
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// quiet is how long a failure of the same reason is not logged again.
const quiet = time.Minute

// journal writes an account's log, at most one line a minute for each reason
// of failure, however many organizations and scrapes it concerns. What is
// forbidden or not there differs from collector to collector, so that each of
// them has its own line.
type journal struct {
	logger log.Logger
	now    func() time.Time

	mu     sync.Mutex
	logged map[cause]*muted
	said   map[string]bool
}

// cause is what failures have in common of which one is logged.
type cause struct {
	reason    rest.Reason
	collector string // empty if all are likely to fail alike
}

func causeOf(reason rest.Reason, collector string) cause {
	switch reason {
	case rest.ReasonForbidden, rest.ReasonNotFound:
		return cause{reason, collector}
	default:
		return cause{reason: reason}
	}
}

// muted is what has been kept quiet since the last line.
type muted struct {
	at    time.Time
	count int
}

func newJournal(a *Account, logger log.Logger, now func() time.Time) *journal {
	return &journal{
		logger: log.With(logger, "vendor", a.Vendor, "account", a.Name),
		now:    now,
		logged: map[cause]*muted{},
		said:   map[string]bool{},
	}
}

func (j *journal) failed(collector, organization string, err error) {
	reason := rest.ReasonOf(err)
	logger := log.With(j.logger, "collector", collector, "organization_id", organization, "reason", reason, "err", err)
	suppressed, ok := j.due(causeOf(reason, collector))
	if !ok {
		_ = level.Debug(logger).Log("msg", "fetch failed")
		return
	}
	if suppressed > 0 {
		logger = log.With(logger, "suppressed", suppressed)
	}
	_ = level.Error(logger).Log("msg", "fetch failed, the last good facts are kept")
}

// due tells whether a failure is to be logged, and how many were not since the
// last that was.
func (j *journal) due(c cause) (suppressed int, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	m, known := j.logged[c]
	now := j.now()
	if known && now.Sub(m.at) < quiet {
		m.count++
		return 0, false
	}
	if known {
		suppressed = m.count
	}
	j.logged[c] = &muted{at: now}
	return suppressed, true
}

func (j *journal) apiDisabled(o licensing.Organization) {
	_ = level.Warn(j.logger).Log("msg", "API access is switched off for an organization, nothing can be read of it; "+
		"switch it on in the dashboard or exclude the organization",
		"organization_id", o.ID, "organization_name", o.Name)
}

func (j *journal) notApplicable(collector, organization string, err error) {
	if j.once(collector + " " + organization) {
		_ = level.Info(j.logger).Log("msg", "collector does not apply to an organization", "collector", collector,
			"organization_id", organization, "err", err)
	}
}

func (j *journal) without(collector string, missing map[string]error) {
	for what, err := range missing {
		if j.once(collector + " " + what) {
			_ = level.Warn(j.logger).Log("msg", "collecting without "+what, "collector", collector, "err", err)
		}
	}
}

func (j *journal) slow(took, maxAge time.Duration) {
	if j.once("slow") {
		_ = level.Warn(j.logger).Log("msg", "refreshing takes longer than max-age, so facts are older than asked for; "+
			"set max_age of the account to at least what it took, or raise its rate_limit, or spread its organizations over several exporters",
			"took", took.Round(time.Second), "max_age", maxAge)
	}
}

func (j *journal) once(key string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := !j.said[key]
	j.said[key] = true
	return first
}
