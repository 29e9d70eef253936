package collector

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	commonconfig "github.com/prometheus/common/config"
)

func TestCheckCredentials(t *testing.T) {
	dir := t.TempDir()
	const secret = "secret-that-nobody-may-see"
	if err := os.WriteFile(filepath.Join(dir, "lines"), []byte(secret+"\nmore"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := HTTPClientConfig{
		OAuth2: &commonconfig.OAuth2{
			ClientSecretFile: "lines", ClientCertificateKeyFile: "none", TLSConfig: commonconfig.TLSConfig{CAFile: "."},
		},
		HTTPHeaders: &commonconfig.Headers{Headers: map[string]commonconfig.Header{"X-Key": {Files: []string{"lines"}}}},
	}
	h.SetDirectory(dir)
	const lines = "the file has more than one line; it must contain only the credential, in one line"
	want := strings.Join([]string{
		"http_client_config.http_headers[0].files[0]: " + lines,
		"http_client_config.oauth2.client_certificate_key_file: no such file or directory",
		"http_client_config.oauth2.client_secret_file: " + lines,
		"http_client_config.oauth2.tls_config.ca_file: it is a directory; give the path of a regular file",
	}, "\n")
	if diff := cmp.Diff(want, errors.Join(h.CheckCredentials()...).Error()); diff != "" {
		t.Errorf("errors differ (-want +got):\n%s", diff)
	}
}

func TestCheckRefusesNamesOfHeaders(t *testing.T) {
	h := HTTPClientConfig{HTTPHeaders: &commonconfig.Headers{Headers: map[string]commonconfig.Header{"X Key": {Values: []string{"a"}}}}}
	if err := h.Check(); err == nil || strings.Contains(err.Error(), "X Key") || !strings.Contains(err.Error(), "a key is not the name of a header") {
		t.Error(err)
	}
}
