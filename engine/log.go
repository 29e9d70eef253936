package engine

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/client/rest"
	"license_exporter/collector"
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
	failures map[string]*failures // by a text that similar failures share; there are few
	logged   map[onceKey]string   // what was logged last
	disabled map[string]bool      // by organization: it does not allow access by API
}

// onceKey identifies what is logged once. The organization is empty for the account.
type onceKey struct{ organization, what string }

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
		logged:   map[onceKey]string{},
		disabled: map[string]bool{},
	}
}

// log writes a line. Some texts are the vendor's: characters that could control a terminal
// are replaced, and texts that are too long for a line are shortened.
func (l *accountLog) log(at level.Value, keyvals ...any) {
	const maxLength = 4000
	safe := func(text string) string {
		if len(text) > maxLength {
			text = text[:maxLength] + "…"
		}
		return rest.Plain(text)
	}
	for i, value := range keyvals {
		switch v := value.(type) {
		case string:
			keyvals[i] = safe(v)
		case error:
			keyvals[i] = safe(v.Error())
		}
	}
	_ = log.WithPrefix(l.logger, level.Key(), at).Log(keyvals...)
}

// fetched logs the result of a fetch: its error, or what it could not read while it could
// read the rest. kept is set if there are facts of an earlier fetch.
func (l *accountLog) fetched(collectorName string, o licensing.Organization, r *collector.Report, err error, kept bool) {
	switch outcome(o, err) {
	case collector.Failed:
		l.failed(collectorName, o.ID, err, kept)
	case collector.Good:
		for _, c := range r.Children() {
			l.failed(collectorName, o.ID, c.Err, !c.Kept.IsZero(), "child", c.Child)
		}
	default: // not a failure
	}
	for what, err := range r.Withheld() {
		if first, _ := l.changed(onceKey{what: collectorName + " " + what}, ""); first {
			l.log(level.WarnValue(), "msg", "collecting without "+what, "collector", collectorName, "err", err)
		}
	}
	for _, u := range r.Unreadable() {
		what := []any{"collector", collectorName, "organization_id", cmp.Or(u.Organization, o.ID), "field", u.Field}
		if u.Operation != "" { // empty for a word that is not known
			what = append(what, "operation", u.Operation)
		}
		if u.Value != "" {
			what = append(what, "value", u.Value)
		}
		if u.Place != "" {
			what = append(what, "place", u.Place)
		}
		if u.Advice != "" {
			what = append(what, "advice", u.Advice)
		}
		l.limited(level.WarnValue(), "unreadable "+u.Operation+" "+u.Field,
			"a value from the vendor could not be read, and is left out or passed on unchanged", what...)
	}
	for operation, n := range r.SkippedRecords() {
		l.limited(level.WarnValue(), "skipped "+operation, "records from the vendor could not be read and are left out",
			"collector", collectorName, "organization_id", o.ID, "operation", operation, "records", n)
	}
}

// failed logs that a fetch failed. kept is set if there are facts of an earlier fetch. what
// are more keys and values, such as the child object that could not be read.
func (l *accountLog) failed(collectorName, organization string, err error, kept bool, what ...any) {
	reason, msg := rest.ReasonOf(err), "fetch failed, the last good facts are kept"
	if !kept {
		msg = "fetch failed, and there are no earlier facts to keep"
	}
	similar := string(reason)
	if reason == rest.ReasonForbidden || reason == rest.ReasonNotFound { // collectors can need different permissions
		similar += " " + collectorName
	}
	if advice := reason.Advice(); advice != "" {
		what = append(what, "advice", advice)
	}
	l.limited(level.ErrorValue(), similar, msg,
		append([]any{"collector", collectorName, "organization_id", organization, "reason", reason, "err", err}, what...)...)
}

// limited logs a message. If a similar one was logged within logInterval, it does so at
// level debug.
func (l *accountLog) limited(at level.Value, similar, msg string, what ...any) {
	suppressed, ok := l.allow(similar)
	if !ok {
		at = level.DebugValue()
	}
	if suppressed > 0 {
		what = append(what, "suppressed", suppressed)
	}
	l.log(at, append(what, "msg", msg)...)
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

// apiAccess logs if an organization no longer allows access by API.
func (l *accountLog) apiAccess(o licensing.Organization, disabled bool) {
	l.mu.Lock()
	before := l.disabled[o.ID]
	l.disabled[o.ID] = disabled
	l.mu.Unlock()
	if disabled && !before {
		l.log(level.WarnValue(), "msg", "API access is switched off for an organization, so it cannot be read; "+
			"switch it on at the vendor or exclude the organization",
			"organization_id", o.ID, "organization_name", rest.Clip(o.Name))
	}
}

// inherit copies from the log of the account that this one replaces which organizations do
// not allow access by API.
func (l *accountLog) inherit(old *accountLog) {
	old.mu.Lock()
	defer old.mu.Unlock()
	l.disabled = maps.Clone(old.disabled)
}

// problem logs a problem of an organization or of the account as a whole, and others that
// it has later.
func (l *accountLog) problem(o licensing.Organization) {
	if o.Problem == "" {
		return
	}
	what := []any{"organization_id", o.ID, "organization_name", rest.Clip(o.Name), "problem", o.Problem}
	msg := "an organization has a problem"
	if o.ID == "" {
		msg = "the account has a problem"
	}
	switch first, changed := l.changed(onceKey{o.ID, "problem"}, o.Problem); {
	case first:
		l.log(level.WarnValue(), append(what, "msg", msg)...)
	case changed:
		l.limited(level.WarnValue(), "problem", msg, what...)
	}
}

func (l *accountLog) notApplicable(collectorName, organization string, err error) {
	if first, _ := l.changed(onceKey{organization, collectorName}, ""); first {
		l.log(level.InfoValue(), "msg", "collector does not apply to an organization", "collector", collectorName,
			"organization_id", organization, "err", err)
	}
}

func (l *accountLog) slow(took, maxAge time.Duration) {
	if first, _ := l.changed(onceKey{what: "slow"}, ""); first {
		l.log(level.WarnValue(), "msg", "a refresh takes longer than max-age, so facts are older than configured; "+
			"raise max_age of the account to at least the time of a refresh, raise its rate_limit, or distribute its organizations over several exporters",
			"took", took.Round(time.Second), "max_age", maxAge)
	}
}

// changed reports whether it is called with a key for the first time, or with another text
// than before.
func (l *accountLog) changed(key onceKey, text string) (first, changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, logged := l.logged[key]
	l.logged[key] = text
	return !logged, logged && before != text
}

// listed logs which organizations have gone from the list or come back to it, and forgets
// what was logged of those that have gone.
func (l *accountLog) listed(c listChanges) {
	l.mu.Lock()
	if len(c.gone) > 0 {
		gone := make(map[string]bool, len(c.gone))
		for _, o := range c.gone {
			gone[o.ID] = true
			delete(l.disabled, o.ID)
		}
		maps.DeleteFunc(l.logged, func(key onceKey, _ string) bool { return gone[key.organization] })
	}
	l.mu.Unlock()
	line := func(at level.Value, all []licensing.Organization, msg string) {
		if len(all) > 0 {
			l.log(at, "msg", msg, "number", len(all), "organizations", names(all))
		}
	}
	line(level.WarnValue(), c.gone, "organizations are no longer in the vendor's list, their facts are dropped")
	line(level.WarnValue(), c.unreadable, "organizations can no longer be read, their last good facts are kept")
	line(level.InfoValue(), c.back, "organizations are in the vendor's list again")
}

// names returns the names and ids of organizations, of the first few if there are many.
func names(all []licensing.Organization) string {
	const maxNames = 20
	var text []string
	for i, o := range all {
		if i == maxNames {
			text = append(text, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		text = append(text, fmt.Sprintf("%s (%s)", rest.Clip(o.Name), o.ID))
	}
	return strings.Join(text, ", ")
}
