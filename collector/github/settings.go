package github

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"license_exporter/collector"
)

// settings contains the configuration keys of GitHub accounts.
type settings struct {
	// Enterprises contains the slugs of the enterprises to read.
	Enterprises []string `yaml:"enterprises"`
}

// own returns the GitHub settings of an account.
func own(a *collector.AccountConfig) *settings { return a.Settings.(*settings) }

// SetDefaults implements collector.Settings.
func (*settings) SetDefaults(*collector.AccountConfig) {}

// serverPath is the path at which the API of an Enterprise Server begins.
const serverPath = "/api/v3"

// serverOf returns the host of the Enterprise Server that a base URL is of. It is empty for
// GitHub Enterprise Cloud.
func serverOf(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || !strings.HasSuffix(strings.TrimRight(u.Path, "/"), serverPath) {
		return ""
	}
	return u.Hostname()
}

// slug matches the names of enterprises and organizations in addresses.
var slug = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)

// pages matches the hosts of GitHub's pages for people.
var pages = regexp.MustCompile(`^(www\.)?github\.com$|^[^.]+\.ghe\.com$`)

// Check implements collector.Settings.
func (s *settings) Check(a *collector.AccountConfig) []error {
	var problems []error
	if u, err := url.Parse(a.BaseURL); err == nil && pages.MatchString(u.Hostname()) {
		problems = append(problems, errors.New("base_url is that of GitHub's pages; leave it out for github.com, or write https://api.SUBDOMAIN.ghe.com with data residency"))
	}
	if len(a.Organizations.Exclude) > 0 {
		problems = append(problems, errors.New("organizations.exclude cannot be set for vendor github, because the exporter reads no list of organizations; leave it out"))
	}
	if serverOf(a.BaseURL) == "" {
		return append(problems, s.checkCloud(a)...)
	}
	if len(s.Enterprises) > 0 {
		problems = append(problems, errors.New("enterprises cannot be set for an Enterprise Server; write another account for the enterprises of GitHub Enterprise Cloud, without base_url"))
	}
	if len(a.Organizations.Include) > 0 {
		problems = append(problems, errors.New("organizations.include cannot be set for an Enterprise Server, because its license is for all organizations; leave it out"))
	}
	return problems
}

func (s *settings) checkCloud(a *collector.AccountConfig) []error {
	var problems []error
	taken := map[string]string{} // where a name is, in lower case: GitHub ignores the case
	check := func(list, what, name string, i int) {
		key := fmt.Sprintf("%s[%d]", list, i)
		other, again := taken[strings.ToLower(name)]
		switch {
		case !slug.MatchString(name):
			problems = append(problems, fmt.Errorf("%s is not the name of %s as in its address; write octo-name for https://github.com/%s", key, what, addresses[list]))
		case again && strings.HasPrefix(other, list):
			problems = append(problems, fmt.Errorf("%s is the same as %s; take one of them out", key, other))
		case again:
			problems = append(problems, fmt.Errorf("%s has the same name as %s, so that both would have the same organization_id; write two accounts, one for each", key, other))
		}
		taken[strings.ToLower(name)] = key
	}
	for i, enterprise := range s.Enterprises {
		check("enterprises", "an enterprise", enterprise, i)
	}
	for i, login := range a.Organizations.Include {
		if strings.HasPrefix(login, "name:") {
			problems = append(problems, fmt.Errorf("organizations.include[%d] cannot be a pattern for vendor github, because the exporter reads no list of organizations; write the organization's name as in its address", i))
		} else if login != "" { // which is refused for all vendors
			check("organizations.include", "an organization", login, i)
		}
	}
	if len(s.Enterprises)+len(a.Organizations.Include) == 0 {
		problems = append(problems, errors.New("enterprises is missing; write the names of enterprises as in their addresses, like enterprises: [octo-corp], "+
			"or those of organizations in organizations.include. For an Enterprise Server, write base_url: https://HOST/api/v3 instead"))
	}
	return problems
}

// addresses contains the addresses of what lists name, for errors.
var addresses = map[string]string{"enterprises": "enterprises/octo-name", "organizations.include": "octo-name"}

// CheckCredential implements collector.Settings.
func (*settings) CheckCredential(a *collector.AccountConfig) error {
	if !a.HTTPClientConfig.HasCredential() {
		return errors.New("http_client_config has no credential; set authorization.credentials_file to a file with a personal access token")
	}
	return nil
}

// FactsKey implements collector.Settings. Enterprises, organizations and servers are
// unique at a base URL, so that another token reads the same facts.
func (*settings) FactsKey(*collector.AccountConfig) string { return "" }
