package faults

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"license_exporter/client/rest"
)

// Tokens are all kinds of answers of an OAuth 2 token endpoint.
var Tokens = []Kind{
	{Name: "token refused", Reason: rest.ReasonAuth, answer: status(400, `{"error":"invalid_client","error_description":"Sorry"}`, "Content-Type", "application/json")},
	{Name: "token unauthorized", Reason: rest.ReasonAuth, answer: status(401, "")},
	{Name: "token forbidden", Reason: rest.ReasonForbidden, answer: status(403, "")},
	{Name: "token endpoint is gone", Reason: rest.ReasonNotFound, answer: status(404, "<html>Not found</html>")},
	{Name: "token limited", Pause: 30 * time.Second, Reason: rest.ReasonRateLimited, answer: status(429, "", "Retry-After", "30")},
	{Name: "token endpoint fails", Reason: rest.ReasonServer, answer: status(500, "")},
	{Name: "token endpoint is unavailable", Reason: rest.ReasonServer, answer: status(503, "")},
	{Name: "token endpoint hangs", Reason: rest.ReasonTimeout, Slow: true, answer: func(x *exchange) { x.wait(); panic(http.ErrAbortHandler) }},
	{Name: "token endpoint trickles", Reason: rest.ReasonTimeout, Slow: true, answer: slowly(" ")},
	{Name: "token endpoint closes", Reason: rest.ReasonNetwork, answer: raw("")},
	{Name: "token endpoint resets", Reason: rest.ReasonNetwork, answer: func(x *exchange) { broken[0].answer(x) }},
	{Name: "token is HTML", Reason: rest.ReasonDecode, answer: status(200, "<html>Log in</html>", "Content-Type", "text/html")},
	{Name: "token is empty", Reason: rest.ReasonDecode, answer: text("")},
	{Name: "token is null", Reason: rest.ReasonDecode, answer: text("null")},
	{Name: "no token", Reason: rest.ReasonDecode, answer: text(`{"token_type":"Bearer","expires_in":3600}`)},
	{Name: "token with line breaks", Reason: rest.ReasonDecode, answer: token(`abc\r\nX-Injected: 1`, "3600")},
	{Name: "token with a null byte", Reason: rest.ReasonDecode, answer: token(`abc\u0000`, "3600")},
	{Name: "token of 100 MB", Reason: rest.ReasonDecode, Big: true, answer: repeated(`{"token_type":"Bearer","access_token":"`, "a", `"}`)},
	{Name: "token redirects", Reason: rest.ReasonServer, answer: redirect(func(x *exchange) string { return x.away("http", "") })},
	{Name: "life of a token below 0", Expect: Harmless, answer: life("-1")},
	{Name: "life of a token is 0", Expect: Harmless, answer: life("0")},
	{Name: "life of a token is a text", Expect: Harmless, answer: life(`"soon"`)},
	{Name: "life of a token is 1e300", Expect: Harmless, answer: life("1e300")},
	{Name: "life of a token is null", Expect: Harmless, answer: life("null")},
}

// token returns an answer with a token.
func token(value, life string) func(*exchange) {
	return text(fmt.Sprintf(`{"token_type":"Bearer","access_token":"%s","expires_in":%s}`, value, life))
}

// life returns the good answer with another life of the token.
func life(of string) func(*exchange) {
	return body(func(r Reply) Reply {
		fields, _ := r.object()
		for name := range fields {
			if strings.HasPrefix(name, "expires") {
				fields[name] = []byte(of)
			}
		}
		return r.with(marshal(fields))
	})
}
