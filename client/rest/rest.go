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
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/prometheus/common/config"
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
	// BaseURL is the URL of the API without a final slash.
	BaseURL string
	// HTTP configures credentials, TLS and the proxy.
	HTTP config.HTTPClientConfig
	// UserAgent is sent with each request.
	UserAgent string
	// Header is sent with each request to the API, such as the version of the API that is wanted.
	Header http.Header
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
	// Adapt changes the status and the header of an answer before they are used, for vendors that do not
	// report a rate limit with status 429 and Retry-After. It may be nil.
	Adapt func(*http.Response)
	// AuthStyle is how OAuth2 client credentials are sent to the token endpoint. The
	// zero value tries all ways.
	AuthStyle oauth2.AuthStyle
	// AttemptTimeout bounds one attempt including its body. The zero value means a
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
	header  http.Header
	message func([]byte) string
	secrets *regexp.Regexp
	vault   *vault
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
	// MaxBytes bounds the body of the answer. The zero value means DefaultMaxBytes.
	MaxBytes int64
	// Organization is the organization that the call is about. It may be empty. The call
	// counts against the rate limit of that organization.
	Organization string
	// Budget is the name of the rate limit that the call counts against instead of that of
	// Organization.
	Budget string
	// Accept is the header with the media types that are wanted. The zero value means JSON.
	Accept string
	// Format is the name of the format that is wanted, for errors. The zero value means JSON.
	Format string
	// Temporary is a status that means a temporary failure, besides the usual ones. It may be 0.
	Temporary int
}

const defaultFormat = "JSON"

func (c Call) budget() string { return cmp.Or(c.Budget, c.Organization) }
func (c Call) format() string { return cmp.Or(c.Format, defaultFormat) }

// New returns a Client. It fails if the configuration cannot work, for example if a file
// does not exist.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, withoutURL(err)
	}
	base.Path = cmp.Or(base.Path, "/") // without a path, JoinPath returns relative ones
	secrets := &vault{}
	credentials := credentialsOf(o.HTTP, secrets)
	if err := credentials.checkReferences(); err != nil {
		return nil, err
	}
	tokens, err := newTokens(o, credentials, secrets)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(o.HTTP.TLSConfig, credentials.tls, &o.HTTP.ProxyConfig, o.HTTP.EnableHTTP2, secrets)
	if err != nil {
		return nil, err
	}
	client := newHTTPClient(o.Metrics.instrument(credentials.authenticate(transport, o.UserAgent)))
	c := &Client{
		base:    base,
		domain:  registeredDomain(base.Hostname()),
		budgets: o.Budgets,
		metrics: o.Metrics,
		header:  o.Header,
		message: o.Message,
		secrets: o.Secrets,
		vault:   secrets,
		clock:   o.Clock,

		semaphore:    semaphore.NewWeighted(maxInFlight),
		longListings: semaphore.NewWeighted(maxLong / 2),

		maxPages: MaxPages,
	}
	if o.Adapt != nil {
		client.Transport = adapting(client.Transport, func(_ *http.Request, resp *http.Response) { o.Adapt(resp) })
	}
	if tokens != nil {
		client.Transport = &tokenTransport{next: client.Transport, tokens: tokens, repeat: c.repeat}
	}
	client.Transport = withBodies(withoutUnreadableRedirects(client.Transport), cmp.Or(o.AttemptTimeout, attemptTimeout))
	c.http = c.retrying(client, o.Logger)
	return c, nil
}

// Close ends idle connections. The Client may still be used.
func (c *Client) Close() { c.http.HTTPClient.CloseIdleConnections() }

// URL returns the URL of a call. Its query must not be shown.
func (c *Client) URL(call Call) *url.URL {
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
		_ = resp.Body.Close() // it has been read
	}
	r := &response{call: call, url: u, body: sent.body}
	if r.body != nil {
		r.text = bytes.TrimPrefix(r.text, []byte("\ufeff")) // which some servers send, although no text over HTTP needs it
	}
	switch {
	case err != nil:
		err = failure(call, u, 0, reasonOfCause(err), err)
	case resp.StatusCode != http.StatusOK:
		refusal := failure(call, u, resp.StatusCode, reasonOfStatus(resp.StatusCode), nil)
		refusal.Message, refusal.Err = c.messageOf(r.text), sent.pause
		if sent.pause == nil && (resp.StatusCode/100 == 4 || resp.StatusCode == http.StatusNetworkAuthenticationRequired) { // a gateway that fails says 5xx
			refusal.Err = checkForm(r.text, call.format())
		}
		err = refusal
	case len(bytes.TrimSpace(r.text)) == 0:
		err = r.malformed(errors.New("the answer is empty"))
	case checkForm(r.text, call.format()) != nil:
		err = r.malformed(checkForm(r.text, call.format()))
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
	header := http.Header{}
	maps.Copy(header, c.header)
	if accept := requestOf(ctx).Accept; accept != "" {
		header.Set("Accept", accept)
	}
	req, err := retryablehttp.FromRequest((&http.Request{Method: http.MethodGet, URL: u, Header: header}).WithContext(ctx))
	if err != nil {
		return nil, err
	}
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

// email matches e-mail addresses. They are not shown, since they name people.
var email = regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`)

// redact removes secrets and e-mail addresses from a text of the vendor's.
func (c *Client) redact(text string) string {
	text = c.vault.conceal(text)
	if c.secrets != nil {
		text = c.secrets.ReplaceAllString(text, "[redacted]")
	}
	return email.ReplaceAllString(text, "[redacted]")
}

// encode encodes a query with %20 for spaces, since a plus means a space only in forms.
func encode(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}
