package snow

import (
	"encoding/json"
	"errors"
	"math/bits"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/internal/recordtest"
)

func FuzzRecords(f *testing.F) { recordtest.Fuzz(f, reflect.TypeFor[*Client](), oddRecords) }

var oddRecords = []string{
	`null`, `{}`, `[]`, `"x"`, `{"id": {}}`, `{"ID": 5, "name": ["x"]}`, `{"id": "a", "Id": "b"}`, `{"incompleteReasons": "3, New, None", "status": "ACTIVE", "quantity": 1e400}`,
	`{"incompleteReasons": [1, {}, "All"], "upgrades": [{"quantity": "x"}, null], "isSubscription": "maybe"}`, `{"invalidAssignmentReasons": -1, "purchaseValue": "1,5"}`,
	`{"invalidAssignmentReasons": 18446744073709551615, "subscriptionValidTo": "5/25/2023 12:00:00\u202fAM"}`, `{"metrics": [{"id": {}}], "endOfLifeDate": 7, "computerId": ["x"]}`,
	`{"nodeId": "00000000-0000-0000-0000-000000000000", "assignmentType": "USER", "reason": "Z2AB-CDEF-GHJK"}`,
}

// A set of flags has the names of its bits, and is the same when it is read again from its names.
func FuzzFlags(f *testing.F) {
	for _, seed := range []string{
		`null`, `""`, `0`, `3`, `"5"`, `-1`, `1.5`, `1e3`, `65536`, `18446744073709551615`, `18446744073709551616`, `"None"`, `"All"`, `"ALL, 1"`, `"MissingMetric, missingmetric"`, `"New, Z2AB-CDEF-GHJK"`,
		`[1, "MissingMetric", "2, 4"]`, `[{}]`, `{}`, `[[1]]`, `true`, `[`, `",,"`, `"0x10, 1_0, NaN"`, `"\u0031"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if !json.Valid(b) {
			return
		}
		for _, known := range []flagNames{incompleteReasons, invalidAssignmentReasons} {
			got := known.decode(b)
			for _, name := range got.Names {
				bit, err := strconv.ParseUint(name, 10, 64)
				isNameless := err == nil && bits.OnesCount64(bit) == 1 && bits.TrailingZeros64(bit) >= len(known)
				if isKnown := slices.Contains(known, name); isKnown == slices.Contains(got.Unknown, name) || !isKnown && !isNameless && string(scalar.WordOf(name)) != name {
					t.Errorf("%s has the name %q: %+v", b, name, got)
				}
			}
			if number, err := strconv.ParseUint(string(b), 10, 64); err == nil {
				var sum uint64
				for _, name := range got.Names {
					if i := slices.Index(known, name); i >= 0 {
						sum |= 1 << i
					} else if bit, err := strconv.ParseUint(name, 10, 64); err == nil {
						sum |= bit
					}
				}
				if sum != number || !got.Valid || got.Unreadable {
					t.Errorf("%s is %+v", b, got)
				}
			}
			names, err := json.Marshal(strings.Join(got.Names, ", "))
			if err != nil {
				t.Fatal(err)
			}
			if again := known.decode(names); !slices.Equal(again.Names, got.Names) || again.Unreadable {
				t.Errorf("%s is %+v, which is read again as %+v", b, got, again)
			}
		}
	})
}

// Any answer is read or is an error that names the operation and shows neither keys nor people. Only an operation
// that version 1.0.0 lacks may not apply, and not once something shows that the version is newer.
func FuzzAnswers(f *testing.F) {
	all := operations()
	statuses := []int{http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusNoContent}
	for i := range all {
		for j := range statuses {
			f.Add(uint8(i), uint8(j), `{"error": {"code": 404, "message": "Not found by ada@example.com, key 15S45-7Y9L54-X8J7N"}}`)
		}
		f.Add(uint8(i), uint8(0), `{"items": [{"id": "a", "status": "Active"}, null], "pagination": {"total_items": 2}}`)
	}
	for i, text := range []string{
		`{"items": []}`, `{"items": null}`, `{}`, `null`, `{"nodes": []}`, `{"id": "a", "purchaseDate": "2020-01-01"}`, `{"items": [], "pagination": {"total_pages": 9223372036854775807}}`,
		`{"items": [{"id": "a"}], "links": [{"rel": "next", "href": "?page_number=2"}]}`, `{"error": "\u001b[31m"}`, `{"error": {"code": {}}}`, `<html>`,
	} {
		f.Add(uint8(i), uint8(0), text)
		f.Add(uint8(i), uint8(3), text)
	}
	s := serve(f, nil)
	f.Fuzz(func(t *testing.T, which, how uint8, body string) {
		o, status := all[int(which)%len(all)], statuses[int(how)%len(statuses)]
		_, ofFirstVersion := o.want["1.0.0"]
		_, ofOther := o.want["other"]
		isAdded := !ofFirstVersion && !ofOther
		memory := &Memory{}
		c := s.client(t, func(o *Options) { o.Memory = memory })
		ask := func(status int, body string) error {
			s.answerWith(answer(status, body))
			_, err := o.call(t.Context(), c)
			if err == nil {
				if status != http.StatusOK {
					t.Errorf("%s: the answer %d %s is accepted", o.fixture, status, body)
				}
				return nil
			}
			var e *rest.Error
			if !errors.As(err, &e) || e.Operation == "" {
				t.Fatalf("%s: the error is %v", o.fixture, err)
			}
			if secrets.MatchString(strings.ReplaceAll(e.Message, testSecret, "")) || regexp.MustCompile(`\w@\w+\.\w`).MatchString(err.Error()) {
				t.Errorf("%s: the error shows what it must not: %q", o.fixture, err)
			}
			return err
		}
		err := ask(status, body)
		if errors.Is(err, rest.ErrNotApplicable) && !isAdded {
			t.Errorf("%s does not apply: %v", o.fixture, err)
		}
		if isNewer := memory.newer.Load(); err == nil && isAdded && !isNewer || isNewer && status != http.StatusOK {
			t.Errorf("%s: after %d %s, the version is newer: %t", o.fixture, status, body, isNewer)
		}
		err = ask(http.StatusNotFound, `{"error": {"code": 404, "message": "Not found."}}`)
		if want := isAdded && !memory.newer.Load(); errors.Is(err, rest.ErrNotApplicable) != want {
			t.Errorf("%s: after %d %s, the error is %v, not applicable: %t", o.fixture, status, body, err, want)
		}
	})
}
