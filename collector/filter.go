package collector

import (
	"fmt"
	"slices"
	"strings"

	"license_exporter/client/rest"
	"license_exporter/internal/glob"
)

// OrganizationFilter selects organizations. An entry is an id, or name: and a glob that the
// whole name must match.
type OrganizationFilter struct {
	// Include lists the organizations to read. If it has names or is empty, the
	// exporter requests the list of all organizations.
	Include []string `yaml:"include"`
	// Exclude lists organizations to leave out.
	Exclude []string `yaml:"exclude"`
}

// namePrefix begins the entries of an OrganizationFilter that are names.
const namePrefix = "name:"

func isName(entry string) bool { return strings.HasPrefix(entry, namePrefix) }

// ReadsList reports whether the list of all organizations is needed to find those to include.
func (f OrganizationFilter) ReadsList() bool {
	return len(f.Include) == 0 || slices.ContainsFunc(f.Include, isName)
}

// HasNames reports whether any entry is a name.
func (f OrganizationFilter) HasNames() bool {
	return slices.ContainsFunc(f.Include, isName) || slices.ContainsFunc(f.Exclude, isName)
}

// IncludedIDs returns the ids to include.
func (f OrganizationFilter) IncludedIDs() []string {
	return slices.DeleteFunc(slices.Clone(f.Include), isName)
}

// Check returns an error for each entry that is in both lists or cannot select anything.
func (f OrganizationFilter) Check() []error {
	var problems []error
	if len(f.Include) > 0 {
		excluded := newEntries(f.Exclude)
		for i, entry := range f.Include {
			if excluded.cover(entry) {
				problems = append(problems, fmt.Errorf("organizations.include[%d] is also excluded; take it out of one of the lists", i))
			}
		}
	}
	return append(append(problems, checkEntries("organizations.include", f.Include)...), checkEntries("organizations.exclude", f.Exclude)...)
}

func checkEntries(key string, all []string) []error {
	var problems []error
	for i, entry := range all {
		switch {
		case entry == "":
			problems = append(problems, fmt.Errorf("%s[%d]: an organization's id is empty; write ids in quotes", key, i))
		case entry == namePrefix:
			problems = append(problems, fmt.Errorf(`%s[%d] has no name; write it like "name:Retail*"`, key, i))
		case isName(entry) && len(entry) > len(namePrefix)+glob.MaxPattern:
			problems = append(problems, fmt.Errorf("%s[%d] is longer than %d bytes; write * for a part of the name", key, i, glob.MaxPattern))
		}
	}
	return problems
}

// Selector returns a Selector for one list of organizations.
func (f OrganizationFilter) Selector() *Selector {
	return &Selector{all: len(f.Include) == 0, include: newEntries(f.Include), exclude: newEntries(f.Exclude)}
}

// Selector applies an OrganizationFilter to a list of organizations.
type Selector struct {
	all              bool // that are not excluded
	include, exclude entries
}

// Selects reports whether an organization is selected.
func (s *Selector) Selects(id, name string) bool {
	included, excluded := s.include.have(id, name), s.exclude.have(id, name)
	return (s.all || included) && !excluded
}

// Problem describes the names that no organization has matched so far. It is empty if there
// are none.
func (s *Selector) Problem() string {
	unmatched := append(s.include.unmatched("include"), s.exclude.unmatched("exclude")...)
	if len(unmatched) == 0 {
		return ""
	}
	const most = 10
	if more := len(unmatched) - most; more > 0 {
		unmatched = append(unmatched[:most], fmt.Sprintf("%d more", more))
	}
	return "no organization has a name that matches " + strings.Join(unmatched, ", ") + "; correct what does not match, or take it out; upper and lower case differ"
}

// entries are the entries of one list of an OrganizationFilter.
type entries struct {
	ids   map[string]bool
	names []*nameEntry
}

type nameEntry struct {
	pattern string
	glob.Glob
	matched bool
}

func newEntries(list []string) entries {
	e := entries{ids: make(map[string]bool, len(list))}
	for _, entry := range list {
		if pattern, ok := strings.CutPrefix(entry, namePrefix); !ok {
			e.ids[entry] = true
		} else if len(pattern) <= glob.MaxPattern { // Check refuses longer ones
			e.names = append(e.names, &nameEntry{pattern: pattern, Glob: glob.Compile(pattern)})
		}
	}
	return e
}

// have reports whether an organization is in the list.
func (e entries) have(id, name string) bool {
	found := e.ids[id]
	for _, n := range e.names { // all of them, so that each records whether it has matched
		if n.Match(name) {
			n.matched, found = true, true
		}
	}
	return found
}

// cover reports whether the list certainly has all organizations that an entry matches.
func (e entries) cover(entry string) bool {
	name, ok := strings.CutPrefix(entry, namePrefix)
	if !ok {
		return e.ids[entry]
	}
	return slices.ContainsFunc(e.names, func(n *nameEntry) bool {
		// A * in the list matches any text, also wildcards. A ? matches any
		// character, but not a *.
		return n.Match(name) && (!strings.Contains(n.pattern, "?") || !strings.Contains(name, "*"))
	})
}

func (e entries) unmatched(key string) []string {
	var all []string
	for _, n := range e.names {
		if !n.matched {
			all = append(all, fmt.Sprintf("organizations.%s %q", key, namePrefix+rest.Clip(n.pattern)))
		}
	}
	return all
}
