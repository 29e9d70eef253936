package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/config"
)

// loadConfig returns the configuration: the demo's, the file's or that of the
// environment. stop ends the demo.
func loadConfig(vendors collector.Vendors, flags *flags) (settings *config.Config, stop func(), err error) {
	stop = func() {}
	switch {
	case flags.demo:
		settings, stop, err = startDemo(vendors)
	case flags.configFile != "":
		settings, err = config.Load(flags.configFile, vendors)
	default:
		settings, err = config.FromEnvironment(flags.getenv, vendors)
		if err == nil && settings == nil {
			err = fmt.Errorf("no account to collect from; set %s, or give --config.file, or try --demo", quickStart(vendors, ", or ", " and "))
		}
	}
	if err == nil {
		setMaxAge(vendors, settings, flags)
		err = checkMaxAge(settings, flags)
	}
	return settings, stop, err
}

// checkMaxAge refuses a max_age above --scrape.max-stale.
func checkMaxAge(settings *config.Config, flags *flags) error {
	var problems []error
	for i, a := range settings.Accounts {
		if a.MaxAge != nil && time.Duration(*a.MaxAge) > flags.maxStale {
			problems = append(problems, settings.Problem(i,
				fmt.Errorf("max_age must not be above --scrape.max-stale (%s), or facts would be dropped before they are fetched again", flags.maxStale)))
		}
	}
	return errors.Join(problems...)
}

// setMaxAge gives accounts their vendor's max-age if neither they nor the flags
// set one. It is no longer than facts are kept.
func setMaxAge(vendors collector.Vendors, settings *config.Config, flags *flags) {
	for i := range settings.Accounts {
		a := &settings.Accounts[i]
		age := vendors.Find(a.Vendor).Defaults.MaxAge
		if s, ok := a.Settings.(collector.WithMaxAge); ok {
			age = s.DefaultMaxAge()
		}
		if age != 0 && a.MaxAge == nil && !flags.maxAgeAsked {
			a.MaxAge = new(model.Duration(min(age, flags.maxStale)))
		}
	}
}

// quickStart lists the environment variables that make an account: those of one
// vendor joined by with, and the vendors by or.
func quickStart(vendors collector.Vendors, or, with string) string {
	var all []string
	for _, v := range vendors {
		var names []string
		for _, variable := range v.Environment {
			if variable.Required {
				names = append(names, variable.Name)
			}
		}
		if len(names) > 0 {
			all = append(all, strings.Join(names, with))
		}
	}
	return strings.Join(all, or)
}

// maxAgeDefaults lists the vendors that have their own max-age, such as
// "1h for Example and Test; 2h for Sample".
func maxAgeDefaults(vendors collector.Vendors) string {
	titles := map[time.Duration][]string{}
	for _, v := range vendors {
		if age := v.Defaults.MaxAge; age != 0 {
			titles[age] = append(titles[age], v.Title)
		}
	}
	var all []string
	for _, age := range slices.Sorted(maps.Keys(titles)) {
		of, last := titles[age], len(titles[age])-1
		names := of[last]
		if last > 0 {
			names = strings.Join(of[:last], ", ") + " and " + names
		}
		all = append(all, fmt.Sprintf("%s for %s", model.Duration(age), names))
	}
	return strings.Join(all, "; ")
}
