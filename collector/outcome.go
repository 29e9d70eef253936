package collector

import (
	"errors"
	"iter"
	"sync"

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

// Answered remembers which optional operations of an account have succeeded since
// the start of the process. The vendor may refuse these to a valid credential. The
// zero value is ready for use, and safe for concurrent use.
type Answered struct{ operations sync.Map }

// Classify is like the function of this name, for an optional operation.
func (a *Answered) Classify(operation string, err error) Outcome {
	outcome := Classify(err)
	switch {
	case outcome == Good:
		a.operations.Store(operation, true)
	case outcome == Failed && refused(err) && !a.Has(operation):
		return Withheld
	}
	return outcome
}

// Has reports whether an optional operation has succeeded.
func (a *Answered) Has(operation string) bool {
	_, ok := a.operations.Load(operation)
	return ok
}

// refused reports whether the vendor answered 403 or 404.
func refused(err error) bool {
	reason := refusal(err)
	return reason == rest.ReasonForbidden || reason == rest.ReasonNotFound
}

// refusal returns the reason for which the vendor refused an operation. It is
// empty if the request was not sent, for example because the vendor refused a
// token: that says nothing of the operation.
func refusal(err error) rest.Reason {
	var e *rest.Error
	if !errors.As(err, &e) || e.Status == 0 {
		return ""
	}
	return e.Reason
}

// Absent reports whether err means that the vendor has no such object or
// operation.
func Absent(err error) bool {
	return Classify(err) == NotApplicable || Classify(err) == Failed && refusal(err) == rest.ReasonNotFound
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

// ReadAllIfPresent is like ReadAll, but returns no records instead of an error
// if the listing is absent.
func ReadAllIfPresent[T any](records iter.Seq2[T, error]) ([]T, error) {
	all, err := ReadAll(records)
	if err != nil && Absent(err) {
		return nil, nil
	}
	return all, err
}
