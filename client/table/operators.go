package table

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// decorator returns what replaces the implementations of functions whose results or time CEL does not bound before
// they run, and of arithmetic, so that whole numbers and others can be mixed and null stays null.
func decorator(env *cel.Env) interpreter.InterpretableDecoratorV2 {
	return func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		call, ok := i.(interpreter.InterpretableCall)
		if !ok {
			return i, nil
		}
		impl := implementations[call.Function()]
		if call.Function() == "format" {
			impl = boundedFormat(env)
		}
		if impl == nil {
			return i, nil
		}
		return interpreter.NewCall(call.ID(), call.Function(), call.OverloadID(), call.Args(), impl), nil
	}
}

var implementations = map[string]functions.FunctionOp{
	operators.Add:      arithmetic(func(a, b ref.Val) ref.Val { return a.(traits.Adder).Add(b) }, traits.AdderType),
	operators.Subtract: arithmetic(func(a, b ref.Val) ref.Val { return a.(traits.Subtractor).Subtract(b) }, traits.SubtractorType),
	operators.Multiply: arithmetic(func(a, b ref.Val) ref.Val { return a.(traits.Multiplier).Multiply(b) }, traits.MultiplierType),
	operators.Divide:   arithmetic(func(a, b ref.Val) ref.Val { return a.(traits.Divider).Divide(b) }, traits.DividerType),
	operators.Equals:   bounded(func(args ...ref.Val) ref.Val { return types.Equal(args[0], args[1]) }),
	operators.NotEquals: bounded(func(args ...ref.Val) ref.Val {
		return types.Bool(types.Equal(args[0], args[1]) != types.True)
	}),
	operators.In: bounded(func(args ...ref.Val) ref.Val {
		if list, ok := args[1].(traits.Container); ok {
			return list.Contains(args[0])
		}
		return refuse("what follows in must be a list or an object")
	}),
	"replace": replace,
	"join":    join,
}

// arithmetic returns an operator. Of null and something else, the result is null, and of a word for no end and a duration
// it is the word.
func arithmetic(op func(a, b ref.Val) ref.Val, trait int) functions.FunctionOp {
	return func(args ...ref.Val) ref.Val {
		a, b := args[0], args[1]
		switch x := a.(type) {
		case types.Null:
			return a
		case types.Int:
			if _, ok := b.(types.Double); ok {
				a = types.Double(x)
			}
		case types.Double:
			if y, ok := b.(types.Int); ok {
				b = types.Double(y)
			}
		case types.String:
			switch y := b.(type) {
			case types.Duration:
				if x == "never" {
					return a
				}
			case types.String:
				if len(x)+len(y) > maxText {
					return refuse("a text is too long")
				}
			}
		case traits.Lister:
			if y, ok := b.(traits.Lister); ok && trait == traits.AdderType {
				if n, ok := x.Size().(types.Int); !ok || n+y.Size().(types.Int) > maxValues {
					return refuse("a list is too long")
				}
			}
		}
		if b == types.NullValue {
			return b
		}
		if !a.Type().HasTrait(trait) {
			return types.MaybeNoSuchOverloadErr(a)
		}
		return op(a, b)
	}
}

// sizeUnit is how many bytes of a text count as a value.
const sizeUnit = 10

// sizes measures values.
var sizes = types.NewSizeCalculator(types.SizeCalculatorMaxDepth(maxDepth), types.SizeCalculatorMaxTraversal(maxValues),
	types.SizeCalculatorStringUnitLength(sizeUnit))

// bounded returns a function that refuses arguments with very many values. Few steps can make a list that contains
// itself many times.
func bounded(op functions.FunctionOp) functions.FunctionOp {
	return func(args ...ref.Val) ref.Val {
		for _, v := range args {
			switch v.(type) {
			case traits.Lister, traits.Mapper:
				if size := sizes.ApproximateAggregateSize(v); size.LimitExceeded || size.Size > maxValues {
					return refuse("a list is too long")
				}
			}
		}
		return op(args...)
	}
}

func boundedFormat(env *cel.Env) functions.FunctionOp {
	bindings, err := env.Functions()["format"].Bindings()
	if err != nil {
		return nil
	}
	return bounded(func(args ...ref.Val) ref.Val {
		text, _ := args[0].(types.String)
		size := int(sizes.AggregateSize(args[1])) * sizeUnit * (strings.Count(string(text), "%") + 1)
		if size > maxText || size < 0 {
			return refuse("a text is too long")
		}
		return bindings[0].Function(args...)
	})
}

func replace(args ...ref.Val) ref.Val {
	text, ok := args[0].(types.String)
	from, isText := args[1].(types.String)
	to, isText2 := args[2].(types.String)
	limit := types.Int(-1)
	if len(args) == 4 {
		limit, _ = args[3].(types.Int)
	}
	if !ok || !isText || !isText2 {
		return types.NoSuchOverloadErr()
	}
	n := strings.Count(string(text), string(from))
	if limit >= 0 {
		n = min(n, int(limit))
	}
	if len(text)+n*(len(to)-len(from)) > maxText {
		return refuse("a text is too long")
	}
	return types.String(strings.Replace(string(text), string(from), string(to), n))
}

func join(args ...ref.Val) ref.Val {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return types.NoSuchOverloadErr()
	}
	var separator types.String
	if len(args) == 2 {
		if separator, ok = args[1].(types.String); !ok {
			return types.NoSuchOverloadErr()
		}
	}
	var b strings.Builder
	for it, first := list.Iterator(), true; it.HasNext() == types.True; first = false {
		element, ok := it.Next().(types.String)
		if !ok {
			return types.NoSuchOverloadErr()
		}
		if b.Len()+len(separator)+len(element) > maxText {
			return refuse("a text is too long")
		}
		if !first {
			b.WriteString(string(separator))
		}
		b.WriteString(string(element))
	}
	return types.String(b.String())
}
