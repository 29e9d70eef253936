package faults

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"license_exporter/client/rest"
)

// statuses returns a kind for each status.
func statuses() []Kind {
	var all []Kind
	for _, s := range []struct {
		code   int
		reason rest.Reason
	}{
		{201, rest.ReasonDecode}, {202, rest.ReasonDecode}, {203, rest.ReasonDecode}, {204, rest.ReasonDecode}, {206, rest.ReasonDecode},
		{300, rest.ReasonServer}, {304, rest.ReasonServer}, {305, rest.ReasonServer},
		{400, rest.ReasonServer}, {401, rest.ReasonAuth}, {402, rest.ReasonServer}, {403, rest.ReasonForbidden}, {404, rest.ReasonNotFound},
		{405, rest.ReasonServer}, {406, rest.ReasonServer}, {407, rest.ReasonServer}, {408, rest.ReasonTimeout}, {409, rest.ReasonServer},
		{410, rest.ReasonServer}, {413, rest.ReasonServer}, {418, rest.ReasonServer}, {421, rest.ReasonServer}, {425, rest.ReasonServer},
		{429, rest.ReasonRateLimited}, {431, rest.ReasonServer}, {451, rest.ReasonServer},
		{500, rest.ReasonServer}, {501, rest.ReasonServer}, {502, rest.ReasonServer}, {503, rest.ReasonServer}, {504, rest.ReasonTimeout},
		{505, rest.ReasonServer}, {520, rest.ReasonServer}, {599, rest.ReasonServer}, {600, rest.ReasonServer}, {999, rest.ReasonServer},
	} {
		all = append(all, Kind{Name: fmt.Sprint("status ", s.code), Reason: s.reason, answer: status(s.code, "")})
	}
	for _, code := range []int{301, 302, 303, 307, 308} {
		all = append(all, Kind{Name: fmt.Sprint("status ", code, " without Location"), Reason: rest.ReasonNetwork, answer: status(code, "")})
	}
	for code, reason := range map[int]rest.Reason{403: rest.ReasonForbidden, 404: rest.ReasonNotFound, 500: rest.ReasonServer} {
		all = append(all,
			Kind{Name: fmt.Sprint("status ", code, " of a gateway"), Reason: reason, answer: status(code, "<html>Sorry</html>", "Content-Type", "text/html")},
			Kind{Name: fmt.Sprint("status ", code, " with a message"), Reason: reason, answer: status(code, `{"errors":["Sorry"],"error":{"code":1,"message":"Sorry"}}`)},
		)
	}
	return append(all,
		Kind{Name: "status 200 with a body of status 204", Reason: rest.ReasonDecode, answer: raw(reply + "Content-Length: 0\r\n\r\n")},
		Kind{Name: "status 101", Reason: rest.ReasonServer, Slow: true, answer: hijacked(func(x *exchange, w io.WriteCloser) {
			_, _ = io.WriteString(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			x.wait()
			_ = w.Close()
		})},
		Kind{Name: "many statuses 103", Reason: rest.ReasonNetwork, answer: raw(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", 2000))},
		Kind{Name: "status without a number", Reason: rest.ReasonNetwork, answer: raw("HTTP/1.1 abc Sorry\r\n\r\n")},
	)
}

// pauses are answers that ask to wait.
var pauses = []Kind{
	{Name: "429, Retry-After 0", Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "0")},
	{Name: "429, Retry-After 2", Pause: 2 * time.Second, Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "2")},
	{Name: "429, Retry-After 1 hour", Pause: time.Hour, Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "3600")},
	{Name: "429, Retry-After is a date", Pause: 20 * time.Minute, Reason: rest.ReasonRateLimited, answer: func(x *exchange) {
		now := time.Now().UTC()
		x.Header().Set("Date", now.Format(http.TimeFormat))
		status(429, "", "Retry-After", now.Add(20*time.Minute).Format(http.TimeFormat))(x)
	}},
	{Name: "429, Retry-After in the past", Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT")},
	{Name: "429, Retry-After is garbage", Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "soon; NaN")},
	{Name: "429, Retry-After below 0", Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "-5")},
	{Name: "429, Retry-After 1e300", Pause: 101 * 365 * 24 * time.Hour, Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "1e300")},
	{Name: "503, Retry-After 2", Pause: 2 * time.Second, Reason: rest.ReasonServer, answer: status(503, "", "Retry-After", "2")},
	{Name: "503, Retry-After 1 hour", Pause: time.Hour, Reason: rest.ReasonServer, answer: status(503, "", "Retry-After", "3600")},
}

// headers are odd headers.
var headers = []Kind{
	{Name: "header of 12 MB", Reason: rest.ReasonDecode, Big: true, answer: func(x *exchange) {
		raw(reply + "X-Large: " + strings.Repeat("a", 12<<20) + "\r\n\r\n" + string(x.good.Body))(x)
	}},
	{Name: "10,000 headers", Expect: Kept, Reason: rest.ReasonNetwork, answer: header(func(h http.Header, _ *exchange) {
		for i := range 10_000 {
			h.Set(fmt.Sprint("X-", i), "a")
		}
	})},
	{Name: "one header 10,000 times", Expect: Kept, Reason: rest.ReasonNetwork, answer: header(func(h http.Header, _ *exchange) {
		for range 10_000 {
			h.Add("X-Again", "a")
		}
	})},
	{Name: "invalid header", Reason: rest.ReasonNetwork, answer: raw(reply + "X-Bad\x00\x7f name: \x01\r\nno colon\r\n\r\n{}")},
	{Name: "two lengths", Reason: rest.ReasonNetwork, answer: raw(reply + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")},
	{Name: "negative length", Reason: rest.ReasonNetwork, answer: raw(reply + "Content-Length: -2\r\n\r\n{}")},
	{Name: "Date in 1970", Expect: Harmless, answer: header(func(h http.Header, _ *exchange) { h.Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT") })},
	{Name: "Date in 9999", Expect: Harmless, answer: header(func(h http.Header, _ *exchange) { h.Set("Date", "Fri, 31 Dec 9999 23:59:59 GMT") })},
	{Name: "Date that is none", Expect: Harmless, answer: header(func(h http.Header, _ *exchange) { h.Set("Date", "yesterday") })},
	{Name: "another Content-Type", Expect: Harmless, answer: header(func(h http.Header, _ *exchange) { h.Set("Content-Type", "text/plain; charset=utf-7") })},
	{Name: "Retry-After with 200", Expect: Harmless, answer: header(func(h http.Header, _ *exchange) { h.Set("Retry-After", "86400") })},
	{Name: "cookies", Expect: Harmless, answer: header(func(h http.Header, _ *exchange) { h.Set("Set-Cookie", "session=abc; Path=/") })},
}
