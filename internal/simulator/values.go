package simulator

import (
	"encoding/json"
	"time"
)

// Optional is a field that the vendor may leave without a value: null then, or an empty string where Blank is set.
type Optional[T comparable] struct {
	Value T
	Blank bool
}

// Some is an Optional with a value.
func Some[T comparable](value T) Optional[T] { return Optional[T]{Value: value} }

// Content is the value, or nil if there is none.
func (o Optional[T]) Content() any {
	var none T
	if o.Value == none {
		return nil
	}
	return o.Value
}

// MarshalJSON writes the value, or the way in which there is none.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	var none T
	switch {
	case o.Blank:
		return []byte(`""`), nil
	case o.Value == none:
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// Midnight is the start of the day in UTC. All dates of an answer are relative to it, so that they stay the same for a day.
func Midnight(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// Moment is the time so many days and seconds after the start of today.
func Moment(today time.Time, days, seconds int) time.Time {
	return today.AddDate(0, 0, days).Add(time.Duration(seconds) * time.Second)
}
