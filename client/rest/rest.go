// Package rest reads JSON over HTTP. All vendors' clients use it. It sends GET requests
// with the vendor's credentials, keeps the vendor's rate limits, retries, limits the
// size of answers and the hosts of redirects, and counts requests by operation.
//
// The package knows neither vendors nor licenses. What it returns and logs contains
// neither credentials nor queries.
package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/config"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/oauth2"
	"golang.org/x/sync/semaphore"
)

const (
	// attemptTimeout is the default of Options.AttemptTimeout.
	attemptTimeout = time.Minute
	// maxRedirects bounds the redirects of one request.
	maxRedirects = 5
)

// Options configure a Client.
type Options struct {
	// Name is the name of the account. It names connections.
	Name string
	// BaseURL is the URL of the API without a final slash.
	BaseURL string
	// HTTP configures credentials, TLS and the proxy.
	HTTP config.HTTPClientConfig
	// UserAgent is sent with each request.
	UserAgent string
	// Budgets are the rate limits to keep.
	Budgets *Budgets
	// Metrics count what is sent.
	Metrics Metrics
	// Logger receives retries at level debug, and the start of a long pause that the
	// vendor asks for at level warn.
	Logger log.Logger
	// Secrets matches what must not be shown of the vendor's texts, such as license keys.
	Secrets *regexp.Regexp
	// Message extracts the vendor's message from the body of an error.
	// It returns an empty text if there is none.
	Message func(body []byte) string
	// AuthStyle is how OAuth2 client credentials are sent to the token endpoint. The
	// zero value tries all ways.
	AuthStyle oauth2.AuthStyle
	// AttemptTimeout bounds one attempt including its body. The zero value stands for a
	// minute.
	AttemptTimeout time.Duration
	// Clock is used for retries, for waits that the vendor asks for, and for the
	// lifetime of tokens. The zero value is the system's clock.
	Clock Clock
}

// Client sends requests to one vendor with one credential. Create it with New,
// and Close it when it is no longer used. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	domain  string
	http    *retryablehttp.Client
	budgets *Budgets
	metrics Metrics
	message func([]byte) string
	secrets *regexp.Regexp
	tokens  *tokens // nil if the credential is something else
	clock   Clock

	semaphore    *semaphore.Weighted
	longListings *semaphore.Weighted

	maxPages int
}

// Call is one request. Operation.Call returns one.
type Call struct {
	// Operation is the vendor's name of the operation.
	Operation string
	// Path is appended to the base URL. Its variable parts must be escaped.
	Path  string
	Query url.Values
	// MaxBytes bounds the body of the answer. The zero value stands for DefaultMaxBytes.
	MaxBytes int64
	// Organization is the organization that the call is about. It may be empty. The call
	// counts against the rate limit of that organization.
	Organization string
	// Budget is the name of the rate limit that the call counts against instead of that of
	// Organization.
	Budget string
}

func (c Call) budget() string { return cmp.Or(c.Budget, c.Organization) }

// New returns a Client. It fails if the configuration cannot work, for example if a file
// does not exist.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, withoutURL(err)
	}
	// This package follows redirects itself, to hosts that may receive the credential.
	o.HTTP.FollowRedirects = false
	tokens, err := newTokens(o)
	if err != nil {
		return nil, err
	}
	if tokens != nil {
		o.HTTP.OAuth2 = nil
	}
	client, err := config.NewClientFromConfig(o.HTTP, o.Name, config.WithUserAgent(o.UserAgent))
	if err != nil {
		return nil, err
	}
	client.Timeout = cmp.Or(o.AttemptTimeout, attemptTimeout)
	client.Transport = o.Metrics.instrument(client.Transport)
	c := &Client{
		base:    base,
		domain:  registeredDomain(base.Hostname()),
		budgets: o.Budgets,
		metrics: o.Metrics,
		message: o.Message,
		secrets: o.Secrets,
		tokens:  tokens,
		clock:   o.Clock,

		semaphore:    semaphore.NewWeighted(maxInFlight),
		longListings: semaphore.NewWeighted(maxLong / 2),

		maxPages: MaxPages,
	}
	if tokens != nil {
		client.Transport = &tokenTransport{next: client.Transport, tokens: tokens, repeat: c.repeat}
	}
	client.Transport = withBodies(withoutUnreadableRedirects(client.Transport))
	c.http = c.retrying(client, o.Logger)
	return c, nil
}

// Close ends idle connections. The Client may still be used.
func (c *Client) Close() { c.http.HTTPClient.CloseIdleConnections() }

func (c *Client) url(call Call) *url.URL {
	u := c.base.JoinPath(call.Path)
	u.RawQuery = encode(call.Query)
	return u
}

// response is a complete answer with status 200.
type response struct {
	call   Call
	url    *url.URL
	header http.Header
	*body
}

// malformed returns the error for a body that is not as documented.
func (r *response) malformed(err error) error {
	return failure(r.call, r.url, http.StatusOK, ReasonDecode, err)
}

// fetch sends a call to a URL and reads the answer.
func (c *Client) fetch(ctx context.Context, call Call, u *url.URL) (*response, error) {
	sent := &request{Call: call, semaphore: c.semaphore}
	defer sent.release()
	resp, err := c.follow(sent.context(ctx), u)
	if err == nil {
		_ = resp.Body.Close() // which has been read; this stops the timer of the attempt
	}
	r := &response{call: call, url: u, body: sent.body}
	switch {
	case err != nil:
		err = failure(call, u, 0, reasonOfCause(err), err)
	case resp.StatusCode != http.StatusOK:
		refusal := failure(call, u, resp.StatusCode, reasonOfStatus(resp.StatusCode), nil)
		refusal.Message, refusal.Err = c.messageOf(r.text), sent.pause
		err = refusal
	case len(bytes.TrimSpace(r.text)) == 0:
		err = r.malformed(errors.New("answer is empty"))
	default:
		r.header = resp.Header
		return r, nil
	}
	r.release()
	return nil, err
}

func failure(call Call, u *url.URL, status int, reason Reason, err error) *Error {
	return &Error{Operation: call.Operation, URL: withoutQuery(u), Status: status, Reason: reason, Err: withoutURL(err)}
}

// follow sends a request and follows redirects to hosts of the vendor.
func (c *Client) follow(ctx context.Context, u *url.URL) (*http.Response, error) {
	for range maxRedirects + 1 {
		resp, err := c.attempt(ctx, u)
		if err != nil || !isRedirect(resp.StatusCode) {
			return resp, err
		}
		_ = resp.Body.Close() // it was not read, so the error does not matter
		next, err := redirection(u, resp.Header)
		if err != nil {
			return nil, err
		}
		if err := c.mayVisit(next); err != nil {
			return nil, fmt.Errorf("redirected: %w", err)
		}
		u = next
	}
	return nil, fmt.Errorf("redirected more than %d times", maxRedirects)
}

// attempt sends a request, and sends it again if it fails.
func (c *Client) attempt(ctx context.Context, u *url.URL) (*http.Response, error) {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if err := c.wait(ctx); err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil && resp != nil {
		// The context ended as the answer arrived.
		_ = resp.Body.Close()
		resp = nil
	}
	return resp, err
}

// wait draws a request from the budgets and counts the time that this took.
func (c *Client) wait(ctx context.Context) error {
	start, r := c.clock.now(), requestOf(ctx)
	err := c.budgets.wait(ctx, c.clock, r)
	c.metrics.throttled(r.Operation, "", c.clock.now().Sub(start))
	return err
}

// repeat counts and delays a request that is repeated with a new token.
func (c *Client) repeat(ctx context.Context) error {
	c.metrics.retry(requestOf(ctx).Operation, strconv.Itoa(http.StatusUnauthorized))
	return c.wait(ctx)
}

func (c *Client) messageOf(body []byte) string {
	if c.message == nil || checkSize(body) != nil {
		return ""
	}
	return Clip(c.redact(c.message(body)))
}

// email matches e-mail addresses, which are those of people.
var email = regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`)

// redact removes secrets and e-mail addresses from a text of the vendor's.
func (c *Client) redact(text string) string {
	if c.tokens != nil {
		text = c.tokens.conceal(text)
	}
	if c.secrets != nil {
		text = c.secrets.ReplaceAllString(text, "[redacted]")
	}
	return email.ReplaceAllString(text, "[redacted]")
}

// Clip returns a text of the vendor's as one line of limited length.
func Clip(text string) string {
	const maxLength = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxLength {
		runes = append(runes[:maxLength], '…')
	}
	return string(runes)
}

// encode encodes a query with %20 for spaces, since a plus means a space only in forms.
func encode(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// mayVisit returns an error if the credential must not be sent to a URL that the vendor
// named, since its scheme or its registered domain differs from that of the base URL.
func (c *Client) mayVisit(u *url.URL) error {
	if u.Scheme != c.base.Scheme {
		return fmt.Errorf("refusing to go from %s to %q", c.base.Scheme, u.Scheme)
	}
	if registeredDomain(u.Hostname()) != c.domain {
		return fmt.Errorf("refusing to send the credential to %s, which is outside %s", u.Hostname(), c.domain)
	}
	return nil
}

// registeredDomain returns the registered domain of a host, such as vendor.com for
// n1.vendor.com. IP addresses and names without dots are returned as they are.
func registeredDomain(host string) string {
	host = strings.ToLower(host) // the public suffix list is in lower case
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil && !strings.Contains(host, ":") {
		if strings.Trim(host, "0123456789.") != "" {
			return domain
		}
	}
	return host
}

// redirection returns the URL that an answer redirects to.
func redirection(from *url.URL, header http.Header) (*url.URL, error) {
	to, err := from.Parse(header.Get("Location"))
	if err != nil || header.Get("Location") == "" {
		return nil, errors.New("redirected to no readable address")
	}
	return to, nil
}

// withoutUnreadableRedirects removes Location headers that cannot be parsed. net/http
// would quote them in an error with their query, even if it does not follow redirects.
func withoutUnreadableRedirects(next http.RoundTripper) http.RoundTripper {
	return closer{
		RoundTripper: promhttp.RoundTripperFunc(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil && isRedirect(resp.StatusCode) {
				if _, err := redirection(req.URL, resp.Header); err != nil {
					resp.Header.Del("Location")
				}
			}
			return resp, err
		}),
		inner: next,
	}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}
