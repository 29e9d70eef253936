package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
)

// checker compares YAML with the Go types that it will be decoded into. The YAML
// library does this as well, but its errors repeat values, which may be secrets. The
// checker's errors contain nothing of the file except keys that are known.
type checker struct {
	path  string          // of the file
	what  string          // before the path of keys in errors, such as an account
	part  string          // of the file: partAccount, partPolicy or empty
	homes homes           // of the keys
	docs  string          // the document that lists all keys, if it is not ours
	taken map[string]bool // names that labels of accounts must not have
	// seen holds whether something is wrong with what was compared.
	seen map[visit]bool
	// bad counts what is wrong, with what aliases repeat. That has a problem only once.
	bad      int
	problems []error
	// keys holds the keys of values that begin in a later line.
	keys map[*yaml.Node]*yaml.Node
}

// visit is a node that was compared with a type. What aliases share is compared
// only once.
type visit struct {
	node *yaml.Node
	t    reflect.Type
}

// newChecker returns a checker of a file where keys have these homes.
func newChecker(path string, homes homes) checker {
	return checker{path: path, homes: homes, seen: map[visit]bool{}, keys: map[*yaml.Node]*yaml.Node{}}
}

func (c *checker) add(n *yaml.Node, format string, args ...any) {
	n = cmp.Or(c.keys[n], n)
	c.bad++
	c.problems = append(c.problems, &placed{c.path, n.Line, n.Column, errors.New(c.what + fmt.Sprintf(format, args...))})
}

func (c *checker) document() string { return cmp.Or(c.docs, "docs/configuration.md") }

// check compares a value with a type. keys is the path of the value in the
// configuration.
func (c *checker) check(n *yaml.Node, t reflect.Type, keys string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	c.once(visit{node: n, t: t}, func() { c.compare(n, t, keys) })
}

// once compares a node with a type unless that was done before.
func (c *checker) once(v visit, compare func()) {
	if bad, known := c.seen[v]; known {
		if bad {
			c.bad++
		}
		return
	}
	before := c.bad
	compare()
	c.seen[v] = c.bad > before
}

func (c *checker) compare(n *yaml.Node, t reflect.Type, keys string) {
	known, rest := keysOf(t)
	switch {
	case isNull(n): // is as if it were left out
	case known != nil || rest != nil:
		before := c.bad
		c.mapping(n, t, keys)
		if rules := reflect.New(t).Interface(); c.bad == before && reflect.TypeOf(rules).Implements(reflect.TypeFor[unmarshaler]()) {
			err := n.Decode(rules)
			if wrong := (*yaml.TypeError)(nil); err != nil && !errors.As(err, &wrong) { // of Prometheus's rules, which have constant texts
				c.add(n, "%s: %s", keys, err)
			}
		}
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for i, entry := range n.Content {
			c.check(entry, t.Elem(), fmt.Sprintf("%s[%d]", keys, i))
		}
	case t.Kind() == reflect.Slice || n.Decode(reflect.New(t).Interface()) != nil || t.Kind() == reflect.Int && !isWhole(n):
		c.add(n, "%s must be %s", c.subject(keys), expected(t))
	}
}

// mapping compares a mapping with the type of a struct or map.
func (c *checker) mapping(n *yaml.Node, t reflect.Type, keys string) {
	if n.Kind != yaml.MappingNode {
		c.add(n, "%s must be a mapping of keys to values", c.subject(keys))
		return
	}
	known, rest := keysOf(t)
	taken := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		var name string
		if key.Kind != yaml.ScalarNode || key.Decode(&name) != nil {
			c.add(key, "a key%s is not plain text; %s lists all keys", inside(keys), c.document())
			continue
		}
		if value.Line != key.Line {
			c.keys[value] = key
		}
		valueType := cmp.Or(known[name], rest)
		switch {
		case taken[name] && known[name] != nil:
			c.add(key, "key %s%s occurs twice; leave one out", name, inside(keys))
		case taken[name]:
			c.add(key, "a key%s occurs twice; leave one out", inside(keys))
		case key.ShortTag() == mergeTag:
			c.merge(value, t, keys)
		case valueType == nil:
			c.add(key, "%s %s lists all keys", c.homes.unknownKey(name, home{c.part, keys}, known), c.document())
		case known[name] == nil: // the name is not a key of ours, so errors do not show it
			entry := fmt.Sprintf("%s[%d]", keys, i/2)
			c.check(value, valueType, entry)
			if t == reflect.TypeFor[collector.Labels]() {
				c.label(key, value, entry)
			}
		default:
			c.check(value, valueType, strings.TrimPrefix(keys+"."+name, "."))
		}
		taken[name] = true
	}
}

// merge compares what a merge key adds to a mapping.
func (c *checker) merge(n *yaml.Node, t reflect.Type, keys string) {
	all := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		all = n.Content
	}
	for _, each := range all {
		if each.Kind != yaml.MappingNode {
			c.add(each, "<<%s must be followed by an alias of a mapping", inside(keys))
			continue
		}
		c.once(visit{node: each, t: t}, func() { c.mapping(each, t, keys) })
	}
}

const mergeTag = "!!merge"

// unmarshaler is how types with rules are decoded.
type unmarshaler interface {
	UnmarshalYAML(unmarshal func(any) error) error
}

// subject names a value at the beginning of a sentence.
func (c *checker) subject(keys string) string {
	if keys == "" && c.what == "" {
		return "the file"
	}
	return cmp.Or(keys, "it")
}

func inside(keys string) string {
	if keys == "" {
		return ""
	}
	return " of " + keys
}

// isWhole reports whether a number is whole. The YAML library would cut the rest off.
func isWhole(n *yaml.Node) bool {
	var number float64
	return n.Decode(&number) != nil || number == math.Trunc(number)
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Decode(new(any)) == nil
}

// keysOf returns the types of the values of a struct by key. If there may be other
// keys, rest is the type of their values. Both are nil if the type is decoded from
// something else than a mapping.
func keysOf(t reflect.Type) (known map[string]reflect.Type, rest reflect.Type) {
	if t.Kind() == reflect.Map {
		return nil, t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	for field := range t.Fields() {
		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		of := map[string]reflect.Type{key: field.Type}
		if options == "inline" {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			of, rest = keysOf(inner)
		}
		for key, t := range of {
			if key != "" && key != "-" {
				if known == nil {
					known = map[string]reflect.Type{}
				}
				known[key] = t
			}
		}
	}
	return known, rest
}

// expected describes the YAML of a type.
func expected(t reflect.Type) string {
	if described, ok := reflect.Zero(t).Interface().(interface{ Expected() string }); ok {
		return described.Expected()
	}
	switch {
	case t == reflect.TypeFor[model.Duration](), t == reflect.TypeFor[time.Duration]():
		return "a duration; write it like 90s, 5m or 24h"
	case t == reflect.TypeFor[commonconfig.TLSVersion](), t == reflect.TypeFor[toolkit.TLSVersion]():
		return "TLS10, TLS11, TLS12 or TLS13"
	case t == reflect.TypeFor[toolkit.Cipher]():
		return "the name of a cipher suite, like TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
	case t == reflect.TypeFor[toolkit.Curve]():
		return "the name of a curve, like X25519"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Struct:
		return "an address, like https://proxy.example.com"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.ConvertibleTo(reflect.TypeFor[float64]()):
		return "a number"
	default:
		return "plain YAML, with unique keys and without tags"
	}
}
