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

	// OrganizationID is the identifier of an organization. It is empty if there is none.
	OrganizationID = scalar.NodeID
)

// RootOrganization is the identifier of the root of the tenant's organizations.
const RootOrganization OrganizationID = scalar.ZeroGUID
