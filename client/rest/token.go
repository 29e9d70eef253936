package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/config"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"license_exporter/internal/cache"
)

const (
	// tokenOperation is the operation that requests for tokens are metered as.
	tokenOperation = "token"
	// tokenTimeout bounds a request for a token.
	tokenTimeout = 30 * time.Second
	// tokenEarly is how long before its end a token is renewed, so that it does
	// not end while a request is on its way. Short-lived tokens are renewed after
	// three quarters of their lifetime.
	tokenEarly = time.Minute
	// tokenFailurePause is how long no token is requested after the endpoint
	// refused one. Vendors limit the number of such requests, and a second one
	// would have the same credentials.
	tokenFailurePause = 10 * time.Second
	// tokenRenewInterval is the time between two renewals of tokens that the API
	// refuses. If the API refuses the new token too, the token is not the cause.
	// The interval is then doubled, up to tokenRenewMax, since vendors limit the
	// number of tokens.
	tokenRenewInterval = time.Minute
	tokenRenewMax      = 16 * time.Minute
	// grantJWTBearer is the only grant that is left to prometheus/common.
	grantJWTBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer" //nolint:gosec // a name, not a credential
)

// tokenTransport authenticates requests with OAuth2 client credentials. If the
// API refuses a token with 401, the token is renewed and the request repeated, both
// once.
//
// It is configured like the transport of prometheus/common, which it replaces.
// That one does not renew tokens that the API refuses, requests a token for each
// of several requests at the start, has no timeout for the token endpoint, and
// cannot be configured to send the credentials in the body.
type tokenTransport struct {
	next   http.RoundTripper
	tokens *tokens
	// repeat is called before a request is repeated.
	repeat func(ctx context.Context) error
}

func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	token, err := t.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := t.send(req, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	fresh, err := t.tokens.renew(ctx, token)
	if err == nil && fresh == token {
		return resp, nil
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	if err := t.repeat(ctx); err != nil {
		return nil, err
	}
	resp, err = t.send(req, fresh)
	if err == nil {
		t.tokens.judge(fresh, resp.StatusCode != http.StatusUnauthorized)
	}
	return resp, err
}

func (t *tokenTransport) send(req *http.Request, token *token) (*http.Response, error) {
	req = req.Clone(req.Context())
	token.SetAuthHeader(req)
	return t.next.RoundTrip(req)
}

func (t *tokenTransport) CloseIdleConnections() {
	t.tokens.client.CloseIdleConnections()
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// token is a token of the vendor's.
type token struct {
	*oauth2.Token
	// early is when the token is to be renewed, and end is when it ends. Both are
	// zero for a token without an end.
	early, end time.Time
}

// fresh reports whether the token need not be renewed.
func (t *token) fresh(now time.Time) bool { return t.end.IsZero() || now.Before(t.early) }

// usable reports whether the token has not ended.
func (t *token) usable(now time.Time) bool { return t.end.IsZero() || now.Before(t.end) }

// tokens holds the token of a Client.
type tokens struct {
	client *http.Client
	secret config.SecretReader
	clock  Clock
	// config is used by one fetch at a time.
	config clientcredentials.Config
	entry  cache.Entry[*token]

	mu       sync.Mutex
	renewed  time.Time     // when a token was last renewed because the API refused it
	interval time.Duration // until the next such renewal, if longer than tokenRenewInterval
	judged   *token        // the latest new token that the API refused
}

// newTokens returns nil if the configuration has no tokens, or has some that only
// prometheus/common can fetch.
func newTokens(o Options) (*tokens, error) {
	c := o.HTTP.OAuth2
	if c == nil || c.GrantType == grantJWTBearer {
		return nil, nil
	}
	if c.ClientSecretRef != "" {
		return nil, errors.New("oauth2: client_secret_ref needs a secret manager, which there is none of")
	}
	var secret config.SecretReader = config.NewInlineSecret(string(c.ClientSecret))
	if c.ClientSecretFile != "" {
		secret = config.NewFileSecret(c.ClientSecretFile)
	}
	client, err := config.NewClientFromConfig(config.HTTPClientConfig{
		TLSConfig:   c.TLSConfig,
		ProxyConfig: c.ProxyConfig,
		// A redirect would send the secret elsewhere.
		FollowRedirects: false,
	}, o.Name, config.WithUserAgent(o.UserAgent))
	if err != nil {
		return nil, fmt.Errorf("oauth2: %w", err)
	}
	client.Transport = withReadableLifetimes(o.Metrics.instrument(client.Transport))
	params := url.Values{}
	for name, value := range c.EndpointParams {
		params.Set(name, value)
	}
	return &tokens{client: client, secret: secret, clock: o.Clock, config: clientcredentials.Config{
		ClientID:       c.ClientID,
		TokenURL:       c.TokenURL,
		Scopes:         c.Scopes,
		EndpointParams: params,
		AuthStyle:      o.AuthStyle,
	}}, nil
}

// get returns the token. If there is none, or if it ends soon, it is fetched first.
func (s *tokens) get(ctx context.Context) (*token, error) {
	if state := s.entry.State(); state.Valid && state.Value.fresh(s.clock.now()) {
		return state.Value, nil
	}
	return s.renew(ctx, nil)
}

// renew returns another token than the one that the API refused, if any. Callers
// that want a token at the same time get the same one. If it is too early for
// another token, renew returns the refused one.
func (s *tokens) renew(ctx context.Context, refused *token) (*token, error) {
	s.entry.Start(cache.Job[*token]{
		Now: s.clock.now,
		Due: func(state cache.State[*token]) bool { return s.due(state, refused) },
		// The fetch is for all callers, so it continues if the first gives up.
		Run: func(fetch func()) { go fetch() },
		Fetch: func(asked time.Time) (*token, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTimeout)
			defer cancel()
			return s.replace(ctx, refused, asked)
		},
	}).Wait(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	state := s.entry.State()
	if state.Err == nil {
		return state.Value, nil
	}
	// A token that could not be renewed early is good until its end.
	if state.Valid && state.Value != refused && state.Value.usable(s.clock.now()) {
		return state.Value, nil
	}
	return nil, state.Err
}

// due reports whether a token must be fetched.
func (s *tokens) due(state cache.State[*token], refused *token) bool {
	now := s.clock.now()
	var failure *tokenError
	switch {
	case errors.As(state.Err, &failure) && now.Before(state.Ended.Add(failure.pause)):
		return false
	case !state.Valid || !state.Value.fresh(now):
		return true
	case state.Value != refused: // another caller has renewed it
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renewed.IsZero() || now.Sub(s.renewed) >= max(tokenRenewInterval, s.interval)
}

// replace fetches a token in place of the one that the API refused, if any.
func (s *tokens) replace(ctx context.Context, refused *token, asked time.Time) (*token, error) {
	if refused != nil {
		s.mu.Lock()
		s.renewed = asked
		s.mu.Unlock()
	}
	fresh, err := s.fetch(ctx)
	if err != nil && refused != nil {
		s.entry.Change(func(state *cache.State[*token]) { state.Valid = false }) // nobody can use it
	}
	return fresh, err
}

// conceal removes the token from a text.
func (s *tokens) conceal(text string) string {
	const shortest = 8 // a shorter one may be a part of any word
	if state := s.entry.State(); state.Valid && len(state.Value.AccessToken) >= shortest {
		return conceal(text, state.Value.AccessToken)
	}
	return text
}

// judge notes whether the API accepts a token that replaced a refused one.
func (s *tokens) judge(fresh *token, accepted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case accepted:
		s.interval = 0
	case s.judged != fresh: // callers that share a token find this out together
		s.interval, s.judged = min(2*max(tokenRenewInterval, s.interval), tokenRenewMax), fresh
	}
}

// fetch requests a token from the vendor.
func (s *tokens) fetch(ctx context.Context) (*token, error) {
	secret, err := s.secret.Fetch(ctx)
	if err != nil {
		return nil, fmt.Errorf("oauth2 client secret: %w", err)
	}
	s.config.ClientSecret = secret
	ctx = (&request{Call: Call{Operation: tokenOperation}}).context(ctx)
	granted, err := s.config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client))
	if err == nil {
		return s.token(granted), nil
	}
	var network *url.Error
	if errors.As(err, &network) {
		return nil, fmt.Errorf("token endpoint: %w", withoutURL(err))
	}
	return nil, newTokenError(err, secret, s.clock.now())
}

// token computes when a token that was just granted ends, by the client's clock.
func (s *tokens) token(granted *oauth2.Token) *token {
	t := &token{Token: granted}
	if !granted.Expiry.IsZero() {
		lifetime := time.Until(granted.Expiry)
		t.end = s.clock.now().Add(lifetime)
		t.early = t.end.Add(-min(tokenEarly, lifetime/4))
	}
	return t
}

// tokenError is an answer of the token endpoint other than a token. It does not
// hold the body, which may repeat the secret.
type tokenError struct {
	reason Reason
	text   string
	// pause is how long to wait before the next request for a token.
	pause time.Duration
}

func (e *tokenError) Error() string { return "token endpoint: " + e.text }

func newTokenError(err error, secret string, now time.Time) *tokenError {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return &tokenError{ReasonDecode, Clip(conceal(err.Error(), secret)), tokenFailurePause}
	}
	e := &tokenError{reason: ReasonAuth, pause: tokenFailurePause}
	status, until := http.StatusOK, ""
	if refusal.Response != nil {
		status = refusal.Response.StatusCode
		if pause, asked := retryAfter(refusal.Response, now); asked && pause > 0 {
			e.pause = max(e.pause, pause)
			until = ": " + (&pauseError{now.Add(pause)}).Error()
		}
	}
	// RFC 6749 prescribes 400 for wrong credentials. A success with an error code
	// in its body is a refusal too.
	if status != http.StatusOK && status != http.StatusBadRequest {
		e.reason = reasonOfStatus(status)
	}
	words := []string{fmt.Sprintf("%d %s", status, http.StatusText(status))}
	for _, word := range []string{refusal.ErrorCode, refusal.ErrorDescription} {
		if word != "" {
			words = append(words, conceal(word, secret))
		}
	}
	e.text = Clip(strings.Join(words, ": ")) + until
	return e
}

// conceal removes a secret from a text, both as it is and as forms encode it.
func conceal(text, secret string) string {
	if secret == "" {
		return text
	}
	return strings.NewReplacer(secret, "[redacted]", url.QueryEscape(secret), "[redacted]").Replace(text)
}
