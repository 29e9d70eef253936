package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/config"
)

const (
	// maxHeader bounds the header of an answer.
	maxHeader = 256 << 10
	// maxStreamBuffer and maxConnectionBuffer bound what HTTP/2 receives before it is read.
	maxStreamBuffer     = 256 << 10
	maxConnectionBuffer = 1 << 20
)

// newHTTPClient returns a client that does not follow redirects. This package follows them
// itself, to hosts that may receive the credential, and never those of token endpoints.
func newHTTPClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// adapting returns a transport that changes the answers of another.
func adapting(next http.RoundTripper, adapt func(*http.Request, *http.Response)) http.RoundTripper {
	return closer{
		RoundTripper: promhttp.RoundTripperFunc(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil {
				adapt(req, resp)
			}
			return resp, err
		}),
		inner: next,
	}
}

// newTransport returns a transport without credentials. It is that of prometheus/common,
// with bounds on what it holds in memory, and reads files as readSecret does.
func newTransport(c config.TLSConfig, files tlsFiles, proxy *config.ProxyConfig, http2 bool, v *vault) (http.RoundTripper, error) {
	connect := func(tlsConfig *tls.Config) (http.RoundTripper, error) {
		t := &http.Transport{
			Proxy:                  proxy.Proxy(),
			ProxyConnectHeader:     proxy.GetProxyConnectHeader(),
			MaxIdleConnsPerHost:    maxInFlight,
			TLSClientConfig:        tlsConfig,
			DisableCompression:     true,
			IdleConnTimeout:        5 * time.Minute,
			TLSHandshakeTimeout:    10 * time.Second,
			ExpectContinueTimeout:  time.Second,
			MaxResponseHeaderBytes: maxHeader,
		}
		if http2 {
			t.Protocols = new(http.Protocols)
			t.Protocols.SetHTTP1(true)
			t.Protocols.SetHTTP2(true)
			t.HTTP2 = &http.HTTP2Config{
				SendPingTimeout:               time.Minute,
				MaxReceiveBufferPerStream:     maxStreamBuffer,
				MaxReceiveBufferPerConnection: maxConnectionBuffer,
			}
		}
		return t, nil
	}
	tlsConfig, err := newTLSConfig(c, files)
	if err != nil {
		return nil, err
	}
	for _, values := range proxy.ProxyConnectHeader {
		for _, value := range values {
			v.add(string(value))
		}
	}
	var transport http.RoundTripper
	if files.ca.Immutable() && files.cert.Immutable() && files.key.Immutable() {
		transport, err = connect(tlsConfig)
	} else {
		transport, err = config.NewTLSRoundTripper(tlsConfig, config.TLSRoundTripperSettings{
			CA: files.ca.reader(), Cert: files.cert.reader(), Key: files.key.reader(),
		}, connect)
	}
	return &discreetTransport{closer{transport, transport}, v}, err
}

// newTLSConfig returns the configuration of TLS. The certificate of the client is read
// again for each connection.
func newTLSConfig(c config.TLSConfig, files tlsFiles) (*tls.Config, error) {
	content := map[*credential]string{}
	for _, file := range []*credential{files.ca, files.cert, files.key} {
		if !file.exists() {
			continue
		}
		var err error
		if content[file], err = file.Fetch(context.Background()); err != nil {
			return nil, err
		}
	}
	c.CA, c.Cert, c.Key = content[files.ca], content[files.cert], config.Secret(content[files.key])
	c.CAFile, c.CertFile, c.KeyFile = "", "", ""
	tlsConfig, err := config.NewTLSConfig(&c)
	if err != nil {
		return nil, files.explain(err)
	}
	if files.cert.exists() {
		tlsConfig.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, err := files.cert.Fetch(info.Context())
			if err != nil {
				return nil, err
			}
			key, err := files.key.Fetch(info.Context())
			if err != nil {
				return nil, err
			}
			pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
			if err != nil {
				return nil, &credentialError{files.cert.key, err}
			}
			return &pair, nil
		}
	}
	return tlsConfig, nil
}

// explain adds the key that an error about the configuration of TLS is about.
func (f tlsFiles) explain(err error) error {
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "unable to use specified CA cert"):
		return &credentialError{f.ca.key, errors.New("it contains no certificate in PEM")}
	case strings.HasPrefix(text, "unable to use specified client cert"):
		return &credentialError{f.cert.key, errors.New("it and the key must be in PEM and belong together")}
	}
	key := f.ca.key[:strings.LastIndexByte(f.ca.key, '.')]
	return &credentialError{key, errors.New(strings.TrimPrefix(text, "tls_config."))}
}

// authenticate returns a transport that sends credentials, except those of OAuth2, and all
// other headers of requests.
func (s *credentials) authenticate(next http.RoundTripper, userAgent string) http.RoundTripper {
	t := &headerTransport{closer: closer{next, next}, userAgent: userAgent}
	switch {
	case s.bearerToken.exists():
		t.headers = append(t.headers, sentHeader{"Authorization", "Bearer ", s.bearerToken})
	case s.authorization.exists() || s.authorizationType.exists():
		t.headers = append(t.headers, sentHeader{"Authorization", s.authorizationType.text + " ", s.authorization})
	}
	for name, values := range s.headers {
		for _, value := range values {
			t.headers = append(t.headers, sentHeader{http.CanonicalHeaderKey(name), "", value})
		}
	}
	if s.username.exists() || s.password.exists() {
		return config.NewBasicAuthRoundTripper(s.username.reader(), s.password.reader(), t)
	}
	return t
}

// headerTransport adds headers to requests. It adds all of them at once, since each
// transport that adds headers has to copy those that are there.
type headerTransport struct {
	closer
	userAgent string
	headers   []sentHeader
}

// sentHeader is a header whose value may be in a file.
type sentHeader struct {
	name, before string
	value        *credential
}

func (t *headerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := http.Header{"Accept": {"application/json"}, "User-Agent": {t.userAgent}}
	maps.Copy(sent, req.Header)
	for _, h := range t.headers {
		text, err := h.value.Fetch(req.Context())
		if err != nil {
			return nil, err
		}
		sent[h.name] = append(slices.Clip(sent[h.name]), h.before+text)
	}
	req = req.WithContext(req.Context()) // a copy
	req.Header = sent
	return t.closer.RoundTrip(req)
}

// discreetTransport removes secrets and what the server sent from errors.
type discreetTransport struct {
	closer
	vault *vault
}

func (t *discreetTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, sent, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok {
		t.vault.add(sent)
	}
	resp, err := t.closer.RoundTrip(req)
	if err == nil {
		return resp, nil
	}
	return nil, t.discreet(err)
}

// quoted matches what net/http quotes in errors. Most often, the server sent it.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

func (t *discreetTransport) discreet(err error) error {
	text := err.Error()
	var certificate *tls.CertificateVerificationError
	switch {
	case tooLarge.MatchString(text):
		return errHeader
	case errors.As(err, &certificate):
		return err
	}
	if clean := Clip(t.vault.conceal(quoted.ReplaceAllLiteralString(text, `"…"`))); clean != text {
		return &rephrased{clean, err}
	}
	return err
}

// errHeader is the cause of ReasonDecode if the header of an answer cannot be read.
var errHeader = errors.New("the header of the answer is larger than 256 KiB or damaged")

// tooLarge matches the errors of net/http about large headers. In HTTP/2, the one about a
// single value is a compression error.
var tooLarge = regexp.MustCompile("response headers exceeded|response header list larger|COMPRESSION_ERROR")

// rephrased is an error with another text.
type rephrased struct {
	text string
	err  error
}

func (e *rephrased) Error() string { return e.text }
func (e *rephrased) Unwrap() error { return e.err }
