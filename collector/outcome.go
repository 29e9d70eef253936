package collector

import (
	"errors"
	"iter"

	"license_exporter/client/rest"
)

// Outcome is what an answer of a vendor means for the facts.
type Outcome int

const (
	// Good means that the vendor answered.
	Good Outcome = iota
	// NotApplicable means that the vendor says that the operation does not
	// apply: there are no facts, which is not a failure.
	NotApplicable
	// Withheld means that the vendor refused an optional operation: the facts
	// that depend on it are missing, which is reported and is not a failure.
	Withheld
	// Failed means everything else: the last good facts are kept.
	Failed
)

// Classify returns the outcome of a request that ended with err. optional is
// set for operations that the vendor may refuse to a valid credential. Once
// such an operation has answered, it is no longer optional.
func Classify(err error, optional bool) Outcome {
	switch {
	case err == nil:
		return Good
	case errors.Is(err, rest.ErrNotApplicable):
		return NotApplicable
	case optional && refused(err):
		return Withheld
	default:
		return Failed
	}
}

// refused reports whether the vendor answered 403 or 404.
func refused(err error) bool {
	var e *rest.Error
	return errors.As(err, &e) && (e.Reason == rest.ReasonForbidden || e.Reason == rest.ReasonNotFound)
}

// Absent reports whether the vendor says that there is no such object, or no
// operation for it.
func Absent(err error) bool {
	return errors.Is(err, rest.ErrNotApplicable) || rest.ReasonOf(err) == rest.ReasonNotFound
}

// Collect returns all records of a listing.
func Collect[T any](records iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}

// CollectOrNone is Collect for a listing that may be absent.
func CollectOrNone[T any](records iter.Seq2[T, error]) ([]T, error) {
	all, err := Collect(records)
	if err != nil && Absent(err) {
		return nil, nil
	}
	return all, err
}
