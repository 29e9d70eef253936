package snow

import (
	"strings"

	"license_exporter/client/scalar"
)

// The types of the values in the vendor's records.
type (
	// Bool is a boolean.
	Bool = scalar.Bool
	// ID is an identifier. It is empty if there is none.
	ID = scalar.ID
	// Int is a whole number.
	Int = scalar.Int
	// Number is a decimal number.
	Number = scalar.Number
	// Opaque is the hash of an identifier that must not be known.
	Opaque = scalar.Opaque
	// Text is a text.
	Text = scalar.Text
	// Time is a date.
	Time = scalar.USTime
	// OrganizationID is the identifier of an organization. It is empty if there is none.
	OrganizationID = scalar.NodeID
)

// RootOrganization is the identifier of the root of the tenant's organizations.
const RootOrganization OrganizationID = scalar.ZeroGUID

// The statuses of a license, in the vendor's spelling.
const (
	StatusActive   = "Active"
	StatusArchived = "Archived"
)

// The types of words of which the vendor documents all. Its examples spell some of them in
// two ways, so they are read in upper or lower case. Unknown words are left as they are.
type (
	// Status is the status of a license.
	Status Text
	// AssignmentType is what licenses are assigned to: Organization, Computer, User
	// or Site.
	AssignmentType Text
	// CoverageReason is why a license covers another computer: Other, Passive, Disaster
	// or TestingOrDevelopment.
	CoverageReason Text
)

// UnmarshalJSON reads any value. It never fails.
func (s *Status) UnmarshalJSON(b []byte) error {
	return readWord((*Text)(s), b, StatusActive, StatusArchived)
}

// Bad implements scalar.Value.
func (s *Status) Bad() bool { return (*Text)(s).Bad() }

// UnmarshalJSON reads any value. It never fails.
func (a *AssignmentType) UnmarshalJSON(b []byte) error {
	return readWord((*Text)(a), b, "Organization", "Computer", "User", "Site")
}

// Bad implements scalar.Value.
func (a *AssignmentType) Bad() bool { return (*Text)(a).Bad() }

// UnmarshalJSON reads any value. It never fails.
func (r *CoverageReason) UnmarshalJSON(b []byte) error {
	return readWord((*Text)(r), b, "Other", "Passive", "Disaster", "TestingOrDevelopment")
}

// Bad implements scalar.Value.
func (r *CoverageReason) Bad() bool { return (*Text)(r).Bad() }

// readWord reads a text. If it is one of the known words in another case, it becomes that
// word.
func readWord(t *Text, b []byte, known ...string) error {
	_ = (*scalar.Word)(t).UnmarshalJSON(b)
	for _, word := range known {
		if strings.EqualFold(string(*t), word) {
			*t = Text(word)
		}
	}
	return nil
}

// identity returns the Identity of a record whose identifier need not be there.
func identity(id ID) (hash uint64, required bool) { return id.Hash(), false }

// identityOfAll returns the Identity of a record without an identifier, which is the
// same as another one if all their values are.
func identityOfAll[T comparable](record T) (hash uint64, required bool) {
	return scalar.HashOf(record), false
}
