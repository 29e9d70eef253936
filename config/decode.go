package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
)

// account is an account that was read from a file.
type account struct {
	collector.AccountConfig
	// node is where the account is in the file.
	node *yaml.Node
	// foreign has an error for each key that only other vendors have.
	foreign []error
	// broken is set if the account could not be decoded, apart from its name and vendor.
	broken bool
}

// decoder decodes a file, and collects its problems in the checker.
type decoder struct {
	checker
	vendors collector.Vendors
	shapes  map[*collector.Vendor]shape
}

// decode decodes a value after the checker has found it good.
func (d *decoder) decode(n *yaml.Node, to any) {
	before := len(d.problems)
	d.check(n, reflect.TypeOf(to), "")
	if len(d.problems) > before {
		return
	}
	err := n.Decode(to)
	if err == nil {
		return
	}
	text := err.Error() // of Prometheus's rules, which have constant texts
	if wrong := (*yaml.TypeError)(nil); errors.As(err, &wrong) || strings.HasPrefix(text, "yaml: ") {
		text = "a value cannot be read; docs/configuration.md describes all values"
	}
	d.add(n, "%s", text)
}

// content is what a file contains.
type content struct {
	Accounts    []yaml.Node `yaml:"accounts"`
	Policies    []yaml.Node `yaml:"policies"`
	PolicyFiles []yaml.Node `yaml:"policy_files"`
}

// content returns what the file contains. If there is no account, that is a problem.
func (d *decoder) content(root *yaml.Node) content {
	var content content
	if root != nil {
		d.check(root, reflect.TypeOf(content), "")
		_ = root.Decode(&content) // what cannot be decoded, the checker has found
	}
	if len(content.Accounts)+len(d.problems) == 0 {
		d.problems = append(d.problems, fmt.Errorf("%s: no accounts; list at least one under the key accounts", d.path))
	}
	return content
}

// account decodes the common keys of account i and those of its vendor, which
// determines what keys are valid. Keys of other vendors become account.foreign, for
// better errors.
func (d *decoder) account(n *yaml.Node, i int) account {
	a := account{node: n}
	var head struct {
		Name   string         `yaml:"name"`
		Vendor string         `yaml:"vendor"`
		Rest   map[string]any `yaml:",inline"`
	}
	_ = n.Decode(&head) // is decoded again below, with the other keys
	d.part, d.what = partAccount, fmt.Sprintf("account %q: ", head.Name)
	if head.Name == "" {
		d.what = fmt.Sprintf("account %d of the list: ", i+1)
	}
	before := len(d.problems)
	var s shape
	var fields reflect.Value
	if vendor := d.vendors.Find(head.Vendor); vendor == nil {
		d.decode(n, &head)
	} else {
		a.Settings = vendor.Settings()
		s = d.shape(vendor)
		fields = reflect.New(s.fields)
		fields.Elem().Field(0).Set(reflect.ValueOf(&a.AccountConfig))
		fields.Elem().Field(1).Set(reflect.ValueOf(a.Settings))
		d.decode(n, fields.Interface())
	}
	a.Name, a.Vendor, a.broken = head.Name, head.Vendor, len(d.problems) > before
	for _, i := range slices.Sorted(maps.Keys(s.foreign)) {
		if !isEmpty(fields.Elem().Field(i).Elem()) {
			key := s.fields.Field(i).Tag.Get("yaml")
			a.foreign = append(a.foreign, fmt.Errorf("%s is only for vendor %s; leave it out", key, alternatives(s.foreign[i])))
		}
	}
	return a
}

// shape is how the accounts of one vendor are decoded.
type shape struct {
	// fields is a struct of the common keys, the vendor's own, and those that only
	// other vendors have.
	fields reflect.Type
	// foreign contains the names of these vendors by the index of the field.
	foreign map[int][]string
}

func (d *decoder) shape(vendor *collector.Vendor) shape {
	if s, known := d.shapes[vendor]; known {
		return s
	}
	fields := []reflect.StructField{
		inline("Common", reflect.TypeFor[*collector.AccountConfig]()),
		inline("Own", reflect.TypeOf(vendor.Settings())),
	}
	own, _ := keysOf(reflect.StructOf(fields))
	others := map[string][]string{}
	for _, vendor := range d.vendors {
		keys, _ := keysOf(reflect.TypeOf(vendor.Settings()).Elem())
		for key := range keys {
			if own[key] == nil {
				others[key] = append(others[key], vendor.Name)
			}
		}
	}
	foreign := map[int][]string{}
	for _, key := range slices.Sorted(maps.Keys(others)) {
		foreign[len(fields)] = others[key]
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("Foreign%d", len(fields)), Type: reflect.TypeFor[any](), Tag: reflect.StructTag(`yaml:"` + key + `"`),
		})
	}
	d.shapes[vendor] = shape{reflect.StructOf(fields), foreign}
	return d.shapes[vendor]
}

// isEmpty reports whether a key with this value is as if it were left out.
func isEmpty(v reflect.Value) bool {
	return !v.IsValid() || v.IsZero() || (v.Kind() == reflect.Map && v.Len() == 0)
}

func inline(name string, t reflect.Type) reflect.StructField {
	return reflect.StructField{Name: name, Type: t, Tag: `yaml:",inline"`}
}
