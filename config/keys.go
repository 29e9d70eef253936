package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"license_exporter/collector"
	"license_exporter/internal/spelling"
	"license_exporter/policy"
)

// The parts of a configuration, as errors name them. Everything else is at the top level.
const (
	partAccount = "an account"
	partPolicy  = "a policy"
	partFile    = "the configuration file" // as policy files name its top level
)

// home is a place where a key is valid.
type home struct {
	part string // partAccount, partPolicy or empty
	path string // of the mapping in the part
}

func (h home) String() string {
	switch {
	case h == home{}:
		return "the top level of the file"
	case h.part == "":
		return h.path
	case h.path == "":
		return h.part
	}
	return h.path + " of " + h.part
}

// homes contains the places where keys are valid, by key.
type homes map[string][]home

// homesOfPolicies returns the places that errors about a policy file name.
func homesOfPolicies() homes {
	all := newHomes(nil)
	for key := range all {
		for i, at := range all[key] {
			if at == (home{}) {
				all[key][i].part = partFile
			}
		}
	}
	return all
}

func newHomes(vendors collector.Vendors) homes {
	all := homes{}
	all.add(home{}, reflect.TypeFor[content]())
	all.add(home{part: partPolicy}, reflect.TypeFor[policy.Policy]())
	all.add(home{part: partAccount}, reflect.TypeFor[collector.AccountConfig]())
	for _, v := range vendors {
		all.add(home{part: partAccount}, reflect.TypeOf(v.Settings()).Elem())
	}
	return all
}

// add adds the keys of a struct and of the structs in it.
func (all homes) add(at home, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	known, _ := keysOf(t)
	for key, t := range known {
		if !slices.Contains(all[key], at) {
			all[key] = append(all[key], at)
		}
		all.add(home{at.part, strings.TrimPrefix(at.path+"."+key, ".")}, t)
	}
}

// nearest returns the place of a key that is nearest to another place.
func (all homes) nearest(key string, at home) home {
	return slices.MinFunc(all[key], func(a, b home) int {
		far := func(h home) int {
			n := strings.Count(h.path, ".")
			if h.part != at.part {
				n += 100
			}
			if !strings.HasPrefix(h.path, at.path) {
				n += 10
			}
			return n
		}
		return cmp.Or(cmp.Compare(far(a), far(b)), strings.Compare(a.path, b.path), strings.Compare(a.part, b.part))
	})
}

// unknownKey describes a key that is not known at a place, where the known keys are given. It
// repeats the key only if it differs from a known one by a typing error: it may be a secret, or
// contain one if the space after its colon is missing.
func (all homes) unknownKey(name string, at home, known map[string]reflect.Type) string {
	inside := inside(at.path)
	here := slices.Sorted(maps.Keys(known))
	if before, _, found := strings.Cut(name, ":"); found && known[before] != nil {
		return fmt.Sprintf("key %s%s needs a space after its colon;", before, inside)
	}
	unknown := "a key" + inside
	if !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) { // a line break, for example, would make a further line of the error
		unknown = "key " + name + inside
	}
	if meant := spelling.Nearest(name, here); meant != "" {
		return fmt.Sprintf("%s is not known; did you mean %s?", unknown, meant)
	}
	if len(all[name]) > 0 {
		return fmt.Sprintf("key %s belongs to %s;", name, all.nearest(name, at))
	}
	if meant := spelling.Nearest(name, slices.Sorted(maps.Keys(all))); meant != "" {
		return fmt.Sprintf("%s is not known; did you mean %s, which belongs to %s?", unknown, meant, all.nearest(meant, at))
	}
	return fmt.Sprintf("a key%s is not known;", inside)
}
