package rest

// Advice says what to do about failures for a reason. It is empty if that depends on the case.
func (r Reason) Advice() string {
	switch r {
	case ReasonAuth:
		return "check the credential of the account: it may be missing, wrong, expired or revoked"
	case ReasonForbidden:
		return "give the credential the permission for this, or switch the collector off"
	default:
		return ""
	}
}
