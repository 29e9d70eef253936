package github

import (
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"license_exporter/client/rest"
)

// Any answer is read or is an error that shows neither tokens nor people. Only GitHub's own words make it something else than a failure.
func FuzzAnswers(f *testing.F) {
	names := slices.Sorted(maps.Keys(reads))
	statuses := []int{http.StatusOK, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusNoContent}
	for i := range names {
		for j := range statuses {
			f.Add(uint8(i), uint8(j), `{"message": "Copilot Business is not enabled for this organization.", "status": "404"}`)
			f.Add(uint8(i), uint8(j), `{"message": "ghp_abc123 of ada@example.com", "documentation_url": {}}`)
		}
		f.Add(uint8(i), uint8(0), `{"total_seats": 1e400, "seats": "unlimited", "expire_at": [], "plan": "team", "seat_breakdown": [], "kind": {}}`)
		f.Add(uint8(i), uint8(0), `{"total_seats_consumed": "1,5", "seats_available": {}, "plan": {"name": [], "seats": {}}, "login": 5, "expire_at": "2016/02/06 12:41:52 -0600"}`)
	}
	for _, text := range []string{`{"message": {}}`, `{"message": null}`, `{}`, `[]`, `<html>`, ``, "{\"message\": \"\xff\"}", `{"message": "SAML enforcement"}`} {
		f.Add(uint8(0), uint8(2), text)
	}
	v := &vendor{}
	c, _ := serve(f, v)
	f.Fuzz(func(t *testing.T, operation, status uint8, body string) {
		v.mu.Lock()
		v.status, v.body, v.seen = statuses[int(status)%len(statuses)], body, nil
		v.mu.Unlock()
		name := names[int(operation)%len(names)]
		_, err := reads[name].call(t.Context(), c)
		var e *rest.Error
		switch {
		case err == nil && v.status != http.StatusOK:
			t.Errorf("%s: the answer %d %s is accepted", name, v.status, body)
		case err == nil:
			return
		case !errors.As(err, &e):
			t.Fatalf("%s: the error is %v", name, err)
		}
		if secrets.MatchString(err.Error()) || regexp.MustCompile(`\w@\w+\.\w`).MatchString(err.Error()) {
			t.Errorf("%s: the error shows what it must not: %q", name, err)
		}
		if errors.Is(err, rest.ErrNotApplicable) && (e.Status != http.StatusForbidden && e.Status != http.StatusNotFound || !strings.Contains(strings.ToLower(e.Message), "not enabled for this")) {
			t.Errorf("%s: %d %q is not applicable", name, e.Status, e.Message)
		}
	})
}
