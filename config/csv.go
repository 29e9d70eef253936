package config

import (
	"bytes"
	"encoding"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

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
	reader   *csv.Reader
	columns  []string // the names in the header
	problems []error
}

// csvPolicies returns the policies of a CSV file, as spreadsheets save it.
func csvPolicies(path string, content []byte, known nameable) ([]policy.Policy, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if at := invalidUTF8(content); at >= 0 {
		return nil, fmt.Errorf("%s:%d: the file is not in UTF-8; save it as CSV UTF-8", path, bytes.Count(content[:at], []byte("\n"))+1)
	}
	if !bytes.ContainsRune(content, '\n') { // of an old Macintosh
		content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	}
	f := &csvFile{path: path, reader: csv.NewReader(bytes.NewReader(content))}
	f.reader.Comma = separator(content)
	f.reader.TrimLeadingSpace = f.reader.Comma != '\t' // else it would take empty cells for spaces
	f.reader.FieldsPerRecord = -1
	f.reader.ReuseRecord = true
	var policies []policy.Policy
	for {
		cells, err := f.reader.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			f.problems = append(f.problems, f.syntaxError(err))
			break
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case strings.Trim(strings.Join(cells, ""), separators) == "":
		case f.columns == nil:
			if f.header(cells); len(f.problems) > 0 {
				return nil, errors.Join(f.problems...)
			}
		case len(policies) == maxPolicies:
			f.add(0, "there are more than %d policies; use globs", maxPolicies)
			return nil, errors.Join(f.problems...)
		default:
			policies = append(policies, f.policy(cells, known))
		}
	}
	if f.columns == nil && f.problems == nil {
		f.problems = append(f.problems, fmt.Errorf("%s: the file has no header; write the names of the columns in the first line", path))
	}
	return policies, join(f.problems)
}

// add adds a problem in a cell of the current row.
func (f *csvFile) add(cell int, format string, args ...any) {
	line, _ := f.reader.FieldPos(cell)
	f.problems = append(f.problems, fmt.Errorf("%s:%d: %s", f.path, line, fmt.Sprintf(format, args...)))
}

// syntaxError rewrites an error of the parser.
func (f *csvFile) syntaxError(err error) error {
	line := 0
	if syntax := (*csv.ParseError)(nil); errors.As(err, &syntax) {
		line = syntax.StartLine
	}
	return fmt.Errorf("%s:%d: the quotes are wrong; write a cell with quotes in it as \"a \"\"quoted\"\" word\"", f.path, line)
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
			f.add(i, "the row has more cells than the header; put cells that contain separators into quotes")
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
	line, _ := f.reader.FieldPos(0)
	p.Place = fmt.Sprintf("%s:%d", f.path, line)
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

// separators are what spreadsheets put between cells.
const separators = ",;\t"

// separator returns what separates the cells of a file: the separator that occurs most
// often in the first line that has anything else. The header has no other use for it.
func separator(content []byte) rune {
	best := ','
	for line := range bytes.Lines(content) {
		if len(bytes.Trim(line, separators+" \r\n\"")) == 0 {
			continue
		}
		for _, r := range separators {
			if bytes.Count(line, []byte(string(r))) > bytes.Count(line, []byte(string(best))) {
				best = r
			}
		}
		break
	}
	return best
}

// invalidUTF8 returns the position of the first byte that is not UTF-8, or is 0 as in
// UTF-16, or -1.
func invalidUTF8(content []byte) int {
	for at := 0; at < len(content); {
		r, size := utf8.DecodeRune(content[at:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			return at
		}
		at += size
	}
	return -1
}
