package status

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"iter"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// licensesOf iterates over the licenses of organizations.
func licensesOf(organizations ...*Organization) iter.Seq2[*Organization, *License] {
	return func(yield func(*Organization, *License) bool) {
		for _, o := range organizations {
			for i := range o.Licenses {
				if !yield(o, &o.Licenses[i]) {
					return
				}
			}
		}
	}
}

func writeCSV(t testing.TB, organizations ...*Organization) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSV(&b, licensesOf(organizations...)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readCSV returns the cells of each row that are not empty, by column.
func readCSV(t testing.TB, table []byte) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			if cell != "" {
				row[records[0][i]] = cell
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// richOrganization has each fact that a license can have.
func richOrganization() *Organization {
	return &Organization{
		Vendor: "v", Account: "acme", ID: "007", Name: "Alpha", Freshness: Freshness{Oldest: enginetest.Days(-1)},
		Licenses: []License{
			{
				LicenseKey: licensing.LicenseKey{Product: "SKU", LicenseID: "123456789012345678"}, ProductName: "Suite", Manufacturer: "Maker; =Sons", Name: "Agreement", State: "active", Count: 3,
				Owner: "sam", Renewal: policy.Manual, End: enginetest.Days(60), Act: enginetest.Days(30), Deadline: enginetest.Days(40), InUse: new(0.0),
				Seats: []Seats{
					{Unit: "core", UnitName: "Cores", Seats: licensing.Seats{Limit: new(5.0), Available: new(-2.5), Kind: licensing.OveruseAllowed}},
					{Unit: "user", UnitName: "Users", Seats: licensing.Seats{Limit: new(4.0), Assigned: new(0.0), Required: new(9.0)}},
				},
				Missing:   []Missing{{SKU: "a", Unit: "user", Seats: 2}, {SKU: "b", Unit: "user", Seats: 1}, {SKU: "c", Unit: "device", UnitName: "Devices", Seats: 7}},
				Compliant: new(false), GraceEnd: enginetest.Days(20),
				Costs:    []Cost{{"purchase", "EUR", 0.1}, {"support", "EUR", 0.2}, {"purchase", "USD", -1234567.5}},
				Problems: []Problem{{Kind: NonCompliant, Severity: Critical}, {Kind: Short, Severity: Warning, Unit: "core"}, {Kind: Short, Severity: Warning, Unit: "user"}},
			},
			{Muted: true, Renews: true, End: enginetest.Days(-1).Truncate(licensing.Day), EndByPolicy: true, Seats: []Seats{{Seats: licensing.Seats{Available: new(3.0)}}}},
			{LicenseKey: licensing.LicenseKey{Product: "unknown"}},
		},
	}
}

// A number is in one row only, so that sums are right, and what is not known is empty.
func TestCSVHasOneNumberInACell(t *testing.T) {
	about := map[string]string{
		"vendor": "v", "account": "acme", "organization_id": "007", "organization_name": "Alpha", "product": "SKU", "product_name": "Suite", "manufacturer": "Maker, =Sons",
		"license_id": "123456789012345678", "license_name": "Agreement", "state": "active", "owner": "sam", "muted": "false", "severity": "critical",
		"problems": "noncompliant, short", "end": "2026-04-30", "end_by_policy": "false", "act_by": "2026-03-31", "renewal_deadline": "2026-04-10",
		"renewal": "manual", "compliant": "false", "grace_end": "2026-03-21",
	}
	row := func(further ...string) map[string]string {
		all := map[string]string{}
		for column, cell := range about {
			all[column] = cell
		}
		for i := 0; i < len(further); i += 2 {
			all[further[i]] = further[i+1]
		}
		return all
	}
	want := []map[string]string{
		row("licenses", "3", "ended_in_use", "0", "unit", "core", "unit_name", "Cores", "seats_kind", "overuse_allowed", "seats_limit", "5", "seats_available", "0",
			"seats_short", "2.5", "cost", "0.3", "currency", "EUR"),
		row("unit", "user", "unit_name", "Users", "seats_limit", "4", "seats_assigned", "0", "seats_required", "9", "seats_short", "5", "missing_seats", "3",
			"cost", "(1234567.5)", "currency", "USD"),
		row("unit", "device", "unit_name", "Devices", "missing_seats", "7"),
		{
			"vendor": "v", "account": "acme", "organization_id": "007", "organization_name": "Alpha", "muted": "true", "renewal": "automatic",
			"end": "2026-02-27", "end_by_policy": "true", "seats_available": "3", "seats_short": "0",
		},
		{"vendor": "v", "account": "acme", "organization_id": "007", "organization_name": "Alpha", "product": "unknown", "muted": "false"},
	}
	table := writeCSV(t, richOrganization())
	if diff := cmp.Diff(want, readCSV(t, table)); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
	if bytes.Count(table, []byte("\r\n")) != len(want)+1 || bytes.Count(table, []byte("\n")) != len(want)+1 {
		t.Errorf("lines do not end with CRLF:\n%q", table)
	}
}

// namedOrganization has a text in all places where vendors and operators can put one.
func namedOrganization(text string) *Organization {
	return &Organization{
		Vendor: text, Account: text, ID: text, Name: text,
		Licenses: []License{{
			LicenseKey: licensing.LicenseKey{Product: text, LicenseID: text}, ProductName: text, Name: text, State: text, Owner: text,
			End: enginetest.Days(60), Act: enginetest.Days(30),
			Seats: []Seats{{Unit: text, UnitName: text, Seats: licensing.Seats{Available: new(-1.0)}}},
			Costs: []Cost{{text, text, -1}},
		}},
	}
}

// hostileTexts are names that break files that are written carelessly.
var hostileTexts = []string{
	`=HYPERLINK("http://example.com","x")`, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", `"=1`, `'=1`, "'", "''", "＝1", "＋1", "－1", "＠1", "−1", "﹦1", "⁼1",
	"\u00a0=1", "\u3000=1", "\u200d=1", "\u200c\u200d+1", "\ufeff=1", "\u202e=1", "\x00=1", "\xff=1", "\u0301=1", "“=1”", "x;=1", "x\t=1", "x,=1", "x\n=1", "x\r\n=1", `x","=1`,
	"a,b;c\\d\"e'f", "BEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "a\\nb\\,c\\;d\\\\", "\u2028\u2029\u0085\v\f", "🎉é漢字" + strings.Repeat("🎉", 99), strings.Repeat("x", 5000),
	strings.Repeat("é ", 2500), strings.Repeat(" ", 5000), "0123", "123456789012345678", "1-2", "1e5", "TRUE", "", "\\.",
}

// checkCell checks that a spreadsheet does not take a cell for a formula.
func checkCell(t *testing.T, cell string) {
	t.Helper()
	for part := range strings.SplitSeq(cell, ";") { // some split there
		start := strings.TrimLeft(part, " \u00a0\u3000\u200c\u200d\ufffd\"“")
		if start != "" && strings.ContainsRune("=+-@＝＋－＠−", []rune(start)[0]) {
			t.Errorf("%q is a formula", cell)
		}
	}
	if !utf8.ValidString(cell) || strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) {
		t.Errorf("%q has characters that control", cell)
	}
}

func TestNoCellOfTheCSVIsAFormula(t *testing.T) {
	for _, text := range hostileTexts {
		records, err := csv.NewReader(bytes.NewReader(writeCSV(t, namedOrganization(text)))).ReadAll()
		if err != nil || len(records) != 2 {
			t.Errorf("%q: %d records, %v", text, len(records), err)
			continue
		}
		for _, cell := range records[1] {
			checkCell(t, cell)
		}
	}
}

// Text that no spreadsheet takes for a formula is unchanged.
func TestCSVKeepsNames(t *testing.T) {
	for _, text := range []string{"0123", "123456789012345678", "a, b", `5" disk`, "a=b+c-d@e", "Ünïcödé 漢字 👩‍💻", "(c) 2026", "–"} {
		if got := csvText(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestPythonReadsTheCSV(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	organizations := []*Organization{richOrganization()}
	for _, text := range hostileTexts {
		organizations = append(organizations, namedOrganization(text))
	}
	table := writeCSV(t, organizations...)
	read := exec.CommandContext(t.Context(), python, "-c", `
import csv, io, json, sys
table = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="")
rows = csv.DictReader(table, strict=True)
json.dump([{column: cell for column, cell in row.items() if cell} for row in rows], sys.stdout)`)
	read.Stdin = bytes.NewReader(table)
	output, err := read.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	if err := json.Unmarshal(output, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(readCSV(t, table), got); diff != "" || len(got) < len(organizations) {
		t.Errorf("Python reads other rows than Go (-Go +Python):\n%s", diff)
	}
}

// Whatever the names and numbers, rows are whole and no cell is a formula.
func FuzzCSV(f *testing.F) {
	for i, text := range hostileTexts {
		f.Add(text, float64(i)-1.5)
	}
	f.Fuzz(func(t *testing.T, text string, n float64) {
		o := namedOrganization(text)
		l := &o.Licenses[0]
		l.Seats[0].Seats = licensing.Seats{Limit: &n, Assigned: &n, Available: &n, Required: &n}
		l.Costs[0].Amount, l.Missing, l.InUse = n, []Missing{{Unit: text + "2", Seats: n}}, &n
		records, err := csv.NewReader(bytes.NewReader(writeCSV(t, o))).ReadAll()
		if err != nil || len(records) != 3 {
			t.Fatalf("%d records, %v", len(records), err)
		}
		for _, record := range records {
			for _, cell := range record {
				checkCell(t, cell)
			}
		}
	})
}
