package rest

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/common/config"
)

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write(t, in("key"), " \n"+testKey+"\r\n")
	write(t, in("empty"), "")
	write(t, in("blank"), "\n\n")
	write(t, in("large"), strings.Repeat(testKey, maxSecret))
	if err := syscall.Mkfifo(in("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", in("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	// Kubernetes mounts secrets as links to links.
	for name, target := range map[string]string{"data": ".", "link": "data/key", "linkedpipe": "pipe", "loop": "loop", "dangling": "none"} {
		if err := os.Symlink(target, in(name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, problem := range map[string]string{
		"key": "", "link": "", "data/link": "",
		"empty": "is empty", "blank": "is empty", "large": "is larger than 65536 bytes",
		".": "is a directory", "data": "is a directory", "pipe": "is a named pipe", "linkedpipe": "is a named pipe", "socket": "is a socket",
		"none": "no such file", "dangling": "no such file", "loop": "too many levels", "key/x": "not a directory",
		"../../../../../../../../dev/zero": "is a device",
	} {
		got, err := readSecret(in(name), maxSecret)
		switch {
		case problem == "" && (err != nil || got != testKey):
			t.Errorf("%s: %q, %v", name, got, err)
		case problem != "" && (err == nil || !strings.Contains(err.Error(), problem) || strings.Contains(err.Error(), testKey) || strings.Contains(err.Error(), dir)):
			t.Errorf("%s: the error is %v, want one with %q", name, err, problem)
		}
	}
}

func basic(user, password string) config.HTTPClientConfig {
	return config.HTTPClientConfig{BasicAuth: &config.BasicAuth{Username: user, Password: config.Secret(password)}}
}

func header(h config.Header) config.HTTPClientConfig {
	return config.HTTPClientConfig{HTTPHeaders: &config.Headers{Headers: map[string]config.Header{"X-Key": h}}}
}

func authorization(a config.Authorization) config.HTTPClientConfig {
	a.Type = "Bearer"
	return config.HTTPClientConfig{Authorization: &a}
}

// A credential that cannot be sent or read has the reason auth, since the operator must correct it.
func TestUnusableCredentials(t *testing.T) {
	dir := t.TempDir()
	lines := write(t, filepath.Join(dir, "lines"), testKey+"\nsecond")
	empty := write(t, filepath.Join(dir, "empty"), "")
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	oauth := func(o config.OAuth2) config.HTTPClientConfig {
		o.ClientID, o.TokenURL = "client", "http://127.0.0.1:1/token"
		return config.HTTPClientConfig{OAuth2: &o}
	}
	for key, c := range map[string]config.HTTPClientConfig{
		"authorization.credentials":          authorization(config.Authorization{Credentials: testKey + "\r\nX: y"}),
		"authorization.credentials_file":     authorization(config.Authorization{CredentialsFile: lines}),
		"bearer_token":                       {BearerToken: testKey + "\x00"},
		"bearer_token_file":                  {BearerTokenFile: pipe},
		"basic_auth.username":                basic("a\nb", testKey),
		"basic_auth.password":                basic("a", testKey+"\x1b[1m"),
		"basic_auth.username_file":           {BasicAuth: &config.BasicAuth{UsernameFile: dir, Password: testKey}},
		"basic_auth.password_file":           {BasicAuth: &config.BasicAuth{Username: "a", PasswordFile: empty}},
		"http_headers[0].values[0]":          header(config.Header{Values: []string{testKey + "\n"}}),
		"http_headers[0].secrets[1]":         header(config.Header{Secrets: []config.Secret{"good", testKey + "\x7f"}}),
		"http_headers[0].files[0]":           header(config.Header{Files: []string{pipe}}),
		"oauth2.client_secret":               oauth(config.OAuth2{ClientSecret: testKey + "\n"}),
		"oauth2.client_secret_file":          oauth(config.OAuth2{ClientSecretFile: lines}),
		"oauth2.client_certificate_key_file": oauth(config.OAuth2{GrantType: grantJWTBearer, ClientCertificateKeyFile: empty}),
	} {
		t.Run(key, func(t *testing.T) {
			var seen requests
			client := newClient(t, serve(t, inTurn(&seen, answer(200, `{"name": "a"}`))), withHTTP(c))
			_, err := Object[thing](t.Context(), client, things)
			wantReason(t, err, ReasonAuth)
			problems := CheckCredentials(c)
			if len(problems) != 1 || problems[key] == nil {
				t.Errorf("the check found %v, want only %s", problems, key)
			}
			for _, err := range []error{err, problems[key]} {
				if err != nil && (strings.Contains(err.Error(), testKey) || strings.ContainsAny(err.Error(), "\n\r\x00\x1b")) {
					t.Errorf("the error shows the credential: %q", err)
				}
			}
			if !strings.Contains(err.Error(), key) || seen.count() != 0 {
				t.Errorf("%d requests were sent, and the error is %v, want none and %s", seen.count(), err, key)
			}
		})
	}
}

// What a file of a key contains by mistake is reported with what to do. White space around the key is
// no mistake, and passwords may contain blanks.
func TestFilesOfKeys(t *testing.T) {
	file := func(content string) string { return write(t, filepath.Join(t.TempDir(), "key"), content) }
	key := func(content string) config.HTTPClientConfig {
		return authorization(config.Authorization{CredentialsFile: file(content)})
	}
	password := func(content string) config.HTTPClientConfig {
		return config.HTTPClientConfig{BasicAuth: &config.BasicAuth{Username: "a b", PasswordFile: file(content)}}
	}
	secret := func(content string) config.HTTPClientConfig {
		return config.HTTPClientConfig{OAuth2: &config.OAuth2{ClientSecretFile: file(content)}}
	}
	for name, test := range map[string]struct {
		c    config.HTTPClientConfig
		want error
	}{
		"a newline at the end":        {key(testKey + "\r\n"), nil},
		"two lines":                   {key(testKey + "\nsecond"), errLines},
		"two lines of a password":     {password(testKey + "\r\nsecond\n"), errLines},
		"two lines of a secret":       {secret(testKey + "\n\n" + testKey), errLines},
		"BOM":                         {key("\ufeff" + testKey), errBOM},
		"BOM before a password":       {password("\ufeff" + testKey), errBOM},
		"UTF-16":                      {key("\xff\xfek\x00e\x00y\x00"), errBOM},
		"UTF-16 without BOM":          {key("k\x00e\x00y\x00"), errUnsendable},
		"a control character":         {key(testKey + "\x07" + testKey), errUnsendable},
		"a scheme":                    {key("Bearer " + testKey), errBlank},
		"a name":                      {secret("client_secret: " + testKey), errBlank},
		"a space that does not break": {secret(testKey + "\u00a0" + testKey), errBlank},
		"a space without width":       {key(testKey + "\u200b" + testKey), errBlank},
		"a blank in a password":       {password("correct horse " + testKey), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got error
			for _, err := range CheckCredentials(test.c) {
				got = err
			}
			if !errors.Is(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A file that changes is checked at each request.
func TestFileOfAKeyThatChanges(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "key"), testKey+"\n")
	c := newClient(t, serve(t, answer(200, `{"name": "a"}`)), withHTTP(authorization(config.Authorization{CredentialsFile: path})))
	for content, want := range map[string]error{testKey: nil, testKey + "\nmore": errLines, "\ufeff" + testKey: errBOM, "key " + testKey: errBlank} {
		write(t, path, content)
		_, err := Object[thing](t.Context(), c, things)
		if !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", content, err, want)
		}
		if want != nil && (ReasonOf(err) != ReasonAuth || !strings.Contains(err.Error(), "authorization.credentials_file: ") || strings.Contains(err.Error(), testKey)) {
			t.Errorf("%q: the error is %v", content, err)
		}
	}
}

// New fails if a credential can never work.
func TestNewRefusesReferencesAndPipes(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for key, c := range map[string]config.HTTPClientConfig{
		"authorization.credentials_ref":     authorization(config.Authorization{CredentialsRef: "x"}),
		"basic_auth.username_ref":           {BasicAuth: &config.BasicAuth{UsernameRef: "x"}},
		"basic_auth.password_ref":           {BasicAuth: &config.BasicAuth{PasswordRef: "x"}},
		"oauth2.client_secret_ref":          {OAuth2: &config.OAuth2{ClientSecretRef: "x"}},
		"oauth2.client_certificate_key_ref": {OAuth2: &config.OAuth2{ClientCertificateKeyRef: "x"}},
		"tls_config.ca_ref":                 {TLSConfig: config.TLSConfig{CARef: "x"}},
		"tls_config.ca_file":                {TLSConfig: config.TLSConfig{CAFile: pipe}},
		"tls_config.cert_file":              {TLSConfig: config.TLSConfig{CertFile: pipe, Key: "x"}},
		"tls_config.key_file":               {TLSConfig: config.TLSConfig{Cert: "x", KeyFile: pipe}},
		"oauth2.tls_config.ca_file":         {OAuth2: &config.OAuth2{TLSConfig: config.TLSConfig{CAFile: pipe}}},
	} {
		_, err := New(Options{BaseURL: "https://vendor.test", HTTP: c, Metrics: newMetrics()})
		if err == nil || !strings.HasPrefix(err.Error(), key+": ") {
			t.Errorf("%s: the error is %v", key, err)
		}
		if problems := CheckCredentials(c); len(problems) != 1 || problems[key] == nil {
			t.Errorf("the check found %v, want only %s", problems, key)
		}
	}
}

// New names the key of a certificate that cannot be used.
func TestNewNamesTheKeyOfTLS(t *testing.T) {
	junk := write(t, filepath.Join(t.TempDir(), "junk"), testKey)
	for want, c := range map[string]config.HTTPClientConfig{
		"tls_config.ca_file: it contains no certificate in PEM":                                                 {TLSConfig: config.TLSConfig{CAFile: junk}},
		"oauth2.tls_config.ca: it contains no certificate in PEM":                                               {OAuth2: &config.OAuth2{TLSConfig: config.TLSConfig{CA: testKey}}},
		"tls_config.cert_file: it and the key must be in PEM and belong together":                               {TLSConfig: config.TLSConfig{CertFile: junk, KeyFile: junk}},
		"tls_config: exactly one of key or key_file must be configured when a client certificate is configured": {TLSConfig: config.TLSConfig{CertFile: junk}},
		"tls_config: max_version must be greater than or equal to tls_config.min_version if both are specified": {TLSConfig: config.TLSConfig{MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS12}},
	} {
		if _, err := New(Options{BaseURL: "https://vendor.test", HTTP: c, Metrics: newMetrics()}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// The message of a vendor may repeat the credential.
func TestCredentialsAreNotShown(t *testing.T) {
	for name, c := range map[string]config.HTTPClientConfig{
		"bearer":         authorization(config.Authorization{Credentials: testKey}),
		"short":          authorization(config.Authorization{Credentials: "hunter2"}),
		"basic":          basic("user", testKey),
		"short password": basic("user", "hunter2"),
		"header":         header(config.Header{Secrets: []config.Secret{testKey}}),
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
				_, password, _ := req.BasicAuth()
				echo := strings.Join([]string{req.Header.Get("Authorization"), req.Header.Get("X-Key"), password}, " and ")
				answer(403, `{"message": "denied, hunter200: `+echo+`"}`)(w, req)
			}), withHTTP(c))
			_, err := Object[thing](t.Context(), c, things)
			e := wantError(t, err, ReasonForbidden)
			for _, secret := range []string{testKey, "hunter2 ", "hunter2\"", base64.StdEncoding.EncodeToString([]byte("user:"))[:6]} {
				if strings.Contains(e.Message+" ", secret) {
					t.Errorf("the message shows the secret: %s", e.Message)
				}
			}
			if !strings.Contains(e.Message, "denied, hunter200: ") || !strings.Contains(e.Message, "[redacted]") {
				t.Errorf("the message is %s", e.Message)
			}
		})
	}
}

// A secret that is the beginning of another does not leave the rest of that one.
func TestConcealedSecretsMayBeginAlike(t *testing.T) {
	v := &vault{}
	v.add(testKey)
	v.add(testKey + "-and-more")
	if got := v.conceal("a " + testKey + "-and-more and " + testKey); got != "a [redacted] and [redacted]" {
		t.Error(got)
	}
}
