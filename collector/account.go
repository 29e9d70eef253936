package collector

import (
	"fmt"
	"net/url"
	"time"

	"github.com/prometheus/common/model"
)

// AccountConfig is the configuration of an account, which is one credential at
// one vendor. It has the keys that are common to all vendors.
type AccountConfig struct {
	// Name is the value of the label account.
	Name string `yaml:"name"`
	// Vendor is the vendor's name.
	Vendor string `yaml:"vendor"`
	// BaseURL is where the API begins.
	BaseURL string `yaml:"base_url"`
	// Organizations selects some of the organizations that the credential can
	// read.
	Organizations OrganizationFilter `yaml:"organizations"`
	// IndividualLicenses gives each license its own series.
	IndividualLicenses bool `yaml:"individual_licenses"`
	// IndividualLicensesLimit is the maximum number of licenses with series of
	// their own.
	IndividualLicensesLimit int `yaml:"individual_licenses_limit"`
	// Labels are further labels of license_organization_info.
	Labels Labels `yaml:"labels"`
	// MaxAge overrides --scrape.max-age.
	MaxAge *model.Duration `yaml:"max_age"`
	// RateLimit limits the requests per second.
	RateLimit RateLimit `yaml:"rate_limit"`
	// HTTPClientConfig contains the credential, TLS and proxy.
	HTTPClientConfig HTTPClientConfig `yaml:"http_client_config"`

	// Settings are the vendor's own keys.
	Settings Settings `yaml:"-"`
}

// Settings contains the configuration keys of one vendor. It is a pointer to a
// struct with yaml tags.
type Settings interface {
	// SetDefaults sets the missing keys, and the common keys that follow from
	// them. The vendor's Defaults are set after that.
	SetDefaults(*AccountConfig)
	// Check returns all errors in these keys, and in the common keys as far as
	// this vendor treats them differently.
	Check(*AccountConfig) []error
	// CheckCredential returns an error if the credential is missing or
	// incomplete.
	CheckCredential(*AccountConfig) error
	// FactsKey identifies, together with the base URL, the data that the
	// account reads. A reload that does not change the key keeps the facts.
	FactsKey(*AccountConfig) string
}

// WithFiles is implemented by Settings that name files.
type WithFiles interface {
	// SetDirectory makes relative paths relative to the directory of the configuration file. It is
	// called before SetDefaults.
	SetDirectory(dir string)
}

// WithMaxAge is implemented by Settings whose accounts have different defaults of max-age.
type WithMaxAge interface {
	// DefaultMaxAge overrides Defaults.MaxAge.
	DefaultMaxAge() time.Duration
}

// WithJSONTypes is implemented by a struct in Settings whose texts may also be written as other types.
type WithJSONTypes interface {
	// JSONTypes returns the name of the JSON Schema type by key.
	JSONTypes() map[string]string
}

// Labels are labels that the operator gives to an account, such as the customer.
type Labels map[string]string

// RateLimit contains limits in requests per second.
type RateLimit struct {
	// Organization limits the requests for one organization.
	Organization float64 `yaml:"organization"`
	// Source limits the requests of this process to one host, over all
	// accounts.
	Source float64 `yaml:"source"`
}

// CheckURL returns an error if the value of a key is not a usable base URL.
func CheckURL(key, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Errorf("%s is not a valid URL; write it like https://api.example.com/api/v1", key)
	case u.User != nil:
		return fmt.Errorf("%s contains a user or password; put credentials in http_client_config", key)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("%s must be an address with a host and without query, like https://api.example.com/api/v1", key)
	}
	return nil
}
