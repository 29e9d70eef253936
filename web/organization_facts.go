package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"license_exporter/licensing"
	"license_exporter/status"
)

// maxComponents is the maximum number of costs in a row.
const maxComponents = 12

// counts is the table of the numbers of licenses.
func (p *organizationPage) counts() table {
	t := table{
		ID: "counts", Title: "Licenses by state", Caption: "Licenses by product and by the vendor's state, and how many of the licenses in force end soon",
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
				row = append(row, words(integer(int(n))))
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
		Heads: []string{"Product or license", "Unit", "Bought", "Assigned", "Free", "Required"},
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
	fill(&t, all, p.linkTo("licenses"), func(s seats) []cell {
		unit := words(cmp.Or(s.UnitName, status.Plain(s.Unit)))
		switch s.Kind {
		case licensing.PerDevice:
			unit = unit.small("each license is for one device")
		case licensing.OveruseAllowed:
			unit = unit.small("more seats may be used than were bought")
		}
		return []cell{p.name(s.License), unit, known(s.Limit), known(s.Assigned), known(s.Available), known(s.Required)}
	})
	return t
}

// compliance is the table of the vendor's verdicts, what is missing, and grace.
func (p *organizationPage) compliance(lines []line) table {
	t := table{
		ID: "compliance", Title: "Compliance", Caption: "The vendor's verdicts, those that are not compliant first",
		Heads: []string{"Product or license", "Verdict", "Missing seats", "End of grace period"},
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool {
		return l.License.Compliant == nil && len(l.Missing) == 0 && l.GraceEnd.IsZero()
	})
	slices.SortStableFunc(lines, func(a, b line) int { return compareBools(!objected(a), !objected(b)) })
	fill(&t, lines, p.linkTo("licenses"), func(l line) []cell {
		row := []cell{p.name(l.License), nil, nil, date(status.Shown(l.GraceEnd, l.Days), p.detail.Now)}
		if v := l.License.Compliant; v != nil {
			row[1] = verdictCell(verdict(v, l.License.Muted, l.License.SeverityOf(status.NonCompliant)))
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

// verdictCell shows the vendor's verdict.
func verdictCell(v complianceView) cell {
	c := cell{}.badge(v.Words, v.Class)
	if v.Details != "" {
		c = c.small(v.Details)
	}
	return c
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
		ID: "deadlines", Title: "Renewal deadlines", Caption: "The last days to renew or cancel, the earliest first",
		Heads: []string{"Product or license", "Deadline"},
	}
	fill(&t, p.detail.Deadlines, p.probe(), func(d status.Deadline) []cell {
		return []cell{p.named(d.LicenseKey), date(status.Shown(d.When, p.detail.Days), p.detail.Now)}
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
		t.Caption += ". Sums: " + shorten(strings.Join(all, ", "), maxMessage)
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

// freshness is the table of the collectors.
func (p *organizationPage) freshness() table {
	t := table{
		ID: "freshness", Title: "How current the facts are", Caption: "The collectors that have read these facts, and when they last succeeded",
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
		s = s.badge("waiting", classNotice).small("The first fetch has not ended yet.")
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
