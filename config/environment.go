package config

import (
	"errors"
	"fmt"
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
		isWrong := len(found) > 0
		_, further := complete("", []account{{AccountConfig: *a}}, vendors)
		for _, problem := range further {
			if name := variableOf(v, getenv, problem); name != "" {
				found = append(found, fmt.Errorf("%s: %w", name, problem))
			} else if !isWrong { // else it is probably the consequence
				found = append(found, problem)
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

// fromEnvironment returns the account of a vendor, or nil if no required variable is set that only the
// exporter reads.
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
		if variable.Required && !variable.Common {
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

// variableOf returns the variable whose value an error is about, or "". Values that Check refuses
// are left out.
func variableOf(v *collector.Vendor, getenv func(string) string, problem error) string {
	key := keyPath.FindString(errors.Unwrap(problem).Error())
	for _, variable := range v.Environment {
		value := strings.TrimSpace(getenv(variable.Name))
		if variable.Key != "" && variable.Key == key && value != "" && variable.Check(value) == nil {
			return variable.Name
		}
	}
	return ""
}
