package snow

import "license_exporter/internal/simulator"

// people is how many users there are, and computers, datacenters and virtual machines each.
const people = 5000

// Bits of useRights.
const (
	standardRight      = 1 << 0
	upgradeRight       = 1 << 1
	downgradeRight     = 1 << 2
	crossEditionRight  = 1 << 3
	namedComputer      = 1 << 13
	namedUser          = 1 << 16
	siteRight          = 1 << 17
	crossPlatformRight = 1 << 18
)

var useRightNames = []string{
	0: "Standard", 1: "UpgradeRights", 2: "DowngradeRights", 3: "CrossEdition", 13: "NamedComputer", 16: "NamedUser", 17: "Site",
	18: "CrossPlatform",
}

var (
	rightOf       = [...]int{toOrganizations: standardRight, toComputers: namedComputer, toUsers: namedUser, toSite: siteRight}
	transferRight = [...]int{
		downgrading: downgradeRight, upgrading: upgradeRight, crossEdition: crossEditionRight, crossPlatform: crossPlatformRight,
	}
)

func useRights(bits int) flags { return flags{bits, useRightNames} }

// trackSubject is what a metric counts.
type trackSubject int

const (
	nothing trackSubject = iota
	onComputers
	byUsers
)

func (m metric) subject() trackSubject {
	switch m {
	case installations, cores:
		return onComputers
	case users:
		return byUsers
	case noMetric, tradingDesks:
	}
	return nothing
}

// personOf is the number of the n-th user or computer of an application. Applications share them.
func personOf(application, n int) int { return (application*17+n)%people + 1 }

func computerGUID(number int) string { return guid(guidPerson, number, partComputer) }
func userGUID(number int) string     { return guid(guidPerson, number, partUser) }

// uncovered stands for no license.
const uncovered = -1

// track is what one computer or user needs of an application by a metric, and gets of a license.
type track struct {
	n                     int // in the application and metric
	license, organization int
	requirement, received int
	primary               int // bits of useRights
}

// trackPlace is a track with its application and metric.
type trackPlace struct {
	application int
	metric      metric
	track
}

// tracks meets the requirement from one source after the other. What is not met is of no license.
func (f *figures) tracks() []track {
	var tracks []track
	step, left := f.metric.step(), f.requirement
	add := func(t track) {
		t.n = len(tracks) + 1
		tracks = append(tracks, t)
		left -= t.requirement
	}
	for _, s := range f.sources {
		for rest := s.quantity; rest > 0 && left > 0; {
			n := min(step, rest, left)
			rest -= n
			add(track{license: s.license, organization: s.organization, requirement: n, received: n, primary: s.primary})
		}
	}
	if last := len(tracks) - 1; last >= 0 && step > 1 && left > 0 { // one that gets less than it needs
		n := min(left, step/2)
		tracks[last].requirement += n
		left -= n
	}
	for left > 0 {
		add(track{license: uncovered, organization: rootOrganization, requirement: min(step, left), primary: standardRight})
	}
	return tracks
}

// placeTracks finds what all computers or users need.
func (b *book) placeTracks(subject trackSubject) []trackPlace {
	var places []trackPlace
	for index := range b.applications {
		places = append(places, b.tracksOf(index, subject)...)
	}
	return places
}

func (b *book) tracksOf(index int, subject trackSubject) []trackPlace {
	var places []trackPlace
	for _, f := range b.figures(index) {
		if f.metric.subject() != subject {
			continue
		}
		for _, t := range f.tracks() {
			places = append(places, trackPlace{index, f.metric, t})
		}
	}
	return places
}

// person is the number of the track's computer or user.
func (p trackPlace) person() int { return personOf(p.application, p.n) }

func (p trackPlace) licenseID() string {
	if p.license == uncovered {
		return noGUID
	}
	return licenseGUID(p.license)
}

// guid is the id of the track. It is made of application, metric and number.
func (p trackPlace) guid() string {
	return guid(guidTracking, (p.application+1)<<24|p.n, int(p.metric))
}

// trackItem is a track in the list: in version 1.0.0 no more than whose it is.
type trackItem struct {
	ID                 string `json:"id" since:"1.7"`
	MetricID           string `json:"metricId" since:"1.7"`
	ApplicationID      string `json:"applicationId"`
	ComputerID         string `json:"computerId,omitempty"`
	UserID             string `json:"userId,omitempty"`
	LicenseID          string `json:"licenseId"`
	OrganizationID     string `json:"organizationId"`
	CoverageTrait      int    `json:"coverageTrait" since:"1.7"`
	InitialRequirement int    `json:"initialRequirement" since:"1.7"`
	Requirement        int    `json:"requirement,omitempty" since:"1.7"` // of computers alone
	ReceivedCoverage   int    `json:"receivedCoverage" since:"1.7"`
	PrimaryUseRights   flags  `json:"primaryUseRights" since:"1.7"`
	FullUseRights      flags  `json:"fullUseRights" since:"1.7"`
	Links              links  `json:"_links"`
}

func (p trackPlace) item() trackItem {
	item := trackItem{
		ID: p.guid(), MetricID: p.metric.id(), ApplicationID: applicationGUID(p.application + 1),
		LicenseID: p.licenseID(), OrganizationID: organizationGUID(p.organization), CoverageTrait: 1,
		InitialRequirement: p.requirement, ReceivedCoverage: p.received,
		PrimaryUseRights: useRights(p.primary), FullUseRights: useRights(p.primary | standardRight), Links: links{},
	}
	path := "/api/sam/v1/licenses/tracking/" + item.ApplicationID
	if p.metric.subject() == onComputers {
		item.ComputerID, item.Requirement = computerGUID(p.person()), p.requirement
		item.Links = selfLink(path + "/computers/" + item.ComputerID)
	} else {
		item.UserID = userGUID(p.person())
		item.Links = selfLink(path + "/users/" + item.UserID)
	}
	return item
}

// listTracking is what an application's computers or users need.
func listTracking(subject trackSubject) func(*call) simulator.Answer {
	return func(c *call) simulator.Answer {
		index, _, ok := c.application("applicationId")
		if !ok {
			return c.missing("applicationId")
		}
		tracks := c.book.tracksOf(index, subject)
		return turnPage(c, uncounted, list[trackItem]{len(tracks), func(i int) trackItem { return tracks[i].item() }})
	}
}
