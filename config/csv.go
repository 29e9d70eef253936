package config

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"license_exporter/internal/sheet"
	"license_exporter/internal/textfile"
	"license_exporter/policy"
)

// policyColumns contains the fields of a policy by the names of their columns, which are the
// keys of match and of the policy.
var policyColumns, columnTypes = func() (map[string]reflect.StructField, map[string]reflect.Type) {
	columns, types := map[string]reflect.StructField{}, map[string]reflect.Type{}
	for _, group := range []string{"Match", "Rules"} {
		outer, _ := reflect.TypeFor[policy.Policy]().FieldByName(group)
		for field := range outer.Type.Fields() {
			field.Index = slices.Concat(outer.Index, field.Index)
			name := field.Tag.Get("yaml")
			columns[name], types[name] = field, field.Type
		}
	}
	return columns, types
}()

// csvFile is a CSV file with policies.
type csvFile struct {
	path     string
	reader   *sheet.Reader
	columns  []string // the names in the header
	problems []error
}

// csvPolicies returns the policies of a CSV file, as spreadsheets save it.
func csvPolicies(path string, content []byte, known nameable) ([]policy.Policy, error) {
	f := &csvFile{path: path, reader: sheet.NewReader(bytes.NewReader(content))}
	header, err := f.reader.Header()
	if err != nil {
		return nil, textfile.In(path, err)
	}
	if f.header(header); len(f.problems) > 0 {
		return nil, errors.Join(f.problems...)
	}
	var policies []policy.Policy
	for {
		switch cells, err := f.reader.Read(); {
		case errors.Is(err, io.EOF):
			return policies, join(f.problems)
		case err != nil:
			f.problems = append(f.problems, textfile.In(path, err))
			return policies, join(f.problems)
		case len(policies) == maxPolicies:
			f.add(0, "there are more than %d policies; use globs", maxPolicies)
			return nil, errors.Join(f.problems...)
		default:
			policies = append(policies, f.policy(cells, known))
		}
	}
}

// add adds a problem in a cell of the current row.
func (f *csvFile) add(cell int, format string, args ...any) {
	f.problems = append(f.problems, textfile.In(f.path, &textfile.Error{Line: f.reader.Line(cell), Text: fmt.Sprintf(format, args...)}))
}

// header reads the names of the columns. Columns without a name must be empty.
func (f *csvFile) header(cells []string) {
	taken := map[string]bool{}
	f.columns = make([]string, len(cells))
	for i, cell := range cells {
		name := strings.ToLower(cell)
		switch {
		case name == "":
		case columnTypes[name] == nil:
			f.add(i, "column %d: %s docs/configuration.md lists all columns", i+1, homes(nil).unknownKey(name, home{}, columnTypes))
		case taken[name]:
			f.add(i, "column %s occurs twice; leave one out", name)
		}
		taken[name] = true
		f.columns[i] = name
	}
}

// policy reads a row.
func (f *csvFile) policy(cells []string, known nameable) policy.Policy {
	var p policy.Policy
	before := len(f.problems)
	for i, cell := range cells {
		switch {
		case cell == "":
		case i >= len(f.columns):
			f.add(i, sheet.ExtraCells)
			return p
		case f.columns[i] == "":
			f.add(i, "column %d has no name in the header; name it, or clear it", i+1)
		default:
			name := f.columns[i]
			if field := policyColumns[name]; !setText(reflect.ValueOf(&p).Elem().FieldByIndex(field.Index), cell) {
				f.add(i, "column %s must be %s", name, expected(elem(field.Type)))
			}
		}
	}
	if len(f.problems) > before {
		return p
	}
	p.Place = fmt.Sprintf("%s:%d", f.path, f.reader.Line(0))
	for _, problem := range checkPolicy(&p, known) {
		if problem.key == "" {
			f.add(0, "%s", problem.text)
			continue
		}
		f.add(0, "column %s %s", problem.key, problem.text)
	}
	return p
}

// setText sets a field of a policy, and reports whether the text is a value of its type.
func setText(v reflect.Value, text string) bool {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text)) == nil
	}
	v.SetString(text)
	return true
}

func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
