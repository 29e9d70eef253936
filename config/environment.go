package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"license_exporter/collector"
)

// FromEnvironment returns a Config with an account for each vendor whose required
// environment variables are set. It returns nil if there is none. The error has a line for each
// problem.
func FromEnvironment(getenv func(string) string, vendors collector.Vendors) (*Config, error) {
	var accounts []collector.AccountConfig
	var problems []error
	for _, v := range vendors {
		a, found := fromEnvironment(getenv, v)
		if a == nil {
			continue
		}
		if found == nil {
			_, found = complete("", []account{{AccountConfig: *a}}, vendors)
			for i, problem := range found {
				found[i] = nameVariable(v, getenv, problem)
			}
		}
		for _, problem := range found {
			problems = append(problems, fmt.Errorf("environment: %w", problem))
		}
		accounts = append(accounts, *a)
	}
	if len(accounts) == 0 || len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return New(vendors, accounts...)
}

// fromEnvironment returns the account of a vendor, or nil if no required variable is set.
func fromEnvironment(getenv func(string) string, v *collector.Vendor) (*collector.AccountConfig, []error) {
	a := collector.AccountConfig{Name: v.Name, Vendor: v.Name, Settings: v.Settings()}
	var problems []error
	var set, missing []string
	for _, variable := range v.Environment {
		value := strings.TrimSpace(getenv(variable.Name))
		if value == "" {
			if variable.Required {
				missing = append(missing, variable.Name)
			}
			continue
		}
		if variable.Required {
			set = append(set, variable.Name)
		}
		if err := variable.Check(value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", variable.Name, err))
		}
		variable.Set(&a, value)
	}
	if len(set) == 0 {
		return nil, nil
	}
	if len(missing) > 0 {
		problems = append(problems, fmt.Errorf("%s is set and %s is not; set both", set[0], missing[0]))
	}
	return &a, problems
}

// nameVariable adds the variable that an error is about.
func nameVariable(v *collector.Vendor, getenv func(string) string, problem error) error {
	key := keyPath.FindString(errors.Unwrap(problem).Error())
	i := slices.IndexFunc(v.Environment, func(v collector.Variable) bool {
		return v.Key != "" && v.Key == key && strings.TrimSpace(getenv(v.Name)) != ""
	})
	if i < 0 {
		return problem
	}
	return fmt.Errorf("%s: %w", v.Environment[i].Name, problem)
}
