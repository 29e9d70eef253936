package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

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

// decode decodes a value if the checker finds it good, and reports whether it is.
func (d *decoder) decode(n *yaml.Node, to any) bool {
	before := d.bad
	d.check(n, reflect.TypeOf(to), "")
	if d.bad == before && n.Decode(to) != nil {
		d.add(n, "a value cannot be read; docs/configuration.md describes all values")
	}
	return d.bad == before
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
		for key, to := range map[string]*[]yaml.Node{"accounts": &content.Accounts, "policies": &content.Policies, "policy_files": &content.PolicyFiles} {
			if _, list := child(root, key); list != nil && list.Kind == yaml.SequenceNode {
				for _, entry := range list.Content {
					*to = append(*to, *entry)
				}
			}
		}
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
	vendor := d.vendors.Find(head.Vendor)
	s := d.shape(vendor)
	fields := reflect.New(s.fields)
	fields.Elem().Field(0).Set(reflect.ValueOf(&a.AccountConfig))
	if vendor != nil {
		a.Settings = vendor.Settings()
		fields.Elem().Field(1).Set(reflect.ValueOf(a.Settings))
	}
	a.broken = !d.decode(n, fields.Interface())
	a.Name, a.Vendor = head.Name, head.Vendor
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

// shape returns the shape of a vendor's accounts. Without a known vendor, they may have the keys of
// all vendors.
func (d *decoder) shape(vendor *collector.Vendor) shape {
	if s, known := d.shapes[vendor]; known {
		return s
	}
	fields := accountFields(vendor)
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

// accountFields returns the fields of a struct with the common keys of an account and those of its
// vendor, which is nil if it is not known.
func accountFields(vendor *collector.Vendor) []reflect.StructField {
	fields := []reflect.StructField{inline("Common", reflect.TypeFor[*collector.AccountConfig]())}
	if vendor != nil {
		fields = append(fields, inline("Own", reflect.TypeOf(vendor.Settings())))
	}
	return fields
}

// isEmpty reports whether a key with this value is as if it were left out.
func isEmpty(v reflect.Value) bool {
	return !v.IsValid() || v.IsZero() || (v.Kind() == reflect.Map && v.Len() == 0)
}

func inline(name string, t reflect.Type) reflect.StructField {
	return reflect.StructField{Name: name, Type: t, Tag: `yaml:",inline"`}
}
