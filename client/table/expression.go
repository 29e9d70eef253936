package table

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
)

const (
	// maxExpression bounds an expression, in characters, and maxNesting how deep it is nested.
	maxExpression, maxNesting = 4000, 60
	// maxCost bounds an evaluation in units of CEL, of which a step takes about one, to some seconds. maxRecordCost
	// bounds one for a record, of which there may be very many, to some milliseconds.
	maxCost, maxRecordCost = 20_000_000, 100_000
	// maxText bounds a text that an expression makes, in bytes, and maxValues the values of a list or tree.
	maxText, maxValues = 1 << 20, 1 << 21
	// maxDepth bounds how deep a result is nested.
	maxDepth = 100
)

// Expression is a CEL expression over one variable. It is safe for concurrent use.
type Expression struct {
	variable string
	program  cel.Program
	members  []string
	isPath   bool
	shape    *Shape
	// names are the members of all objects that the expression reads.
	names []string
}

// baseEnvironment has what all expressions have in common. Making it takes long.
var baseEnvironment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		ext.Strings(),
		cel.Macros(presence),
		cel.CustomTypeAdapter(values),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(maxNesting),
	)
})

// NewExpression compiles an expression, without an equals sign in front, whose only variable has this
// name. The formats are those of the functions date and number. An error is one line, for people
// who do not know Go.
func NewExpression(text, variable string, f *Formats) (*Expression, error) {
	return newExpression(text, variable, f, maxCost)
}

func newExpression(text, variable string, f *Formats, cost uint64) (*Expression, error) {
	if f == nil {
		f = &Formats{}
	}
	base, err := baseEnvironment()
	if err != nil {
		return nil, err
	}
	env, err := base.Extend(append(f.functions(), cel.Variable(variable, cel.DynType))...)
	if err != nil {
		return nil, err
	}
	compiled, issues := env.Compile(text)
	if err := explain(issues, text, variable, env); err != nil {
		return nil, err
	}
	root := compiled.NativeRep().Expr()
	if err := checkCalls(root, compiled.NativeRep()); err != nil {
		return nil, err
	}
	program, err := env.Program(compiled, cel.CostLimit(cost), cel.CustomDecoratorV2(decorator(env)), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("must be a CEL expression: %w", explainEvaluation(err, nil))
	}
	r := reading{variable: variable, shape: &Shape{}}
	r.visit(root)
	e := &Expression{variable: variable, program: program, shape: r.shape}
	if members, ok := r.path(root); ok {
		e.members, e.isPath = members, true
	}
	e.names = r.names
	return e, nil
}

// Path returns the members of an expression that is only the variable or a member of it: a and b of
// body.a.b, and none of body. A nil expression is the variable.
func (e *Expression) Path() (members []string, ok bool) {
	if e == nil {
		return nil, true
	}
	return e.members, e.isPath
}

// Shape returns what the expression reads of its variable.
func (e *Expression) Shape() *Shape { return e.shape }

// Eval returns the value of the expression. value is the variable's: nil, a string, bool, int64, float64,
// map[string]any or []any. The result is one of these, a date or a time.Duration. A member of an object that
// is missing is nil. An error is one line for people.
func (e *Expression) Eval(value any) (any, error) {
	result, _, err := e.program.Eval(map[string]any{e.variable: wrap(value)})
	if err != nil {
		return nil, explainEvaluation(err, e.names)
	}
	left := maxValues
	return native(result, maxDepth, &left)
}

var (
	errTooLarge  = errors.New("the result is too large")
	errNoValue   = errors.New("the result must be a text, a number, a date, true or false, null, a list or an object")
	errNoTextKey = errors.New("the members of an object must have texts as names")
)

// native returns the value of a result of CEL. left is how many values there may still be.
func native(v ref.Val, depth int, left *int) (any, error) {
	*left--
	if depth == 0 || *left < 0 {
		return nil, errTooLarge
	}
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.Uint:
		return float64(v), nil
	case types.Double:
		return float64(v), nil
	case types.String:
		return string(v), nil
	case types.Timestamp:
		return moment{Time: v.Time, day: isDay(v.Time)}, nil
	case types.Duration:
		return v.Duration, nil
	case *objectValue:
		return map[string]any(v.members), nil
	case traits.Mapper:
		return nativeMap(v, depth, left)
	case traits.Lister:
		size, ok := v.Size().(types.Int)
		if !ok || int(size) > *left {
			return nil, errTooLarge
		}
		list := make([]any, 0, size)
		for it := v.Iterator(); it.HasNext() == types.True; {
			element, err := native(it.Next(), depth-1, left)
			if err != nil {
				return nil, err
			}
			list = append(list, element)
		}
		return list, nil
	}
	return nil, errNoValue
}

func nativeMap(v traits.Mapper, depth int, left *int) (any, error) {
	members := map[string]any{}
	for it := v.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, ok := key.(types.String)
		if !ok {
			return nil, errNoTextKey
		}
		member, err := native(v.Get(key), depth-1, left)
		if err != nil {
			return nil, err
		}
		members[string(name)] = member
	}
	return members, nil
}

// reading finds out what an expression reads of its variable.
type reading struct {
	variable string
	shape    *Shape
	names    []string
	// hidden is how many comprehensions around have a variable of the same name.
	hidden int
}

// path returns the members of an expression that is only the variable or a member of it. If ok is
// false, it is something else, and the members are those that it reads of that.
func (r *reading) path(e ast.Expr) (members []string, ok bool) {
	for {
		switch e.Kind() {
		case ast.IdentKind:
			slices.Reverse(members)
			return members, e.AsIdent() == r.variable && r.hidden == 0
		case ast.SelectKind:
			members = append(members, e.AsSelect().FieldName())
			e = e.AsSelect().Operand()
		case ast.CallKind:
			call := e.AsCall()
			if call.FunctionName() != operators.Index || len(call.Args()) != 2 || call.Args()[1].Kind() != ast.LiteralKind {
				return members, false
			}
			name, ok := call.Args()[1].AsLiteral().(types.String)
			if !ok {
				return members, false
			}
			members = append(members, string(name))
			e = call.Args()[0]
		default:
			return members, false
		}
	}
}

// visit adds what an expression reads to the shape.
func (r *reading) visit(e ast.Expr) {
	members, ok := r.path(e)
	r.names = append(r.names, members...)
	if ok {
		at := r.shape
		for _, name := range members {
			if at.Members == nil {
				at.Members = map[string]*Shape{}
			}
			if at.Members[name] == nil {
				at.Members[name] = &Shape{}
			}
			at = at.Members[name]
		}
		at.Whole = true
		return
	}
	switch e.Kind() {
	case ast.SelectKind:
		r.visit(e.AsSelect().Operand())
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			r.visit(e.AsCall().Target())
		}
		for _, argument := range e.AsCall().Args() {
			r.visit(argument)
		}
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			r.visit(element)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			r.visit(entry.AsMapEntry().Key())
			r.visit(entry.AsMapEntry().Value())
		}
	case ast.StructKind:
		for _, field := range e.AsStruct().Fields() {
			r.visit(field.AsStructField().Value())
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		r.visit(c.IterRange())
		r.visit(c.AccuInit())
		hides := c.IterVar() == r.variable || c.IterVar2() == r.variable
		if hides {
			r.hidden++
		}
		r.visit(c.LoopCondition())
		r.visit(c.LoopStep())
		if hides {
			r.hidden--
		}
		r.visit(c.Result())
	}
}
