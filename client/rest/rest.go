// Package rest is the one HTTP client of all vendors: JSON over GET with the
// vendor's credentials, within its rate limits, with retries, size and host
// guards, and metered by operation.
//
// It knows HTTP and JSON, and neither vendors nor licenses. Nothing that it
// returns or logs bears a credential or a query.
package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/config"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/oauth2"
	"golang.org/x/sync/semaphore"
)

const (
	// attemptTimeout bounds one attempt, the body included.
	attemptTimeout = time.Minute
	// maxBody bounds an answer. The largest page seen, 9,000 organizations,
	// is about 4 MiB.
	maxBody = 64 << 20
	// maxRedirects bounds how often one request is sent elsewhere.
	maxRedirects = 5
)

// Options configure a Client.
type Options struct {
	// Name is the account's, for the names of connections.
	Name string
	// BaseURL is where the API begins, without a final slash.
	BaseURL string
	// HTTP holds credentials, TLS and proxy.
	HTTP config.HTTPClientConfig
	// UserAgent is sent with each request.
	UserAgent string
	// Budgets are the rate limits to keep.
	Budgets *Budgets
	// Metrics count what is sent.
	Metrics Metrics
	// Logger receives retries at level debug.
	Logger log.Logger
	// Message takes the vendor's message from the body of a refusal, without
	// secrets. It may return nothing.
	Message func(body []byte) string
	// AuthStyle is how OAuth2 client credentials are sent to the token
	// endpoint. If not set, all ways are tried.
	AuthStyle oauth2.AuthStyle
	// Clock is what waits for retries, for limits that the vendor orders and for
	// tokens are measured by.
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
	clock   Clock
	permits *semaphore.Weighted

	maxBody  int64
	maxPages int
}

// Call is one request.
type Call struct {
	// Operation is the vendor's name of the operation.
	Operation string
	// Path is appended to the base URL. Its variable parts must be escaped.
	Path  string
	Query url.Values
	// Organization is whose rate limit the call counts against, if anybody's.
	Organization string
}

// New returns a Client. It fails if the configuration cannot work, such as for
// a file that does not exist.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, withoutURL(err)
	}
	// Redirects are followed by this package, which knows how far the
	// credential may go.
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
	client.Timeout = attemptTimeout
	client.Transport = o.Metrics.instrument(client.Transport)
	c := &Client{
		base:    base,
		domain:  registeredDomain(base.Hostname()),
		budgets: o.Budgets,
		metrics: o.Metrics,
		message: o.Message,
		clock:   o.Clock,
		permits: semaphore.NewWeighted(maxInFlight),

		maxBody:  maxBody,
		maxPages: MaxPages,
	}
	if tokens != nil {
		client.Transport = &tokenTransport{next: client.Transport, tokens: tokens, repeat: c.repeat}
	}
	client.Transport = withoutUnreadableRedirects(client.Transport)
	c.http = c.retrying(client, level.Debug(o.Logger))
	return c, nil
}

// Close ends idle connections. The Client may still be used.
func (c *Client) Close() { c.http.HTTPClient.CloseIdleConnections() }

// Get sends a call and decodes the JSON of the answer into the value that into
// points to. Errors are of type *Error.
func (c *Client) Get(ctx context.Context, call Call, into any) (http.Header, error) {
	r, err := c.fetch(ctx, call, c.url(call))
	if err != nil {
		return nil, err
	}
	defer r.release()
	if err := decode(r.body.Bytes(), into); err != nil {
		return nil, r.malformed(err)
	}
	return r.header, nil
}

func (c *Client) url(call Call) *url.URL {
	u := c.base.JoinPath(call.Path)
	u.RawQuery = encode(call.Query)
	return u
}

// response is an answer of status 200 that was read to its end.
type response struct {
	call   Call
	url    *url.URL
	header http.Header
	body   *bytes.Buffer
}

// malformed is the error for a body that is not what the vendor documents.
func (r *response) malformed(err error) error {
	return failure(r.call, r.url, http.StatusOK, ReasonDecode, err)
}

// release lets the buffer be used again. Nothing may refer to the body then.
func (r *response) release() {
	if r.body.Cap() <= maxKept {
		r.body.Reset()
		buffers.Put(r.body)
	}
}

// buffers are used again: most pages have the same size.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is up to which size a buffer is used again.
const maxKept = 4 << 20

// fetch sends a call to an address and reads the answer.
func (c *Client) fetch(ctx context.Context, call Call, u *url.URL) (*response, error) {
	p := &permit{semaphore: c.permits}
	defer p.release()
	resp, err := c.follow(context.WithValue(ctx, permitKey{}, p), call, u)
	if err != nil {
		return nil, failure(call, u, 0, reasonOfCause(err), err)
	}
	defer resp.Body.Close()
	r := &response{call: call, url: u, header: resp.Header, body: buffers.Get().(*bytes.Buffer)}
	_, err = r.body.ReadFrom(http.MaxBytesReader(nil, resp.Body, c.maxBody))
	switch {
	case resp.StatusCode != http.StatusOK:
		refusal := failure(call, u, resp.StatusCode, reasonOfStatus(resp.StatusCode), nil)
		refusal.Message = c.messageOf(r.body.Bytes())
		err = refusal
	case err != nil:
		err = failure(call, u, resp.StatusCode, reasonOfCause(err), err)
	case len(bytes.TrimSpace(r.body.Bytes())) == 0:
		err = r.malformed(errors.New("answer is empty"))
	default:
		return r, nil
	}
	r.release()
	return nil, err
}

func failure(call Call, u *url.URL, status int, reason Reason, err error) *Error {
	return &Error{Operation: call.Operation, URL: redact(u), Status: status, Reason: reason, Err: withoutURL(err)}
}

// follow sends a request, and sends it again to where the vendor redirects it
// as long as that is the vendor's.
func (c *Client) follow(ctx context.Context, call Call, u *url.URL) (*http.Response, error) {
	ctx = context.WithValue(ctx, callKey{}, call)
	for range maxRedirects + 1 {
		resp, err := c.attempt(ctx, call, u)
		if err != nil || !isRedirect(resp.StatusCode) {
			return resp, err
		}
		_ = resp.Body.Close() // nothing of it is used
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

func (c *Client) attempt(ctx context.Context, call Call, u *url.URL) (*http.Response, error) {
	req, err := retryablehttp.NewRequestWithContext(countAttempts(ctx), http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if err := c.wait(ctx, call); err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil && resp != nil {
		// An answer that came as the context ended.
		_ = resp.Body.Close()
		resp = nil
	}
	return resp, err
}

// wait draws a request from the budgets and meters how long that took.
func (c *Client) wait(ctx context.Context, call Call) error {
	start := c.clock.now()
	err := c.budgets.wait(ctx, c.clock, call.Organization, permitOf(ctx))
	c.metrics.throttled(call.Operation, "", c.clock.now().Sub(start))
	return err
}

// repeat meters and delays a request that is sent again with a new token.
func (c *Client) repeat(ctx context.Context) error {
	call := callOf(ctx)
	c.metrics.retry(call.Operation, statusLabel(http.StatusUnauthorized))
	return c.wait(ctx, call)
}

func (c *Client) messageOf(body []byte) string {
	if c.message == nil || checkSize(body) != nil {
		return ""
	}
	return clip(c.message(body))
}

// clip makes one line of bearable length of what a vendor wrote.
func clip(text string) string {
	const maxLength = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxLength {
		runes = append(runes[:maxLength], '…')
	}
	return string(runes)
}

// encode returns a query whose spaces are %20: a plus is one in forms alone.
func encode(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// mayVisit tells whether the credential may be sent to an address that the
// vendor named: one of its own, and not less protected than the base URL.
func (c *Client) mayVisit(u *url.URL) error {
	if u.Scheme != c.base.Scheme {
		return fmt.Errorf("refusing to go from %s to %q", c.base.Scheme, u.Scheme)
	}
	if registeredDomain(u.Hostname()) != c.domain {
		return fmt.Errorf("refusing to send the credential to %s, which is outside %s", u.Hostname(), c.domain)
	}
	return nil
}

// registeredDomain returns the domain that somebody registered, such as
// meraki.com for n1.meraki.com. Addresses and lone names stand for themselves.
func registeredDomain(host string) string {
	host = strings.ToLower(host) // the list of suffixes is in lower case
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil && !strings.Contains(host, ":") {
		if strings.Trim(host, "0123456789.") != "" {
			return domain
		}
	}
	return host
}

// redirection returns where an answer redirects to.
func redirection(from *url.URL, header http.Header) (*url.URL, error) {
	to, err := from.Parse(header.Get("Location"))
	if err != nil || header.Get("Location") == "" {
		return nil, errors.New("redirected to no readable address")
	}
	return to, nil
}

// withoutUnreadableRedirects takes away what net/http would quote in an error,
// query and all, although it is not asked to follow redirects.
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
