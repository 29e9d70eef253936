// Command gen writes the rule files for Prometheus from their templates: go generate ./alerts.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"log"
	"os"
	"strings"
	"text/template"
)

// The labels that rules group by and join on. Joins leave out job: series of one account
// may come from several jobs.
const (
	external     = "cluster, region"
	organization = external + ", vendor, account, organization_id"
	product      = organization + ", product"
	license      = organization + ", license_id"
	key          = product + ", license_id"
	seats        = product + ", unit, license_id"
	names        = "organization_name, product_name, license_name, owner, renewal"
)

// unit is a template of Prometheus that names the unit of an alert's seats.
const unit = `{{ with printf "snow_metric_info{vendor=%q, account=%q, unit=%q}" $labels.vendor $labels.account $labels.unit | query }}` +
	`{{ . | first | label "metric_name" }}{{ else }}{{ $labels.unit }}{{ end }}`

//go:embed names.promql.tmpl
var namesTemplate string

// join returns the expression that finds names and policies for what is recorded as
// license_problem:PROBLEMS.
func join(scope, problems, policies, before string) (string, error) {
	text, err := execute(namesTemplate, map[string]string{
		"Scope": scope, "Problems": fmt.Sprintf(`{__name__=~"license_problem:%s"}`, problems),
		"Policies": strings.ReplaceAll(policies, "(K)", "("+key+")"), "Before": before,
	})
	return strings.TrimSuffix(text, "\n"), err
}

// execute executes a template. Its actions are in [[ ]], since those of Prometheus are
// in {{ }}.
func execute(text string, data any) (string, error) {
	constant := func(text string) func() string { return func() string { return text } }
	t, err := template.New("").Delims("[[", "]]").Funcs(template.FuncMap{
		"E": constant(external), "O": constant(organization), "P": constant(product), "L": constant(license),
		"K": constant(key), "S": constant(seats), "Names": constant(names), "unit": constant(unit), "names": join,
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = t.Execute(&out, data)
	return out.String(), err
}

func generate(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	rules, err := execute(string(text), nil)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, []byte(rules), 0o644) //nolint:gosec // not a secret
}

func main() {
	for from, to := range map[string]string{
		"gen/licenses.yml.tmpl": "license_exporter.rules.yml",
		"gen/itself.yml.tmpl":   "license_exporter_itself.rules.yml",
	} {
		if err := generate(from, to); err != nil {
			log.Fatal(err)
		}
	}
}
