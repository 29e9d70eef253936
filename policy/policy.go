// Package policy contains what the operator knows about licenses and the vendor does not
// say: who owns them, whether they renew by themselves, how early somebody has to act,
// and which of them alert nobody.
package policy

import (
	"cmp"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/licensing"
)

// Policy is what the operator says about all that it matches.
type Policy struct {
	Match Match `yaml:"match"`
	Rules `yaml:",inline"`

	// Place is where the policy is written, as file:line.
	Place string `yaml:"-"`
}

// Match selects organizations, products and licenses by globs: * matches any text and
// ? one character. An empty glob matches everything. What a subject does not have is
// empty, such as the product of an organization as a whole.
type Match struct {
	Vendor           string `yaml:"vendor"`
	Account          string `yaml:"account"`
	OrganizationID   string `yaml:"organization_id"`
	OrganizationName string `yaml:"organization_name"`
	Product          string `yaml:"product"`
	ProductName      string `yaml:"product_name"`
	LicenseID        string `yaml:"license_id"`
}

// Keys returns the keys that are set.
func (m Match) Keys() []string {
	var keys []string
	for i, text := range m.fields() {
		if text != "" {
			keys = append(keys, reflect.TypeFor[Match]().Field(i).Tag.Get("yaml"))
		}
	}
	return keys
}

// Rules are what a policy sets. The zero value of each field means that it is not set.
type Rules struct {
	// Owner is who gets the alerts.
	Owner   string  `yaml:"owner"`
	Renewal Renewal `yaml:"renewal"`
	// Notice is how long before the end somebody has to act.
	Notice *model.Duration `yaml:"notice"`
	// MinimumAvailableSeats is how many seats should be free.
	MinimumAvailableSeats *Count `yaml:"minimum_available_seats"`
	// End is when the license ends, if the vendor does not say it.
	End End `yaml:"end"`
	// Muted is set if no alert is wanted.
	Muted *Flag `yaml:"muted"`
}

// Empty reports whether nothing is set.
func (r Rules) Empty() bool { return r == Rules{} }

// Or returns the rules with those of o in place of what is not set.
func (r Rules) Or(o Rules) Rules {
	return Rules{
		Owner: cmp.Or(r.Owner, o.Owner), Renewal: cmp.Or(r.Renewal, o.Renewal), Notice: cmp.Or(r.Notice, o.Notice),
		MinimumAvailableSeats: cmp.Or(r.MinimumAvailableSeats, o.MinimumAvailableSeats), End: cmp.Or(r.End, o.End), Muted: cmp.Or(r.Muted, o.Muted),
	}
}

// IsMuted reports whether no alert is wanted.
func (r Rules) IsMuted() bool { return r.Muted != nil && bool(*r.Muted) }

// Renewal is how a license is renewed.
type Renewal string

// The values of Renewal.
const (
	Automatic Renewal = "automatic"
	Manual    Renewal = "manual"
)

// Expected describes the values, for "must be".
func (Renewal) Expected() string { return "automatic or manual" }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Renewal) UnmarshalText(text []byte) error {
	switch value := Renewal(strings.ToLower(string(text))); value {
	case Automatic, Manual:
		*r = value
		return nil
	}
	return errValue
}

// errValue is the error of a value that is not as Expected. It repeats nothing.
var errValue = errors.New("the value cannot be read")

// Count is a number that is not negative.
type Count float64

// Expected describes the values, for "must be".
func (Count) Expected() string { return "a number that is not negative" }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(n >= 0) || math.IsInf(n, 0) {
		return errValue
	}
	*c = Count(n + 0) // 0 for -0
	return nil
}

// End is when something ends. A date ends with that day in UTC.
type End struct{ time.Time }

// Expected describes the values, for "must be".
func (End) Expected() string {
	return "a date; write it like 2027-03-31, or with a time like 2027-03-31T12:00:00Z"
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *End) UnmarshalText(text []byte) error {
	if day, err := time.Parse(time.DateOnly, string(text)); err == nil {
		e.Time = day.Add(licensing.Day)
		return nil
	}
	moment, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return errValue
	}
	e.Time = moment.UTC()
	return nil
}

// Flag is true or false.
type Flag bool

// Expected describes the values, for "must be".
func (Flag) Expected() string { return "true or false" }

// UnmarshalText implements encoding.TextUnmarshaler. It knows the words of YAML and of
// spreadsheets.
func (f *Flag) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "true", "yes":
		*f = true
	case "false", "no":
		*f = false
	default:
		return errValue
	}
	return nil
}
