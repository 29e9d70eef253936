package status

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"license_exporter/client/rest"
	"license_exporter/collector"
)

// Note describes what a report lacks although its fetch succeeded.
type Note struct {
	Collector string
	// Kind is NoteSkipped, NoteWithheld, NoteOff or NoteMuted.
	Kind string
	// What is missing, and Why.
	What, Why string
}

// The kinds of notes.
const (
	NoteSkipped  = "left out"
	NoteWithheld = "withheld" // by the vendor
	NoteOff      = "off"      // by the operator
	NoteMuted    = "muted"    // by the operator's policies
)

// String returns the note without the collector.
func (n Note) String() string {
	switch n.Kind {
	case NoteWithheld:
		return fmt.Sprintf("the vendor withholds %s: %s", n.What, n.Why)
	case NoteOff:
		return fmt.Sprintf("without %s: %s", n.What, n.Why)
	}
	return n.Why
}

// notes returns the notes on a report.
func notes(name string, r *collector.Report) []Note {
	if r == nil {
		return nil
	}
	withheld, skipped := r.Withheld(), r.SkippedRecords()
	if len(withheld)+len(skipped) == 0 {
		return nil
	}
	var all []Note
	for _, what := range slices.Sorted(maps.Keys(withheld)) {
		kind := NoteWithheld
		if errors.Is(withheld[what], collector.ErrOff) {
			kind = NoteOff
		}
		all = append(all, Note{name, kind, what, rest.Plain(withheld[what].Error())})
	}
	for _, operation := range slices.Sorted(maps.Keys(skipped)) {
		records := "records"
		if skipped[operation] == 1 {
			records = "record"
		}
		what := fmt.Sprintf("%d %s", skipped[operation], records)
		all = append(all, Note{name, NoteSkipped, what, what + " of " + operation + " could not be read"})
	}
	return all
}

// currentFailure is like failure. If there is none, it returns that of a request of the
// fetch in progress that has failed and is sent again, if any.
func currentFailure(name string, err, retrying error, r *collector.Report) *Failure {
	failed := failure(name, err, r)
	if failed == nil && retrying != nil {
		return &Failure{Collector: name, Reason: rest.ReasonOf(retrying), Message: rest.Plain(retrying.Error()) + "; it will be tried again"}
	}
	return failed
}

// maxChildren is the number of child objects that are named.
const maxChildren = 10

// failure returns the failure of a fetch, or of the child objects that it could not read.
// It returns nil if there is none.
func failure(name string, err error, r *collector.Report) *Failure {
	if err != nil {
		return &Failure{Collector: name, Reason: rest.ReasonOf(err), Message: rest.Plain(err.Error())}
	}
	if r == nil || len(r.Children()) == 0 {
		return nil
	}
	children := r.Children()
	var names []string
	kept := 0
	for i, c := range children {
		if i < maxChildren {
			names = append(names, c.Child)
		}
		if !c.Kept.IsZero() {
			kept++
		}
	}
	objects := strings.Join(names, ", ")
	if more := len(children) - len(names); more > 0 {
		objects += fmt.Sprintf(" and %d more", more)
	}
	if kept > 0 {
		objects += fmt.Sprintf(" (%d with their last good facts)", kept)
	}
	return &Failure{
		Collector: name, Reason: rest.ReasonOf(children[0].Err), Objects: rest.Plain(objects), Message: rest.Plain(children[0].Err.Error()),
	}
}

// String returns the failure without the collector.
func (f *Failure) String() string {
	text := f.Message
	if f.Objects != "" {
		text = "could not read " + f.Objects + ": " + text
	}
	if advice := f.Reason.Advice(); advice != "" {
		text += "; " + advice
	}
	return text
}
