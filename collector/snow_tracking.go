package collector

import (
	"context"
	"iter"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowTracking reads what computers and users need of each application, and
// what licenses give them. The overview by license is not read: it has no word
// of those that no license covers.
type snowTracking struct{ snowTenant }

// trackedKey tells what tracks are summed up by.
type trackedKey struct {
	metric  snow.ID
	subject string
}

// tracked are the sums. There are as many records as computers and users, so
// that these are all that is kept of them.
type tracked struct {
	records, requirement, received int64
	required, covered              bool // the vendor says so; 1.0.0 does not
	unreadable                     int
}

func (c snowTracking) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	applications, err := licensedApplications(ctx, c.client)
	if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	return fanOut(ctx, applications, c.read, func(application snow.ID, sums map[trackedKey]*tracked) {
		for key, s := range sums {
			labels := []string{string(application), string(key.metric), key.subject}
			f.Sample(metricSnowTracked, float64(s.records), labels...)
			f.whole(metricSnowTrackingRequirement, snow.Int{Value: s.requirement, Valid: s.required}, labels...)
			f.whole(metricSnowTrackingReceived, snow.Int{Value: s.received, Valid: s.covered}, labels...)
			for range s.unreadable {
				r.ParseError(fieldTracking)
			}
		}
	})
}

func (c snowTracking) read(ctx context.Context, application snow.ID) (map[trackedKey]*tracked, error) {
	sums := map[trackedKey]*tracked{}
	computers := sumTracks(sums, "computer", c.client.ComputerTracking(ctx, application))
	if computers != nil && !unheardOf(computers) {
		return nil, computers
	}
	users := sumTracks(sums, "user", c.client.UserTracking(ctx, application))
	if users != nil && (computers != nil || !unheardOf(users)) {
		return nil, users
	}
	return sums, nil
}

func sumTracks(sums map[trackedKey]*tracked, subject string, tracks iter.Seq2[snow.Track, error]) error {
	for t, err := range snow.Distinct(tracks, func(t snow.Track) snow.ID { return t.ID }) {
		if err != nil {
			return err
		}
		key := trackedKey{t.MetricID, subject}
		if sums[key] == nil {
			sums[key] = &tracked{}
		}
		sums[key].add(t)
	}
	return nil
}

// add counts a track. The requirement of a user is the initial one: there is no
// other.
func (s *tracked) add(t snow.Track) {
	requirement := t.Requirement
	if !requirement.Valid && !requirement.Unreadable {
		requirement = t.InitialRequirement
	}
	s.records++
	s.requirement += requirement.Value
	s.received += t.ReceivedCoverage.Value
	s.required = s.required || requirement.Valid
	s.covered = s.covered || t.ReceivedCoverage.Valid
	if requirement.Unreadable || t.ReceivedCoverage.Unreadable {
		s.unreadable++
	}
}
