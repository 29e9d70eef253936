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
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
	"license_exporter/internal/file"
	"license_exporter/policy"
)

// DefaultIndividualLicensesLimit is the default maximum number of licenses of an
// account with their own series.
const DefaultIndividualLicensesLimit = 50_000

// Config is the configuration of the exporter.
type Config struct {
	Accounts []collector.AccountConfig
	// Policies contains those of the file and then those of its policy files, in their
	// order. It is nil if there are none.
	Policies *policy.Set

	path  string       // of the file
	nodes []*yaml.Node // of the accounts; nil for accounts that are not from a file
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
// may be in any place by mistake.
func Load(path string, vendors collector.Vendors) (*Config, error) {
	content, err := file.ReadRegular(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("--config.file: %w", err)
	}
	c, files, err := decode(path, content, vendors)
	if c == nil {
		return nil, err
	}
	if err := sorted(err, c.readPolicies(filepath.Dir(path), files, vendors)); err != nil {
		return nil, err
	}
	return c, nil
}

// decode decodes the content of a file. It returns the policy files that the file lists.
// If there is an error, but the file is YAML, it also returns what could be decoded.
func decode(path string, content []byte, vendors collector.Vendors) (*Config, []policyFile, error) {
	root, err := parse(path, content)
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{
		checker: newChecker(path, newHomes(vendors)),
		vendors: vendors, shapes: map[*collector.Vendor]shape{},
	}
	d.taken = takenLabels(vendors)
	all := d.content(root)
	accounts := make([]account, len(all.Accounts))
	for i := range accounts {
		accounts[i] = d.account(&all.Accounts[i], i)
		accounts[i].HTTPClientConfig.SetDirectory(filepath.Dir(path))
		if s, ok := accounts[i].Settings.(collector.WithFiles); ok {
			s.SetDirectory(filepath.Dir(path))
		}
	}
	c, problems := complete(path, accounts, vendors)
	d.problems = append(d.problems, problems...)
	policies := d.policies(all.Policies, knownNames(c.Accounts, vendors))
	files := d.policyFiles(all.PolicyFiles)
	if len(policies) > 0 {
		c.Policies = policy.NewSet(policies)
	}
	return c, files, join(d.problems)
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
	c, problems := complete("", all, vendors)
	return c, errors.Join(problems...)
}

// complete sets missing keys and checks the accounts of a file.
func complete(path string, accounts []account, vendors collector.Vendors) (*Config, []error) {
	c := &Config{path: path}
	var problems []error
	taken, labels := map[string]bool{}, map[string]bool{}
	for i := range accounts {
		a := &accounts[i]
		c.nodes = append(c.nodes, a.node)
		var found []error
		switch {
		case !a.broken:
			a.setDefaults(vendors.Find(a.Vendor))
			found = a.check(vendors)
		case a.Vendor != "" && a.Settings == nil:
			found = []error{unknownVendor(vendors)}
		}
		c.Accounts = append(c.Accounts, a.AccountConfig)
		for _, problem := range found {
			problems = append(problems, c.Problem(i, problem))
		}
		if taken[a.Name] && a.Name != "" {
			problems = append(problems, c.problemOf(i, "name", errors.New("the name is taken by an account above; names must be unique, because they become the label account")))
		}
		taken[a.Name] = true
		if addLabels(labels, a.Labels) {
			problems = append(problems, c.Problem(i, fmt.Errorf("labels: the accounts have more than %d names of labels together; give them the same names, or fewer", maxLabels)))
		}
	}
	return c, problems
}

// keyPath matches the path of a key at the beginning of an error.
var keyPath = regexp.MustCompile(`^[a-z_0-9]+(?:\.[a-z_0-9]+|\[\d+\])*`)

// Problem adds the name of account i to an error about it, and its place if it is from a file.
// The place is that of the key whose path is at the beginning of the error, if the account has
// it.
func (c *Config) Problem(i int, err error) error {
	return c.problemOf(i, keyPath.FindString(err.Error()), err)
}

func (c *Config) problemOf(i int, key string, err error) error {
	err = fmt.Errorf("account %q: %w", c.Accounts[i].Name, err)
	if n := c.nodes[i]; n != nil {
		at := locate(n, key)
		if key == "name" && at.Line < n.Line { // of another account, by an alias
			at = n
		}
		return &placed{c.path, at.Line, at.Column, err}
	}
	return err
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
	switch {
	case a.Name == "":
		add(errors.New("name is missing; it becomes the label account"))
	case strings.ContainsFunc(a.Name, unicode.IsControl):
		add(errors.New("name must be one line without control characters; it becomes the label account"))
	}
	if a.Settings == nil {
		add(unknownVendor(vendors))
		return problems // all other checks depend on the vendor
	}
	add(a.foreign...)
	add(a.Organizations.Check()...)
	add(a.Settings.Check(&a.AccountConfig)...)
	if a.BaseURL != "" { // else the vendor needs none, or its check reports it
		add(collector.CheckURL("base_url", a.BaseURL))
	}
	for _, limit := range []struct {
		key  string
		rate float64
	}{{"organization", a.RateLimit.Organization}, {"source", a.RateLimit.Source}} {
		if !(limit.rate > 0) { // also rejects NaN
			add(fmt.Errorf("rate_limit.%s must be above 0 requests per second", limit.key))
		}
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

func unknownVendor(vendors collector.Vendors) error {
	return fmt.Errorf("vendor is not known; use %s", alternatives(vendors.Names()))
}

// alternatives joins names for a sentence: "a, b or c".
func alternatives(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
