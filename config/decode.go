package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
)

// account is an account as it is read from a file.
type account struct {
	collector.AccountConfig
	// foreign are keys of other vendors.
	foreign []foreignKey
}

type foreignKey struct{ key, vendor string }

// rawAccount is an account that is decoded later, when its vendor is known.
type rawAccount struct{ unmarshal func(any) error }

// UnmarshalYAML keeps the way to decode. This form of the method keeps the
// decoder's option to refuse unknown keys.
func (r *rawAccount) UnmarshalYAML(unmarshal func(any) error) error {
	r.unmarshal = unmarshal
	return nil
}

// decode reads the common keys and those of the account's vendor. Others are an
// error.
func (r *rawAccount) decode(vendors collector.Vendors) (a account, err error) {
	if r.unmarshal == nil { // an empty entry of the list
		return a, nil
	}
	var keys map[string]yaml.Node
	if err := r.unmarshal(&keys); err != nil {
		return a, err
	}
	a.Name, a.Vendor = keys["name"].Value, keys["vendor"].Value
	vendor := vendors.Find(a.Vendor)
	if vendor == nil {
		return a, nil // which keys there may be is not known either
	}
	a.Settings = vendor.Settings()
	fields := []reflect.StructField{
		inline("Common", reflect.TypeFor[*collector.AccountConfig]()),
		inline("Own", reflect.TypeOf(a.Settings)),
	}
	own := append(yamlKeys(fields[0].Type), yamlKeys(fields[1].Type)...)
	for _, other := range vendors {
		for _, key := range yamlKeys(reflect.TypeOf(other.Settings())) {
			if _, set := keys[key]; set && !slices.Contains(own, key) {
				own = append(own, key)
				a.foreign = append(a.foreign, foreignKey{key, other.Name})
				fields = append(fields, reflect.StructField{
					Name: fmt.Sprintf("Foreign%d", len(fields)), Type: reflect.TypeFor[any](), Tag: reflect.StructTag(`yaml:"` + key + `"`),
				})
			}
		}
	}
	slices.SortFunc(a.foreign, func(a, b foreignKey) int { return strings.Compare(a.key, b.key) })
	target := reflect.New(reflect.StructOf(fields))
	target.Elem().Field(0).Set(reflect.ValueOf(&a.AccountConfig))
	target.Elem().Field(1).Set(reflect.ValueOf(a.Settings))
	return a, r.unmarshal(target.Interface())
}

func inline(name string, t reflect.Type) reflect.StructField {
	return reflect.StructField{Name: name, Type: t, Tag: `yaml:",inline"`}
}

// yamlKeys returns the keys of a pointer to a struct.
func yamlKeys(t reflect.Type) []string {
	var keys []string
	for _, field := range reflect.VisibleFields(t.Elem()) {
		if key, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

var (
	unknownKey = regexp.MustCompile(`field (\S+) (?:not found|already set) in type .*`)
	wrongType  = regexp.MustCompile("cannot unmarshal (\\S+)(?s: `.*`)? into (\\S+)")
	badAddress = regexp.MustCompile(`(?s)parse ".*`) // which may hold a password, in any part
	noDuration = regexp.MustCompile(`(?s)(?:empty duration string|duration out of range|not a valid duration string: .*|unknown unit .* in duration .*)$`)
	lineOf     = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
)

// yamlError makes an error of the YAML library's, without the values that the
// library repeats, since they may be secrets. Where the library names no line,
// the error is at the given place.
func yamlError(path, place string, err error) error {
	texts := []string{err.Error()}
	var e *yaml.TypeError
	if errors.As(err, &e) {
		texts = e.Errors
	}
	problems := make([]error, 0, len(texts))
	for _, text := range texts {
		text = unknownKey.ReplaceAllString(text, "key $1 is not known or stands twice; docs/configuration.md lists all keys")
		text = wrongType.ReplaceAllString(text, "a value of the wrong type: $1 where $2 is expected")
		text = badAddress.ReplaceAllString(text, "an address, such as that of a proxy, cannot be read")
		text = noDuration.ReplaceAllString(text, "max_age is no duration; write it like 90s, 5m or 24h") // no other key is one
		where := place
		if line := lineOf.FindStringSubmatch(text); line != nil {
			text = strings.TrimPrefix(text, line[0])
			where = path + ":" + line[1] + ": "
		}
		problems = append(problems, errors.New(where+strings.TrimPrefix(text, "yaml: ")))
	}
	return errors.Join(problems...)
}

// accountLines returns the lines on which the accounts begin.
func accountLines(content []byte) []int {
	var file struct {
		Accounts []yaml.Node `yaml:"accounts"`
	}
	_ = yaml.Unmarshal(content, &file) // has been decoded before
	lines := make([]int, 0, len(file.Accounts))
	for _, node := range file.Accounts {
		lines = append(lines, node.Line)
	}
	return lines
}
