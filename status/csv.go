package status

import (
	"encoding/csv"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"license_exporter/client/rest"
	"license_exporter/policy"
)

// csvColumns are the columns of the spreadsheet. The first ones say what a row is about. A column
// has the name of the label or of the key of policies for the same fact, if there is one.
var csvColumns = []struct {
	name string
	cell func(r *csvRow) string
}{
	{"vendor", func(r *csvRow) string { return csvText(r.organization.Vendor) }},
	{"account", func(r *csvRow) string { return csvText(r.organization.Account) }},
	{"organization_id", func(r *csvRow) string { return csvText(r.organization.ID) }},
	{"organization_name", func(r *csvRow) string { return csvText(r.organization.Name) }},
	{"product", func(r *csvRow) string { return csvText(r.Product) }},
	{"product_name", func(r *csvRow) string { return csvText(r.ProductName) }},
	{"manufacturer", func(r *csvRow) string { return csvText(r.Manufacturer) }},
	{"license_id", func(r *csvRow) string { return csvText(r.LicenseID) }},
	{"license_name", func(r *csvRow) string { return csvText(r.License.Name) }},
	{"state", func(r *csvRow) string { return csvText(r.State) }},
	{"owner", func(r *csvRow) string { return csvText(r.License.Owner) }},
	{"muted", func(r *csvRow) string { return strconv.FormatBool(r.Muted) }},
	{"severity", func(r *csvRow) string { return r.Severity().String() }},
	{"problems", func(r *csvRow) string { return r.problems() }},
	{"end", func(r *csvRow) string { return dateText(r.EndDate()) }},
	{"end_by_policy", func(r *csvRow) string { return r.endByPolicy() }},
	{"act_by", func(r *csvRow) string { return dateText(r.ActDate()) }},
	{"renewal_deadline", func(r *csvRow) string { return dateText(r.DeadlineDate()) }},
	{"renewal", func(r *csvRow) string { return string(r.renewal()) }},
	{"licenses", func(r *csvRow) string { return r.licenses() }},
	{"ended_in_use", func(r *csvRow) string { return r.once(r.InUse) }},
	{"unit", func(r *csvRow) string { return csvText(r.seats.Unit) }},
	{"unit_name", func(r *csvRow) string { return csvText(r.seats.UnitName) }},
	{"seats_kind", func(r *csvRow) string { return csvText(string(r.seats.Kind)) }},
	{"seats_limit", func(r *csvRow) string { return csvNumber(r.seats.Limit) }},
	{"seats_assigned", func(r *csvRow) string { return csvNumber(r.seats.Assigned) }},
	{"seats_required", func(r *csvRow) string { return csvNumber(r.seats.Required) }},
	{"seats_available", func(r *csvRow) string { return csvNumber(atLeastZero(r.seats.Available, 1)) }},
	{"seats_short", func(r *csvRow) string { return csvNumber(r.seats.short()) }},
	{"missing_seats", func(r *csvRow) string { return csvNumber(r.missing) }},
	{"compliant", func(r *csvRow) string { return r.compliant() }},
	{"grace_end", func(r *csvRow) string { return dateText(r.GraceDate()) }},
	{"cost", func(r *csvRow) string { return csvNumber(r.cost) }},
	{"currency", func(r *csvRow) string { return csvText(r.currency) }},
}

// csvRow is a row of the spreadsheet: a license, with its seats of one unit and its costs in
// one currency.
type csvRow struct {
	organization *Organization
	*License
	further  bool // not the first row of the license
	seats    Seats
	missing  *float64
	cost     *float64
	currency string
}

// WriteCSV writes licenses as a table for spreadsheets, as in RFC 4180. A license has a row, and
// further ones if it has seats of several units, or costs in several currencies: no cell
// has two numbers, and no number is in two rows.
func WriteCSV(w io.Writer, licenses iter.Seq2[*Organization, *License]) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	record := make([]string, len(csvColumns))
	for i := range csvColumns {
		record[i] = csvColumns[i].name
	}
	if err := table.Write(record); err != nil {
		return err
	}
	for o, l := range licenses {
		for _, row := range csvRows(o, l) {
			for i := range csvColumns {
				record[i] = csvColumns[i].cell(&row)
			}
			if err := table.Write(record); err != nil {
				return err
			}
		}
	}
	table.Flush()
	return table.Error()
}

// csvRows returns the rows of a license.
func csvRows(o *Organization, l *License) []csvRow {
	rows := make([]csvRow, 0, 1)
	row := func(i int) *csvRow {
		if i == len(rows) {
			rows = append(rows, csvRow{organization: o, License: l, further: i > 0})
		}
		return &rows[i]
	}
	row(0)
	for i := range l.Seats {
		row(i).seats = l.Seats[i]
	}
	units := len(l.Seats)
	for _, m := range l.Missing {
		at := slices.IndexFunc(rows[:units], func(r csvRow) bool { return r.seats.Unit == m.Unit })
		if at < 0 {
			at = units
			row(at).seats = Seats{Unit: m.Unit, UnitName: m.UnitName}
			units++
		}
		add(&rows[at].missing, m.Seats)
	}
	for i, c := range l.Cost() {
		row(i).currency, row(i).cost = c.Currency, &c.Amount
	}
	return rows
}

func add(sum **float64, n float64) {
	if *sum == nil {
		*sum = new(float64)
	}
	**sum += n
}

// short returns how many seats are missing. It is nil if that is not known.
func (s *Seats) short() *float64 {
	if s.Available == nil && s.Required != nil && s.Limit != nil {
		return new(max(0, *s.Required-*s.Limit))
	}
	return atLeastZero(s.Available, -1)
}

// atLeastZero returns sign times n, or 0 if that is below 0. It returns nil if n is nil.
func atLeastZero(n *float64, sign float64) *float64 {
	if n == nil {
		return nil
	}
	return new(max(0, sign**n))
}

func (r *csvRow) problems() string {
	words := make([]string, 0, len(r.Problems))
	for i := range r.Problems {
		if word := kindWords[r.Problems[i].Kind]; !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// kindWords has the names of the kinds of problems of licenses. They are the same as the values of
// the parameter state.
var kindWords = map[Kind]string{
	Expired: "expired", Expiring: "expiring", Short: "short", NonCompliant: "noncompliant",
	GraceEnding: "grace", FewSeats: "few_seats", Renewing: "renewing",
}

func (r *csvRow) endByPolicy() string {
	if r.End.IsZero() {
		return ""
	}
	return strconv.FormatBool(r.EndByPolicy)
}

func (l *License) renewal() policy.Renewal {
	if l.Renews {
		return policy.Automatic
	}
	return l.Renewal
}

func (r *csvRow) licenses() string {
	if r.Count == 0 {
		return ""
	}
	return r.once(new(float64(r.Count)))
}

func (r *csvRow) compliant() string {
	if r.Compliant == nil {
		return ""
	}
	return strconv.FormatBool(*r.Compliant)
}

// once returns a number of the license as a whole, which is only in its first row.
func (r *csvRow) once(n *float64) string {
	if r.further {
		return ""
	}
	return csvNumber(n)
}

// csvNumber formats a number. A number below 0 is in parentheses, since -5 might be taken for a
// formula. Spreadsheets read (5) as -5.
func csvNumber(n *float64) string {
	if n != nil && *n < 0 {
		return "(" + numberText(new(-*n)) + ")"
	}
	return numberText(n)
}

// csvText returns a text of the vendor or the operator as a cell that no spreadsheet takes for a
// formula. Some spreadsheets split cells at semicolons, and might take what follows for one, so
// it replaces semicolons by commas.
func csvText(text string) string {
	text = strings.ReplaceAll(strings.TrimSpace(rest.Plain(text)), ";", ",")
	first := strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.M, unicode.Quotation_Mark) || r == unicode.ReplacementChar
	})
	if first != "" && strings.ContainsRune(formulaStarts, []rune(first)[0]) {
		return "'" + text
	}
	return text
}

// formulaStarts are the characters that a formula can begin with: =, +, - and @, and characters
// that look like them, which some programs replace by them.
const formulaStarts = "=+-@" + "＝＋－＠" + "﹦﹢﹣﹫" + "⁼⁺⁻" + "₌₊₋" + "−"
