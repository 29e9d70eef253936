package rest

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/prometheus/common/config"

	"license_exporter/internal/file"
)

const (
	// maxSecret bounds the size of a credential, and maxPEM that of certificates and keys.
	maxSecret = 64 << 10
	maxPEM    = 1 << 20
)

// readSecret reads a file without the white space around its content. Errors do not show
// the path, which may be a credential in the wrong place.
func readSecret(path string, limit int64) (string, error) {
	content, err := file.ReadRegular(path, limit)
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return "", e.Err
	}
	text := strings.TrimSpace(string(content))
	if text == "" {
		return "", errors.New("the file is empty")
	}
	return text, nil
}

// credentialError means that a credential cannot be used. Its text does not show it.
type credentialError struct {
	key string // in the configuration
	err error
}

func (e *credentialError) Error() string { return e.key + ": " + e.err.Error() }
func (e *credentialError) Unwrap() error { return e.err }

var (
	errUnsendable = errors.New("the value contains a newline or another control character, which cannot be sent; " +
		"it must be one line")
	errLines = errors.New("the file has more than one line; it must contain only the credential, in one line")
	errBOM   = errors.New("the value begins with a byte order mark; save the file as UTF-8 without one, often called UTF-8 without BOM")
	errBlank = errors.New("the value contains a blank or an invisible character; it must be only the credential, without a name or a word before it")
)

// CheckToken returns an error if a text cannot be a token, key or client secret. These have no blanks,
// unlike passwords.
func CheckToken(text string) error {
	if err := checkSendable(text); err != nil {
		return err
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) {
		return errBlank
	}
	return nil
}

// checkSendable returns an error if a text cannot be sent, or not as it was meant.
func checkSendable(text string) error {
	for _, mark := range []string{"\ufeff", "\xff\xfe", "\xfe\xff"} {
		if strings.HasPrefix(text, mark) {
			return errBOM
		}
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return errUnsendable
	}
	return nil
}

// credential is a value of the configuration that is or accompanies a secret. It
// implements config.SecretReader.
type credential struct {
	key             string // in the configuration
	text, file, ref string // at most one of them
	public          bool   // it is not secret
	token           bool   // it has no blanks
	encoded         bool   // it is a certificate or key in PEM
	vault           *vault
}

// exists reports whether there is a value in the configuration.
func (c *credential) exists() bool { return c.text != "" || c.file != "" || c.ref != "" }

// Fetch returns the value. A file is read again each time, so that credentials can change
// without a restart.
func (c *credential) Fetch(context.Context) (string, error) {
	text, err := c.read()
	if err != nil {
		return "", &credentialError{c.key, err}
	}
	if !c.public && !c.encoded {
		c.vault.add(text)
	}
	return text, nil
}

func (c *credential) read() (text string, err error) {
	switch text = c.text; {
	case c.ref != "":
		return "", errors.New("secret managers are not supported; use a file instead")
	case c.file != "" && c.encoded:
		return readSecret(c.file, maxPEM)
	case c.file != "":
		text, err = readSecret(c.file, maxSecret)
	}
	switch {
	case err != nil, c.encoded:
	case c.file != "" && strings.ContainsAny(text, "\r\n") && !strings.ContainsRune(text, 0):
		err = errLines
	case c.token:
		err = CheckToken(text)
	default:
		err = checkSendable(text)
	}
	return text, err
}

// Description returns where the value is.
func (c *credential) Description() string { return c.key }

// Immutable reports whether the value is always the same.
func (c *credential) Immutable() bool { return c.file == "" }

// reader returns the credential as a reader, or nil if there is no value.
func (c *credential) reader() config.SecretReader {
	if !c.exists() {
		return nil
	}
	return c
}

// credentials are those of a configuration. Those without a value have no text, file or
// reference.
type credentials struct {
	authorizationType, authorization *credential
	bearerToken                      *credential
	username, password               *credential
	clientSecret, clientKey          *credential // of OAuth2
	headers                          map[string][]*credential
	tls, tokenTLS                    tlsFiles

	all []*credential
}

// tlsFiles are the certificates and the key of a configuration of TLS.
type tlsFiles struct{ ca, cert, key *credential }

func credentialsOf(c config.HTTPClientConfig, v *vault) *credentials {
	s := &credentials{headers: map[string][]*credential{}}
	add := func(key, text, file, ref string) *credential {
		switch {
		case ref != "":
			key += "_ref"
		case file != "":
			key += "_file"
		}
		secret := &credential{key: key, text: text, file: file, ref: ref, vault: v}
		s.all = append(s.all, secret)
		return secret
	}
	public := func(c *credential) *credential { c.public = true; return c }
	encoded := func(c *credential) *credential { c.encoded = true; return c }
	token := func(c *credential) *credential { c.token = true; return c }
	tls := func(prefix string, t config.TLSConfig) tlsFiles {
		return tlsFiles{
			encoded(add(prefix+"tls_config.ca", t.CA, t.CAFile, t.CARef)),
			encoded(add(prefix+"tls_config.cert", t.Cert, t.CertFile, t.CertRef)),
			encoded(add(prefix+"tls_config.key", string(t.Key), t.KeyFile, t.KeyRef)),
		}
	}
	a, b, o := deref(c.Authorization), deref(c.BasicAuth), deref(c.OAuth2)
	s.authorizationType = public(add("authorization.type", a.Type, "", ""))
	s.authorization = token(add("authorization.credentials", string(a.Credentials), a.CredentialsFile, a.CredentialsRef))
	s.bearerToken = token(add("bearer_token", string(c.BearerToken), c.BearerTokenFile, ""))
	s.username = public(add("basic_auth.username", b.Username, b.UsernameFile, b.UsernameRef))
	s.password = add("basic_auth.password", string(b.Password), b.PasswordFile, b.PasswordRef)
	s.clientSecret = token(add("oauth2.client_secret", string(o.ClientSecret), o.ClientSecretFile, o.ClientSecretRef))
	s.clientKey = encoded(add("oauth2.client_certificate_key", string(o.ClientCertificateKey), o.ClientCertificateKeyFile, o.ClientCertificateKeyRef))
	s.tls, s.tokenTLS = tls("", c.TLSConfig), tls("oauth2.", o.TLSConfig)
	headers := deref(c.HTTPHeaders).Headers
	for n, name := range slices.Sorted(maps.Keys(headers)) {
		header := headers[name]
		// Headers have numbers in errors: a key whose colon has no space after it contains the
		// value.
		key := func(kind string, i int) string { return fmt.Sprintf("http_headers[%d].%s[%d]", n, kind, i) }
		for i, value := range header.Values {
			s.headers[name] = append(s.headers[name], public(add(key("values", i), value, "", "")))
		}
		for i, value := range header.Secrets {
			s.headers[name] = append(s.headers[name], add(key("secrets", i), string(value), "", ""))
		}
		for i, file := range header.Files {
			secret := add(key("files", i), "", file, "")
			secret.key = key("files", i)
			s.headers[name] = append(s.headers[name], secret)
		}
	}
	return s
}

// checkReferences returns an error if a value is a reference. It cannot become usable later,
// unlike a file.
func (s *credentials) checkReferences() error {
	for _, secret := range s.all {
		if secret.ref != "" {
			_, err := secret.Fetch(context.Background())
			return err
		}
	}
	return nil
}

// deref returns what a pointer points to, or the zero value if it is nil.
func deref[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// CheckCredentials returns an error for each credential, certificate or key of a
// configuration that cannot be used, by key. The errors do not show the values.
func CheckCredentials(c config.HTTPClientConfig) map[string]error {
	problems := map[string]error{}
	for _, secret := range credentialsOf(c, &vault{}).all {
		if secret.exists() {
			if _, err := secret.read(); err != nil {
				problems[secret.key] = err
			}
		}
	}
	return problems
}

// vault contains the secrets that a client has recently sent. The vendor may repeat them in its
// texts, from which they are removed.
type vault struct {
	mu      sync.Mutex
	secrets []string
}

// maxSecrets bounds the secrets of a vault. A client has a few, and old tokens.
const maxSecrets = 32

func (v *vault) add(secret string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if secret == "" || slices.Contains(v.secrets, secret) {
		return
	}
	if len(v.secrets) == maxSecrets {
		v.secrets = v.secrets[1:]
	}
	v.secrets = append(v.secrets, secret)
}

// conceal removes the secrets from a text, also in the encodings of forms and of basic
// authentication.
func (v *vault) conceal(text string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	// One secret may be the beginning of another.
	longestFirst := slices.SortedFunc(slices.Values(v.secrets), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, secret := range longestFirst {
		for _, form := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
			text = conceal(text, form)
		}
	}
	return text
}

// conceal removes a secret from a text. A short secret can be a part of an ordinary word. It
// is removed only if it is a whole word.
func conceal(text, secret string) string {
	const shortest = 8
	const redacted = "[redacted]"
	if len(secret) >= shortest {
		return strings.ReplaceAll(text, secret, redacted)
	}
	pattern := regexp.QuoteMeta(secret)
	if word.MatchString(secret[:1]) {
		pattern = `\b` + pattern
	}
	if word.MatchString(secret[len(secret)-1:]) {
		pattern += `\b`
	}
	return regexp.MustCompile(pattern).ReplaceAllLiteralString(text, redacted)
}

var word = regexp.MustCompile(`\w`)
