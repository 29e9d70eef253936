// Command gen writes what is made from the templates of the rules: the rule files for
// Prometheus, their copies for the chart, and the mixin. Run go generate ./alerts.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"log"
	"os"
	"strings"
	"text/template"
	"time"

	"license_exporter/licensing"
)

// The labels that rules group by and join on, after the external labels. Joins leave out
// job: series of one account may come from several jobs.
const (
	external     = "cluster, region"
	organization = ", vendor, account, organization_id"
	product      = organization + ", product"
	license      = organization + ", license_id"
	key          = product + ", license_id"
	seats        = product + ", unit, license_id"
	names        = "organization_name, product_name, license_name, owner, renewal"
	bridged      = ", job, account, organization_id"
)

// thresholds are those that the exporter's pages have, too. All except Seats are in days.
var thresholds = struct {
	Info, Notice, Critical, EndedUnused, EndedCritical, EndedWarning, Renewal, Grace int
	Seats                                                                            int
}{
	days(licensing.InfoNotice), days(licensing.DefaultNotice), days(licensing.CriticalNotice),
	days(licensing.EndedUnused), days(licensing.EndedCritical), days(licensing.EndedWarning), days(licensing.RenewalTime), days(licensing.GraceCritical),
	licensing.MinimumSeats,
}

func days(d time.Duration) int { return int(d / licensing.Day) }

// unit is a template of Prometheus that names the unit of an alert's seats.
//
//go:embed unit.tmpl
var unit string

//go:embed names.promql.tmpl
var namesTemplate string

// execute executes a template. Its actions are in [[ ]], since those of Prometheus are
// in {{ }}. The rules keep the external labels that are given.
func execute(text, external string, data any) (string, error) {
	constant := func(text string) func() string { return func() string { return text } }
	t, err := template.New("").Delims("[[", "]]").Funcs(template.FuncMap{
		"E": constant(external), "O": constant(external + organization), "P": constant(external + product),
		"L": constant(external + license), "K": constant(external + key), "S": constant(external + seats),
		"B": constant(external + bridged), "Names": constant(names), "unit": constant(strings.TrimSpace(unit)),
		// The expression that finds names and policies for what is recorded as license_problem:PROBLEMS.
		"names": func(scope, problems, policies, before string) (string, error) {
			text, err := execute(namesTemplate, external, map[string]string{
				"Scope": scope, "Problems": fmt.Sprintf(`{__name__=~"license_problem:%s"}`, problems),
				"Policies": strings.ReplaceAll(policies, "(K)", "("+external+key+")"), "Before": before,
			})
			return strings.TrimSuffix(text, "\n"), err
		},
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = t.Execute(&out, data)
	return out.String(), err
}

// bridges is the rule file that is not loaded by default.
const bridges = "license_bridges.rules.yml"

func generate() error {
	var mixed []group
	for _, file := range []struct{ from, to string }{
		{"gen/licenses.yml.tmpl", "license_exporter.rules.yml"},
		{"gen/itself.yml.tmpl", "license_exporter_itself.rules.yml"},
		{"gen/bridges.yml.tmpl", bridges},
	} {
		text, err := os.ReadFile(file.from)
		if err != nil {
			return err
		}
		rules, err := execute(string(text), external, thresholds)
		if err != nil {
			return fmt.Errorf("%s: %w", file.from, err)
		}
		chart := "../deploy/helm/license_exporter/rules/"
		if file.to == bridges {
			chart += "optional/"
		}
		for _, folder := range []string{"", chart} {
			if err := write(folder+file.to, rules); err != nil {
				return err
			}
		}
		if file.to == bridges {
			continue // not a part of the mixin
		}
		rules, err = execute(string(text), placeholder, thresholds)
		if err != nil {
			return fmt.Errorf("%s: %w", file.from, err)
		}
		groups, err := parse(rules)
		if err != nil {
			return fmt.Errorf("%s: %w", file.to, err)
		}
		mixed = append(mixed, groups...)
	}
	mixin, err := jsonnet(mixed)
	if err != nil {
		return err
	}
	return write("mixin/rules.libsonnet", mixin)
}

func write(path, text string) error {
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // not a secret
}

func main() {
	if err := generate(); err != nil {
		log.Fatal(err)
	}
}
