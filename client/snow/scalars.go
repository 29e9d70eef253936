package snow

import "license_exporter/client/scalar"

// The types of the values in the vendor's records.
type (
	Bool   = scalar.Bool
	ID     = scalar.ID
	Int    = scalar.Int
	Number = scalar.Number
	Opaque = scalar.Opaque
	Text   = scalar.Text
	Time   = scalar.USTime
)
