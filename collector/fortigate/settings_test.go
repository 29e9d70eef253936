package fortigate

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
)

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	server := httptest.NewTLSServer(nil)
	server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, content := range map[string]string{"token": "t\n", "empty": "\n", "ca": string(ca)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	token := collector.BearerToken("t")
	devices := func(all ...deviceKeys) collector.AccountConfig {
		return collector.AccountConfig{Settings: &settings{Devices: all}, HTTPClientConfig: token}
	}
	for name, test := range map[string]struct {
		collector.AccountConfig
		want []string // errors
	}{
		"one device": {collector.AccountConfig{Settings: &settings{}, BaseURL: "https://fw", HTTPClientConfig: token}, nil},
		"devices":    {devices(deviceKeys{"a", "https://a/", "", ""}, deviceKeys{"b", "https://b:8443", "token", "ca"}), nil},
		"own credentials": {
			collector.AccountConfig{Settings: &settings{Devices: []deviceKeys{{"a", "https://a", "token", ""}}}}, nil,
		},
		"nothing": {collector.AccountConfig{Settings: &settings{}}, []string{
			"base_url is missing; set it to the address of the device, such as https://fw.example.com, or list several devices under devices",
			"http_client_config has no credential; set authorization.credentials_file to a file with the API token of the device",
		}},
		"both": {
			collector.AccountConfig{Settings: &settings{Devices: []deviceKeys{{"a", "https://a", "", ""}}}, BaseURL: "https://fw", HTTPClientConfig: token},
			[]string{"base_url and devices exclude each other; make the device of base_url one of the devices"},
		},
		"the address of the API": {
			collector.AccountConfig{Settings: &settings{}, BaseURL: "https://fw/api/v2", HTTPClientConfig: token},
			[]string{"base_url must be the address of the device; leave out /api/v2"},
		},
		"the address of the operation": {
			collector.AccountConfig{Settings: &settings{}, BaseURL: "https://fw/proxied/api/v2/monitor/license/status", HTTPClientConfig: token},
			[]string{"base_url must be the address of the device; leave out /api/v2/monitor/license/status"},
		},
		"no credential": {
			collector.AccountConfig{Settings: &settings{Devices: []deviceKeys{{"a", "https://a", "token", ""}, {"b", "https://b", "", ""}}}},
			[]string{"devices[1].credentials_file is missing; set it to a file with the API token of the device, or http_client_config.authorization.credentials_file to one for all devices"},
		},
		"keys of devices": {devices(
			deviceKeys{"", "", "empty", "none"}, deviceKeys{"a\n", "https://u:p@a", "token", ""}, deviceKeys{"b", "https://b/", "", ""}, deviceKeys{"b", "https://b", "", ""},
			deviceKeys{"c", "https://c/api/v2/", "", ""}, deviceKeys{"d", "https://d", "", "token"},
		), []string{
			"devices[0].name is missing; it becomes the name of the organization",
			"devices[0].base_url is missing; set it to the address of the device, such as https://fw.example.com",
			"devices[0].credentials_file: the file is empty",
			"devices[0].ca_file: no such file or directory",
			"devices[1].name must be one line without control characters",
			"devices[1].base_url contains a user or password; put credentials in http_client_config",
			"devices[3].name is also that of devices[2]; names must be unique",
			"devices[3].base_url is also that of devices[2]; leave one of the devices out",
			"devices[4].base_url must be the address of the device; leave out /api/v2",
			"devices[5].ca_file: it contains no certificate in PEM",
		}},
	} {
		s := own(&test.AccountConfig)
		s.SetDirectory(dir)
		s.SetDefaults(&test.AccountConfig)
		var got []string
		for _, err := range append(s.Check(&test.AccountConfig), s.CheckCredential(&test.AccountConfig)) {
			if err != nil {
				got = append(got, err.Error())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", name, diff)
		}
	}
}

// The token of a device replaces whatever credential the account has. TLS and the proxy stay those of the account.
func TestOwnTokenReplacesTheCredential(t *testing.T) {
	account := collector.BearerToken("t")
	account.TLSConfig.CAFile = "ca.pem"
	got := deviceKeys{"a", "https://a", "token", ""}.httpConfig(account)
	if got.Authorization.CredentialsFile != "token" || got.Authorization.Credentials != "" || got.TLSConfig.CAFile != "ca.pem" {
		t.Errorf("the device has %+v", got)
	}
	account.TLSConfig.CA = "CA"
	if own := (deviceKeys{"a", "https://a", "", "own.pem"}).httpConfig(account); own.TLSConfig.CAFile != "own.pem" || own.TLSConfig.CA != "" || own.Authorization != account.Authorization {
		t.Errorf("the device with an authority has %+v", own)
	}
	if account.Authorization.Credentials != "t" {
		t.Error("the account has changed")
	}
}
