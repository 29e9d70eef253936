package fortigate

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	commonconfig "github.com/prometheus/common/config"

	"license_exporter/client/rest"
	"license_exporter/collector"
)

// settings contains the configuration keys of FortiGate accounts.
type settings struct {
	// Devices are the devices to read. If there are none, the account's base URL is that of its only device.
	Devices []deviceKeys `yaml:"devices"`
}

// deviceKeys are the keys of a device.
type deviceKeys struct {
	// Name is the name of the organization.
	Name string `yaml:"name"`
	// BaseURL is the address of the device, without /api/v2.
	BaseURL string `yaml:"base_url"`
	// CredentialsFile is the path of a file with the token. If it is empty, the credential of the account is used.
	CredentialsFile string `yaml:"credentials_file"`
	// CAFile is the path of a file with the authority of the device's certificate. If it is empty, that of the account is used. By
	// default, each device has an authority of its own.
	CAFile string `yaml:"ca_file"`
}

// own returns the FortiGate settings of an account.
func own(a *collector.AccountConfig) *settings { return a.Settings.(*settings) }

// SetDirectory implements collector.WithFiles.
func (s *settings) SetDirectory(dir string) {
	for i := range s.Devices {
		d := &s.Devices[i]
		d.CredentialsFile, d.CAFile = commonconfig.JoinDir(dir, d.CredentialsFile), commonconfig.JoinDir(dir, d.CAFile)
	}
}

// SetDefaults implements collector.Settings.
func (s *settings) SetDefaults(*collector.AccountConfig) {
	for i := range s.Devices {
		s.Devices[i].BaseURL = strings.TrimRight(s.Devices[i].BaseURL, "/")
	}
}

// Check implements collector.Settings.
func (s *settings) Check(a *collector.AccountConfig) []error {
	switch {
	case len(s.Devices) > 0 && a.BaseURL != "":
		return []error{errors.New("base_url and devices exclude each other; make the device of base_url one of the devices")}
	case len(s.Devices) == 0 && a.BaseURL == "":
		return []error{errors.New("base_url is missing; set it to the address of the device, such as https://fw.example.com, or list several devices under devices")}
	case len(s.Devices) == 0:
		return []error{checkPath("base_url", a.BaseURL)}
	}
	var problems []error
	names, addresses := map[string]int{}, map[string]int{}
	for i, d := range s.Devices {
		problems = append(problems, d.check(fmt.Sprintf("devices[%d]", i))...)
		if first, taken := names[d.Name]; taken && d.Name != "" {
			problems = append(problems, fmt.Errorf("devices[%d].name is also that of devices[%d]; names must be unique", i, first))
		}
		if first, taken := addresses[d.BaseURL]; taken && d.BaseURL != "" {
			problems = append(problems, fmt.Errorf("devices[%d].base_url is also that of devices[%d]; leave one of the devices out", i, first))
		}
		names[d.Name], addresses[d.BaseURL] = i, i
	}
	return problems
}

// check returns the errors in the keys of a device, whose path begins with key.
func (d deviceKeys) check(key string) []error {
	var problems []error
	switch {
	case d.Name == "":
		problems = append(problems, fmt.Errorf("%s.name is missing; it becomes the name of the organization", key))
	case strings.ContainsFunc(d.Name, unicode.IsControl):
		problems = append(problems, fmt.Errorf("%s.name must be one line without control characters", key))
	}
	if d.BaseURL == "" {
		problems = append(problems, fmt.Errorf("%s.base_url is missing; set it to the address of the device, such as https://fw.example.com", key))
	} else if err := collector.CheckURL(key+".base_url", d.BaseURL); err != nil {
		problems = append(problems, err)
	} else {
		problems = append(problems, checkPath(key+".base_url", d.BaseURL))
	}
	found := rest.CheckCredentials(commonconfig.HTTPClientConfig(d.httpConfig(collector.HTTPClientConfig{})))
	for _, of := range slices.Sorted(maps.Keys(found)) {
		problems = append(problems, fmt.Errorf("%s.%s: %w", key, of[strings.LastIndex(of, ".")+1:], found[of]))
	}
	if content, err := os.ReadFile(d.CAFile); err == nil && !x509.NewCertPool().AppendCertsFromPEM(content) { // other errors are in found
		problems = append(problems, fmt.Errorf("%s.ca_file: it contains no certificate in PEM", key))
	}
	return problems
}

// checkPath returns an error if an address is that of the API instead of the device.
func checkPath(key, address string) error {
	u, err := url.Parse(address)
	if err == nil { // errors are found elsewhere
		if i := strings.Index(u.Path+"/", "/api/"); i >= 0 {
			return fmt.Errorf("%s must be the address of the device; leave out %s", key, u.Path[i:])
		}
	}
	return nil
}

// CheckCredential implements collector.Settings.
func (s *settings) CheckCredential(a *collector.AccountConfig) error {
	if a.HTTPClientConfig.HasCredential() {
		return nil
	}
	for i, d := range s.Devices {
		if d.CredentialsFile == "" {
			return fmt.Errorf("devices[%d].credentials_file is missing; set it to a file with the API token of the device, or http_client_config.authorization.credentials_file to one for all devices", i)
		}
	}
	if len(s.Devices) == 0 {
		return errors.New("http_client_config has no credential; set authorization.credentials_file to a file with the API token of the device")
	}
	return nil
}

// FactsKey implements collector.Settings. Serial numbers are unique at the vendor, so that a change of the devices leaves the facts of the
// others right.
func (*settings) FactsKey(*collector.AccountConfig) string { return "" }

// Addresses returns the addresses of the devices.
func (s *settings) Addresses() []*string {
	var all []*string
	for i := range s.Devices {
		all = append(all, &s.Devices[i].BaseURL)
	}
	return all
}

// devices returns the devices of an account. If the only one is that of the base URL, its name is the host.
func (s *settings) devices(a *collector.AccountConfig) []deviceKeys {
	if len(s.Devices) > 0 {
		return s.Devices
	}
	name := a.BaseURL
	if u, err := url.Parse(a.BaseURL); err == nil {
		name = u.Hostname()
	}
	return []deviceKeys{{Name: name, BaseURL: a.BaseURL}}
}

// httpConfig returns the account's configuration with the credential and the authority of the device, if it has its own.
func (d deviceKeys) httpConfig(account collector.HTTPClientConfig) collector.HTTPClientConfig {
	if d.CredentialsFile != "" {
		account.Authorization = &commonconfig.Authorization{Type: "Bearer", CredentialsFile: d.CredentialsFile}
		account.BasicAuth, account.OAuth2 = nil, nil
		account.BearerToken, account.BearerTokenFile = "", ""
	}
	if d.CAFile != "" {
		account.TLSConfig.CA, account.TLSConfig.CARef, account.TLSConfig.CAFile = "", "", d.CAFile
	}
	return account
}
