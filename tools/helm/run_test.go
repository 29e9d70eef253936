package helm

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

const credential = "value-of-the-secret"

// The exporter, whose binary the variable LICENSE_EXPORTER names, accepts the flags and the
// configuration of each variant, and sends the credential that is in the Secret. Kubernetes
// finds it healthy and ready, Prometheus can scrape it, and it ends on SIGTERM.
func TestExporterRuns(t *testing.T) {
	binary := os.Getenv("LICENSE_EXPORTER")
	if binary == "" {
		t.Fatal("LICENSE_EXPORTER does not name the exporter; run make helm")
	}
	eachVariant(t, func(t *testing.T, m *manifests) {
		accounts := make(chan string, 10)
		vendor := httptest.NewServer(vendor(accounts))
		defer vendor.Close()

		c := m.container(t)
		config, waiting := writeConfig(t, m.configMap.Data, vendor.URL)
		var roots *x509.CertPool
		args := []string{"--web.listen-address=127.0.0.1:0"}
		for _, arg := range c.Args {
			switch name, _, _ := strings.Cut(arg, "="); name {
			case "--config.file":
				arg = name + "=" + config
			case "--web.health-listen-address":
				arg = name + "=127.0.0.1:0"
			case "--web.config.file":
				var file string
				file, roots = secure(t, *m.serviceMonitor.Spec.Endpoints[0].TLSConfig.ServerName)
				arg = name + "=" + file
			}
			args = append(args, arg)
		}
		address, health, end := start(t, binary, args)

		for deadline := time.After(20 * time.Second); len(waiting) > 0; {
			select {
			case name := <-accounts:
				delete(waiting, name)
			case <-deadline:
				t.Fatalf("the vendor was not sent the credentials of %v", waiting)
			}
		}
		await(t, "http://"+health+c.LivenessProbe.HTTPGet.Path)
		await(t, "http://"+health+c.ReadinessProbe.HTTPGet.Path)
		if m.serviceMonitor != nil {
			scrape(t, address, m.serviceMonitor.Spec.Endpoints[0], roots)
		}
		end()
	})
}

// secure writes what the Secrets of webConfig contain: a web configuration with TLS, by a
// certificate for the Service, and with a password.
func secure(t *testing.T, host string) (file string, roots *x509.CertPool) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	dir := t.TempDir()
	for name, content := range map[string]string{
		"tls.crt":        string(chain),
		"tls.key":        string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"web-config.yml": "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\nbasic_auth_users: {prometheus: " + passwordHash + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(chain)
	return filepath.Join(dir, "web-config.yml"), roots
}

// The password is example; the hash is of bcrypt.
const passwordHash = "$2a$04$EVUDE9yDzKCvIud7ccCrX.ek5NY5L5Iige/4ElLOsoRHfPT2dbyDO"

// scrape scrapes an address as Prometheus does with an endpoint. If there are roots, it must
// use TLS, and without the password, only health checks must be answered.
func scrape(t *testing.T, address string, endpoint monitoringv1.Endpoint, roots *x509.CertPool) {
	t.Helper()
	scheme, client := "http", &http.Client{}
	if roots != nil {
		scheme = string(*endpoint.Scheme)
		client.Transport = &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: *endpoint.TLSConfig.ServerName},
		}
	}
	for _, password := range []string{"", "example"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://"+address+endpoint.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusOK
		if password != "" {
			request.SetBasicAuth("prometheus", password)
		} else if roots != nil {
			want = http.StatusUnauthorized
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("with the password %q, %s is answered with %s", password, request.URL, response.Status)
		}
	}
}

// vendor answers everything with an empty list. Each account has its own path. The channel
// gets the accounts that sent the credential.
func vendor(accounts chan<- string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if password == credential || r.FormValue("client_secret") == credential || r.Header.Get("Authorization") == "Bearer "+credential {
			select {
			case accounts <- strings.Split(r.URL.Path, "/")[1]:
			default: // they are all known
			}
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/token") {
			_, _ = io.WriteString(w, `{"access_token": "example", "token_type": "bearer", "expires_in": 3600}`)
			return
		}
		_, _ = io.WriteString(w, "[]")
	}
}

// writeConfig writes the files of the ConfigMap, with the vendor at another address and the
// mounted Secret in another directory. It returns the configuration file and the accounts.
func writeConfig(t *testing.T, files map[string]string, vendor string) (file string, accounts map[string]bool) {
	t.Helper()
	var config map[string]any
	if err := yaml.Unmarshal([]byte(files["license_exporter.yml"]), &config); err != nil {
		t.Fatal(err)
	}
	accounts = map[string]bool{}
	for _, each := range config["accounts"].([]any) {
		a := each.(map[string]any)
		name := a["name"].(string)
		accounts[name] = true
		a["base_url"] = vendor + "/" + name
		if a["vendor"] == "snow" {
			delete(a, "region")
			a["token_url"] = vendor + "/" + name + "/token"
		}
	}
	content, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := string(content)
	for _, name := range secretFile.FindAllStringSubmatch(text, -1) {
		if err := os.WriteFile(filepath.Join(dir, name[1]), []byte(credential), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file = filepath.Join(dir, "license_exporter.yml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "/run/secrets/", dir+"/")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, accounts
}

var (
	secretFile = regexp.MustCompile(`/run/secrets/(\S+)`)
	listening  = regexp.MustCompile(`msg="(Listening on|serving health checks)".* address=(\S+)`)
)

// start runs the exporter, and returns the addresses that it listens on. end ends it, and
// fails the test if it ends with an error.
func start(t *testing.T, binary string, args []string) (address, health string, end func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	lines := bufio.NewScanner(stderr)
	found := map[string]string{}
	for len(found) < 2 && lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if line := listening.FindStringSubmatch(lines.Text()); line != nil {
			found[line[1]] = line[2]
		}
	}
	if len(found) < 2 {
		t.Fatalf("it does not serve: %v\n%s", cmd.Wait(), log.String())
	}
	return found["Listening on"], found["serving health checks"], func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			log.WriteString(lines.Text() + "\n")
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("it ends with %v\n%s", err, log.String())
		}
		if strings.Contains(log.String(), credential) {
			t.Error("the log shows the credential")
		}
	}
}

// await waits until an address answers with 200.
func await(t *testing.T, url string) {
	t.Helper()
	var status string
	for range 200 {
		response, err := http.Get(url) //nolint:noctx // bounded by the loop
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
			status = response.Status
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s answers with %q", url, status)
}
