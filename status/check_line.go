package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"license_exporter/engine"
	"license_exporter/licensing"
)

// CheckLine is a line of the table that --check prints: the state of an organization, or of an
// account as a whole if Organization is empty.
type CheckLine struct {
	Account, Organization, Name, Model string
	// Counted is set if a collector counts licenses. Licenses is their number.
	Counted  bool
	Licenses int
	// NextEnd is the earliest end of cover. It is zero if there is none.
	NextEnd time.Time
	// Problems explain why facts are missing or old, each with the collectors that it is about.
	// What all organizations of an account share is in the line of the account.
	Problems []string
	// Notes explain what is missing although there is no problem, or what is muted.
	Notes []string
	// Muted is set if policies mute the organization as a whole. Its problems then need no
	// action.
	Muted bool

	rows []Row
}

// Check returns the lines of all accounts: one for each account as a whole, followed by those of
// its organizations.
func Check(snapshots []*engine.Snapshot) []*CheckLine {
	var lines []*CheckLine
	for _, s := range snapshots {
		account := newLine(s)
		lines = append(lines, account)
		own := len(lines)
		for _, row := range Rows([]*engine.Snapshot{s}) {
			line := account
			if row.Organization != "" {
				if line = lines[len(lines)-1]; line.Organization != row.Organization {
					line = &CheckLine{Account: row.Account, Organization: row.Organization, Name: row.Name, Model: row.Model}
					lines = append(lines, line)
				}
			}
			line.add(row)
		}
		account.share(lines[own:])
		if n := countOrganizations(s); account.Name == "" && n > 0 {
			account.Name = organizationsText(n)
		}
	}
	for _, line := range lines {
		line.explain()
	}
	return lines
}

// newLine returns the line of an account as a whole. If collectors read it as an organization, it
// has the name of that.
func newLine(s *engine.Snapshot) *CheckLine {
	line := &CheckLine{Account: s.Name}
	for i := range s.Organizations {
		if o := &s.Organizations[i]; o.ID == "" {
			line.Name = o.Name
		}
	}
	return line
}

// countOrganizations returns the number of organizations, apart from the account as a whole.
func countOrganizations(s *engine.Snapshot) int {
	n := len(s.Organizations)
	if s.HasOrganization("") {
		n--
	}
	return n
}

func organizationsText(n int) string {
	if n == 1 {
		return "1 organization"
	}
	return fmt.Sprintf("%d organizations", n)
}

func (l *CheckLine) add(row Row) {
	l.rows = append(l.rows, row)
	l.Counted = l.Counted || row.Counted
	l.Licenses += row.Licenses
	l.NextEnd = licensing.Earlier(l.NextEnd, row.NextEnd)
	l.Muted = l.Muted || row.Muted
	for _, note := range row.Notes {
		if text := note.String(); !slices.Contains(l.Notes, text) {
			l.Notes = append(l.Notes, text)
		}
	}
}

// share moves the problems that have the same cause in all organizations that were read to the
// account.
func (l *CheckLine) share(organizations []*CheckLine) {
	organizations = slices.DeleteFunc(slices.Clone(organizations), func(o *CheckLine) bool {
		return len(o.rows) == 1 && o.rows[0].Problem != "" && o.rows[0].cause == "" // it has another problem, so nothing was read
	})
	if len(organizations) < 2 {
		return
	}
	var shared []Row
	for _, row := range organizations[0].rows {
		same := func(r Row) bool { return r.cause == row.cause }
		if row.cause == "" || slices.ContainsFunc(organizations, func(o *CheckLine) bool { return !slices.ContainsFunc(o.rows, same) }) {
			continue
		}
		for _, o := range organizations {
			for i := range o.rows {
				if r := &o.rows[i]; same(*r) {
					shared = append(shared, Row{Collector: r.Collector, Problem: "in all organizations: " + row.Problem, cause: row.cause})
					r.Problem, r.cause = "", ""
				}
			}
		}
	}
	l.rows = append(shared, l.rows...) // first, since the account may have the same problem
}

// explain sets the problems: each once, with the collectors that have it.
func (l *CheckLine) explain() {
	for i, row := range l.rows {
		same := func(r Row) bool { return r.Problem == row.Problem || row.cause != "" && r.cause == row.cause }
		if row.Problem == "" || slices.ContainsFunc(l.rows[:i], same) {
			continue
		}
		var collectors []string
		for _, r := range l.rows[i:] {
			if same(r) && !slices.Contains(collectors, r.Collector) {
				collectors = append(collectors, r.Collector)
			}
		}
		slices.Sort(collectors)
		l.Problems = append(l.Problems, strings.Join(collectors, ", ")+": "+row.Problem)
	}
}
