package helm

import (
	"bufio"
	"io"
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

	"sigs.k8s.io/yaml"
)

const credential = "value-of-the-secret"

// The exporter, which the variable LICENSE_EXPORTER names, takes the flags and
// the configuration of each variant, sends the credential that the Secret
// brings, is found healthy and ready where Kubernetes asks, and ends when it is
// told to.
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
		config, waiting := writeConfig(t, m.configMap.Data["license_exporter.yml"], vendor.URL)
		args := append([]string{"--config.file=" + config, "--web.listen-address=127.0.0.1:0"}, c.Args[1:]...)
		address, end := start(t, binary, args)

		for deadline := time.After(20 * time.Second); len(waiting) > 0; {
			select {
			case name := <-accounts:
				delete(waiting, name)
			case <-deadline:
				t.Fatalf("the vendor was not sent the credentials of %v", waiting)
			}
		}
		await(t, "http://"+address+c.LivenessProbe.HTTPGet.Path)
		await(t, "http://"+address+c.ReadinessProbe.HTTPGet.Path)
		end()
	})
}

// vendor answers everything with an empty list. It names the accounts, each at
// a path of its own, that sent the credential.
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

// writeConfig writes the configuration with the vendor at another address and
// the mounted Secret in another directory. It returns the file and the accounts.
func writeConfig(t *testing.T, rendered, vendor string) (file string, accounts map[string]bool) {
	t.Helper()
	var config struct {
		Accounts []map[string]any `json:"accounts"`
	}
	if err := yaml.Unmarshal([]byte(rendered), &config); err != nil {
		t.Fatal(err)
	}
	accounts = map[string]bool{}
	for _, a := range config.Accounts {
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
	listening  = regexp.MustCompile(`msg="Listening on".* address=(\S+)`)
)

// start runs the exporter. The function that it returns tells it to end, and
// fails the test if it does not end well.
func start(t *testing.T, binary string, args []string) (address string, end func()) {
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
	for address == "" && lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	if address == "" {
		t.Fatalf("it does not serve: %v\n%s", cmd.Wait(), log.String())
	}
	return address, func() {
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
