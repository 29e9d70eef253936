package collector

import (
	"context"
	"errors"
	"iter"

	"license_exporter/client/rest"
)

// Outcome classifies the result of a request.
type Outcome int

const (
	// Good means that the request succeeded.
	Good Outcome = iota
	// NotApplicable means that the vendor has no such data for the organization
	// or in this version. There are no facts, and that is not a failure.
	NotApplicable
	// AccessDisabled means that the organization does not allow access by API. There
	// are no facts about it, and that is not a failure.
	AccessDisabled
	// Withheld means that the vendor refused an optional operation. The facts
	// that depend on it are missing. That is logged and is not a failure.
	Withheld
	// Failed means any other error. The last good facts are kept.
	Failed
)

// Classify returns the outcome of a request that returned err.
func Classify(err error) Outcome {
	switch {
	case err == nil:
		return Good
	case errors.Is(err, rest.ErrAccessDisabled):
		return AccessDisabled
	case errors.Is(err, rest.ErrNotApplicable):
		return NotApplicable
	default:
		return Failed
	}
}

// ReadAll returns all records of a listing.
func ReadAll[T any](records iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}

// ReadEach returns a function that returns all records of the listing of an object, for
// Reading.Read.
func ReadEach[K, T any](list func(context.Context, K) iter.Seq2[T, error]) func(context.Context, K) ([]T, error) {
	return func(ctx context.Context, id K) ([]T, error) { return ReadAll(list(ctx, id)) }
}

// ReadAllIfPresent is like ReadAll, but returns no records instead of an error if the
// listing is absent. wasPresent is set if it had records before: it is then an error.
func ReadAllIfPresent[T any](records iter.Seq2[T, error], wasPresent bool) ([]T, error) {
	all, err := ReadAll(records)
	if err != nil && Absent(err) && !wasPresent {
		return nil, nil
	}
	return all, err
}
