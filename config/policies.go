package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
	"license_exporter/internal/file"
	"license_exporter/internal/glob"
	"license_exporter/policy"
)

// maxPolicies is the maximum number of policies, over all files.
const maxPolicies = 100_000

// policyFile is an entry of the key policy_files.
type policyFile struct {
	name string // as given
	// refuse returns an error about the file with the place of the entry.
	refuse func(text string) error
}

// nameable is what a policy may name without a wildcard.
type nameable struct{ vendors, accounts []string }

func knownNames(accounts []collector.AccountConfig, vendors collector.Vendors) nameable {
	n := nameable{vendors: vendors.Names()}
	for _, a := range accounts {
		n.accounts = append(n.accounts, a.Name)
	}
	return n
}

// policies decodes a list of policies.
func (d *decoder) policies(entries []yaml.Node, known nameable) []policy.Policy {
	policies := make([]policy.Policy, len(entries))
	for i := range entries {
		n, p := &entries[i], &policies[i]
		d.part, d.what = partPolicy, fmt.Sprintf("policy %d of the list: ", i+1)
		if !d.decode(n, p) {
			continue
		}
		p.Place = fmt.Sprintf("%s:%d", d.path, n.Line)
		for _, problem := range checkPolicy(p, known) {
			if problem.key == "" {
				d.add(n, "%s", problem.text)
			} else {
				key := "match." + problem.key
				d.add(locate(n, key), "%s %s", key, problem.text)
			}
		}
	}
	return policies
}

// policyProblem is a mistake in a policy. key is the key of match that is wrong, or empty
// for the policy as a whole.
type policyProblem struct{ key, text string }

// rounded matches numbers that a spreadsheet has shortened, such as 6.46829E+17.
var rounded = regexp.MustCompile(`^[0-9][.,]?[0-9]*E\+[0-9]+$`)

// isLiteral reports whether a glob matches only one text.
func isLiteral(text string) bool {
	_, literal := glob.Compile(text).Literal()
	return literal && text != ""
}

// checkPolicy returns what is wrong with a policy that was decoded.
func checkPolicy(p *policy.Policy, known nameable) []policyProblem {
	var problems []policyProblem
	add := func(key, text string) { problems = append(problems, policyProblem{key, text}) }
	p.Owner = strings.TrimSpace(p.Owner)
	if p.Rules.Empty() {
		add("", "the policy sets nothing; give it owner, renewal, notice, minimum_available_seats, end or muted")
	}
	if v := p.Match.Vendor; isLiteral(v) && !slices.Contains(known.vendors, v) {
		add("vendor", "is not known; use "+alternatives(known.vendors))
	}
	if a := p.Match.Account; isLiteral(a) && !slices.Contains(known.accounts, a) {
		add("account", "is not the name of an account; use a name that is under accounts, or * and ? for several")
	}
	match := reflect.ValueOf(p.Match)
	for field := range match.Type().Fields() {
		key, text := field.Tag.Get("yaml"), match.FieldByIndex(field.Index).String()
		switch {
		case len(text) > glob.MaxPattern:
			add(key, fmt.Sprintf("is longer than %d bytes", glob.MaxPattern))
		case strings.HasSuffix(key, "_id") && rounded.MatchString(text):
			add(key, "was rounded by a spreadsheet; format the column as text and write the whole number")
		}
	}
	return problems
}

// policyFiles decodes the list of policy files.
func (d *decoder) policyFiles(entries []yaml.Node) []policyFile {
	d.part, d.what = "", ""
	var files []policyFile
	for i := range entries {
		n, key := &entries[i], fmt.Sprintf("policy_files[%d]", i)
		f := policyFile{refuse: func(text string) error {
			return &placed{d.path, n.Line, n.Column, fmt.Errorf("%s: %s", key, text)}
		}}
		before := len(d.problems)
		d.check(n, reflect.TypeFor[string](), key)
		_ = n.Decode(&f.name) // fails only if the checker has found something
		switch {
		case len(d.problems) > before:
		case f.name == "":
			d.add(n, "%s must be the path of a file", key)
		default:
			files = append(files, f)
		}
	}
	return files
}

// readPolicies adds the policies of files, whose names are relative to a directory.
func (c *Config) readPolicies(dir string, files []policyFile, vendors collector.Vendors) error {
	known := knownNames(c.Accounts, vendors)
	all := slices.Clip(c.Policies.Policies())
	var problems []error
	for _, f := range files {
		policies, err := f.read(dir, known)
		problems = append(problems, err)
		all = append(all, policies...)
	}
	if len(all) > maxPolicies {
		problems = append(problems, fmt.Errorf("policies and policy_files: there are more than %d policies; use globs", maxPolicies))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if len(all) > 0 {
		c.Policies = policy.NewSet(all)
	}
	return nil
}

func (f policyFile) read(dir string, known nameable) ([]policy.Policy, error) {
	name := f.name
	if strings.ContainsFunc(name, unicode.IsControl) { // would make a further line of the error
		name = fmt.Sprintf("%q", name)
	}
	path := f.name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	var read func(string, []byte, nameable) ([]policy.Policy, error)
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		read = csvPolicies
	case ".yml", ".yaml", ".json":
		read = yamlPolicies
	default:
		return nil, f.refuse(name + " is neither YAML nor CSV; name it .yml, .yaml, .json or .csv")
	}
	content, err := file.ReadRegular(path, maxFile)
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return nil, f.refuse(name + ": " + failed.Err.Error())
	}
	return read(name, content, known)
}

// yamlPolicies returns the policies of a YAML file.
func yamlPolicies(path string, content []byte, known nameable) ([]policy.Policy, error) {
	root, err := parse(path, content)
	if err != nil || root == nil || isNull(root) {
		return nil, err
	}
	d := &decoder{checker: newChecker(path, homesOfPolicies())}
	d.part = partPolicy
	var all struct {
		Policies []yaml.Node `yaml:"policies"`
	}
	switch root.Kind {
	case yaml.SequenceNode:
		d.decode(root, &all.Policies)
	case yaml.MappingNode:
		d.decode(root, &all)
	default:
		d.add(root, "the file must be a list of policies, or have one under the key policies")
	}
	policies := d.policies(all.Policies, known)
	return policies, join(d.problems)
}
