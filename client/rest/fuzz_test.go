package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"license_exporter/client/scalar"
)

// secretPattern matches what a client must not show of the vendor's texts.
var secretPattern = regexp.MustCompile(`\bKEY-\w|\w@\w+\.\w`)

var bodies = []string{
	``, ` `, `null`, `{}`, `[]`, `[null]`, `[nullx]`, `[{"id": "a"}, null x]`, `[{"id": "a"}, {"id": "b", "size": "many", "made": "soon"}]`, `[{"id": "a"}, {"id": "A"}, {"id": "a"}]`, `[{"id": 17}, 1, "x", [], {"id": {}}]`,
	`[{"id": "a", "sizes": "None"}, {"inner": 4, "id": "b"}]`, `[{"id": "KEY-1", "made": "KEY-1 ada@example.com"}]`, `[{"id": "a"}] x`, `[{"id": "a"}`, `[{"id": "a"} {"id": "b"}]`, `[{},{"Id":"a","id":""}]`,
	`{"status": "OK"}`, `{"STATUS": null, "other": 1}`, `{"count": "KEY-1"}`, `{"status": "OK", "errors": []}`, `{"status": "OK", "errors": [ ]}`, `{"status": "OK", "error": {"code": 1}}`, `{"errors": ["x"]}`,
	`{"message": "KEY-1 of ada@example.com\u001b[31m\n\u202e"}`, `{"message": {}}`, `"status"`, `{"status": "OK"} {}`, `{"status": "OK"`, `<html>`, "{\"status\": \"\xff\"}", "\xef\xbb\xbf[]",
}

// fuzzBodies fuzzes the bodies of a client's answers.
func fuzzBodies(f *testing.F, try func(t *testing.T, c *Client, text []byte)) {
	f.Helper()
	for _, seed := range bodies {
		f.Add([]byte(seed))
	}
	var body []byte
	c := inMemory(f, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	f.Fuzz(func(t *testing.T, text []byte) {
		body = text
		try(t, c, bytes.TrimPrefix(text, []byte("\ufeff")))
	})
}

// A listing has the records of the body that have an identifier, once each, or it fails.
func FuzzPages(f *testing.F) {
	fuzzBodies(f, func(t *testing.T, c *Client, text []byte) {
		var r traced
		got, err := parts(r.context(t.Context()), c)
		wantClean(t, r.values, err)
		var elements []json.RawMessage
		if json.Unmarshal(text, &elements) != nil || elements == nil {
			if err == nil {
				t.Errorf("%s is read as the list %q", text, got)
			}
			return
		}
		var want []string
		skipped := 0
		for _, element := range elements {
			var p struct{ ID scalar.Text }
			isObject := json.Unmarshal(element, &p) == nil && bytes.HasPrefix(bytes.TrimSpace(element), []byte("{"))
			switch {
			case !isObject || p.ID.Bad() || p.ID == "":
				skipped++
			case !slices.Contains(want, string(p.ID)):
				want = append(want, string(p.ID))
			}
		}
		if fails := len(want) == 0 && skipped > 0; fails != (err != nil) {
			t.Errorf("%s: the error is %v, want one: %t", text, err, fails)
		} else if err == nil && (!slices.Equal(got, want) || r.skipped != skipped) {
			t.Errorf("%s is read as %q with %d skipped, want %q with %d", text, got, r.skipped, want, skipped)
		}
	})
}

// An object is read if it has a member that was asked for and reports no errors.
func FuzzObject(f *testing.F) {
	fuzzBodies(f, func(t *testing.T, c *Client, text []byte) {
		var r traced
		_, err := Object[described](r.context(t.Context()), c, things)
		wantClean(t, r.values, err)
		var members map[string]any
		isObject := json.Unmarshal(text, &members) == nil
		var isKnown, failed, repeated bool
		for name, value := range members {
			isKnown = isKnown || strings.EqualFold(name, "status") || strings.EqualFold(name, "count")
			if strings.EqualFold(name, "error") || strings.EqualFold(name, "errors") {
				failed = failed || !slices.Contains([]string{`null`, `[]`, `{}`, `""`, `false`}, marshal(t, value))
				repeated = repeated || name != "error" && name != "errors" // encoding/json takes one of several
			}
		}
		if want := isObject && isKnown && !failed; !repeated && want != (err == nil) {
			t.Errorf("%s: the error is %v, want one: %t", text, err, !want)
		}
	})
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// wantClean checks that neither values that could not be read nor an error show a secret.
func wantClean(t *testing.T, values []string, err error) {
	t.Helper()
	if err != nil {
		values = append(values, err.Error())
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("the error is %v, want an *Error", err)
		}
	}
	for _, v := range values {
		if found := secretPattern.FindString(v); found != "" {
			t.Errorf("%q is shown: %s", found, v)
		}
	}
}

// A pause is what the vendor asks for, by seconds or by a date, up to maxPause.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{
		"", "0", "-1", "5", "0.5", "1e3", "1e300", "1e400", "-1e400", "NaN", "Inf", "+Inf", "0x10", "1_000", "3153600001", "99999999999999999999", " 5", "Sun, 01 Mar 2026 12:01:00 GMT",
		"Sun, 01 Mar 2026 12:01:00 UTC", "Sunday, 01-Mar-26 12:01:00 GMT", "Sun Mar  1 12:01:00 2026", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "2026-03-01T12:01:00Z",
	} {
		f.Add(uint16(429), seed, "")
		f.Add(uint16(503), seed, "Sun, 01 Mar 2026 12:00:30 GMT")
	}
	f.Add(uint16(500), "5", "")
	f.Fuzz(func(t *testing.T, status uint16, value, date string) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		resp := &http.Response{StatusCode: int(status), Header: http.Header{"Retry-After": {value}, "Date": {date}}}
		pause, asked := retryAfter(resp, now)
		if pause < 0 || pause > maxPause || !asked && pause != 0 {
			t.Errorf("%q is a pause of %s, %t", value, pause, asked)
		}
		want, wantAsked := time.Duration(0), false
		seconds, err := strconv.ParseUint(value, 10, 64)
		until, dateErr := http.ParseTime(value)
		switch {
		case status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable:
		case err == nil:
			want, wantAsked = time.Duration(min(seconds, uint64(maxPause/time.Second)))*time.Second, true
		case dateErr == nil:
			if theirs, err := http.ParseTime(date); err == nil {
				now = theirs
			}
			want, wantAsked = min(max(0, until.Sub(now)), maxPause), !strings.Contains(date, "UTC")
			if !wantAsked {
				return // that is read as GMT
			}
		default:
			return
		}
		if asked != wantAsked || (pause-want).Abs() > time.Microsecond {
			t.Errorf("%q at %q is a pause of %s, %t, want %s, %t", value, date, pause, asked, want, wantAsked)
		}
	})
}
