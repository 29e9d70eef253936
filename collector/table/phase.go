package table

import (
	"strings"
	"time"

	api "license_exporter/client/table"
	"license_exporter/licensing"
)

// phases contains what the words for states mean. All other words say nothing, and the dates
// decide.
var phases = func() map[string]licensing.Phase {
	words := map[string]licensing.Phase{}
	for phase, texts := range map[licensing.Phase]string{
		licensing.Ended: "ended expired lapsed terminated abgelaufen beendet",
		licensing.Dormant: "archived canceled cancelled closed decommissioned deleted disabled disposed draft future inactive invalid " +
			"not_started ordered pending planned queued rejected removed replaced requested retired revoked suspended unused void " +
			"gekündigt geplant inaktiv storniert",
	} {
		for word := range strings.FieldsSeq(texts) {
			words[word] = phase
		}
	}
	return words
}()

// separators are between the words of a state.
var separators = strings.NewReplacer(" ", "_", "-", "_")

// phaseOf returns the phase of a record: by in_force, by the word for its state, and otherwise by
// its dates. A license that has ended is in force while a grace period lasts.
func phaseOf(l *api.License, now time.Time) licensing.Phase {
	byWord := phases[separators.Replace(strings.ToLower(l.State))]
	ended := hasEnded(l.End.Time, now)
	switch {
	case l.InForce.Valid && l.InForce.Value:
		return licensing.InForce
	case l.InForce.Valid && ended:
		return licensing.Ended
	case l.InForce.Valid:
		return licensing.Dormant
	case byWord != licensing.Undetermined:
		return byWord
	case l.Start.Time.After(now):
		return licensing.Dormant
	case ended && !l.GraceEnd.Time.After(now):
		return licensing.Ended
	}
	return licensing.InForce
}

// stateOf returns a state for a record that has none.
func stateOf(phase licensing.Phase, l *api.License, now time.Time) string {
	switch {
	case phase == licensing.InForce:
		return stateActive
	case phase == licensing.Dormant && l.Start.Time.After(now):
		return stateQueued
	case phase == licensing.Dormant:
		return "inactive"
	}
	return stateExpired
}

// renews reports whether a license renews by itself.
func renews(l *api.License) bool {
	return l.Renewal == "automatic" || l.Renewal == "" && !l.RenewalDate.Time.IsZero()
}
