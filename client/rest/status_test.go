package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReasonOfAnswer(t *testing.T) {
	for _, test := range []struct {
		status  int
		body    string
		reason  Reason
		message string
	}{
		{200, "", ReasonDecode, ""},
		{200, " \n", ReasonDecode, ""},
		{200, `{"other": 1}`, ReasonDecode, ""},
		{200, `{"name": "cut`, ReasonDecode, ""},
		{200, `{"name": "a"}{`, ReasonDecode, ""},
		{200, "<html>Log in</html>", ReasonDecode, ""},
		{202, `{"message": "later"}`, ReasonDecode, "later"},
		{204, "", ReasonDecode, ""},
		{300, "", ReasonServer, ""},
		{304, "", ReasonServer, ""}, // requests are not conditional
		{400, `{"message": "bad request"}`, ReasonServer, "bad request"},
		{401, `{"message": "bad key"}`, ReasonAuth, "bad key"},
		{403, `{"message": "not yours"}`, ReasonForbidden, "not yours"},
		{404, `{"message": "no such thing"}`, ReasonNotFound, "no such thing"},
		{404, "<html>Not found</html>", ReasonNotFound, ""},
		{408, "", ReasonTimeout, ""},
		{429, `{"message": "slow down"}`, ReasonRateLimited, "slow down"},
		{500, `{"message": "oops"}`, ReasonServer, "oops"},
		{501, "", ReasonServer, ""},
		{503, "", ReasonServer, ""},
		{504, "", ReasonTimeout, ""},
	} {
		t.Run(fmt.Sprint(test.status, test.body), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // retries wait
				c := inMemory(t, answer(test.status, test.body))
				_, err := Object[thing](t.Context(), c, things)
				e := wantError(t, err, test.reason)
				if e.Status != test.status || e.Message != test.message {
					t.Errorf("the error has status %d and message %q, want %d and %q", e.Status, e.Message, test.status, test.message)
				}
			})
		})
	}
}

func TestErrorText(t *testing.T) {
	base := serve(t, answer(404, `{"message": "no such thing"}`))
	c := newClient(t, base)
	_, err := Object[thing](t.Context(), c, things)
	want := "getThings: GET " + base + "/things: 404 Not Found: no such thing"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestMessageIsOneShortLine(t *testing.T) {
	long := strings.Repeat("ü", 300)
	for name, test := range map[string]struct{ body, want string }{
		"lines": {`{"message": "one\r\n\ttwo  three"}`, "one two three"},
		"long":  {`{"message": "` + long + `"}`, strings.Repeat("ü", 200) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, serve(t, answer(400, test.body)))
			_, err := Object[thing](t.Context(), c, things)
			if got := wantError(t, err, ReasonServer).Message; got != test.want {
				t.Errorf("the message is %q, want %q", got, test.want)
			}
		})
	}
}

func TestMessageOfVendorWithoutMessages(t *testing.T) {
	c := newClient(t, serve(t, answer(400, `{"message": "unread"}`)), func(o *Options) { o.Message = nil })
	_, err := Object[thing](t.Context(), c, things)
	if got := wantError(t, err, ReasonServer).Message; got != "" {
		t.Errorf("the message is %q, want none", got)
	}
}

func TestBodyIsBounded(t *testing.T) {
	const body = `{"name": "0123456789"}`
	c := newClient(t, serve(t, answer(200, body)))
	call := things
	call.MaxBytes = int64(len(body))
	if _, err := Object[thing](t.Context(), c, call); err != nil {
		t.Errorf("a body of just the size allowed: %v", err)
	}
	call.MaxBytes--
	_, err := Object[thing](t.Context(), c, call)
	wantReason(t, err, ReasonDecode)
}

func TestConnectionLostInBody(t *testing.T) {
	c := newClient(t, serve(t, answer(200, `{"name"`, "Content-Length", "100")))
	_, err := Object[thing](t.Context(), c, things)
	wantReason(t, err, ReasonNetwork)
}

// The connection is refused by the real network. Only the waits between attempts
// use the time of the bubble.
func TestConnectionRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		c := newClient(t, "http://user:"+testKey+"@"+listener.Addr().String()+testBasePath)
		_, err = Object[thing](t.Context(), c, things)
		e := wantError(t, err, ReasonNetwork)
		if want := "http://" + listener.Addr().String() + "/api/v1/things"; e.URL != want || e.Status != 0 {
			t.Errorf("the error is of %s with status %d, want %s and none", e.URL, e.Status, want)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, serve(t, func(_ http.ResponseWriter, req *http.Request) {
		cancel()
		<-req.Context().Done()
	}))
	_, err := Object[thing](ctx, c, things)
	wantReason(t, err, ReasonTimeout)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want context.Canceled in its chain", err)
	}
}

// The connection of a body that is not closed cannot be used again.
func TestAnswerThatComesTooLateIsClosed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	body := &closeTracker{Reader: strings.NewReader("{}")}
	c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		cancel()
		return &http.Response{StatusCode: http.StatusOK, Body: body, Request: req}, nil
	}))
	_, err := Object[thing](ctx, c, things)
	wantReason(t, err, ReasonTimeout)
	if !body.closed {
		t.Error("the body was not closed")
	}
}

type closeTracker struct {
	io.Reader
	closed bool
}

func (c *closeTracker) Close() error {
	c.closed = true
	return nil
}

func hang(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }

func TestDeadlineOfTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, hang))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := Object[thing](ctx, c, things)
		wantReason(t, err, ReasonTimeout)
		if seen.count() != 1 {
			t.Errorf("%d requests were sent, want 1", seen.count())
		}
	})
}

func TestEachAttemptIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, hang, answer(200, `{"name": "late"}`)))
		start := time.Now()
		got, err := Object[thing](t.Context(), c, things)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); got.Name != "late" || took < attemptTimeout || took > attemptTimeout+time.Second {
			t.Errorf("the answer is %+v after %s, want that of the second attempt", got, took)
		}
	})
}

func TestReasonOf(t *testing.T) {
	for _, test := range []struct {
		err  error
		want Reason
	}{
		{&Error{Reason: ReasonForbidden}, ReasonForbidden},
		{fmt.Errorf("wrapped: %w", &Error{Reason: ReasonAuth}), ReasonAuth},
		{context.DeadlineExceeded, ReasonTimeout},
		{fmt.Errorf("wrapped: %w", context.Canceled), ReasonTimeout},
		{errors.New("id is missing"), ReasonDecode},
	} {
		if got := ReasonOf(test.err); got != test.want {
			t.Errorf("ReasonOf(%v) is %s, want %s", test.err, got, test.want)
		}
	}
}

func TestReasonOfCause(t *testing.T) {
	for _, test := range []struct {
		err  error
		want Reason
	}{
		{fmt.Errorf("wrapped: %w", errLimited), ReasonRateLimited},
		{&largeError{limit: 1}, ReasonDecode},
		{fmt.Errorf("wrapped: %w", &credentialError{"credentials_file", fs.ErrNotExist}), ReasonAuth},
		{errHeader, ReasonDecode},
		{&net.DNSError{Err: "i/o timeout", IsTimeout: true}, ReasonTimeout},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, ReasonNetwork},
	} {
		if got := reasonOfCause(test.err); got != test.want {
			t.Errorf("the reason of %v is %s, want %s", test.err, got, test.want)
		}
	}
}

// Counters start at 0 for each of Reasons, so Reasons must be complete.
func TestReasonsAreComplete(t *testing.T) {
	want := []Reason{"auth", "forbidden", "not_found", "rate_limited", "timeout", "server", "decode", "network"}
	if diff := cmp.Diff(want, Reasons()); diff != "" {
		t.Errorf("reasons differ (-want +got):\n%s", diff)
	}
}

// The HTML of a login page, a proxy or a wrong address is reported as such, for objects, pages and lists. That of a gateway
// that fails is not: its status says enough.
func TestHTMLInsteadOfJSON(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   bool
	}{
		{200, "<!DOCTYPE html><html>Log in</html>", true},
		{200, "\ufeff\r\n <html>", true},
		{200, `<?xml version="1.0"?>`, true},
		{403, "<html>Blocked by the proxy</html>", true},
		{404, "\n<html>Not found</html>", true},
		{404, `{"message": "<html>"}`, false},
		{502, "<html>Bad gateway</html>", false},
		{511, "<html>Log in</html>", true},
		{200, "\x1f\x8b\x08", true},
		{200, `"<html>"`, false},
	} {
		for name, read := range map[string]func(context.Context, *Client) error{
			"object": func(ctx context.Context, c *Client) error {
				_, err := Object[thing](ctx, c, things)
				return err
			},
			"page": func(ctx context.Context, c *Client) error {
				_, err := ReadPage[thing](ctx, c, things, "items")
				return err
			},
			"list": func(ctx context.Context, c *Client) error {
				for _, err := range Pages[thing](ctx, c, things) {
					return err
				}
				return nil
			},
		} {
			synctest.Test(t, func(t *testing.T) { // retries wait
				err := read(t.Context(), inMemory(t, answer(test.status, test.body)))
				if got := err != nil && strings.Contains(err.Error(), "check base_url or the proxy"); got != test.want {
					t.Errorf("%s with %d %q: %v", name, test.status, test.body, err)
				}
			})
		}
	}
}
