package simulator

// List is a sequence of records, each made when it is asked for.
type List[T any] struct {
	Length int
	At     func(int) T
}

// ListOf is the list of records that exist already.
func ListOf[T any](records []T) List[T] {
	return ListFunc(len(records), func(i int) T { return records[i] })
}

// ListFunc is the list of so many records that a function makes.
func ListFunc[T any](length int, at func(int) T) List[T] { return List[T]{length, at} }

// Slice returns the records from one index up to another, as far as there are any.
func (l List[T]) Slice(from, to int) []T {
	records := []T{}
	for i := max(0, from); i < min(to, l.Length); i++ {
		records = append(records, l.At(i))
	}
	return records
}

// When returns a value for a field that is null unless the condition holds.
func When(condition bool, value any) any {
	if condition {
		return value
	}
	return nil
}
