package rest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/config"
)

// listen starts a server that answers each connection with a function.
func listen(t *testing.T, answer func(net.Conn)) (address string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				answer(conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// certificate returns a certificate that is signed by its own key, and both in PEM.
func certificate(t *testing.T, end time.Time, host string) (pair tls.Certificate, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Unix(0, 0), NotAfter: end,
		Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	pair, err = tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return pair, cert, key
}

func rsaKey(t *testing.T) string {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
}

// secure starts an API with TLS.
func secure(t *testing.T, api http.HandlerFunc, c *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(api)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS, server.EnableHTTP2 = c, true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// withoutWaits sets a clock that skips waits.
func withoutWaits(o *Options) {
	var skipped atomic.Int64
	o.Clock = Clock{
		Now: func() time.Time { return time.Now().Add(time.Duration(skipped.Load())) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			skipped.Add(int64(d))
			return ctx.Err()
		},
	}
}

func nextYear() time.Time { return time.Now().AddDate(1, 0, 0) }

func TestLargeHeaderCostsNothing(t *testing.T) {
	large := answer(200, `{"name": "a"}`, "X-Large", strings.Repeat("x", 12<<20))
	many := answer(200, `{"name": "a"}`, slices.Repeat([]string{"X-Large", strings.Repeat("x", 1<<10)}, 1<<10)...)
	for name, base := range map[string]string{
		"HTTP/1": serve(t, large), "HTTP/2": secure(t, large, nil).URL, "HTTP/1, many": serve(t, many), "HTTP/2, many": secure(t, many, nil).URL,
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, base, withoutWaits, func(o *Options) {
				o.HTTP.EnableHTTP2, o.HTTP.TLSConfig.InsecureSkipVerify = true, true
			})
			_, err := Object[thing](t.Context(), c, things)
			e := wantError(t, err, ReasonDecode)
			if e.Err.Error() != errHeader.Error() {
				t.Errorf("the cause is %v, want %v", e.Err, errHeader)
			}
		})
	}
}

func TestHTTP2IsUsed(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		var seen requests
		server := secure(t, inTurn(&seen, answer(200, `{"name": "a"}`)), nil)
		c := newClient(t, server.URL, func(o *Options) {
			o.HTTP.EnableHTTP2, o.HTTP.TLSConfig.InsecureSkipVerify = enabled, true
		})
		if _, err := Object[thing](t.Context(), c, things); err != nil {
			t.Fatal(err)
		}
		if got := seen.all()[0].ProtoMajor == 2; got != enabled {
			t.Errorf("HTTP/2 was used: %v, want %v", got, enabled)
		}
	}
}

// A server that answers with what it received does not make errors show it.
func TestEchoIsNotShown(t *testing.T) {
	for name, prefix := range map[string]string{
		"status line": "", "header": "HTTP/1.1 200 OK\r\nno header: ok\r\n", "length": "HTTP/1.1 200 OK\r\nContent-Length: ",
		"coding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: ",
	} {
		t.Run(name, func(t *testing.T) {
			address := listen(t, func(conn net.Conn) {
				req, err := http.ReadRequest(bufio.NewReader(conn))
				if err == nil {
					_, _ = conn.Write([]byte(prefix + req.RequestURI + " " + req.Header.Get("Authorization") + "\r\n\r\n"))
				}
			})
			_, err := Object[thing](t.Context(), newClient(t, "http://"+address, withoutWaits), things)
			wantReason(t, err, ReasonNetwork)
		})
	}
}

func TestTLSFailures(t *testing.T) {
	good, ca, _ := certificate(t, nextYear(), "127.0.0.1")
	expired, expiredCA, _ := certificate(t, time.Now().Add(-time.Hour), "127.0.0.1")
	other, otherCA, _ := certificate(t, nextYear(), "other.example")
	at := func(pair tls.Certificate) string {
		server := secure(t, answer(200, `{"name": "a"}`), &tls.Config{Certificates: []tls.Certificate{pair}})
		return server.Listener.Addr().String()
	}
	plain := listen(t, func(conn net.Conn) { _, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) })
	hanging := listen(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<20)); _, _ = conn.Read(make([]byte, 1)) })
	closing := listen(t, func(net.Conn) {})
	for name, test := range map[string]struct {
		address, ca, text string
		reason            Reason
	}{
		"good":             {at(good), ca, "", ""},
		"unknown CA":       {at(good), otherCA, "certificate signed by unknown authority", ReasonNetwork},
		"expired":          {at(expired), expiredCA, "certificate has expired", ReasonNetwork},
		"another host":     {at(other), otherCA, "certificate", ReasonNetwork},
		"plain HTTP":       {plain, ca, "server gave HTTP response to HTTPS client", ReasonNetwork},
		"handshake hangs":  {hanging, ca, "deadline exceeded", ReasonTimeout},
		"handshake closes": {closing, ca, "", ReasonNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := t.Context(), func() {}
			if name == "handshake hangs" {
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
			}
			defer cancel()
			c := newClient(t, "https://"+test.address, withoutWaits, func(o *Options) { o.HTTP.TLSConfig.CA = test.ca })
			_, err := Object[thing](ctx, c, things)
			if test.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e := wantError(t, err, test.reason)
			if !strings.Contains(e.Err.Error(), test.text) {
				t.Errorf("the cause is %v, want %s", e.Err, test.text)
			}
		})
	}
}

// Certificates and keys in files are read again, like credentials.
func TestTLSFilesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	server, serverCA, _ := certificate(t, nextYear(), "127.0.0.1")
	_, otherCA, otherKey := certificate(t, nextYear(), "other.example")
	_, cert, key := certificate(t, nextYear(), "client.example")
	var names []string
	base := secure(t, func(w http.ResponseWriter, req *http.Request) {
		names = append(names, req.TLS.PeerCertificates[0].Subject.CommonName)
		w.Header().Set("Connection", "close")
		answer(200, `{"name": "a"}`)(w, req)
	}, &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAnyClientCert}).URL
	files := config.TLSConfig{
		CAFile:   write(t, filepath.Join(dir, "ca"), serverCA),
		CertFile: write(t, filepath.Join(dir, "cert"), otherCA),
		KeyFile:  write(t, filepath.Join(dir, "key"), otherKey),
	}
	c := newClient(t, base, func(o *Options) { o.HTTP.TLSConfig = files })
	call := func() error {
		_, err := Object[thing](t.Context(), c, things)
		return err
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	write(t, files.CertFile, cert)
	write(t, files.KeyFile, key)
	if err := call(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names, " "); got != "other.example client.example" {
		t.Errorf("the server saw the certificates of %s", got)
	}
	write(t, files.CAFile, otherCA)
	wantReason(t, call(), ReasonNetwork)
	write(t, files.CAFile, "")
	wantReason(t, call(), ReasonAuth)
	write(t, files.CAFile, serverCA)
	if err := call(); err != nil {
		t.Error(err)
	}
}

// The client does not hold what an HTTP/2 server sends before it is read.
func TestHTTP2ReceivesLittleAhead(t *testing.T) {
	sent := make(chan int, 1)
	server := secure(t, func(w http.ResponseWriter, req *http.Request) {
		n, chunk := 0, make([]byte, 32<<10)
		defer func() { sent <- n }()
		for req.Context().Err() == nil {
			written, err := w.Write(chunk)
			if n += written; err != nil {
				return
			}
		}
	}, nil)
	c := newClient(t, server.URL, func(o *Options) { o.HTTP.EnableHTTP2, o.HTTP.TLSConfig.InsecureSkipVerify = true, true })
	ctx, cancel := context.WithCancel(t.Context())
	ctx = (&request{Call: things, semaphore: c.semaphore}).context(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	unread := c.http.HTTPClient.Transport.(bodyTransport).RoundTripper
	resp, err := unread.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	cancel()
	resp.Body.Close()
	if n := <-sent; n > 4*maxStreamBuffer {
		t.Errorf("the server sent %d bytes to a client that reads nothing", n)
	}
}
