package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
)

// webConfigWithTLS writes a web configuration with a certificate and returns its path.
func webConfigWithTLS(t *testing.T) string {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pair := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cert"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	write(t, filepath.Join(dir, "key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	write(t, filepath.Join(dir, "web.yml"), "tls_server_config: {cert_file: cert, key_file: key}\n")
	return filepath.Join(dir, "web.yml")
}

// Every line on stderr is in the format of the log, whoever writes it.
func TestAllLinesHaveTheFormatOfTheLog(t *testing.T) {
	t.Setenv("MERAKI_DASHBOARD_API_KEY", apiKey)
	t.Setenv("SNOW_REGION", "westeurope")
	webConfig := webConfigWithTLS(t)
	for format, form := range map[string]*regexp.Regexp{
		"logfmt": regexp.MustCompile(`^level=\S+ (ts=\S+ caller=\S+|caller=\S+ ts=\S+) `),
		"json":   regexp.MustCompile(`^\{.*"caller":"[^"]+\.go:\d+".*"ts":"\d{4}-.*Z".*\}\n$`),
	} {
		p := &program{t: t, status: make(chan int, 1)}
		go func() {
			p.status <- run(vendors, []string{"--demo", "--web.config.file=" + webConfig, "--web.listen-address=127.0.0.1:0", "--log.format=" + format}, &p.stdout, &p.stderr)
		}()
		wait := func(pattern string) []string {
			t.Helper()
			for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
				if found := regexp.MustCompile(pattern).FindStringSubmatch(p.stderr.String()); found != nil {
					return found
				}
			}
			t.Fatalf("no %s in\n%s", pattern, &p.stderr)
			return nil
		}
		address := wait(`(127\.0\.0\.1:\d+)(.*\n)+.*TLS is enabled`)[1]
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		wait("http: TLS handshake error from .*client sent an HTTP request to an HTTPS server")
		_ = conn.Close()
		wait(`environment variables are ignored because of --demo.*MERAKI_DASHBOARD_API_KEY, SNOW_REGION`)
		p.stop()
		for line := range strings.Lines(p.stderr.String()) {
			if !form.MatchString(line) || format == "json" && !json.Valid([]byte(line)) {
				t.Errorf("%s: another format: %s", format, line)
			}
		}
		if strings.Contains(p.stderr.String(), apiKey) || strings.Contains(p.stderr.String(), "westeurope") {
			t.Errorf("the log shows the value of a variable:\n%s", &p.stderr)
		}
	}
}

// So has every error at the start. Each problem has its own line.
func TestErrorsAtTheStartHaveTheFormatOfTheLog(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yml")
	write(t, bad, "accounts:\n  - name: a\n    vendor: meraki\n    max_agee: 5m\n    base_urll: x\n")
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"--foo"}, []string{"unknown long flag '--foo'; try --help"}},
		{[]string{"--demo", "--config.file=x"}, []string{"--demo and --config.file exclude each other"}},
		{[]string{"--config.file=" + bad, "--web.config.file=/nowhere"}, []string{
			`bad.yml:4:5: account "a": key max_agee is not known`, `bad.yml:5:5: account "a": key base_urll is not known`, "--web.config.file: open /nowhere",
		}},
	} {
		for _, flag := range [][]string{{"--log.format=json"}, {"--log.format", "json"}} {
			var stdout, stderr enginetest.Buffer
			if status := run(vendors, append(flag, test.args...), &stdout, &stderr); status != 1 {
				t.Errorf("%v: status %d", test.args, status)
			}
			lines := bytes.Split(bytes.TrimSpace([]byte(stderr.String())), []byte("\n"))
			for i, want := range test.want {
				var line struct{ Level, TS, Caller, Msg, Err string }
				if len(lines) != len(test.want) || json.Unmarshal(lines[i], &line) != nil || line.Level != "error" || line.TS == "" || line.Caller == "" || line.Msg == "" || !strings.Contains(line.Err, want) {
					t.Errorf("%v: got\n%swant %d lines, one with %s", test.args, &stderr, len(test.want), want)
				}
			}
		}
	}
}
