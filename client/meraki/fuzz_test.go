package meraki

import (
	"errors"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"license_exporter/client/rest"
	"license_exporter/internal/recordtest"
)

func FuzzRecords(f *testing.F) { recordtest.Fuzz(f, reflect.TypeFor[*Client](), oddRecords) }

var oddRecords = []string{
	`null`, `{}`, `[]`, `"x"`, `{"id": {}}`, `{"ID": 5, "api": {"enabled": "yes"}, "licensing": [], "cloud": {"region": "x"}}`, `{"id": "a", "Id": "b"}`,
	`{"licensedDeviceCounts": {"MR": "many", "MX": {}}, "states": {"expiring": {"count": 1e400}}, "licenseTypes": [null, {"counts": {"unassigned": true}}]}`,
	`{"key": ["x"], "mode": "Z2AB-CDEF-GHJK", "editions": [{"edition": {}}], "counts": [{"model": [], "count": "1,5"}]}`,
	`{"subscriptionId": "a", "productTypes": [1, {}], "entitlements": [{"sku": {}, "seats": {"limit": "x"}}], "enterpriseAgreement": {"suites": [[]]}}`,
	`{"subscription": {"id": []}, "violations": {"byProductClass": [{"gracePeriodEndsAt": "soon", "missing": {"entitlements": [{"quantity": "-"}]}}]}}`,
	`{"serial": 7, "eox": {"endOfSaleAt": 5}, "licenseExpirationDate": "\u0032020-01-01"}`,
}

// Any answer is read or is an error that names the operation and shows neither keys nor people. Only the vendor's own words
// make it something else than a failure.
func FuzzAnswers(f *testing.F) {
	names := slices.Sorted(maps.Keys(operations))
	statuses := []int{http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusNoContent, http.StatusConflict}
	for i := range names {
		for j := range statuses {
			f.Add(uint8(i), uint8(j), `{"errors": ["Organization with ID 515892 does not support per-device licensing"]}`)
			f.Add(uint8(i), uint8(j), `{"errors": "You must first enable API access, ada@example.com"}`)
		}
		f.Add(uint8(i), uint8(1), `{"errors": ["Z2AB-CDEF-GHJK and 0123456789abcdef0123456789abcdef01234567", "\u001b[31m\n\u202e"]}`)
		f.Add(uint8(i), uint8(0), `[`+record(1)+`, null, {"id": {}}]`)
		f.Add(uint8(i), uint8(0), record(1))
	}
	for _, text := range []string{`{"errors": {}}`, `{"errors": [1]}`, `{"errors": null}`, `{}`, `[]`, `<html>`, ``, "{\"errors\": [\"\xff\"]}"} {
		f.Add(uint8(0), uint8(1), text)
	}
	v := &vendor{}
	c := serve(f, v)
	f.Fuzz(func(t *testing.T, operation, status uint8, body string) {
		v.mu.Lock()
		v.status, v.body, v.seen = statuses[int(status)%len(statuses)], []byte(body), nil
		v.mu.Unlock()
		name := names[int(operation)%len(names)]
		_, err := operations[name](t.Context(), c, "1")
		switch {
		case err == nil && v.status != http.StatusOK:
			t.Errorf("%s: the answer %d %s is accepted", name, v.status, body)
		case err == nil:
			return
		}
		var e *rest.Error
		if !errors.As(err, &e) || e.Operation != name || e.Status != v.status && e.Status != 0 {
			t.Fatalf("%s: the error is %v", name, err)
		}
		if secrets.MatchString(err.Error()) || regexp.MustCompile(`\w@\w+\.\w`).MatchString(err.Error()) {
			t.Errorf("%s: the error shows what it must not: %q", name, err)
		}
		said := strings.ToLower(e.Message)
		if errors.Is(err, rest.ErrNotApplicable) && (v.status != http.StatusBadRequest || !strings.Contains(said, "licens") || !strings.Contains(said, "organization") && !strings.Contains(said, "does not")) {
			t.Errorf("%s: %d %q is not applicable", name, v.status, e.Message)
		}
		if errors.Is(err, rest.ErrAccessDisabled) != ((v.status == http.StatusForbidden || v.status == http.StatusNotFound) && strings.Contains(e.Message, "must first enable API access")) {
			t.Errorf("%s: access is disabled by %d %q: %v", name, v.status, e.Message, err)
		}
	})
}
