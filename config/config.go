// Package config reads and checks what the exporter is to do: the accounts, in
// a YAML file or from the environment.
//
// A Config that this package returns can be put to work: whatever can be
// checked without asking a vendor has been checked. It knows no collectors and
// sends no requests.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"license_exporter/client/meraki"
)

// The values of the key vendor.
const (
	VendorMeraki = "meraki"
	VendorSnow   = "snow"
)

// DefaultIndividualLicensesLimit is how many licenses of an account get series
// of their own at most, if it is set to give them.
const DefaultIndividualLicensesLimit = 50_000

// rateShare is the share of a vendor's rate limit that an account uses if it
// is not told otherwise: others use the vendor's API too.
const rateShare = 0.8

// Config is what the exporter is to do.
type Config struct {
	Accounts []Account `yaml:"accounts"`
}

// Account is one credential at one vendor.
type Account struct {
	// Name is the value of the label account.
	Name string `yaml:"name"`
	// Vendor is whose API it is.
	Vendor string `yaml:"vendor"`
	// BaseURL is where the API begins; the vendor's usual address if empty.
	BaseURL string `yaml:"base_url"`
	// Snow holds the keys of Snow accounts.
	Snow `yaml:",inline"`
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
	HTTPClientConfig HTTPClient `yaml:"http_client_config"`
}

// Organizations selects organizations by id.
type Organizations struct {
	// Include, if not empty, are the only ones; the list of all is not asked
	// for then.
	Include []string `yaml:"include"`
	// Exclude are left out.
	Exclude []string `yaml:"exclude"`
}

// RateLimit is in requests per second.
type RateLimit struct {
	// Organization is for each organization.
	Organization float64 `yaml:"organization"`
	// Source is for this process, over all accounts at the same host.
	Source float64 `yaml:"source"`
}

// Load reads a configuration file. The error names the file and the line, says
// what to do, and may be several, a line each.
func Load(path string) (*Config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config.file: %w", err)
	}
	c := &Config{}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlError(path, content, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: there is more than one YAML document; leave what follows --- out", path)
	}
	if len(c.Accounts) == 0 {
		return nil, fmt.Errorf("%s: no accounts; list at least one under the key accounts", path)
	}
	for i := range c.Accounts {
		c.Accounts[i].HTTPClientConfig.common().SetDirectory(filepath.Dir(path))
	}
	lines := accountLines(content)
	return c, c.complete(func(i int) string { return fmt.Sprintf("%s:%d: ", path, lines[i]) })
}

// complete sets what is left out and reports what is wrong, with the place of
// the account where it is.
func (c *Config) complete(place func(i int) string) error {
	var problems []error
	for i := range c.Accounts {
		a := &c.Accounts[i]
		a.setDefaults()
		for _, problem := range append(a.check(), c.duplicate(i)...) {
			problems = append(problems, fmt.Errorf("%saccount %q: %w", place(i), a.Name, problem))
		}
	}
	return errors.Join(problems...)
}

// duplicate reports an account whose name an earlier one has.
func (c *Config) duplicate(i int) []error {
	for _, other := range c.Accounts[:i] {
		if other.Name == c.Accounts[i].Name {
			return []error{errors.New("the name is taken by an account above; names must differ, since they tell series apart")}
		}
	}
	return nil
}

// New makes a Config of accounts that do not stand in a file.
func New(accounts ...Account) (*Config, error) {
	c := &Config{Accounts: accounts}
	return c, c.complete(func(int) string { return "" })
}

func (a *Account) setDefaults() {
	if a.IndividualLicensesLimit == 0 {
		a.IndividualLicensesLimit = DefaultIndividualLicensesLimit
	}
	switch a.Vendor {
	case VendorMeraki:
		a.defaultTo(meraki.DefaultBaseURL, RateLimit{
			Organization: rateShare * meraki.OrganizationRateLimit, Source: rateShare * meraki.SourceRateLimit,
		})
	case VendorSnow:
		a.setSnowDefaults()
	}
}

func (a *Account) defaultTo(baseURL string, rate RateLimit) {
	if a.BaseURL == "" {
		a.BaseURL = baseURL
	}
	a.BaseURL = strings.TrimRight(a.BaseURL, "/")
	if a.RateLimit.Organization == 0 {
		a.RateLimit.Organization = rate.Organization
	}
	if a.RateLimit.Source == 0 {
		a.RateLimit.Source = rate.Source
	}
}

var (
	unknownKey = regexp.MustCompile(`field (\S+) (?:not found|already set) in type \S+`)
	wrongType  = regexp.MustCompile("cannot unmarshal (\\S+)(?s: `.*`)? into (\\S+)")
	badAddress = regexp.MustCompile(`(?s)parse ".*`) // which may hold a password, in any part
	noDuration = regexp.MustCompile(`(?s)(?:empty duration string|duration out of range|not a valid duration string: .*|unknown unit .* in duration .*)$`)
	lineOf     = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
)

// yamlError makes an error of the YAML library's, without the values that the
// library repeats, since they may be secrets.
func yamlError(path string, content []byte, err error) error {
	texts := []string{err.Error()}
	var e *yaml.TypeError
	if errors.As(err, &e) {
		texts = e.Errors
	}
	problems := make([]error, 0, len(texts))
	for _, text := range texts {
		text = unknownKey.ReplaceAllString(text, "key $1 is not known or stands twice; docs/configuration.md lists all keys")
		text = wrongType.ReplaceAllString(text, "a value of the wrong type: $1 where $2 is expected")
		text = badAddress.ReplaceAllString(text, "an address, such as that of a proxy, cannot be read")
		text = noDuration.ReplaceAllString(text, "max_age is no duration; write it like 90s, 5m or 24h") // no other key is one
		where := path + badAccount(content)
		if line := lineOf.FindStringSubmatch(text); line != nil {
			text = strings.TrimPrefix(text, line[0])
			where = path + ":" + line[1] + ": "
		}
		problems = append(problems, errors.New(where+strings.TrimPrefix(text, "yaml: ")))
	}
	return errors.Join(problems...)
}

// badAccount returns the place of the first account that cannot be decoded, for
// errors that do not name theirs.
func badAccount(content []byte) string {
	for _, node := range accountNodes(content) {
		var a Account
		if node.Decode(&a) != nil {
			return fmt.Sprintf(":%d: account %q: ", node.Line, a.Name)
		}
	}
	return ": "
}

// accountLines returns the lines on which the accounts begin.
func accountLines(content []byte) []int {
	nodes := accountNodes(content)
	lines := make([]int, 0, len(nodes))
	for _, node := range nodes {
		lines = append(lines, node.Line)
	}
	return lines
}

func accountNodes(content []byte) []yaml.Node {
	var file struct {
		Accounts []yaml.Node `yaml:"accounts"`
	}
	if yaml.Unmarshal(content, &file) != nil {
		return nil // whoever asks knows already that it cannot be read
	}
	return file.Accounts
}
