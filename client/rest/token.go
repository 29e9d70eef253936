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
	"golang.org/x/sync/singleflight"
)

const (
	// tokenOperation is the operation that requests for tokens are metered as.
	tokenOperation = "token"
	// tokenTimeout bounds a request for a token.
	tokenTimeout = 30 * time.Second
	// tokenEarly is how long before its end a token is replaced, so that it
	// does not end on its way. For short-lived ones it is a quarter of their
	// life.
	tokenEarly = time.Minute
	// tokenFailurePause is how long after a refusal no token is asked for:
	// vendors limit how often that may be, and the next of a thousand calls
	// has no better credentials.
	tokenFailurePause = 10 * time.Second
	// tokenRenewInterval is how often a token may be replaced because the API
	// refuses it. An API that refuses the new one too has another reason: the
	// interval is then doubled, since vendors limit how many tokens there may be,
	// up to tokenRenewMax.
	tokenRenewInterval = time.Minute
	tokenRenewMax      = 16 * time.Minute
	// grantJWTBearer is the one grant that prometheus/common is left with.
	grantJWTBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer" //nolint:gosec // a name, not a credential
)

// tokenTransport authenticates requests with OAuth2 client credentials. If the
// API refuses a token, it is renewed once and the request repeated once.
//
// The configuration is prometheus/common's, its transport is not: that one
// does not renew what the API refuses, fetches a token for each of the first
// requests that come at once, waits for the token endpoint without an end, and
// cannot be told how to send the credentials.
type tokenTransport struct {
	next   http.RoundTripper
	tokens *tokens
	// repeat is asked before a request is repeated.
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
	fresh, err := t.tokens.replace(ctx, token, true)
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

func (t *tokenTransport) send(req *http.Request, token *oauth2.Token) (*http.Response, error) {
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

// tokens holds the one token of a Client.
type tokens struct {
	client *http.Client
	secret config.SecretReader
	// config is used by one request at a time, that of the group.
	config clientcredentials.Config
	group  singleflight.Group

	mu      sync.Mutex
	token   *oauth2.Token
	early   time.Duration // how long before the token's end it is replaced
	renewed time.Time     // when the API's refusal last led to a new token
	vain    time.Duration // how long to wait longer since those were refused too
	judged  *oauth2.Token // the latest that was
	failure error         // holds until retryAt
	retryAt time.Time
}

// newTokens returns no tokens if the configuration does not ask for them or
// for such that only prometheus/common can fetch.
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
	client.Transport = o.Metrics.instrument(client.Transport)
	params := url.Values{}
	for name, value := range c.EndpointParams {
		params.Set(name, value)
	}
	return &tokens{client: client, secret: secret, config: clientcredentials.Config{
		ClientID:       c.ClientID,
		TokenURL:       c.TokenURL,
		Scopes:         c.Scopes,
		EndpointParams: params,
		AuthStyle:      o.AuthStyle,
	}}, nil
}

// get returns the token, a new one if there is none or it ends soon.
func (s *tokens) get(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	token, usable := s.token, s.usable()
	s.mu.Unlock()
	if usable {
		return token, nil
	}
	return s.replace(ctx, token, false)
}

// replace returns a token in the place of old, which the API refused or which
// ends soon. All who want to replace it at the same time get the same one. It
// returns old if it must do for now.
func (s *tokens) replace(ctx context.Context, old *oauth2.Token, refused bool) (*oauth2.Token, error) {
	result := s.group.DoChan("", func() (any, error) {
		// For all who wait, not only for the first: its end is not theirs.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTimeout)
		defer cancel()
		return s.exchange(ctx, old, refused)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		token, _ := r.Val.(*oauth2.Token)
		return token, r.Err
	}
}

func (s *tokens) exchange(ctx context.Context, old *oauth2.Token, refused bool) (*oauth2.Token, error) {
	if token, decided, err := s.withoutFetch(old, refused); decided {
		return token, err
	}
	token, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.keep(token)
		return token, nil
	}
	var answer *tokenError
	if errors.As(err, &answer) {
		s.failure, s.retryAt = err, time.Now().Add(answer.pause)
	}
	if !refused && s.alive() {
		return s.token, nil // it was renewed early, and the next try may succeed
	}
	s.token = nil
	return nil, err
}

// withoutFetch decides whether a token may be asked for, and if not, what is
// in its place.
func (s *tokens) withoutFetch(old *oauth2.Token, refused bool) (token *oauth2.Token, decided bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case s.token != old && s.usable():
		return s.token, true, nil // another call was faster
	case now.Before(s.retryAt):
		if !refused && s.alive() {
			return s.token, true, nil
		}
		return nil, true, s.failure
	case refused && s.usable():
		if !s.renewed.IsZero() && now.Sub(s.renewed) < max(tokenRenewInterval, s.vain) {
			return s.token, true, nil
		}
		s.renewed = now
	}
	return nil, false, nil
}

// judge takes notice of whether the API took a token that replaced one that it
// had refused.
func (s *tokens) judge(token *oauth2.Token, taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case taken:
		s.vain = 0
	case s.judged != token: // many calls find out the same
		s.vain, s.judged = min(2*max(tokenRenewInterval, s.vain), tokenRenewMax), token
	}
}

// keep, alive and usable need the lock.
func (s *tokens) keep(token *oauth2.Token) {
	s.token, s.failure, s.retryAt = token, nil, time.Time{}
	s.early = min(tokenEarly, time.Until(token.Expiry)/4)
}

func (s *tokens) alive() bool {
	return s.token != nil && (s.token.Expiry.IsZero() || time.Until(s.token.Expiry) > 0)
}

func (s *tokens) usable() bool {
	return s.token != nil && (s.token.Expiry.IsZero() || time.Until(s.token.Expiry) > s.early)
}

// fetch asks the vendor for a token.
func (s *tokens) fetch(ctx context.Context) (*oauth2.Token, error) {
	secret, err := s.secret.Fetch(ctx)
	if err != nil {
		return nil, fmt.Errorf("oauth2 client secret: %w", err)
	}
	s.config.ClientSecret = secret
	ctx = context.WithValue(ctx, callKey{}, Call{Operation: tokenOperation})
	token, err := s.config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client))
	if err == nil {
		return token, nil
	}
	var network *url.Error
	if errors.As(err, &network) {
		return nil, fmt.Errorf("token endpoint: %w", withoutURL(err))
	}
	return nil, newTokenError(err, secret)
}

// tokenError is an answer of the token endpoint that is no token. It does not
// hold the answer, which may repeat what was sent.
type tokenError struct {
	reason Reason
	text   string
	// pause is how long not to ask again.
	pause time.Duration
}

func (e *tokenError) Error() string { return "token endpoint: " + e.text }

func newTokenError(err error, secret string) *tokenError {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return &tokenError{ReasonDecode, clip(conceal(err.Error(), secret)), tokenFailurePause}
	}
	e := &tokenError{reason: ReasonAuth, pause: tokenFailurePause}
	status := http.StatusOK
	if refusal.Response != nil {
		status = refusal.Response.StatusCode
		// The wait without Retry-After is shorter than the usual pause.
		e.pause = max(e.pause, retryAfter(0, refusal.Response))
	}
	// 400 is what RFC 6749 prescribes for wrong credentials, and a code in an
	// answer of any other kind is a refusal too.
	if status != http.StatusOK && status != http.StatusBadRequest {
		e.reason = reasonOfStatus(status)
	}
	words := []string{fmt.Sprintf("%d %s", status, http.StatusText(status))}
	for _, word := range []string{refusal.ErrorCode, refusal.ErrorDescription} {
		if word != "" {
			words = append(words, conceal(word, secret))
		}
	}
	e.text = clip(strings.Join(words, ": "))
	return e
}

// conceal takes a secret out of a text, as it is or as it was sent.
func conceal(text, secret string) string {
	if secret == "" {
		return text
	}
	return strings.NewReplacer(secret, "[redacted]", url.QueryEscape(secret), "[redacted]").Replace(text)
}
