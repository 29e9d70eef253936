package elasticsearch

import (
	"fmt"
	"regexp"
	"time"

	"license_exporter/client/scalar"
)

// Info is the answer of info.
type Info struct {
	ClusterName scalar.Text `json:"cluster_name"`
	ClusterUUID scalar.Text `json:"cluster_uuid"`
	Version     struct {
		Number scalar.Text
		// BuildFlavor is serverless for a project of Elastic Cloud Serverless.
		BuildFlavor scalar.Word `json:"build_flavor"`
		// Distribution is opensearch for OpenSearch, and empty for Elasticsearch.
		Distribution scalar.Word
	}
}

// IsOpenSearch reports whether it is OpenSearch, which has no licenses.
func (i *Info) IsOpenSearch() bool { return i.Version.Distribution == "opensearch" }

// IsServerless reports whether Elastic runs the nodes, so that there is no health of a cluster.
func (i *Info) IsServerless() bool { return i.Version.BuildFlavor == "serverless" }

// version returns the parts of the version, 0 if they cannot be read.
func (i *Info) version() (major, minor int) {
	_, _ = fmt.Sscanf(string(i.Version.Number), "%d.%d", &major, &minor) // a version that is not known is taken for a new one
	return major, minor
}

// licenseAnswer is the answer of license.get.
type licenseAnswer struct{ License *License }

// License is the license of a cluster without the names of who issued it and to whom.
type License struct {
	UID scalar.Text
	// Type is missing, trial, basic, standard, dev, silver, gold, platinum or enterprise.
	Type scalar.Word
	// Status is active, valid, invalid (not begun) or expired.
	Status scalar.Word
	// StartMillis is -1 if the start is not known.
	StartMillis scalar.Int `json:"start_date_in_millis"`
	// ExpiryMillis and Expiry are when the license ends. A basic license has neither.
	ExpiryMillis scalar.Int `json:"expiry_date_in_millis"`
	Expiry       Expiry     `json:"expiry_date"`
	// MaxNodes and MaxResourceUnits are how many nodes or units of 64 GB of memory there may be. Each license
	// has one of them.
	MaxNodes         scalar.Int `json:"max_nodes"`
	MaxResourceUnits scalar.Int `json:"max_resource_units"`
}

// isLicense reports whether there is anything that only a license has.
func (l *License) isLicense() bool { return l.Type != "" || l.Status != "" }

// Expiry is when a license ends as text. It is zero if there is no end.
type Expiry struct{ scalar.Time }

// farYear matches dates after the year 9999, which is the end of a license that does not end. Some have a sign.
var farYear = regexp.MustCompile(`^"\+?\d{5,}-`)

// UnmarshalJSON reads any value. It never fails.
func (e *Expiry) UnmarshalJSON(b []byte) error {
	*e = Expiry{}
	if farYear.Match(b) {
		return nil
	}
	return e.Time.UnmarshalJSON(b)
}

// Start returns when the license begins. It is zero if that is not known.
func (l *License) Start() time.Time { return millis(l.StartMillis) }

// farMillis is the start of the year 9999. Elasticsearch uses the largest number of 64 bits less a year for a license
// that does not end, and some versions send it.
var farMillis = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// End returns when the license ends. It is zero if it does not end. unknown is set if it has an end that cannot be
// read.
func (l *License) End() (end time.Time, unknown bool) {
	switch n := l.ExpiryMillis; {
	case n.Valid && n.Value >= farMillis:
		return time.Time{}, false
	case n.Valid && n.Value > 0:
		return millis(n), false
	case !l.Expiry.IsZero():
		return l.Expiry.Time.Time, false
	}
	return time.Time{}, l.ExpiryMillis.Valid && l.Type != "basic" || l.ExpiryMillis.Unreadable || l.Expiry.Unreadable
}

func millis(n scalar.Int) time.Time {
	if n.Value <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(n.Value).UTC()
}

// Health is the answer of cluster.health, as far as it concerns licenses.
type Health struct {
	// NumberOfNodes counts all nodes of the cluster.
	NumberOfNodes scalar.Count `json:"number_of_nodes"`
}
