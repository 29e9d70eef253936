package web

import (
	"cmp"
	"slices"
	"time"

	"license_exporter/licensing"
	"license_exporter/status"
)

// lines returns the products and licenses, the most urgent first.
func (p *organizationPage) lines() []line {
	org := &p.detail.Organization
	lines := make([]line, 0, len(org.Licenses))
	for i := range org.Licenses {
		l := &org.Licenses[i]
		lines = append(lines, line{org, l})
		if l.Product == "" && l.Name != "" {
			p.names[l.LicenseID] = l.Name
		}
	}
	slices.SortFunc(lines, licenses.orders[0].Compare)
	return lines
}

// title returns the name of a product or license, or says that it is the organization.
func (p *organizationPage) title(l *status.License) string { return cmp.Or(l.Title(), p.whole) }

// name returns the first cell of the row of a product or license.
func (p *organizationPage) name(l *status.License) cell {
	c := words(p.title(l))
	for _, s := range []string{cmp.Or(l.ProductName, status.Plain(l.Product)), p.names[l.LicenseID], status.Plain(l.Product), status.Plain(l.LicenseID)} {
		if s = shorten(s, maxName); s != "" && !slices.ContainsFunc(c, func(shown piece) bool { return shown.Text == s }) {
			c = append(c, piece{Text: s, Class: classSmall})
		}
	}
	return c
}

// named is like name, for a product or license that may not be in the list of licenses.
func (p *organizationPage) named(key licensing.LicenseKey) cell {
	for i := range p.detail.Licenses { // without copies of them
		if l := &p.detail.Licenses[i]; l.LicenseKey == key {
			return p.name(l)
		}
	}
	return p.name(&status.License{LicenseKey: key, ProductName: p.detail.Products[key.Product].Name})
}

// owner returns the owner of a product or license, with a link to all that the owner has.
func (p *organizationPage) owner(l *status.License) cell {
	owner := cmp.Or(l.Owner, p.detail.Owner)
	if owner == "" {
		return nil
	}
	return cell{{Text: shorten(owner, maxName), Link: query{Owner: owner}.licensesLink()}}
}

// problems is the table of what needs action.
func (p *organizationPage) problems(lines []line) table {
	t := table{
		ID: "problems", Title: "What needs action", Caption: "Problems, the most urgent first, with the date of the end",
		Heads: []string{"Product or license", "Problem", "Date", "Owner", "What to do"},
	}
	type problem struct {
		line
		status.Problem
	}
	var all []problem
	action := false
	if severity := p.detail.Unreadable(); severity != 0 && !slices.ContainsFunc(lines, func(l line) bool { return l.LicenseKey == licensing.LicenseKey{} && l.License.Muted }) {
		whole := line{&p.detail.Organization, &status.License{}}
		all = append(all, problem{whole, status.Problem{Kind: status.Unreadable, Severity: severity}})
	}
	for _, l := range lines {
		for _, found := range l.Problems {
			all = append(all, problem{l, found})
		}
	}
	for _, found := range all {
		action = action || found.Severity >= status.Warning
	}
	slices.SortStableFunc(all, func(a, b problem) int { return a.Problem.Compare(b.Problem) })
	if waiting := func(c status.Collector) bool { return c.Waiting }; !action && !p.detail.Waiting && !slices.ContainsFunc(p.detail.Collectors, waiting) {
		p.Quiet = "Nothing needs action."
		if p.detail.ID == "" {
			p.Quiet = "Nothing needs action for the account as a whole. Each of its organizations has its own page."
		}
	}
	if !action && len(all) > 0 {
		t.Title, t.Caption = "Worth knowing", "Problems that need action later or not at all"
	}
	fill(&t, all, p.linkTo("licenses"), func(found problem) []cell {
		v := newProblemOf(found.License, found.Problem, p.detail.Now)
		problem, when := cell{}.badge(v.Words, v.Class), cell(nil)
		if found.Kind == status.Unreadable {
			if !p.detail.APIEnabled {
				v.Runbook = "docs/runbooks/LicenseAPIDisabled.md"
			}
			problem = append(problem.small(reason(&p.detail.Organization)), piece{Text: "How current the facts are", Link: "#freshness"})
		}
		if v.When != nil {
			when = cell{{Text: v.When.Date, Exact: v.When.Exact}}
		}
		return []cell{p.name(found.License), problem, when, p.owner(found.License), {{Text: "Runbook", Link: v.Runbook}}}
	})
	return t
}

// products is the table of the products and the organization as a whole. It leaves out those that only
// other tables have facts about.
func (p *organizationPage) products(lines []line) table {
	t := table{
		ID: "products", Title: "Products", Caption: "Products that have an end, a problem or a policy, the most urgent first",
		Heads: []string{"Product", "Problems", "End", "In use after the end", "Owner", "Policies"},
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool {
		return l.LicenseID != "" || !hasOwnFacts(l.License)
	})
	fill(&t, lines, p.linkTo("licenses"), func(l line) []cell {
		name := p.name(l.License)
		product := p.detail.Products[l.Product]
		name = name.small(joined(product.Manufacturer, product.Type, product.Class, product.FeatureTier))
		inUse := known(l.InUse)
		if l.InUse != nil && *l.InUse == 0 && (l.End.IsZero() || l.End.After(p.detail.Now)) {
			inUse = nil // nothing has ended
		}
		return []cell{name, p.problemsOf(l), p.end(l), inUse, p.owner(l.License), policies(l.License)}
	})
	return t
}

// licenses is the table of single licenses, such as subscriptions.
func (p *organizationPage) licenses(lines []line) table {
	t := table{
		ID: "licenses", Title: "Single licenses", Caption: "Subscriptions, agreements and licenses, the most urgent first",
		Heads: []string{"License", "State", "Problems", "End", "Order and device", "Owner", "Policies"},
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool {
		_, recorded := p.detail.Records[l.LicenseKey]
		return l.LicenseID == "" || !recorded && l.State == "" && !hasOwnFacts(l.License)
	})
	fill(&t, lines, p.linkTo("licenses"), func(l line) []cell {
		r := p.detail.Records[l.LicenseKey]
		var record cell
		for _, f := range []struct{ name, value string }{{"order", r.OrderID}, {"device", r.DeviceSerial}, {"network", r.NetworkID}} {
			if f.value != "" {
				record = record.small(f.name + " " + f.value)
			}
		}
		return []cell{p.name(l.License), words(l.State), p.problemsOf(l), p.end(l), record, p.owner(l.License), policies(l.License)}
	})
	return t
}

// hasOwnFacts reports whether problemsOf, end or policies show anything.
func hasOwnFacts(l *status.License) bool {
	return len(l.Problems) > 0 || l.Muted || !l.End.IsZero() || !l.Deadline.IsZero() || l.Renewal != "" || l.Minimum != nil
}

func (p *organizationPage) problemsOf(l line) cell {
	var c cell
	if l.License.Muted {
		c = c.badge("muted", classNotice)
	}
	for _, problem := range l.Problems {
		v := newProblemOf(l.License, problem, p.detail.Now)
		c = c.badge(v.Words, v.Class)
	}
	return c
}

// end returns when a product or license ends, and by when somebody has to act.
func (p *organizationPage) end(l line) cell {
	c := date(l.ShownEnd(), p.detail.Now)
	if l.EndByPolicy {
		c = c.small("by policy")
	}
	if !l.Act.IsZero() && l.End.After(p.detail.Now) {
		c = c.small("act by " + l.ActDate().Format(time.DateOnly))
	}
	if !l.Deadline.IsZero() {
		c = c.small("renewal deadline " + l.DeadlineDate().Format(time.DateOnly))
	}
	return c
}

// policies returns what the operator's policies say besides the owner and the end.
func policies(l *status.License) cell {
	var c cell
	if l.Renewal != "" {
		c = c.small(string(l.Renewal) + " renewal")
	}
	if notice := l.PolicyNotice(); notice != nil && !l.End.IsZero() {
		c = c.small("notice of " + lasting(*notice))
	}
	if l.Minimum != nil {
		c = c.small("at least " + quantity(*l.Minimum) + " free")
	}
	if l.Muted {
		c = c.small("muted")
	}
	return c
}

// lasting returns a duration in words.
func lasting(d time.Duration) string {
	switch {
	case d%licensing.Day == 0:
		return counted(int(d/licensing.Day), "day")
	case d%time.Hour == 0:
		return counted(int(d/time.Hour), "hour")
	}
	return d.String()
}
