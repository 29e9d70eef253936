package table

import (
	"cmp"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// cell is a value for a field: that of a column, or the result of an expression.
type cell struct {
	Kind
	// text is the value of Text, Number and Bool. kind is Absent for null.
	text string
	// moment and length are results of expressions, if isMoment or isLength is set. Their kind is Tree,
	// since only some fields take them.
	moment             moment
	length             time.Duration
	isMoment, isLength bool
}

// cellOf returns the cell of a result of an expression.
func cellOf(result any) cell {
	switch v := result.(type) {
	case nil:
		return cell{}
	case string:
		return cell{Kind: Text, text: strings.TrimSpace(v)}
	case bool:
		return cell{Kind: Bool, text: strconv.FormatBool(v)}
	case int64:
		return cell{Kind: Number, text: strconv.FormatInt(v, 10)}
	case float64:
		return cell{Kind: Number, text: strconv.FormatFloat(v, 'f', -1, 64)}
	case moment:
		return cell{Kind: Tree, moment: v, isMoment: true}
	case time.Duration:
		return cell{Kind: Tree, length: v, isLength: true}
	}
	return cell{Kind: Tree}
}

// work is what reading a record needs.
type work struct {
	License
	// targets are the pointers to the fields of the license, in the order of Mapping.fields.
	targets []any
	row     map[string]any
}

func (m *Mapping) newWork() *work {
	w := &work{row: make(map[string]any, len(m.read)), targets: make([]any, 0, len(m.fields))}
	license := reflect.ValueOf(&w.License).Elem()
	for _, f := range m.fields {
		w.targets = append(w.targets, license.FieldByName(f.name).Addr().Interface())
	}
	return w
}

// Read returns the license of a record that has the values of the references. kept is false if it is not to be
// kept. found is called for each value that cannot be read, and may be nil.
func (m *Mapping) Read(r *Record, found func(Unreadable)) (l License, kept bool) {
	if found == nil {
		found = func(Unreadable) {}
	}
	w := m.pool.Get().(*work)
	defer m.pool.Put(w)
	w.License = License{Place: r.Place}
	for _, i := range m.read {
		w.row[m.references[i].Column] = argument(r.Values[i])
	}
	if m.condition != nil && !m.keeps(r, w, found) {
		return License{}, false
	}
	for i := range m.fields {
		f := &m.fields[i]
		value, advice := m.value(f, r, w)
		if advice == "" {
			advice = m.set(f, w.targets[i], value)
		}
		if advice == "" {
			continue
		}
		if date, ok := w.targets[i].(*Date); ok {
			date.Unreadable = true
		}
		found(Unreadable{Place: r.Place, Field: f.key, Column: f.columnName, Value: shown(w.targets[i], f, value), Advice: advice})
	}
	if !m.product {
		w.Product = cmp.Or(w.Product, w.ProductName, w.Name)
	}
	return w.License, true
}

func (m *Mapping) keeps(r *Record, w *work, found func(Unreadable)) bool {
	value, advice := m.value(m.condition, r, w)
	if advice == "" && value.Kind != Bool {
		advice = "must be true or false for each record, such as r.status == \"active\""
	}
	if advice != "" {
		found(Unreadable{Place: r.Place, Field: m.condition.key, Column: m.condition.columnName, Advice: advice})
	}
	return value.Kind == Bool && value.text == "true"
}

// value returns the value of a field. If an expression cannot be evaluated, advice says why.
func (m *Mapping) value(f *field, r *Record, w *work) (value cell, advice string) {
	switch {
	case f.isConstant:
		return f.constant, ""
	case f.expression == nil:
		return cell{Kind: r.Values[f.column].Kind, text: r.Values[f.column].Text}, ""
	}
	result, err := f.expression.Eval(w.row)
	if err != nil {
		return cell{}, err.Error()
	}
	return cellOf(result), ""
}

// argument returns a value for an expression.
func argument(v Value) any {
	switch v.Kind {
	case Tree:
		return v.Tree
	case Text:
		return v.Text
	case Bool:
		return v.Text == "true"
	case Number:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
			return n
		}
		return v.Text
	}
	return nil
}

// set gives a field its value. If the value cannot be read, advice says why.
func (m *Mapping) set(f *field, target any, v cell) (advice string) {
	if v.Kind == Tree && (!v.isMoment && !v.isLength) {
		return "is a list or an object; read a member of it by an expression, such as =r.company.name"
	}
	switch target := target.(type) {
	case *Date:
		return m.setDate(f, target, v)
	case *Optional[float64]:
		return m.setNumber(f, target, v)
	case *Optional[time.Duration]:
		if v.isLength {
			target.Value, target.Valid = v.length, v.length >= 0
			if !target.Valid {
				return "must not be negative"
			}
			return ""
		}
		target.Value, target.Valid, advice = notice(v.text)
	case *Optional[bool]:
		target.Value, target.Valid, advice = boolean(v.text)
	case *string:
		*target, advice = m.text(f, v)
	}
	if v.Kind == Tree && advice == "" {
		return "is a date or a duration, which this field cannot be"
	}
	return advice
}

func (m *Mapping) text(f *field, v cell) (text, advice string) {
	const longestWord = 40
	if f.key == "renewal" {
		return renewal(v.text)
	}
	text, advice = fieldText(v.text)
	switch f.key {
	case "currency":
		text = strings.ToUpper(text)
		fallthrough
	case "unit", "component":
		if len(text) > longestWord {
			return "", "must be a short word"
		}
	}
	return text, advice
}

func (m *Mapping) setDate(f *field, target *Date, v cell) (advice string) {
	var read moment
	switch {
	case v.isMoment:
		read, advice = v.moment.actual()
	case v.isLength:
		return "is a duration, not a date"
	case v.Kind == Bool:
		return "is true or false, not a date"
	case v.Kind == Number && strings.ContainsAny(v.text, "eE"):
		n, err := strconv.ParseFloat(v.text, 64)
		if err != nil {
			return "is not a date"
		}
		v.text = strconv.FormatFloat(n, 'f', -1, 64)
		fallthrough
	default:
		read, advice = m.formats.date(v.text)
	}
	if advice != "" {
		return advice
	}
	*target = m.formats.place(read, f.key == "start")
	if *target == (Date{}) && f.key == "end" && v.Kind != Absent && !v.isMoment {
		return `is empty; write "never" if there is no end`
	}
	return ""
}

func (m *Mapping) setNumber(f *field, target *Optional[float64], v cell) (advice string) {
	var read Optional[float64]
	switch v.Kind {
	case Bool:
		return "is true or false, not a number"
	case Tree:
		return "is a date or a duration, not a number"
	case Number:
		n, err := strconv.ParseFloat(v.text, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return "is not a number"
		}
		read = Optional[float64]{n, true}
	default:
		read.Value, read.Valid, advice = m.formats.number(v.text)
	}
	if advice != "" {
		return advice
	}
	if read.Value < 0 && f.key != "available" && f.key != "cost" {
		return "must not be negative"
	}
	*target = read
	return ""
}

// shown returns the beginning of a value that cannot be read, unless it may be free text.
func shown(target any, f *field, v cell) string {
	if _, isText := target.(*string); isText && f.key != "renewal" || email.MatchString(v.text) || !f.isColumn() {
		return ""
	}
	return clip(v.text)
}

// isColumn reports whether the value of a field is that of one column.
func (f *field) isColumn() bool { return f.columnName != "" }
