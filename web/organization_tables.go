package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"license_exporter/licensing"
	"license_exporter/status"
)

// maxComponents is the maximum number of costs in a row.
const maxComponents = 12

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

// named is like name, for what need not be in the list of licenses.
func (p *organizationPage) named(key licensing.LicenseKey) cell {
	all := p.detail.Licenses
	if i := slices.IndexFunc(all, func(l status.License) bool { return l.LicenseKey == key }); i >= 0 {
		return p.name(&all[i])
	}
	return p.name(&status.License{LicenseKey: key, ProductName: p.detail.Products[key.Product].Name})
}

// owner returns the owner of a product or license, with a link to all that is theirs.
func (p *organizationPage) owner(l *status.License) cell {
	owner := cmp.Or(l.Owner, p.detail.Owner)
	if owner == "" {
		return nil
	}
	q := query{Owner: owner}
	return cell{{Text: shorten(owner, maxName), Link: "licenses" + q.link("")}}
}

// problems is the table of what needs action.
func (p *organizationPage) problems(lines []line) table {
	t := table{
		ID: "problems", Title: "What needs action", Caption: "Problems, the worst first, with the date when something ends",
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
	if !action {
		p.Quiet = "Nothing needs action."
	}
	if !action && len(all) > 0 {
		t.Title, t.Caption = "Worth knowing", "What comes later, and what needs no action"
	}
	fill(&t, all, "licenses"+p.filter(""), func(found problem) []cell {
		v := newProblemOf(found.License, found.Problem, p.detail.Now)
		problem, when := cell{}.badge(v.Words, v.Class), cell(nil)
		if found.Kind == status.Unreadable {
			problem = append(problem.small(reason(&p.detail.Organization)), piece{Text: "How current the facts are", Link: "#freshness"})
		}
		if v.When != nil {
			when = cell{{Text: v.When.Date, Exact: v.When.Exact}}
		}
		return []cell{p.name(found.License), problem, when, p.owner(found.License), {{Text: "Runbook", Link: v.Runbook}}}
	})
	return t
}

// freshness is the table of the collectors.
func (p *organizationPage) freshness() table {
	t := table{
		ID: "freshness", Title: "How current the facts are", Caption: "Collectors that report about it, and when they last succeeded",
		Heads: []string{"Collector", "Reads", "Last success", "State"},
	}
	fill(&t, p.detail.Collectors, "", func(c status.Collector) []cell {
		reads := "this organization"
		if c.Whole {
			reads = "the account as a whole"
		}
		var success cell
		if at := ago(c.Oldest, p.detail.Now); at != nil {
			success = cell{{Text: at.Words, Exact: at.Exact}}
		}
		return []cell{words(c.Name), words(reads), success, collectorState(&c)}
	})
	return t
}

// collectorState shows the failure and the notes of a collector.
func collectorState(c *status.Collector) cell {
	var s cell
	switch {
	case len(c.Failures) > 0:
		f := &c.Failures[0]
		if f.Objects == "" {
			s = s.badge("failing", classCritical)
		} else {
			s = s.badge("failing in part", classCritical).small("Could not read " + f.Objects + ".")
		}
		s = s.small(f.Message)
		if advice := f.Reason.Advice(); advice != "" {
			s = s.small("To do: " + advice + ".")
		}
	case c.Waiting:
		s = s.badge("waiting", classNotice).small("No fetch has ended yet.")
	case c.NotApplicable:
		s = words("does not apply")
	default:
		s = s.badge("current", classOK)
	}
	for _, n := range c.Notes {
		s = s.small(n.Kind + ": " + n.String())
	}
	return s
}

// products is the table of the products and the organization as a whole, as far as there is more to
// say than in other tables.
func (p *organizationPage) products(lines []line) table {
	t := table{
		ID: "products", Title: "Products", Caption: "Products that end or need action, or that a policy is for, the most urgent first",
		Heads: []string{"Product", "Problems", "End", "In use after the end", "Owner", "Policies"},
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool {
		return l.LicenseID != "" || len(p.problemsOf(l))+len(p.end(l))+len(policies(l.License)) == 0
	})
	fill(&t, lines, "licenses"+p.filter(""), func(l line) []cell {
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
		return l.LicenseID == "" || !recorded && l.State == "" && len(p.problemsOf(l))+len(p.end(l))+len(policies(l.License)) == 0
	})
	fill(&t, lines, "licenses"+p.filter(""), func(l line) []cell {
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

// end returns when a product or license ends, and until when to act.
func (p *organizationPage) end(l line) cell {
	c := date(endShown(l.License), p.detail.Now)
	if l.EndByPolicy {
		c = c.small("by a policy")
	}
	if !l.Act.IsZero() && l.End.After(p.detail.Now) {
		c = c.small("act by " + l.ActDate().Format(time.DateOnly))
	}
	if !l.Deadline.IsZero() {
		c = c.small("renew or cancel by " + l.Deadline.UTC().Format(time.DateOnly))
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

// counts is the table of the numbers of licenses.
func (p *organizationPage) counts() table {
	t := table{
		ID: "counts", Title: "Licenses by state", Caption: "Numbers of licenses by product and the vendor's state, and of those in force that end",
		Heads: []string{"Product", "Licenses"},
	}
	for _, days := range licensing.Horizons {
		t.Heads = append(t.Heads, fmt.Sprintf("End within %d days", days))
	}
	t.Heads = append(t.Heads, "Without end")
	fill(&t, p.detail.Counts, p.probe(), func(c status.Count) []cell {
		row := []cell{named(c.ProductName, c.Product), nil}
		for _, s := range c.States {
			text := integer(s.Licenses) + " " + cmp.Or(s.Name, "without a state")
			switch s.Assigned {
			case licensing.Assigned:
				text += ", assigned"
			case licensing.Unassigned:
				text += ", not assigned"
			}
			row[1] = append(row[1], piece{Text: shorten(text, maxName), Class: classLine})
		}
		for _, n := range append(slices.Clone(c.Expiring[:]), c.WithoutEnd) {
			if c.Dated {
				row = append(row, words(integer(n)))
			} else {
				row = append(row, nil)
			}
		}
		return row
	})
	return t
}

// named returns a cell with a name and an id.
func named(name, id string) cell {
	c := words(cmp.Or(name, id))
	if name != "" && id != name && id != "" {
		c = append(c, piece{Text: shorten(id, maxName), Class: classSmall})
	}
	return c
}

// seats is the table of the seats by unit.
func (p *organizationPage) seats(lines []line) table {
	t := table{
		ID: "seats", Title: "Seats", Caption: "Seats by product or license and unit, the most urgent first",
		Heads: []string{"Product or license", "Unit", "Bought", "In use", "Free", "Needed"},
	}
	type seats struct {
		line
		status.Seats
	}
	var all []seats
	for _, l := range lines {
		for _, s := range l.License.Seats {
			all = append(all, seats{l, s})
		}
	}
	fill(&t, all, "licenses"+p.filter(""), func(s seats) []cell {
		unit := words(cmp.Or(s.UnitName, status.Plain(s.Unit)))
		switch s.Kind {
		case licensing.PerDevice:
			unit = unit.small("each license is for one device")
		case licensing.OveruseAllowed:
			unit = unit.small("more may be used than were bought")
		}
		return []cell{p.name(s.License), unit, known(s.Limit), known(s.Assigned), known(s.Available), known(s.Required)}
	})
	return t
}

// compliance is the table of the vendor's verdicts, what is missing, and grace.
func (p *organizationPage) compliance(lines []line) table {
	t := table{
		ID: "compliance", Title: "Compliance", Caption: "What the vendor objects to, and what it finds compliant",
		Heads: []string{"Product or license", "Verdict", "Missing seats", "End of grace"},
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool {
		return l.License.Compliant == nil && len(l.Missing) == 0 && l.GraceEnd.IsZero()
	})
	slices.SortStableFunc(lines, func(a, b line) int { return compareBools(!objected(a), !objected(b)) })
	fill(&t, lines, "licenses"+p.filter(""), func(l line) []cell {
		row := []cell{p.name(l.License), nil, nil, date(l.GraceEnd, p.detail.Now)}
		if v := l.License.Compliant; v != nil {
			row[1] = verdictCell(*v, l.License.Muted, severityOf(status.NonCompliant, l))
		}
		for _, m := range l.Missing {
			row[2] = append(row[2], piece{Text: shorten(joined(quantity(m.Seats)+" "+m.UnitName, m.SKU), maxName), Class: classLine})
		}
		return row
	})
	return t
}

func objected(l line) bool {
	return l.License.Compliant != nil && !*l.License.Compliant || len(l.Missing) > 0 || !l.GraceEnd.IsZero()
}

// verdictCell shows the vendor's verdict. severity is that of the problem that it is, if it is one.
func verdictCell(compliant, muted bool, severity status.Severity) cell {
	switch {
	case compliant:
		return cell{}.badge("compliant", classOK)
	case muted:
		return cell{}.badge("not compliant", classNotice).small("muted")
	case severity == 0:
		return cell{}.badge("not compliant", classNotice).small("because of another problem, of the account as a whole or of all licenses")
	}
	return cell{}.badge("not compliant", severityClass(severity))
}

// severityOf returns the severity of the worst problem of a kind.
func severityOf(k status.Kind, lines ...line) status.Severity {
	worst := status.Severity(0)
	for _, l := range lines {
		for _, found := range l.Problems {
			if found.Kind == k {
				worst = max(worst, found.Severity)
			}
		}
	}
	return worst
}

// statuses is the table of the vendor's statuses of licenses.
func (p *organizationPage) statuses() table {
	t := table{ID: "statuses", Title: "Statuses", Caption: "The vendor's statuses of licenses", Heads: []string{"License", "Status"}}
	fill(&t, p.detail.Statuses, p.probe(), func(s status.LicenseStatus) []cell {
		return []cell{p.named(licensing.LicenseKey{LicenseID: s.LicenseID}), words(s.Status)}
	})
	return t
}

// deadlines is the table of the renewal deadlines.
func (p *organizationPage) deadlines() table {
	t := table{
		ID: "deadlines", Title: "Renewal deadlines", Caption: "Until when something must be renewed or canceled, the first one first",
		Heads: []string{"Product or license", "Deadline"},
	}
	fill(&t, p.detail.Deadlines, p.probe(), func(d status.Deadline) []cell {
		return []cell{p.named(d.LicenseKey), date(d.When, p.detail.Now)}
	})
	return t
}

// costs is the table of the costs by product, and of their sums.
func (p *organizationPage) costs(lines []line) table {
	t := table{ID: "costs", Title: "Costs", Heads: []string{"Product", "Costs"}}
	var sums []status.Cost
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return len(l.Costs) == 0 })
	for _, l := range lines {
		for _, c := range l.Costs {
			sums = addCost(sums, c)
		}
	}
	highest := func(l line) float64 {
		return slices.MaxFunc(l.Costs, func(a, b status.Cost) int { return cmp.Compare(a.Amount, b.Amount) }).Amount
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(highest(b), highest(a)) })
	t.Caption = "Costs by product, the highest first"
	if len(lines) > 0 {
		var all []string
		for _, piece := range costs(sums) {
			all = append(all, piece.Text)
		}
		t.Caption += ". In all: " + shorten(strings.Join(all, ", "), maxMessage)
	}
	fill(&t, lines, p.probe(), func(l line) []cell { return []cell{p.name(l.License), costs(l.Costs)} })
	return t
}

// addCost adds a cost to that of the same component and currency.
func addCost(sums []status.Cost, c status.Cost) []status.Cost {
	for i := range sums {
		if s := &sums[i]; s.Component == c.Component && s.Currency == c.Currency {
			s.Amount += c.Amount
			return sums
		}
	}
	return append(sums, c)
}

// costs shows costs. It leaves out those that are 0 if others are not.
func costs(all []status.Cost) cell {
	all = slices.SortedFunc(slices.Values(all), func(a, b status.Cost) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), strings.Compare(a.Component, b.Component))
	})
	var c cell
	if slices.ContainsFunc(all, func(c status.Cost) bool { return c.Amount != 0 }) {
		all = slices.DeleteFunc(all, func(c status.Cost) bool { return c.Amount == 0 })
	}
	for _, cost := range all[:min(len(all), maxComponents)] {
		c = append(c, piece{Text: shorten(status.Plain(fmt.Sprintf("%s %s %s", cost.Component, money(cost.Amount), cost.Currency)), maxName), Class: classLine})
	}
	return c
}
