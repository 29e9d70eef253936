package status

import (
	"slices"
	"time"

	"license_exporter/licensing"
	"license_exporter/policy"
)

// judge finds the problems of the licenses of an organization.
type judge struct {
	now time.Time
	// until is the first time at which the judgement changes although the facts do not. It is
	// zero if it never does.
	until time.Time

	licenses []License
	index    map[licensing.LicenseKey]int
	warnings map[string]licensing.Warning
	renewals map[licensing.LicenseKey]time.Time // by the vendor
	// objected contains the products that are not compliant in the account as a whole.
	objected map[string]bool
	// productEnds is set if any product, or the organization as a whole, has an end.
	productEnds bool
}

// at reports whether a time has come.
func (j *judge) at(t time.Time) bool {
	if !t.After(j.now) {
		return true
	}
	j.until = licensing.Earlier(j.until, t)
	return false
}

func (j *judge) license(key licensing.LicenseKey) *License {
	if i, found := j.index[key]; found {
		return &j.licenses[i]
	}
	return nil
}

// all finds all problems.
func (j *judge) all() {
	deadlines, renewals := map[string]time.Time{}, map[string]time.Time{} // by product, the first of its licenses
	for i := range j.licenses {
		l := &j.licenses[i]
		j.productEnds = j.productEnds || l.LicenseID == "" && !l.End.IsZero()
		if l.Product == "" {
			continue
		}
		addFirst(deadlines, l.Product, l.Deadline)
		if l.LicenseID != "" && l.Renewal == policy.Automatic && j.renewals[l.LicenseKey].IsZero() {
			addFirst(renewals, l.Product, l.End)
		}
	}
	for key, when := range j.renewals {
		if key.LicenseID != "" && key.Product != "" {
			addFirst(renewals, key.Product, when)
		}
	}
	for i := range j.licenses {
		l := &j.licenses[i]
		deadline := l.Deadline
		if l.Product != "" && l.LicenseID == "" {
			deadline = deadlines[l.Product]
		}
		first := renewals[l.Product]
		l.Renews = l.Renewal == policy.Automatic || l.Renewal != policy.Manual &&
			(!j.renewals[l.LicenseKey].IsZero() || l.LicenseID == "" && !first.IsZero() && !l.End.Before(first.Add(-licensing.Day)))
		l.Act, l.EndCounts = j.act(l, deadline), j.endCounts(l)
		_ = l.End.IsZero() || j.at(l.End) // at the end, Organization.NextEnd changes
		if l.Muted {
			continue
		}
		j.expired(l)
		j.ending(l)
		j.verdict(l)
		for s := range l.Seats {
			j.seats(l, &l.Seats[s])
		}
	}
	j.grace()
	for i := range j.licenses {
		l := &j.licenses[i]
		slices.SortFunc(l.Problems, Problem.Compare)
		l.Kinds = KindsOf(l.Problems)
	}
}

func addFirst(times map[string]time.Time, key string, t time.Time) {
	if !t.IsZero() {
		times[key] = licensing.Earlier(times[key], t)
	}
}

// act returns when somebody has to act before the end of a license: at the notice or at the
// deadline, whichever comes first, or at the default notice if there is neither.
func (j *judge) act(l *License, deadline time.Time) time.Time {
	if l.End.IsZero() {
		return time.Time{}
	}
	notice := l.notice
	if notice == nil && l.LicenseID != "" {
		notice = j.warnings[l.LicenseID].Notice
	}
	switch {
	case notice == nil && deadline.IsZero():
		return l.End.Add(-licensing.DefaultNotice)
	case notice == nil:
		return deadline
	}
	act := l.End.Add(-*notice)
	if !deadline.IsZero() && deadline.Before(act) {
		return deadline
	}
	return act
}

// endCounts reports whether the end of a license is judged. The ends of products and organizations
// are. The ends of agreements and subscriptions are if their organization has no others, unless
// the vendor's settings switch that off.
func (j *judge) endCounts(l *License) bool {
	switch {
	case l.End.IsZero():
		return false
	case l.LicenseID == "":
		return true
	}
	return l.Product == "" && !j.productEnds && !j.warnings[l.LicenseID].Off
}

func (j *judge) expired(l *License) {
	renewing := l.Renews && !l.End.IsZero() && !j.at(l.End.Add(licensing.RenewalTime)) // the vendor may not show it yet
	if l.InUse != nil && *l.InUse > 0 {
		if renewing && j.at(l.End) {
			return
		}
		p := Problem{Kind: Expired, Severity: Critical, Number: l.InUse}
		if j.at(l.End) { // the end of the product may be that of other licenses
			p.When = l.End
		}
		l.add(p)
		return
	}
	if !l.EndCounts || !j.at(l.End) || renewing {
		return
	}
	p := Problem{Kind: Expired, When: l.End, Number: l.InUse}
	switch {
	case l.InUse != nil:
		if !j.at(l.End.Add(licensing.EndedUnused)) {
			p.Severity = Info
		}
	case !j.at(l.End.Add(licensing.EndedCritical)):
		p.Severity = Critical
	case !j.at(l.End.Add(licensing.EndedCritical + licensing.EndedWarning)):
		p.Severity = Warning
	}
	l.add(p)
}

// ending finds what ends soon, and what renews by itself soon.
func (j *judge) ending(l *License) {
	if !l.EndCounts || j.at(l.End) {
		return
	}
	noticed := j.at(l.Act)
	if l.Renews {
		if noticed {
			l.add(Problem{Kind: Renewing, Severity: Info, When: l.End})
		}
		return
	}
	critical := noticed && j.at(l.End.Add(-licensing.CriticalNotice))
	if own := j.warnings[l.LicenseID].Critical; l.LicenseID != "" && own != nil {
		critical = j.at(l.End.Add(-*own))
	}
	p := Problem{Kind: Expiring, When: l.End}
	switch {
	case critical:
		p.Severity = Critical
	case noticed:
		p.Severity = Warning
	case j.at(l.End.Add(-licensing.InfoNotice)):
		p.Severity = Info
	}
	l.add(p)
}

// verdict finds what the vendor says is not compliant. It leaves out the verdict on an organization
// whose cover has ended as a whole, since that end is the problem. It also leaves out the verdicts on
// a product that is not compliant in the account as a whole, since they are about the same
// shortage.
func (j *judge) verdict(l *License) {
	switch {
	case l.Compliant == nil || *l.Compliant:
	case l.Product != "":
		if !j.objected[l.Product] {
			l.add(Problem{Kind: NonCompliant, Severity: Warning})
		}
	case l.LicenseID != "" || l.End.IsZero() || !j.at(l.End):
		l.add(Problem{Kind: NonCompliant, Severity: Critical})
	}
}

// seats finds shortages that the vendor does not contradict, and seats of which few are free.
func (j *judge) seats(l *License, s *Seats) {
	missing := 0.0
	switch {
	case s.Available != nil:
		missing = -*s.Available
	case s.Required != nil && s.Limit != nil:
		missing = *s.Required - *s.Limit
	}
	l.Over = l.Over || missing > 0
	if missing > 0 && s.Kind != licensing.OveruseAllowed && !j.contradicted(l) {
		l.add(Problem{Kind: Short, Severity: Warning, Number: &missing, Unit: s.Unit})
	}
	if s.Available == nil || *s.Available < 0 || s.Kind == licensing.PerDevice {
		return
	}
	few := s.Limit != nil && *s.Limit > 0 && s.Kind != licensing.OveruseAllowed && *s.Available < licensing.MinimumSeats
	if l.Minimum != nil {
		few = *s.Available < *l.Minimum && (s.Limit == nil || *s.Limit != 0)
	}
	if few {
		l.add(Problem{Kind: FewSeats, Severity: Info, Number: s.Available, Unit: s.Unit})
	}
}

// contradicted reports whether the vendor says that the seats of a license suffice. The worse of the
// verdicts on the license itself and on its subscription counts. If there is neither, the verdict on
// the organization counts.
func (j *judge) contradicted(l *License) bool {
	said := false
	for _, key := range []licensing.LicenseKey{l.LicenseKey, {LicenseID: l.LicenseID}} {
		if v := j.license(key); v != nil && v.Compliant != nil {
			if !*v.Compliant {
				return false
			}
			said = true
		}
	}
	if whole := j.license(licensing.LicenseKey{}); !said && whole != nil && whole.Compliant != nil {
		return *whole.Compliant
	}
	return said
}

// grace finds the first end of grace of each subscription, and that of each product without one. If the vendor gives
// no verdicts, grace periods of what has ended and is not used are no problem.
func (j *judge) grace() {
	first := map[licensing.LicenseKey]*License{}
	judged := slices.ContainsFunc(j.licenses, func(l License) bool { return l.Compliant != nil })
	for i := range j.licenses {
		l := &j.licenses[i]
		if l.GraceEnd.IsZero() || l.Muted {
			continue
		}
		if p := j.license(licensing.LicenseKey{Product: l.Product}); !judged && p != nil && p.InUse != nil && *p.InUse == 0 {
			continue
		}
		about := l.LicenseKey
		if about.LicenseID != "" {
			about.Product = ""
		}
		if whole := j.license(about); whole != nil && whole.Muted {
			continue
		}
		if f := first[about]; f == nil || l.GraceEnd.Before(f.GraceEnd) {
			first[about] = l
		}
	}
	for _, l := range first {
		p := Problem{Kind: GraceEnding, Severity: Warning, When: l.GraceEnd}
		if j.at(l.GraceEnd.Add(-licensing.GraceCritical)) {
			p.Severity = Critical
		}
		l.add(p)
	}
}

// add adds a problem, if it has a severity.
func (l *License) add(p Problem) {
	if p.Severity != 0 {
		l.Problems = append(l.Problems, p)
	}
}
