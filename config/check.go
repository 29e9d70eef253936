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
	switch a.Vendor {
	case VendorMeraki:
		problems = append(problems, a.checkMeraki()...)
	case VendorSnow:
		problems = append(problems, a.checkSnow()...)
	default:
		add(fmt.Errorf("vendor %q is not known; use %s or %s", a.Vendor, VendorMeraki, VendorSnow))
		return problems // what else is right depends on the vendor
	}
	add(checkURL("base_url", a.BaseURL))
	if !(a.RateLimit.Organization > 0) || !(a.RateLimit.Source > 0) { // so that NaN is refused, too
		add(errors.New("rate_limit must be above 0 requests per second"))
	}
	if a.IndividualLicensesLimit < 0 {
		add(errors.New("individual_licenses_limit must be above 0"))
	}
	if err := a.checkCredential(); err != nil {
		add(err)
	} else if err := a.HTTPClientConfig.common().Validate(); err != nil {
		add(fmt.Errorf("http_client_config: %w", err))
	}
	problems = append(problems, checkFiles(a.HTTPClientConfig.files())...)
	return slices.DeleteFunc(problems, func(err error) bool { return err == nil })
}

func (a *Account) checkMeraki() []error {
	problems := []error{a.Organizations.check()}
	set := a.set()
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if set[key] {
			problems = append(problems, fmt.Errorf("%s is for vendor %s alone; leave it out", key, VendorSnow))
		}
	}
	return problems
}

func (a *Account) checkCredential() error {
	switch {
	case a.Vendor == VendorSnow:
		return a.checkSnowCredential()
	case !a.HTTPClientConfig.hasCredential():
		return errors.New("no credential; set http_client_config.authorization.credentials_file to a file that holds the API key")
	}
	return nil
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

func checkURL(key, text string) error {
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
