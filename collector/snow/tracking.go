package snow

import (
	"cmp"
	"context"
	"iter"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// trackingCollector reads what computers and users require of each application,
// and what licenses cover. It does not read the vendor's overview by license,
// which leaves out computers and users without a license.
type trackingCollector struct{ *tenant }

// trackedKey identifies the sums of tracks.
type trackedKey struct {
	metric  api.ID
	subject string
}

// tracked contains sums of tracks. The tracks themselves are not kept, because there
// is one for each computer and user.
type tracked struct {
	records, requirement, received int64
	// required and covered are set if the vendor reports the numbers. Version
	// 1.0.0 does not.
	required, covered bool
}

func (c trackingCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	applications, err := c.licensedApplications(ctx, c, r)
	if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	return c.children().Read(ctx, r, applications, collector.Reading[api.ID, map[trackedKey]*tracked]{
		What: "tracking of application", Limit: concurrency, Read: c.read,
		Fold: func(application api.ID, sums map[trackedKey]*tracked, _ bool) {
			for key, s := range sums {
				labels := []string{string(application), string(key.metric), key.subject}
				f.Sample(metricTracked, float64(s.records), labels...)
				f.Number(metricTrackingRequirement, api.Int{Value: s.requirement, Valid: s.required}, labels...)
				f.Number(metricTrackingReceived, api.Int{Value: s.received, Valid: s.covered}, labels...)
			}
		},
	})
}

// children returns the tracks of each application.
func (c trackingCollector) children() *collector.Children[api.ID, map[trackedKey]*tracked] {
	return collector.ChildrenOf[api.ID, map[trackedKey]*tracked](c.memory, "tracking")
}

// read sums up the tracks of an application. One of its two listings may be absent, but not
// after it had records.
func (c trackingCollector) read(ctx context.Context, application api.ID) (map[trackedKey]*tracked, error) {
	sums := map[trackedKey]*tracked{}
	last, _ := c.children().Last(application)
	var absent error
	for subject, tracks := range map[string]iter.Seq2[api.Track, error]{
		"computer": c.client.ComputerTracking(ctx, application), "user": c.client.UserTracking(ctx, application),
	} {
		err := sumTracks(sums, subject, tracks)
		if err != nil && (absent != nil || !collector.Absent(err) || hasSubject(last, subject)) {
			return nil, err
		}
		absent = cmp.Or(absent, err)
	}
	return sums, nil
}

func hasSubject(sums map[trackedKey]*tracked, subject string) bool {
	for key := range sums {
		if key.subject == subject {
			return true
		}
	}
	return false
}

func sumTracks(sums map[trackedKey]*tracked, subject string, tracks iter.Seq2[api.Track, error]) error {
	for t, err := range tracks {
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

// add adds a track. Tracks of users have only an initial requirement.
func (s *tracked) add(t api.Track) {
	requirement := t.Requirement
	if !requirement.Valid && !requirement.Unreadable {
		requirement = t.InitialRequirement
	}
	s.records++
	s.requirement += requirement.Value
	s.received += t.ReceivedCoverage.Value
	s.required = s.required || requirement.Valid
	s.covered = s.covered || t.ReceivedCoverage.Valid
}
