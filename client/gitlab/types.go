package gitlab

import "license_exporter/client/scalar"

// License is the answer of getApiV4License without the licensee. Instances of before 2018 have neither
// an id nor a plan.
type License struct {
	ID   scalar.Int
	Plan scalar.Word
	// StartsAt and ExpiresAt are dates. GitLab counts the license as expired from the start of the day
	// ExpiresAt on. It is empty if the license does not expire.
	StartsAt  scalar.Time `json:"starts_at"`
	ExpiresAt scalar.Time `json:"expires_at"`
	Expired   scalar.Bool
	// UserLimit is 0 if the license limits no users.
	UserLimit scalar.Count `json:"user_limit"`
	// ActiveUsers is the number of billable users, which GitLab counts once a day.
	ActiveUsers scalar.Count `json:"active_users"`
	// Overage is how many billable users there are above the limit. Once the license has expired, it is
	// that of the maximum.
	Overage scalar.Int
	// MaximumUserCount is the maximum number of billable users since the license started. HistoricalMax
	// is the one that older versions have.
	MaximumUserCount scalar.Count `json:"maximum_user_count"`
	HistoricalMax    scalar.Count `json:"historical_max"`
	// AddOns is how many of each add-on were bought. Only old licenses have any.
	AddOns map[string]scalar.Int `json:"add_ons"`
}

// isLicense reports whether there is anything that only a license has.
func (l *License) isLicense() bool {
	dates := !l.StartsAt.IsZero() || l.StartsAt.Unreadable || !l.ExpiresAt.IsZero() || l.ExpiresAt.Unreadable
	return dates || l.Plan != "" || l.Expired.Valid || l.UserLimit.Valid
}

// Namespace is the answer of getApiV4NamespacesId, as far as it concerns the plan.
type Namespace struct {
	FullPath scalar.Text `json:"full_path"`
	ParentID scalar.Int  `json:"parent_id"`
	Plan     scalar.Word
	// EndDate is the last day of the subscription, and TrialEndsOn that of a trial.
	EndDate     scalar.Time `json:"end_date"`
	Trial       scalar.Bool
	TrialEndsOn scalar.Time `json:"trial_ends_on"`
	// BillableMembersCount is the number of members that need a seat now. SeatsInUse is that number as
	// it is billed. GitLab counts it several times a day.
	BillableMembersCount scalar.Count `json:"billable_members_count"`
	SeatsInUse           scalar.Count `json:"seats_in_use"`
	// MaxSeatsUsed is the maximum of SeatsInUse in the term of the subscription.
	MaxSeatsUsed scalar.Count `json:"max_seats_used"`
}

// IsFree reports whether nothing was bought. GitLab then still gives the dates of what has ended.
func (n *Namespace) IsFree() bool { return n.Plan == "free" || n.Plan == "default" }
