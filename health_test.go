package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"license_exporter/internal/enginetest"
)

// secured writes a web configuration with TLS and basic authentication for the user
// prometheus with the password example. It returns a client that trusts the certificate.
func secured(t *testing.T) (file string, client *http.Client) {
	t.Helper()
	server := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(server.Close)
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	const hash = "$2a$04$EVUDE9yDzKCvIud7ccCrX.ek5NY5L5Iige/4ElLOsoRHfPT2dbyDO" // of bcrypt
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tls.crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	write(t, filepath.Join(dir, "tls.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	file = filepath.Join(dir, "web-config.yml")
	write(t, file, "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\nbasic_auth_users: {prometheus: "+hash+"}\n")
	client = server.Client()
	client.Transport.(*http.Transport).DisableKeepAlives = true
	return file, client
}

// The health checks need neither TLS nor a password, and nothing else is served without.
func TestHealthListener(t *testing.T) {
	file, client := secured(t)
	p := launch(t, vendors, "--demo", "--web.config.file="+file, "--web.health-listen-address=127.0.0.1:0")
	main := strings.Replace(p.url, "http:", "https:", 1)
	status := func(url, password string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			r.SetBasicAuth("prometheus", password)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	for password, want := range map[string]int{"": http.StatusUnauthorized, "example": http.StatusOK} {
		if got := status(main+"/-/healthy", password); got != want {
			t.Errorf("with the password %q, the main listener answers with %d", password, got)
		}
	}

	health := regexp.MustCompile(`msg="serving health checks" address=(\S+)`).FindStringSubmatch(p.stderr.String())
	if health == nil {
		t.Fatalf("the log lacks the address of the health checks:\n%s", &p.stderr)
	}
	p.url = "http://" + health[1]
	p.wait("/-/healthy", "OK")
	p.wait("/-/ready", "OK")
	for _, path := range []string{"/", "/metrics", "/metrics/exporter", "/probe", "/sd", "/-/reload", "/licenses", "/docs/", "/-/", "/-/healthy/"} {
		if got := status(p.url+path, ""); got != http.StatusNotFound {
			t.Errorf("%s is answered with %d", path, got)
		}
	}
	p.stop()
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", health[1]); err == nil {
		_ = conn.Close()
		t.Error("the health checks are still served")
	}
}

func TestHealthListenerRefuses(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	port := address[strings.LastIndex(address, ":"):]
	for name, test := range map[string]struct{ main, health, want string }{
		"taken":                     {"127.0.0.1:0", address, "--web.health-listen-address: listen tcp " + address + ": bind: address already in use"},
		"no port":                   {"127.0.0.1:0", "127.0.0.1", "--web.health-listen-address: listen tcp: address 127.0.0.1: missing port in address"},
		"that of the main listener": {port, port, "--web.health-listen-address=" + port + " is taken by --web.listen-address; choose another port"},
		"its name":                  {address, "localhost" + port, " is taken by --web.listen-address; choose another port"},
		"one of all":                {"[::]" + port, address, " is taken by --web.listen-address; choose another port"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr enginetest.Buffer
			if status := run(vendors, []string{"--demo", "--web.listen-address=" + test.main, "--web.health-listen-address=" + test.health}, &stdout, &stderr); status != 1 {
				t.Errorf("it exits with %d", status)
			}
			if !strings.Contains(stderr.String(), test.want) {
				t.Errorf("got\n%s\nwant %s", &stderr, test.want)
			}
		})
	}
}

// Another interface may have the same port.
func TestSameAddress(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"127.0.0.1:1", "127.0.0.2:1", false},
		{"127.0.0.1:1", "127.0.0.1:2", false},
		{"127.0.0.1:0", "127.0.0.1:0", false}, // the system chooses two ports
		{"vsock://:1", ":1", false},
		{":http", "127.0.0.1:80", true},
	} {
		if got := sameAddress(test.a, test.b); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
	}
}
