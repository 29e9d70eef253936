package elasticsearch

import (
	"time"

	"license_exporter/internal/simulator"
)

// License is a license of a cluster. Days are counted from today.
type License struct {
	UID, Type        string
	StartDay, EndDay int
	// MaxNodes and MaxResourceUnits are absent if they are 0.
	MaxNodes, MaxResourceUnits int
}

func (l *License) ended() bool { return l.Type != "basic" && l.EndDay <= 0 }

func (l *License) status() string {
	switch {
	case l.StartDay > 0:
		return "invalid"
	case l.ended():
		return "expired"
	}
	return "active"
}

// record returns the license as the API does. hide is set if the client has to take enterprise for platinum.
func (l *License) record(today time.Time, hide bool) simulator.Object {
	start := simulator.Moment(today, l.StartDay, 0)
	record := simulator.Object{
		"status": l.status(), "uid": l.UID, "type": l.Type, "issue_date": date(start), "issue_date_in_millis": start.UnixMilli(),
		"max_nodes": simulator.When(l.MaxNodes > 0, l.MaxNodes), "max_resource_units": simulator.When(l.MaxResourceUnits > 0, l.MaxResourceUnits),
		"issued_to": simulator.FakeKeyMarker + " Company", "issuer": simulator.FakeKeyMarker + " Person", "start_date_in_millis": start.UnixMilli(),
	}
	if l.Type != "basic" {
		end := simulator.Moment(today, l.EndDay, 0).Add(-time.Millisecond)
		record["expiry_date"], record["expiry_date_in_millis"] = date(end), end.UnixMilli()
	}
	if l.Type == "basic" || l.Type == "trial" { // which the cluster gives itself
		record["start_date_in_millis"] = -1
	}
	if hide && l.Type == "enterprise" {
		record["type"], record["max_nodes"] = "platinum", l.MaxResourceUnits
		delete(record, "max_resource_units")
	}
	return record
}

func date(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }
