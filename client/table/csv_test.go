package table

import (
	"slices"
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	for name, test := range map[string]struct {
		file, text string
		refs       []string
		want       []string
	}{
		"Excel, German": {
			"v.csv", "\ufeffVertrag;Produkt;Ablaufdatum;Schlüssel\r\nV-1;\"CAD; klein\";31.12.2026;SECRET\r\n;;;\r\nV-2;;\r\n",
			[]string{"Ablaufdatum", "Vertrag", "Produkt"},
			[]string{`2/1: "31.12.2026" "V-1" "CAD; klein"`, `4/2: "" "V-2" ""`},
		},
		"tabs":                         {"v.tsv", "a\tb\n\t2\n", []string{"a", "b"}, []string{`2/1: "" "2"`}},
		"any other extension":          {"contracts", "a\n1\n", []string{"a"}, []string{`2/1: "1"`}},
		"a line end in quotes":         {"v.csv", "a,b\n\"1\n2\",3\n4,5\n", []string{"b", "a"}, []string{`2/1: "3" "1\n2"`, `4/2: "5" "4"`}},
		"upper and lower case":         {"v.csv", "End Date,END,end\n1,2,3\n", []string{"end date", "end", " END "}, []string{`2/1: "1" "3" "2"`}},
		"a line end in a name":         {"v.csv", "Product,\"Renewal\ndate\",End\u00a0 date\n1,2,3\n", []string{"renewal date", "End date"}, []string{`3/1: "2" "3"`}},
		"a column twice":               {"v.csv", "a,b\n1,2\n", []string{"a", "a"}, []string{`2/1: "1" "1"`}},
		"no columns":                   {"v.csv", "a,b\n1,2\n", nil, []string{`2/1:`}},
		"a column without a name":      {"v.csv", "a,\n1,note\n", []string{"a"}, []string{`2/1: "1"`}},
		"only a header":                {"v.csv", "a,b\n", []string{"a"}, nil},
		"a row that is too long":       {"v.csv", "a,b\n1,2,\n1,2,3\n4,5\n", []string{"a"}, []string{`2/1: "1"`, "3/2: - the row has more cells than the header; put cells that contain separators into quotes", `4/3: "4"`}},
		"all rows are too long":        {"v.csv", "a\n1,2\n", []string{"a"}, []string{"2/1: - the row has more cells than the header; put cells that contain separators into quotes", "v.csv: none of the 1 records can be used; the first: the row has more cells than the header; put cells that contain separators into quotes"}},
		"quotes that are wrong":        {"v.csv", "a\n1\n\"2\n", []string{"a"}, []string{`2/1: "1"`, `v.csv:3: the quotes are wrong; write a cell with quotes in it as "a ""quoted"" word"`}},
		"not UTF-8":                    {"v.csv", "a\nB\xfcro\n", []string{"a"}, []string{"v.csv:2: the file is not in UTF-8; save it as CSV UTF-8"}},
		"the wrong separator":          {"v.csv", "a|b\n1|2\n", []string{"a"}, []string{"v.csv:1: the header has a | and no comma, semicolon or tab; save the file with one of these between the cells"}},
		"no header":                    {"v.csv", "\n\n", []string{"a"}, []string{"v.csv: the file has no header; write the names of the columns in the first line"}},
		"a missing column":             {"v.csv", "\nProduct,End date\nx,y\n", []string{"End dat"}, []string{`v.csv:2: columns.end dat: there is no column "End dat", did you mean "End date"?`}},
		"several missing columns":      {"v.csv", "Product,,Ends\nx,y\n", []string{"Seats", "Product", "end"}, []string{`v.csv:1: columns.seats: there is no column "Seats"; columns.end: there is no column "end", did you mean "Ends"?; the columns are "Product", "Ends"`}},
		"a column that occurs twice":   {"v.csv", "End,Product,END\nx,y\n", []string{"end", "Seats"}, []string{`v.csv:1: columns.end: 2 columns are named "end"; rename the others; columns.seats: there is no column "Seats"; the columns are "End", "Product", "END"`}},
		"people in place of a header":  {"v.csv", "Ada Lovelace,ada@example.com\nx,y\n", []string{"End"}, []string{`v.csv:1: columns.end: there is no column "End"; the first line of the table must have the names of the columns`}},
		"dates in place of a header":   {"v.csv", "Contoso Suite,Ada Lovelace,31 Mar 2027\nx,y\n", []string{"End"}, []string{`v.csv:1: columns.end: there is no column "End"; the first line of the table must have the names of the columns`}},
		"a key in place of a header":   {"v.csv", "Ada Lovelace,ABCDE-FGHIJ-KLMNO\nx,y\n", []string{"End"}, []string{`v.csv:1: columns.end: there is no column "End"; the first line of the table must have the names of the columns`}},
		"years and signs in a header":  {"v.csv", "Product,2026,#,€\nx,y\n", []string{"End"}, []string{`v.csv:1: columns.end: there is no column "End"; the columns are "Product", "2026", "#", "€"`}},
		"control characters in names":  {"v.csv", "a\x1b[31m,b\nx,y\n", []string{"End"}, []string{"v.csv:1: columns.end: there is no column \"End\"; the columns are \"a\ufffd[31m\", \"b\""}},
		"a constant that is no column": {"v.csv", "Product,Cost\nx,y\n", []string{"Currency"}, []string{`v.csv:1: columns.currency: there is no column "Currency"; if that is the value, write ="Currency"; the columns are "Product", "Cost"`}},
	} {
		t.Run(name, func(t *testing.T) {
			wantLines(t, lines(t.Context(), fileOf(t, test.file, test.text), refs(test.refs...)), test.want...)
		})
	}
}

func TestListsOfColumnsAreShort(t *testing.T) {
	header := strings.Repeat("x", 50) + strings.Repeat(",y", 30)
	got := lines(t.Context(), fileOf(t, "v.csv", header), refs("End"))
	want := `v.csv:1: columns.end: there is no column "End"; the columns are "` + strings.Repeat("x", 40) + `…"` + strings.Repeat(`, "y"`, 19) + " and 11 more"
	wantLines(t, got, want)
}

func TestColumnsOfCSV(t *testing.T) {
	columns, err := fileOf(t, "v.csv", "\n Product ;\"End\"\nx;y\n").Columns(t.Context())
	if err != nil || !slices.Equal(columns, []string{"Product", "End"}) {
		t.Errorf("the columns are %q, the error is %v", columns, err)
	}
}

// Optional fields read members of objects, which CSV cannot have. That is nothing to report.
func TestMembersOfObjectsInCSV(t *testing.T) {
	m := mustMap(t, MappingOptions{Columns: Fields{Product: "Product"}, Optional: Fields{Manufacturer: "=r.maker.name", OrganizationName: "=r.company.name"}})
	n := 0
	for record, err := range fileOf(t, "v.csv", "Product,Company\nVisio,Contoso\n").Records(t.Context(), m.References()) {
		if err != nil {
			t.Fatal(err)
		}
		l, _ := m.Read(&record, func(u Unreadable) { t.Errorf("%s %s", u.Field, u.Advice) })
		if n++; l.Product != "Visio" || l.OrganizationName != "" {
			t.Errorf("the license is %+v", l)
		}
	}
	if n != 1 {
		t.Errorf("%d records", n)
	}
}

// What is kept of a row has nothing of the columns that nobody reads.
func TestValuesShareNothingWithOtherColumns(t *testing.T) {
	row := csvRow{places: []int{2, 0}, columns: 3, refs: refs("c", "a")}
	values := make([]Value, 2)
	row.read([]string{"a", "SECRET", "c"}, values)
	if string(row.text) != "ca" || values[0].Text != "c" || values[1].Text != "a" {
		t.Errorf("%q is kept for %v", row.text, values)
	}
}

// The expressions of a preset read members of a column that is missing, or that is a text, as null.
func TestOptionalColumnsOfCSV(t *testing.T) {
	m, errs := NewMapping(MappingOptions{Columns: Fields{Product: "P"}, Optional: Fields{Organization: "=r.company.name", Name: "=unescapeHTML(r.name)"}})
	if errs != nil {
		t.Fatal(errs)
	}
	for _, content := range []string{"P,E\na,b\n", "P,Company\na,Contoso\n"} {
		for record, err := range (csvFormat{}).records(strings.NewReader(content), m.References()) {
			if err != nil {
				t.Fatal(err)
			}
			l, _ := m.Read(&record, func(u Unreadable) { t.Errorf("%s: %s", u.Field, u.Advice) })
			if l.Product != "a" || l.Organization != "" {
				t.Errorf("the license is %+v", l)
			}
		}
	}
}
