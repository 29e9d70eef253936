package simulator

// List is a sequence of records. Each is made when it is read.
type List[T any] struct {
	Length int
	At     func(int) T
}

// ListOf returns a list of existing records.
func ListOf[T any](records []T) List[T] {
	return ListFunc(len(records), func(i int) T { return records[i] })
}

// ListFunc returns a list whose records a function makes.
func ListFunc[T any](length int, at func(int) T) List[T] { return List[T]{length, at} }

// Slice returns the records from one index up to another. Indexes outside of the list are ignored.
func (l List[T]) Slice(from, to int) []T {
	records := []T{}
	for i := max(0, from); i < min(to, l.Length); i++ {
		records = append(records, l.At(i))
	}
	return records
}

// When returns the value if the condition is true, and else nil, which is null in JSON.
func When(condition bool, value any) any {
	if condition {
		return value
	}
	return nil
}
