package rest

import "context"

// Trace receives what requests find in answers that are otherwise good. Its
// functions may be called from several goroutines at the same time.
type Trace struct {
	// Unreadable is called for a value that could not be read. The rest of its
	// record is used.
	Unreadable func(Unreadable)
	// Skipped is called if n records of a listing could not be used, while others
	// could.
	Skipped func(operation string, n int)
	// Retrying is called when a request has failed for the first time and will be sent
	// again. It is not called if the vendor only asked to wait. The function that it returns
	// is called if the vendor answers after all, but not if the request is given up. Retrying
	// may be nil.
	Retrying func(organization string, err error) (answered func())
}

// Unreadable is a value in an answer that could not be read.
type Unreadable struct {
	Operation, Organization string
	// Field is the name of the field in the API.
	Field string
	// Value is the beginning of the value, or what it is if that could be free
	// text.
	Value string
	// Place is where the value is, such as a line and a column. Advice says what is wrong with the
	// value and what to do. Both may be empty.
	Place, Advice string
}

type traceKey struct{}

// WithTrace returns a context that passes what requests find to a Trace.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

func traceOf(ctx context.Context) *Trace {
	if t, ok := ctx.Value(traceKey{}).(*Trace); ok {
		return t
	}
	return &Trace{Unreadable: func(Unreadable) {}, Skipped: func(string, int) {}}
}
