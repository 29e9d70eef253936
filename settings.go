package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/config"
)

// snowMaxAge is max-age for Snow unless someone says otherwise: the vendor's
// data change once a day, and its limits are not published.
const snowMaxAge = time.Hour

// loadConfig returns the configuration: the demo's, the file's or that of the
// environment. The function that it returns ends the demo.
func loadConfig(flags *flags) (settings *config.Config, stop func(), err error) {
	stop = func() {}
	switch {
	case flags.demo:
		settings, stop, err = startDemo()
	case flags.configFile != "":
		settings, err = config.Load(flags.configFile)
	default:
		settings, err = config.FromEnvironment(os.Getenv)
		if err == nil && settings == nil {
			err = errors.New("no account to collect from; set MERAKI_DASHBOARD_API_KEY, or SNOW_CLIENT_ID and SNOW_CLIENT_SECRET, " +
				"or give --config.file, or try --demo")
		}
	}
	if err == nil {
		setMaxAge(settings, flags)
		err = checkMaxAge(settings, flags)
	}
	return settings, stop, err
}

// checkMaxAge refuses what would have facts vanish although no fetch fails.
func checkMaxAge(settings *config.Config, flags *flags) error {
	for _, a := range settings.Accounts {
		if a.MaxAge != nil && time.Duration(*a.MaxAge) > flags.maxStale {
			return fmt.Errorf("account %q: max_age must not be above --scrape.max-stale (%s), or facts would be dropped before they are fetched again", a.Name, flags.maxStale)
		}
	}
	return nil
}

// setMaxAge gives Snow accounts their max-age where neither they nor the flags
// have one. It is no longer than facts are kept.
func setMaxAge(settings *config.Config, flags *flags) {
	for i := range settings.Accounts {
		a := &settings.Accounts[i]
		if a.Vendor == config.VendorSnow && a.MaxAge == nil && !flags.maxAgeAsked {
			age := model.Duration(min(snowMaxAge, flags.maxStale))
			a.MaxAge = &age
		}
	}
}
