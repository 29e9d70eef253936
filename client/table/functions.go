package table

import (
	"fmt"
	"html"
	"strconv"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// adviceError is an error of an own function of expressions, written for people.
type adviceError string

func (e adviceError) Error() string { return string(e) }

func refuse(format string, args ...any) ref.Val {
	return types.WrapErr(adviceError(fmt.Sprintf(format, args...)))
}

// dayLocation is the time zone of dates without a time in expressions. It is like UTC, but has an address of its own,
// which tells these dates from others. Arithmetic keeps it.
var dayLocation = func() *time.Location { l := *time.UTC; return &l }()

func isDay(t time.Time) bool {
	return t.Location() == dayLocation && t.Equal(t.Truncate(24*time.Hour))
}

// presence is the macro has. Null is like missing, as everywhere in expressions.
var presence = cel.GlobalMacro("has", 1, func(mef cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	if args[0].Kind() != ast.SelectKind {
		return nil, mef.NewError(args[0].ID(), "has() must be given a member, such as has(r.end)")
	}
	return mef.NewCall(operators.NotEquals, args[0], mef.NewLiteral(types.NullValue)), nil
})

// maxLayouts is how many layouts date takes.
const maxLayouts = 4

// functions returns the own functions of expressions.
func (f *Formats) functions() []cel.EnvOption {
	dates := make([]cel.FunctionOpt, 0, maxLayouts+1)
	arguments := []*cel.Type{cel.DynType}
	for n := range maxLayouts + 1 {
		dates = append(dates, cel.Overload("date_"+strconv.Itoa(n), append([]*cel.Type(nil), arguments...), cel.DynType))
		arguments = append(arguments, cel.StringType)
	}
	dates = append(dates, cel.SingletonFunctionBinding(f.dateOf))
	return []cel.EnvOption{
		cel.Function("date", dates...),
		cel.Function("number", cel.Overload("number_dyn", []*cel.Type{cel.DynType}, cel.DynType, cel.UnaryBinding(f.numberOf))),
		cel.Function("addMonths", cel.Overload("add_months_dyn", []*cel.Type{cel.DynType, cel.DynType}, cel.DynType, cel.BinaryBinding(f.addMonths))),
		cel.Function("unescapeHTML", cel.Overload("unescape_html_dyn", []*cel.Type{cel.DynType}, cel.DynType, cel.UnaryBinding(unescapeHTML))),
	}
}

func (f *Formats) dateOf(args ...ref.Val) ref.Val {
	var text string
	switch v := args[0].(type) {
	case types.Null, types.Timestamp:
		return v
	case types.String:
		text = string(v)
	case types.Int:
		text = strconv.FormatInt(int64(v), 10)
	case types.Double:
		text = strconv.FormatFloat(float64(v), 'f', -1, 64)
	default:
		return refuse("date() must be given a text or a number")
	}
	layouts := make([]string, 0, maxLayouts)
	for _, layout := range args[1:] {
		l, ok := layout.(types.String)
		if !ok {
			return refuse("the layouts of date() must be texts")
		}
		layouts = append(layouts, string(l))
	}
	m, advice := f.date(text, layouts...)
	switch {
	case advice != "":
		return refuse("date(): %s", advice)
	case m.never:
		return types.String("never")
	case m.IsZero():
		return types.NullValue
	case m.day:
		return types.Timestamp{Time: m.In(dayLocation)}
	}
	return types.Timestamp{Time: m.UTC()}
}

func (f *Formats) numberOf(v ref.Val) ref.Val {
	switch v := v.(type) {
	case types.Null, types.Double:
		return v
	case types.Int:
		return types.Double(v)
	case types.String:
		value, ok, advice := f.number(string(v))
		switch {
		case advice != "":
			return refuse("number(): %s", advice)
		case !ok:
			return types.NullValue
		}
		return types.Double(value)
	}
	return refuse("number() must be given a text or a number")
}

// maxMonths is the most months that addMonths adds.
const maxMonths = 12_000

// addMonths adds months to a date. If the month is too short for the day, the result is its last day.
func (f *Formats) addMonths(date, months ref.Val) ref.Val {
	n := f.numberOf(months)
	switch date := date.(type) {
	case types.Null, *types.Err:
		return date
	case types.String:
		if date == "never" {
			return date
		}
	case types.Timestamp:
		switch n := n.(type) {
		case types.Double:
			if n != types.Double(int(n)) || n < -maxMonths || n > maxMonths {
				return refuse("addMonths() must be given a whole number of months")
			}
			first := date.AddDate(0, int(n), 1-date.Day())
			last := first.AddDate(0, 1, -1).Day()
			return types.Timestamp{Time: first.AddDate(0, 0, min(date.Day(), last)-1)}
		default:
			return n // null or an error
		}
	}
	return refuse("addMonths() must be given a date, such as addMonths(date(r.Start), 12)")
}

func unescapeHTML(v ref.Val) ref.Val {
	switch v := v.(type) {
	case types.Null:
		return v
	case types.String:
		return types.String(html.UnescapeString(string(v)))
	}
	return refuse("unescapeHTML() must be given a text")
}

// checkCalls returns what is wrong with the constants that functions are given.
func checkCalls(root ast.Expr, in *ast.AST) error {
	var found error
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if found != nil || e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "date" {
			return
		}
		for _, argument := range e.AsCall().Args()[1:] {
			if argument.Kind() != ast.LiteralKind {
				continue
			}
			if layout, ok := argument.AsLiteral().(types.String); ok {
				if problem := checkLayout(string(layout)); problem != "" {
					found = fmt.Errorf("column %d: the layout of date() %s", in.SourceInfo().GetStartLocation(argument.ID()).Column()+1, problem)
				}
			}
		}
	}))
	return found
}

// object is an object in an expression. A member that is missing is null.
type object map[string]any

// FindStringKey is what CEL calls for members with a constant name. It takes no allocation.
func (o object) FindStringKey(name string) (any, bool) {
	return wrap(o[name]), true
}

// wrap returns a value in which members that are missing are null.
func wrap(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return object(v)
	case []any:
		return types.NewDynamicList(values, v)
	}
	return value
}

// objectValue is an object as a value of CEL.
type objectValue struct {
	traits.Mapper
	members object
}

// Find implements traits.Mapper.
func (v *objectValue) Find(key ref.Val) (ref.Val, bool) {
	if found, ok := v.Mapper.Find(key); ok || found != nil {
		return found, ok
	}
	return types.NullValue, true
}

// Get implements traits.Mapper.
func (v *objectValue) Get(key ref.Val) ref.Val {
	found, _ := v.Find(key)
	return found
}

// FindStringKey is what CEL calls for members with a constant name.
func (v *objectValue) FindStringKey(name string) (any, bool) { return v.members.FindStringKey(name) }

var values = adapter{types.DefaultTypeAdapter}

// adapter makes values of CEL of those in a Value.
type adapter struct{ types.Adapter }

// NativeToValue implements types.Adapter.
func (a adapter) NativeToValue(value any) ref.Val {
	switch v := value.(type) {
	case nil:
		return types.NullValue
	case string:
		return types.String(v)
	case ref.Val:
		return v
	case map[string]any:
		return &objectValue{types.NewStringInterfaceMap(a, v), v}
	case object:
		return &objectValue{types.NewStringInterfaceMap(a, v), v}
	case []any:
		return types.NewDynamicList(a, v)
	}
	return a.Adapter.NativeToValue(value)
}
