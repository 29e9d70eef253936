package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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
	// tokenLeast is how long a token is used at least, unless the API refuses it,
	// since vendors limit the number of tokens.
	tokenLeast = 30 * time.Second
	// tokenFailurePause is how long no token is requested after the endpoint
	// refused one. Vendors limit the number of such requests, and a second one
	// would have the same credentials.
	tokenFailurePause = 10 * time.Second
	// tokenRenewInterval is the time between two renewals of tokens that the API
	// refuses. If the API refuses the new token too, the token is not the cause.
	// Once the cause is gone, requests must soon succeed again.
	tokenRenewInterval = 10 * time.Second
	// maxToken bounds the length of a token. Servers do not accept longer headers.
	maxToken = 64 << 10
	// grantJWTBearer is the grant for a signed assertion in place of a secret.
	grantJWTBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer" //nolint:gosec // a name, not a credential
)

// tokenTransport authenticates requests with OAuth2. If the API refuses a token with
// 401, the token is renewed and the request repeated, both once.
//
// It is configured like the transport of prometheus/common, which it replaces.
// That one does not renew tokens that the API refuses, requests a token for each
// of several requests at the start, has no timeout for the token endpoint, follows
// its redirects, and cannot be configured to send the credentials in the body.
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
	return t.send(req, fresh)
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

// tokens contains the token of a Client.
type tokens struct {
	client *http.Client
	secret config.SecretReader
	vault  *vault
	clock  Clock
	// config and assertion are used by one fetch at a time. assertion is nil for client
	// credentials.
	config    clientcredentials.Config
	assertion *config.JwtGrantTypeConfig
	entry     cache.Entry[*token]

	mu      sync.Mutex
	renewed time.Time // when a token was last renewed because the API refused it
}

// newTokens returns nil if the configuration has no tokens.
func newTokens(o Options, secrets *credentials, v *vault) (*tokens, error) {
	c := o.HTTP.OAuth2
	if c == nil {
		return nil, nil
	}
	transport, err := newTransport(c.TLSConfig, secrets.tokenTLS, &c.ProxyConfig, false, v)
	if err != nil {
		return nil, err
	}
	transport = config.NewUserAgentRoundTripper(o.UserAgent, o.Metrics.instrument(transport))
	params := url.Values{}
	for name, value := range c.EndpointParams {
		params.Set(name, value)
	}
	s := &tokens{
		client: newHTTPClient(withReadableAnswers(transport)), secret: secrets.clientSecret, vault: v, clock: o.Clock,
		config: clientcredentials.Config{
			ClientID:       c.ClientID,
			TokenURL:       c.TokenURL,
			Scopes:         c.Scopes,
			EndpointParams: params,
			AuthStyle:      o.AuthStyle,
		},
	}
	if c.GrantType == grantJWTBearer {
		s.secret = secrets.clientKey
		s.assertion = &config.JwtGrantTypeConfig{
			PrivateKeyID:     c.ClientCertificateKeyID,
			Scopes:           c.Scopes,
			TokenURL:         c.TokenURL,
			SigningAlgorithm: signature(c.SignatureAlgorithm),
			Iss:              cmp.Or(c.Iss, c.ClientID),
			Subject:          c.ClientID,
			Audience:         c.Audience,
			PrivateClaims:    c.Claims,
			EndpointParams:   params,
		}
	}
	return s, nil
}

// signature returns a way to sign assertions. The configuration has been validated.
func signature(name string) *jwt.SigningMethodRSA {
	if method, ok := jwt.GetSigningMethod(name).(*jwt.SigningMethodRSA); ok {
		return method
	}
	return jwt.SigningMethodRS256
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
	pause := minRetryWait // requests that failed at the same time share the next token
	var failure *tokenError
	if errors.As(state.Err, &failure) {
		pause = failure.pause
	}
	switch {
	case state.Err != nil && now.Before(state.Ended.Add(pause)):
		return false
	case !state.Valid || !state.Value.fresh(now):
		return true
	case state.Value != refused: // another caller has renewed it
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renewed.IsZero() || now.Sub(s.renewed) >= tokenRenewInterval
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

// fetch requests a token from the vendor.
func (s *tokens) fetch(ctx context.Context) (*token, error) {
	secret, err := s.secret.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	ctx = (&request{Call: Call{Operation: tokenOperation}}).context(ctx)
	granted, err := s.request(ctx, secret)
	if err == nil {
		err = s.check(granted)
	}
	var (
		refused    *tokenError
		network    *url.Error
		credential *credentialError
	)
	switch {
	case err == nil:
		s.vault.add(granted.AccessToken)
		return s.token(granted), nil
	case errors.As(err, &refused):
		return nil, refused
	case errors.As(err, &credential):
		return nil, err
	case errors.As(err, &network):
		return nil, fmt.Errorf("token endpoint: %w", withoutURL(err))
	}
	return nil, s.newTokenError(err)
}

// request sends a request for a token.
func (s *tokens) request(ctx context.Context, secret string) (*oauth2.Token, error) {
	if s.assertion == nil {
		s.config.ClientSecret = secret
		return s.config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client))
	}
	if _, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(secret)); err != nil {
		return nil, &credentialError{s.secret.Description(), err}
	}
	s.assertion.PrivateKey = []byte(secret)
	client := *s.client // prometheus/common sends its request without a context
	client.Transport = promhttp.RoundTripperFunc(func(req *http.Request) (*http.Response, error) {
		return s.client.Transport.RoundTrip(req.WithContext(ctx))
	})
	return s.assertion.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, &client)).Token()
}

// check returns an error if a token cannot be sent.
func (s *tokens) check(granted *oauth2.Token) error {
	unusable := func(text string) error { return &tokenError{ReasonDecode, text, tokenFailurePause} }
	text, kind := granted.AccessToken, strings.TrimSpace(granted.TokenType)
	switch {
	case strings.TrimSpace(text) == "":
		return unusable("the answer has no access_token")
	case len(text) > maxToken:
		return unusable(fmt.Sprintf("the access_token is longer than %d KiB", maxToken>>10))
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
		return unusable("the access_token has characters that cannot be sent")
	case kind != "" && !strings.EqualFold(kind, "bearer"):
		return unusable(fmt.Sprintf("the token_type is %q, want Bearer", Clip(s.vault.conceal(kind))))
	}
	granted.TokenType = "Bearer"
	return nil
}

// token computes when a token that was just granted ends, by the client's clock.
func (s *tokens) token(granted *oauth2.Token) *token {
	t := &token{Token: granted}
	if !granted.Expiry.IsZero() {
		now, lifetime := s.clock.now(), time.Until(granted.Expiry)
		t.end = now.Add(max(lifetime, tokenLeast))
		t.early = now.Add(max(lifetime-min(tokenEarly, lifetime/4), tokenLeast))
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

func (s *tokens) newTokenError(err error) *tokenError {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return &tokenError{ReasonDecode, Clip(s.vault.conceal(err.Error())), tokenFailurePause}
	}
	e := &tokenError{reason: ReasonAuth, pause: tokenFailurePause}
	status, until := http.StatusOK, ""
	if refusal.Response != nil {
		now := s.clock.now()
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
	var answer struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(refusal.Body, &answer) // prometheus/common leaves it to the caller
	words := []string{fmt.Sprintf("%d %s", status, http.StatusText(status))}
	for _, word := range []string{cmp.Or(refusal.ErrorCode, answer.Code), cmp.Or(refusal.ErrorDescription, answer.Description)} {
		if word != "" {
			words = append(words, s.vault.conceal(word))
		}
	}
	e.text = Clip(strings.Join(words, ": ")) + until
	return e
}
