package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/internal/file"
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
		settings, err = config.FromEnvironment(os.Getenv, vendors)
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
		if age := vendors.Find(a.Vendor).Defaults.MaxAge; age != 0 && a.MaxAge == nil && !flags.maxAgeAsked {
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

// maxAgeDefaults lists the vendors that have a max-age of their own, such as
// "1h for Example, 2h for Sample".
func maxAgeDefaults(vendors collector.Vendors) string {
	var all []string
	for _, v := range vendors {
		if v.Defaults.MaxAge != 0 {
			all = append(all, fmt.Sprintf("%s for %s", model.Duration(v.Defaults.MaxAge), v.Title))
		}
	}
	return strings.Join(all, ", ")
}

// lineOf finds the line number in an error about YAML.
var lineOf = regexp.MustCompile(`line (\d+): `)

// checkWebConfig returns an error if the file of --web.config.file cannot be used. The
// library's own errors may repeat what is in the file, and it would wait for a named
// pipe.
func checkWebConfig(path string) error {
	if path == "" {
		return nil
	}
	if _, err := file.ReadRegular(path, maxWebConfig); err != nil {
		return fmt.Errorf("--web.config.file: %w", err)
	}
	err := toolkit.Validate(path)
	if err == nil {
		return nil
	}
	text, place := err.Error(), path
	if found := lineOf.FindStringSubmatch(text); found != nil {
		place += ":" + found[1]
	}
	for _, known := range []string{
		"missing one of cert or cert_file", "missing one of key or key_file",
		"failed to read cert_file", "failed to read key_file", "failed to load X509KeyPair",
		"client CA's have been configured without a Client Auth Policy", "invalid ClientAuth", "unknown cipher", "unknown curve", "unknown TLS version",
	} {
		if strings.HasPrefix(text, known) {
			return fmt.Errorf("--web.config.file: %s: %s", place, known)
		}
	}
	return fmt.Errorf("--web.config.file: %s: a key or value is wrong; see https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md", place)
}

// maxWebConfig is the maximum size of the file in bytes.
const maxWebConfig = 1 << 20
