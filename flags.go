package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"license_exporter/collector"
	"license_exporter/internal/spelling"
)

// flags are the command line.
type flags struct {
	configFile    string
	check         bool
	demo          bool
	maxAge        time.Duration
	maxAgeAsked   bool
	maxStale      time.Duration
	timeoutOffset time.Duration
	atStart       bool
	lifecycle     bool
	metricsPath   string
	logLevel      string
	logFormat     string
	web           *toolkit.FlagConfig
	healthAddress string

	// variables are the flags that do the same as environment variables, by the names of those.
	variables map[string]*string

	disableDefaults bool
	collectors      []collectorFlag
}

// The formats of the log.
const (
	formatLogfmt = "logfmt"
	formatJSON   = "json"
)

// collectorFlag switches a collector.
type collectorFlag struct {
	name  string
	on    *bool
	asked *bool // the user has given the flag
}

// parseFlags reads the command line, whose flags depend on the vendors. done is
// set for --help and --version, which have been answered then.
func parseFlags(vendors collector.Vendors, args []string, stdout io.Writer) (f *flags, done bool, err error) {
	f = &flags{}
	app := kingpin.New(name, "Prometheus exporter for license expiry and compliance.")
	app.UsageWriter(stdout).ErrorWriter(stdout)
	app.Terminate(func(int) { done = true })
	app.Version(version.Print(name))
	app.HelpFlag.Short('h')

	app.Flag("config.file", "YAML file with the accounts to collect from. Without it, each of these sets of environment variables configures an account: "+quickStart(vendors, "; ", " and ")+".").
		PlaceHolder("FILE").StringVar(&f.configFile)
	f.addVariables(vendors, app)
	app.Flag("check", "Try every account once, print what was found, and exit with status 1 if there is any problem.").
		BoolVar(&f.check)
	app.Flag("demo", "Collect from built-in simulated vendors, with all collectors on. No credential is needed.").
		BoolVar(&f.demo)
	app.Flag("scrape.max-age", "Maximum age of facts before a scrape fetches them again. With 0, each scrape fetches. Vendors with another default: "+maxAgeDefaults(vendors)+".").
		Default("1m").IsSetByUser(&f.maxAgeAsked).SetValue(&durationFlag{"scrape.max-age", &f.maxAge})
	app.Flag("scrape.max-stale", "Drop facts that are older than this, unless a fetch is in progress and none has failed.").
		Default("24h").SetValue(&durationFlag{"scrape.max-stale", &f.maxStale})
	app.Flag("scrape.timeout-offset", "Answer this much before Prometheus's scrape timeout.").
		Default("500ms").SetValue(&durationFlag{"scrape.timeout-offset", &f.timeoutOffset})
	app.Flag("scrape.at-start", "Fetch all facts once at the start, before the first scrape. With --no-scrape.at-start, the exporter only lists the organizations.").
		Default("true").BoolVar(&f.atStart)
	app.Flag("web.enable-lifecycle", "Enable POST /-/reload, which reloads the configuration as SIGHUP does.").
		BoolVar(&f.lifecycle)
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").
		Default("/metrics").StringVar(&f.metricsPath)
	f.web = kingpinflag.AddFlags(app, ":10190")
	app.Flag("web.health-listen-address", "Serve /-/healthy and /-/ready at this address as well, without TLS and authentication. Example: `:10191`").
		PlaceHolder("ADDRESS").StringVar(&f.healthAddress)
	app.Flag("log.level", "Only log messages with the given severity or above. One of: debug, info, warn, error.").
		Default("info").SetValue(&enumFlag{"log.level", &f.logLevel, []string{"debug", "info", "warn", "error"}})
	app.Flag("log.format", "Format of log messages. One of: logfmt, json.").
		Default(formatLogfmt).SetValue(&enumFlag{"log.format", &f.logFormat, []string{formatLogfmt, formatJSON}})
	f.addCollectors(vendors, app)

	if _, err = app.Parse(args); err != nil {
		return f, done, advise(err, args, app)
	}
	if done {
		return f, done, nil
	}
	return f, false, f.validate(vendors)
}

// unknownFlag matches the error about a flag that does not exist.
var unknownFlag = regexp.MustCompile(`^unknown long flag '--(no-)?(.+)'$`)

// advise adds what to do to an error in the command line.
func advise(err error, args []string, app *kingpin.Application) error {
	if argument, found := strings.CutPrefix(err.Error(), "unexpected "); found {
		for _, flag := range app.Model().Flags {
			if flag.IsBoolFlag() && slices.Contains(args, "--"+flag.Name+"="+argument) {
				return fmt.Errorf("--%[1]s takes no value; write --%[1]s or --no-%[1]s", flag.Name)
			}
		}
		return fmt.Errorf("unexpected argument %q; give all settings as flags; try --help", argument)
	}
	if found := unknownFlag.FindStringSubmatch(err.Error()); found != nil {
		var known []string
		for _, flag := range app.Model().Flags {
			if found[1] == "" || flag.IsBoolFlag() {
				known = append(known, flag.Name)
			}
		}
		if nearest := spelling.Nearest(found[2], known); nearest != "" {
			return fmt.Errorf("%w; did you mean --%s? Try --help", err, found[1]+nearest)
		}
	}
	return fmt.Errorf("%w; try --help", err)
}

// durationFlag is a duration whose errors name the flag.
type durationFlag struct {
	name  string
	value *time.Duration
}

// Set implements kingpin.Value.
func (f *durationFlag) Set(text string) (err error) {
	if *f.value, err = time.ParseDuration(text); err != nil {
		return fmt.Errorf("--%s: %q is not a duration; write it like 90s, 5m or 24h", f.name, text)
	}
	return nil
}

func (f *durationFlag) String() string { return f.value.String() }

// enumFlag is one of several texts. Its errors name the flag.
type enumFlag struct {
	name  string
	value *string
	known []string
}

// Set implements kingpin.Value.
func (f *enumFlag) Set(text string) error {
	if *f.value = text; !slices.Contains(f.known, text) {
		return fmt.Errorf("--%s must be one of %s, not %q", f.name, strings.Join(f.known, ", "), text)
	}
	return nil
}

func (f *enumFlag) String() string { return *f.value }

// addVariables adds the flags that do the same as environment variables.
func (f *flags) addVariables(vendors collector.Vendors, app *kingpin.Application) {
	f.variables = map[string]*string{}
	for _, v := range vendors {
		for _, variable := range v.Environment {
			if variable.Flag != "" {
				f.variables[variable.Name] = app.Flag(variable.Flag, variable.Help+" The environment variable "+variable.Name+" does the same.").PlaceHolder("FILE").String()
			}
		}
	}
}

// getenv returns the value of an environment variable, or that of the flag that does the same.
func (f *flags) getenv(name string) string {
	if value := f.variables[name]; value != nil && *value != "" {
		return *value
	}
	return os.Getenv(name)
}

// accountFlag returns a flag that was given and configures an account, or "".
func (f *flags) accountFlag(vendors collector.Vendors) string {
	for _, v := range vendors {
		for _, variable := range v.Environment {
			if value := f.variables[variable.Name]; value != nil && *value != "" {
				return "--" + variable.Flag
			}
		}
	}
	return ""
}

func (f *flags) addCollectors(vendors collector.Vendors, app *kingpin.Application) {
	app.Flag("collector.disable-defaults", "Switch off all collectors except those that are switched on by a flag.").
		BoolVar(&f.disableDefaults)
	for _, r := range vendors.Collectors() {
		c := collectorFlag{name: r.Name, asked: new(bool)}
		state := "off"
		if r.Default {
			state = "on"
		}
		c.on = app.Flag("collector."+r.Name, fmt.Sprintf("%s (%s by default)", r.Help, state)).
			Default(strconv.FormatBool(r.Default)).IsSetByUser(c.asked).Bool()
		f.collectors = append(f.collectors, c)
	}
}

// enabled returns the names of the collectors that are on.
func (f *flags) enabled() []string {
	var names []string
	for _, c := range f.collectors {
		on := *c.on || f.demo && !*c.asked // the demo shows what there is
		if on && (!f.disableDefaults || *c.asked) {
			names = append(names, c.name)
		}
	}
	return names
}

// listenAddresses returns where the main listeners are. systemd's are not known.
func (f *flags) listenAddresses() []string {
	if socket := f.web.WebSystemdSocket; socket != nil && *socket {
		return nil
	}
	return *f.web.WebListenAddresses
}

// takenPath matches what the exporter serves at fixed places.
var takenPath = regexp.MustCompile(`^/(probe|sd|docs|-|licenses|licenses\.csv|calendar\.ics|organization)(/|$)`)

func (f *flags) validate(vendors collector.Vendors) error {
	accountFlag := f.accountFlag(vendors)
	switch {
	case len(f.enabled()) == 0:
		return fmt.Errorf("all collectors are off; switch one on, such as --collector.%s", f.collectors[0].name)
	case f.demo && f.configFile != "":
		return fmt.Errorf("--demo and --config.file exclude each other; leave one out")
	case accountFlag != "" && f.demo:
		return fmt.Errorf("--demo and %s exclude each other; leave one out", accountFlag)
	case accountFlag != "" && f.configFile != "":
		return fmt.Errorf("--config.file and %s exclude each other; configure the account in the file", accountFlag)
	case f.maxAge < 0:
		return fmt.Errorf("--scrape.max-age must not be negative")
	case f.maxStale < f.maxAge:
		return fmt.Errorf("--scrape.max-stale must not be below --scrape.max-age, or facts would be dropped before they are fetched again")
	case f.timeoutOffset < 0:
		return fmt.Errorf("--scrape.timeout-offset must not be negative")
	case f.healthAddress != "" && slices.ContainsFunc(f.listenAddresses(), func(a string) bool { return sameAddress(a, f.healthAddress) }):
		return fmt.Errorf("--web.health-listen-address=%s is taken by --web.listen-address; choose another port", f.healthAddress)
	case !strings.HasPrefix(f.metricsPath, "/") || strings.ContainsAny(f.metricsPath, "{} "):
		return fmt.Errorf("--web.telemetry-path must begin with / and contain neither braces nor spaces")
	case path.Clean(f.metricsPath) != "/"+strings.Trim(f.metricsPath, "/") || strings.HasPrefix(f.metricsPath, "//") || strings.ContainsAny(f.metricsPath, "?#"):
		return fmt.Errorf("--web.telemetry-path=%s can never be requested; choose a plain path, such as /metrics", f.metricsPath)
	case takenPath.MatchString(f.metricsPath):
		return fmt.Errorf("--web.telemetry-path=%s is taken; choose another path, such as /metrics", f.metricsPath)
	}
	return nil
}
