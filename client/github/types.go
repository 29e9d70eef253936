package github

import (
	"strings"
	"time"

	"license_exporter/client/scalar"
)

// ConsumedLicenses are the seats of an enterprise.
type ConsumedLicenses struct {
	// Consumed is the number of users who need a seat.
	Consumed scalar.Count `json:"total_seats_consumed"`
	// Purchased is the number of seats that were bought.
	Purchased scalar.Count `json:"total_seats_purchased"`
}

// AdvancedSecurity are the committers of an enterprise for Advanced Security, or for one of
// its products. All may be missing.
type AdvancedSecurity struct {
	// Total is the number of committers who need a license.
	Total scalar.Count `json:"total_advanced_security_committers"`
	// Maximum is the number of committers if the product were enabled for all repositories.
	Maximum scalar.Count `json:"maximum_advanced_security_committers"`
	// Purchased is the number of licenses that were bought.
	Purchased scalar.Count `json:"purchased_advanced_security_committers"`
}

// CopilotSeats are the Copilot seats of an enterprise.
type CopilotSeats struct {
	Total scalar.Count `json:"total_seats"`
}

// CopilotBilling are the Copilot seats of an organization.
type CopilotBilling struct {
	Breakdown SeatBreakdown `json:"seat_breakdown"`
	// Plan is business or enterprise.
	Plan scalar.Word `json:"plan_type"`
}

// SeatBreakdown counts the Copilot seats of an organization. The numbers other than Total
// overlap.
type SeatBreakdown struct {
	// Total is the number of seats that are billed for the current billing cycle.
	Total scalar.Count `json:"total"`
	// Active and Inactive count the seats that were used, or not used, during the cycle.
	Active   scalar.Count `json:"active_this_cycle"`
	Inactive scalar.Count `json:"inactive_this_cycle"`
	// Added counts the seats that were added during the cycle.
	Added scalar.Count `json:"added_this_cycle"`
	// PendingCancellation counts the seats that end with the cycle.
	PendingCancellation scalar.Count `json:"pending_cancellation"`
	// PendingInvitation counts the users who have not accepted an invitation to the
	// organization.
	PendingInvitation scalar.Count `json:"pending_invitation"`
}

// Organization is an organization.
type Organization struct {
	Login scalar.Text `json:"login"`
	// Plan is what the organization has subscribed to. Only owners see it.
	Plan *Plan `json:"plan"`
}

// Plan is the plan of an organization.
type Plan struct {
	// Name is free, team or enterprise, or that of a plan that is no longer sold.
	Name scalar.Word `json:"name"`
	// Seats is how many were bought, and Filled how many are in use.
	Seats  scalar.Count `json:"seats"`
	Filled scalar.Count `json:"filled_seats"`
}

// License is the license of an Enterprise Server.
type License struct {
	Seats     Seats        `json:"seats"`
	Used      scalar.Count `json:"seats_used"`
	Available Seats        `json:"seats_available"`
	Kind      scalar.Word  `json:"kind"`
	ExpireAt  Time         `json:"expire_at"`
}

// Seats is a number of seats. It is absent if the license has no limit, which GitHub writes
// as "unlimited".
type Seats struct{ scalar.Int }

// UnmarshalJSON reads any value. It never fails.
func (s *Seats) UnmarshalJSON(b []byte) error {
	if text, ok := scalar.String(b); ok && strings.EqualFold(string(text), "unlimited") {
		*s = Seats{}
		return nil
	}
	return s.Int.UnmarshalJSON(b)
}

// Time is a time of an Enterprise Server, which is like 2016/02/06 12:41:52 -0600. It may
// also be in the formats of scalar.Time.
type Time struct{ scalar.Time }

const timeLayout = "2006/01/02 15:04:05 -0700"

// UnmarshalJSON reads any value. It never fails.
func (t *Time) UnmarshalJSON(b []byte) error {
	if text, ok := scalar.String(b); ok {
		if parsed, err := time.Parse(timeLayout, string(text)); err == nil {
			t.Time = scalar.Time{Time: parsed.UTC()}
			return nil
		}
	}
	return t.Time.UnmarshalJSON(b)
}
