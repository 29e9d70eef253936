package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
)

// account is an account that was read from a file.
type account struct {
	collector.AccountConfig
	// foreign has an error for each key that only other vendors have.
	foreign []error
}

// rawAccount is an account that has not been decoded yet. Its vendor determines
// which keys are valid.
type rawAccount struct{ unmarshal func(any) error }

// UnmarshalYAML stores the function that decodes the account. This form of the
// method, with a function, keeps the decoder's check for unknown keys.
func (r *rawAccount) UnmarshalYAML(unmarshal func(any) error) error {
	r.unmarshal = unmarshal
	return nil
}

// decode decodes the common keys and those of the account's vendor. Unknown keys
// are errors. Keys of other vendors become account.foreign, for better errors.
func (r *rawAccount) decode(vendors collector.Vendors) (a account, err error) {
	if r.unmarshal == nil { // an empty entry of the list
		return a, nil
	}
	var keys map[string]yaml.Node
	err = r.unmarshal(&keys)
	name, vendorName := keys["name"], keys["vendor"]
	_ = name.Decode(&a.Name) // is decoded again below, with the other keys
	if err = cmp.Or(err, vendorName.Decode(&a.Vendor)); err != nil {
		return a, err
	}
	vendor := vendors.Find(a.Vendor)
	if vendor == nil {
		return a, nil // which keys are valid is unknown
	}
	a.Settings = vendor.Settings()
	fields := []reflect.StructField{
		inline("Common", reflect.TypeFor[*collector.AccountConfig]()),
		inline("Own", reflect.TypeOf(a.Settings)),
	}
	own := append(yamlKeys(fields[0].Type), yamlKeys(fields[1].Type)...)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		var others []string
		for _, other := range vendors {
			if slices.Contains(yamlKeys(reflect.TypeOf(other.Settings())), key) {
				others = append(others, other.Name)
			}
		}
		if len(others) > 0 && !slices.Contains(own, key) {
			if node := keys[key]; !isEmpty(&node) {
				a.foreign = append(a.foreign, fmt.Errorf("%s is for vendor %s alone; leave it out", key, alternatives(others)))
			}
			fields = append(fields, reflect.StructField{
				Name: fmt.Sprintf("Foreign%d", len(fields)), Type: reflect.TypeFor[any](), Tag: reflect.StructTag(`yaml:"` + key + `"`),
			})
		}
	}
	target := reflect.New(reflect.StructOf(fields))
	target.Elem().Field(0).Set(reflect.ValueOf(&a.AccountConfig))
	target.Elem().Field(1).Set(reflect.ValueOf(a.Settings))
	return a, r.unmarshal(target.Interface())
}

// isEmpty reports whether a key is as if it were left out.
func isEmpty(node *yaml.Node) bool {
	var value any
	if node.Decode(&value) != nil {
		return false
	}
	v := reflect.ValueOf(value)
	return value == nil || v.IsZero() || (v.Kind() == reflect.Map && v.Len() == 0)
}

func inline(name string, t reflect.Type) reflect.StructField {
	return reflect.StructField{Name: name, Type: t, Tag: `yaml:",inline"`}
}

// yamlKeys returns the YAML keys of a struct. t is the type of a pointer to it.
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
	unknownKey = regexp.MustCompile(`(?s)field (.*?) (?:not found|already set) in type .*`)
	wrongType  = regexp.MustCompile("(?s)cannot unmarshal (\\S+)(?: `.*`)? into (.+)")
	badAddress = regexp.MustCompile(`(?s)parse ".*`) // with the URL, which may contain a password
	noDuration = regexp.MustCompile(`(?s)(?:empty duration string|duration out of range|not a valid duration string: .*|unknown unit .* in duration .*)$`)
	lineOf     = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
)

// yamlError rewrites an error of the YAML library in plain words. It removes the
// values that the library quotes, because they may be secrets. place is the prefix
// of errors without a line number.
func yamlError(path, place string, err error) error {
	texts := []string{err.Error()}
	var e *yaml.TypeError
	if errors.As(err, &e) {
		texts = e.Errors
	}
	problems := make([]error, 0, len(texts))
	for _, text := range texts {
		text = unknownKey.ReplaceAllString(text, "key $1 is not known or occurs twice; docs/configuration.md lists all keys")
		if found := wrongType.FindStringSubmatch(text); found != nil {
			text = strings.Replace(text, found[0], fmt.Sprintf("a value of the wrong type: %s where %s is expected", found[1], expected(found[1], found[2])), 1)
		}
		text = badAddress.ReplaceAllString(text, "an address, such as that of a proxy, cannot be read")
		text = noDuration.ReplaceAllString(text, "max_age is no duration; write it like 90s, 5m or 24h") // the only duration
		where := place
		if line := lineOf.FindStringSubmatch(text); line != nil {
			text = strings.TrimPrefix(text, line[0])
			where = path + ":" + line[1] + ": "
		}
		problems = append(problems, errors.New(where+strings.TrimPrefix(text, "yaml: ")))
	}
	return errors.Join(problems...)
}

// expected describes the YAML of a Go type, for a value that has another tag.
// Structs are decoded from mappings, and some of their fields from strings.
func expected(tag, goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case !strings.ContainsAny(goType, ".[{"):
		return goType // such as bool
	case tag == "!!map":
		return "string"
	case tag == "!!seq" && strings.HasSuffix(goType, ".plain"):
		return "string or a mapping"
	default:
		return "a mapping"
	}
}

// accountLines returns the numbers of the lines on which the accounts begin.
func accountLines(content []byte) []int {
	var file struct {
		Accounts []yaml.Node `yaml:"accounts"`
	}
	_ = yaml.Unmarshal(content, &file) // was decoded before without an error
	lines := make([]int, 0, len(file.Accounts))
	for _, node := range file.Accounts {
		lines = append(lines, node.Line)
	}
	return lines
}
