package collector

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/prometheus/common/model"
)

// AccountConfig is the configuration of an account: one credential at one
// vendor. Its keys are those that all vendors have.
type AccountConfig struct {
	// Name is the value of the label account.
	Name string `yaml:"name"`
	// Vendor is the vendor's name.
	Vendor string `yaml:"vendor"`
	// BaseURL is where the API begins.
	BaseURL string `yaml:"base_url"`
	// Organizations selects some of those that the credential sees.
	Organizations Organizations `yaml:"organizations"`
	// IndividualLicenses gives each license series of its own.
	IndividualLicenses bool `yaml:"individual_licenses"`
	// IndividualLicensesLimit bounds how many licenses get them.
	IndividualLicensesLimit int `yaml:"individual_licenses_limit"`
	// MaxAge overrides --scrape.max-age.
	MaxAge *model.Duration `yaml:"max_age"`
	// RateLimit bounds the requests per second.
	RateLimit RateLimit `yaml:"rate_limit"`
	// HTTPClientConfig holds the credential, TLS and proxy.
	HTTPClientConfig HTTPClientConfig `yaml:"http_client_config"`

	// Settings are the vendor's own keys.
	Settings Settings `yaml:"-"`
}

// Settings are the configuration keys that one vendor has and others do not. A
// pointer to a struct with yaml tags implements it.
type Settings interface {
	// SetDefaults sets what is left out in these keys, and the common keys that
	// follow from them. The vendor's Defaults are set after that.
	SetDefaults(*AccountConfig)
	// Check returns everything that is wrong with these keys, and with the common
	// ones for this vendor.
	Check(*AccountConfig) []error
	// CheckCredential returns what the credential lacks.
	CheckCredential(*AccountConfig) error
	// FactsKey identifies, beyond the base URL, whose facts the account reads.
	// Facts are kept through a reload that does not change it.
	FactsKey(*AccountConfig) string
}

// Organizations selects organizations by id.
type Organizations struct {
	// Include, if not empty, are the only ones. The list of all is then not
	// requested.
	Include []string `yaml:"include"`
	// Exclude are left out.
	Exclude []string `yaml:"exclude"`
}

// Selects reports whether an organization is selected.
func (o Organizations) Selects(id string) bool {
	return (len(o.Include) == 0 || slices.Contains(o.Include, id)) && !slices.Contains(o.Exclude, id)
}

// Check returns what is wrong with the selection.
func (o Organizations) Check() error {
	for _, id := range o.Include {
		if slices.Contains(o.Exclude, id) {
			return fmt.Errorf("organization %s is both included and excluded; take it out of one of the lists", id)
		}
	}
	if slices.Contains(o.Include, "") || slices.Contains(o.Exclude, "") {
		return errors.New("an organization's id is empty; write ids in quotes")
	}
	return nil
}

// RateLimit is in requests per second.
type RateLimit struct {
	// Organization is for each organization.
	Organization float64 `yaml:"organization"`
	// Source is for this process, over all accounts at the same host.
	Source float64 `yaml:"source"`
}

// CheckURL returns what is wrong with the address that is the value of a key.
func CheckURL(key, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Errorf("%s cannot be read; it looks like https://api.example.com/api/v1", key)
	case u.User != nil:
		return fmt.Errorf("%s holds a user or password; put credentials into http_client_config", key)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("%s must be an address with a host and without query, like https://api.example.com/api/v1", key)
	}
	return nil
}
