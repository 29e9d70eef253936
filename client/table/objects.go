package table

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

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
