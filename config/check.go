package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
)

// check returns everything that is wrong with an account by itself.
func (a *Account) check() []error {
	var problems []error
	add := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	if a.Name == "" {
		add(errors.New("name is missing; it becomes the label account"))
	}
	if a.Vendor != VendorMeraki {
		add(fmt.Errorf("vendor %q is not known; use %s", a.Vendor, VendorMeraki))
		return problems // what else is right depends on the vendor
	}
	add(checkURL(a.BaseURL))
	add(a.Organizations.check())
	if a.RateLimit.Organization < 0 || a.RateLimit.Source < 0 {
		add(errors.New("rate_limit must be above 0 requests per second"))
	}
	if a.IndividualLicensesLimit < 0 {
		add(errors.New("individual_licenses_limit must be above 0"))
	}
	if a.HTTPClientConfig.hasCredential() {
		if err := a.HTTPClientConfig.common().Validate(); err != nil {
			add(fmt.Errorf("http_client_config: %w", err))
		}
	} else {
		add(errors.New("no credential; set http_client_config.authorization.credentials_file to a file that holds the API key"))
	}
	problems = append(problems, checkFiles(a.HTTPClientConfig.files())...)
	return problems
}

func (o Organizations) check() error {
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

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("base_url cannot be read; it looks like https://api.example.com/api/v1")
	case u.User != nil:
		return errors.New("base_url holds a user or password; put credentials into http_client_config")
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return errors.New("base_url must be an address with a host and without query, like https://api.example.com/api/v1")
	}
	return nil
}

// checkFiles looks whether the files are there now. They are read again at each
// request, so that a credential can be changed without a restart.
func checkFiles(files map[string]string) []error {
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(files)) {
		if files[key] == "" {
			continue
		}
		content, err := os.ReadFile(files[key])
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("http_client_config.%s: %w", key, err))
		case len(content) == 0:
			problems = append(problems, fmt.Errorf("http_client_config.%s: %s is empty", key, files[key]))
		}
	}
	return problems
}
