package scalar

import (
	"math"
	"regexp"
	"strconv"
)

// decimal matches numbers in strings. They have a decimal point and no groups of digits:
// "1,000" and "1.000" may both be one thousand or one.
var decimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

// Number is a decimal number, such as an amount of money: a JSON number, or a string.
type Number optional[float64]

// UnmarshalJSON reads any value. It never fails.
func (n *Number) UnmarshalJSON(b []byte) error {
	text, ok := String(b)
	if ok && len(text) == 0 {
		*n = Number{}
		return nil
	}
	*n = Number{Unreadable: true}
	if ok && (b[0] == '-' || '0' <= b[0] && b[0] <= '9') || decimal.Match(text) { // a number in JSON is always valid
		if value, err := strconv.ParseFloat(string(text), 64); err == nil {
			*n = Number{Value: value, Valid: true}
		}
	}
	return nil
}

// Bad implements Value.
func (n *Number) Bad() bool { return n.Unreadable }

// Pointer returns the number, or nil if it is absent.
func (n Number) Pointer() *float64 {
	if !n.Valid {
		return nil
	}
	return &n.Value
}

// Int is a whole number: a JSON number, or a string.
type Int optional[int64]

// maxExact is the largest number below which a float64 represents every whole number.
const maxExact = 1 << 53

// UnmarshalJSON reads any value. It never fails.
func (i *Int) UnmarshalJSON(b []byte) error {
	if text, ok := String(b); ok && len(text) > 0 {
		if value, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			*i = Int{Value: value, Valid: true}
			return nil
		}
	}
	var n Number
	_ = n.UnmarshalJSON(b)
	switch {
	case n.Valid && n.Value == math.Trunc(n.Value) && math.Abs(n.Value) <= maxExact: // 1.0
		*i = Int{Value: int64(n.Value), Valid: true}
	default:
		*i = Int{Unreadable: n.Valid || n.Unreadable}
	}
	return nil
}

// Bad implements Value.
func (i *Int) Bad() bool { return i.Unreadable }

// Count is an Int that counts something. A negative number cannot be one, and is unreadable.
type Count struct{ Int }

// UnmarshalJSON reads any value. It never fails.
func (c *Count) UnmarshalJSON(b []byte) error {
	_ = c.Int.UnmarshalJSON(b) // it never fails
	if c.Value < 0 {
		c.Int = Int{Unreadable: true}
	}
	return nil
}

// Pointer returns the number, or nil if it is absent.
func (i Int) Pointer() *float64 { return Number{Value: float64(i.Value), Valid: i.Valid}.Pointer() }
