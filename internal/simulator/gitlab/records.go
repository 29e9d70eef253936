package gitlab

import (
	"strconv"
	"time"

	"license_exporter/internal/simulator"
)

// License is a license of an instance. Days are counted from today.
type License struct {
	ID               int
	Plan             string
	StartDay, EndDay int
	// Endless is set if the license does not expire.
	Endless                   bool
	Limit, Active, Historical int
	AddOns                    map[string]int
	// Old is set for an instance of before 2018, whose answer has fewer members.
	Old bool
}

// record returns the answer of the API.
func (l *License) record(today time.Time) simulator.Object {
	expired := !l.Endless && l.EndDay <= 0
	users := l.Active
	if expired {
		users = max(l.Historical, l.Active)
	}
	overage := 0
	if l.Limit > 0 {
		overage = max(0, users-l.Limit)
	}
	record := simulator.Object{
		"starts_at":    date(today, l.StartDay),
		"expires_at":   simulator.When(!l.Endless, date(today, l.EndDay)),
		"licensee":     simulator.Object{"Name": simulator.FakeKeyMarker + " Licensee", "Email": simulator.FakeKeyMarker + "@example.com", "Company": simulator.FakeKeyMarker + " Company"},
		"user_limit":   l.Limit,
		"active_users": l.Active,
		"add_ons":      l.AddOns,
	}
	if l.AddOns == nil {
		record["add_ons"] = simulator.Object{}
	}
	if !l.Old {
		record["id"] = l.ID
		record["plan"] = l.Plan
		record["created_at"] = simulator.Moment(today, l.StartDay, 34_000).Format("2006-01-02T15:04:05.000Z")
		record["expired"] = expired
		record["overage"] = overage
		record["historical_max"] = l.Historical
		record["maximum_user_count"] = max(l.Historical, l.Active)
	}
	return record
}

// Namespace is a top-level group of GitLab.com, or a subgroup if Parent is set.
type Namespace struct {
	ID     int
	Path   string
	Parent int
	// Owner is set if the user of the token is an Owner of the group.
	Owner bool
	Plan  string
	// Paid is set if there is a subscription, a trial included, whose last day is EndDay, counted from today.
	Paid, Trial   bool
	EndDay        int
	Members, Most int
}

func (n *Namespace) id() string { return strconv.Itoa(n.ID) }

// record returns the answer of the API.
func (n *Namespace) record(today time.Time) simulator.Object {
	record := simulator.Object{
		"id": n.ID, "name": n.Path, "path": n.Path, "kind": "group", "full_path": n.Path,
		"parent_id": simulator.When(n.Parent != 0, n.Parent), "avatar_url": nil,
		"web_url": "https://gitlab.example.com/groups/" + n.Path, "billable_members_count": simulator.When(n.Owner, n.Members),
	}
	if n.Paid {
		record["seats_in_use"] = simulator.When(n.Owner, n.Members)
		record["max_seats_used"] = simulator.When(n.Owner, n.Most)
		record["max_seats_used_changed_at"] = simulator.When(n.Owner, simulator.Moment(today, -40, 3600).Format(time.RFC3339))
		record["end_date"] = simulator.When(n.Owner, date(today, n.EndDay))
	}
	if n.Owner {
		record["members_count_with_descendants"] = n.Members + 3
		record["root_repository_size"] = 104_857_600
		record["projects_count"] = 12
		record["plan"] = n.Plan
		record["trial"] = n.Trial
		record["trial_ends_on"] = simulator.When(n.Trial, date(today, n.EndDay))
	}
	return record
}

func date(today time.Time, days int) string {
	return simulator.Moment(today, days, 0).Format(dateLayout)
}
