package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// placed is a problem at a place in a file. The column is 0 if it is not known.
type placed struct {
	path         string
	line, column int
	err          error
}

func (p *placed) Error() string {
	if p.column == 0 {
		return fmt.Sprintf("%s:%d: %s", p.path, p.line, p.err)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.path, p.line, p.column, p.err)
}

func (p *placed) Unwrap() error { return p.err }

// sorted returns problems as one error, with those of each file in the order of their lines.
func sorted(problems ...error) error {
	problems = flat(problems)
	place := func(err error) placed {
		if p := (*placed)(nil); errors.As(err, &p) {
			return *p
		}
		return placed{}
	}
	files := map[string]int{} // their order, with "" for problems without a place
	for _, err := range problems {
		if path := place(err).path; files[path] == 0 {
			files[path] = len(files) + 1
		}
	}
	slices.SortStableFunc(problems, func(a, b error) int {
		x, y := place(a), place(b)
		return cmp.Or(cmp.Compare(files[x.path], files[y.path]), cmp.Compare(x.line, y.line), cmp.Compare(x.column, y.column))
	})
	return errors.Join(slices.CompactFunc(problems, func(a, b error) bool { return a.Error() == b.Error() })...) // an alias repeats mistakes
}

// flat returns errors, and those that errors.Join has joined, one by one.
func flat(problems []error) []error {
	var all []error
	for _, err := range problems {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = append(all, flat(joined.Unwrap())...)
		} else if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// maxProblems is how many mistakes of a file are listed. A column of a long list is
// often wrong in all rows.
const maxProblems = 100

// join returns the problems of a file as one error.
func join(problems []error) error {
	problems = flat([]error{sorted(problems...)})
	if more := len(problems) - maxProblems; more > 0 {
		problems = append(problems[:maxProblems:maxProblems], fmt.Errorf("there are %d more mistakes; correct these first", more))
	}
	return errors.Join(problems...)
}
