package config

import (
	"fmt"
	"strings"

	"license_exporter/collector"
)

// FromEnvironment returns a Config with an account for each vendor whose required
// environment variables are set. It returns nil if there is none.
func FromEnvironment(getenv func(string) string, vendors collector.Vendors) (*Config, error) {
	var accounts []collector.AccountConfig
	for _, v := range vendors {
		a := collector.AccountConfig{Name: v.Name, Vendor: v.Name, Settings: v.Settings()}
		var set, missing []string
		for _, variable := range v.Environment {
			value := strings.TrimSpace(getenv(variable.Name))
			switch {
			case value != "":
				variable.Set(&a, value)
				if variable.Required {
					set = append(set, variable.Name)
				}
			case variable.Required:
				missing = append(missing, variable.Name)
			}
		}
		switch {
		case len(set) == 0:
		case len(missing) > 0:
			return nil, fmt.Errorf("environment: %s is set and %s is not; set both", set[0], missing[0])
		default:
			accounts = append(accounts, a)
		}
	}
	if len(accounts) == 0 {
		return nil, nil
	}
	c, err := New(vendors, accounts...)
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	return c, nil
}
