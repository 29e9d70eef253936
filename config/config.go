// Package config reads the configuration of accounts from a YAML file or from
// environment variables, and validates it.
//
// It validates everything that needs no request to a vendor. Each vendor decodes
// and checks its own keys: see collector.Settings.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"license_exporter/collector"
	"license_exporter/internal/file"
	"license_exporter/policy"
)

// DefaultIndividualLicensesLimit is the default maximum number of licenses of an
// account with series of their own.
const DefaultIndividualLicensesLimit = 50_000

// Config is the configuration of the exporter.
type Config struct {
	Accounts []collector.AccountConfig
	// Policies holds those of the file and then those of its policy files, in their
	// order. It is nil if there are none.
	Policies *policy.Set
}

// Labels returns the labels of each account, by its name.
func (c *Config) Labels() map[string]collector.Labels {
	labels := make(map[string]collector.Labels, len(c.Accounts))
	for _, a := range c.Accounts {
		labels[a.Name] = a.Labels
	}
	return labels
}

// Load reads a configuration file with accounts of these vendors. The error
// contains a line for each problem, with the file, the line number and what to do. It
// repeats nothing of the file except known keys and the names of accounts: a secret
// may stand in any place by mistake.
func Load(path string, vendors collector.Vendors) (*Config, error) {
	content, err := file.ReadRegular(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("--config.file: %w", err)
	}
	c, files, err := decode(path, content, vendors)
	if err != nil {
		return nil, err
	}
	if err := c.readPolicies(filepath.Dir(path), files, vendors); err != nil {
		return nil, err
	}
	return c, nil
}

// decode decodes the content of a file. It returns the policy files that the file lists.
func decode(path string, content []byte, vendors collector.Vendors) (*Config, []policyFile, error) {
	root, err := parse(path, content)
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{checker: checker{path: path, taken: takenLabels(vendors), seen: map[visit]bool{}}, vendors: vendors, shapes: map[*collector.Vendor]shape{}}
	all, err := d.content(root)
	if err != nil {
		return nil, nil, err
	}
	entries := all.Accounts
	accounts := make([]account, len(entries))
	for i := range entries {
		accounts[i] = d.account(&entries[i], i)
		accounts[i].HTTPClientConfig.SetDirectory(filepath.Dir(path))
	}
	policies := d.policies(all.Policies, knownNames(accounts, vendors, func(a account) string { return a.Name }))
	files := d.policyFiles(all.PolicyFiles)
	if err := join(d.problems); err != nil {
		return nil, nil, err
	}
	c, err := complete(accounts, vendors, func(i int) string { return fmt.Sprintf("%s:%d: ", path, entries[i].Line) })
	if err == nil && len(policies) > 0 {
		c.Policies = policy.NewSet(policies)
	}
	return c, files, err
}

// New returns a Config with accounts that are not from a file.
func New(vendors collector.Vendors, accounts ...collector.AccountConfig) (*Config, error) {
	all := make([]account, 0, len(accounts))
	for _, a := range accounts {
		if v := vendors.Find(a.Vendor); v != nil && a.Settings == nil {
			a.Settings = v.Settings()
		}
		all = append(all, account{AccountConfig: a})
	}
	return complete(all, vendors, func(int) string { return "" })
}

// complete sets missing keys and checks the accounts. place returns the prefix of
// errors about an account.
func complete(accounts []account, vendors collector.Vendors, place func(i int) string) (*Config, error) {
	c := &Config{}
	var problems []error
	taken, labels := map[string]bool{}, map[string]bool{}
	for i := range accounts {
		a := &accounts[i]
		a.setDefaults(vendors.Find(a.Vendor))
		found := a.check(vendors)
		if taken[a.Name] {
			found = append(found, errors.New("the name is taken by an account above; names must be unique, because they become the label account"))
		}
		taken[a.Name] = true
		if addLabels(labels, a.Labels) {
			found = append(found, fmt.Errorf("labels: the accounts have more than %d names of labels together; give them the same names, or fewer", maxLabels))
		}
		for _, problem := range found {
			problems = append(problems, fmt.Errorf("%saccount %q: %w", place(i), a.Name, problem))
		}
		c.Accounts = append(c.Accounts, a.AccountConfig)
	}
	return c, errors.Join(problems...)
}

// setDefaults sets what is left out. vendor is nil if it is not known.
func (a *account) setDefaults(vendor *collector.Vendor) {
	a.IndividualLicensesLimit = cmp.Or(a.IndividualLicensesLimit, DefaultIndividualLicensesLimit)
	if vendor == nil {
		return
	}
	a.Settings.SetDefaults(&a.AccountConfig)
	a.BaseURL = strings.TrimRight(cmp.Or(a.BaseURL, vendor.Defaults.BaseURL), "/")
	a.RateLimit.Organization = cmp.Or(a.RateLimit.Organization, vendor.Defaults.RateLimit.Organization)
	a.RateLimit.Source = cmp.Or(a.RateLimit.Source, vendor.Defaults.RateLimit.Source)
}

// check returns all errors of an account, except those that depend on other
// accounts.
func (a *account) check(vendors collector.Vendors) []error {
	var problems []error
	add := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				problems = append(problems, err)
			}
		}
	}
	if a.Name == "" {
		add(errors.New("name is missing; it becomes the label account"))
	}
	if a.Settings == nil {
		add(fmt.Errorf("vendor is not known; use %s", alternatives(vendors.Names())))
		return problems // all other checks depend on the vendor
	}
	add(a.foreign...)
	add(a.Organizations.Check())
	add(a.Settings.Check(&a.AccountConfig)...)
	add(collector.CheckURL("base_url", a.BaseURL))
	if !(a.RateLimit.Organization > 0) || !(a.RateLimit.Source > 0) { // also rejects NaN
		add(errors.New("rate_limit must be above 0 requests per second"))
	}
	if a.IndividualLicensesLimit < 0 {
		add(errors.New("individual_licenses_limit must be above 0"))
	}
	if err := a.Settings.CheckCredential(&a.AccountConfig); err != nil {
		add(err)
	} else {
		add(a.HTTPClientConfig.Check())
	}
	add(a.HTTPClientConfig.CheckCredentials()...)
	return problems
}

// alternatives joins names for a sentence: "a, b or c".
func alternatives(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
