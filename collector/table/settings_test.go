package table

import (
	"strings"
	"testing"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// The account of the configuration's documentation, with a file that has its columns. What the preset
// has besides the columns is not in the file.
func TestAllKeysTogether(t *testing.T) {
	const keys = `file: table.csv
records: body.rows
preset: snipeit
columns: {id: Contract, product: Product, organization: Company, end: "Renewal date", seats: Seats, assigned: Used}
dates: ["2 Jan 2006"]
never: ["perpetual"]
`
	series := facts(t, keys, "\ufeffContract,Product,Company,Renewal date,Seats,Used,Contact\nC-1,Visio,Contoso,31 Mar 2027,10,4,SECRET\nC-2,Acrobat,Contoso Retail,Perpetual,3,5,SECRET\n")
	want(t, series, []string{"license_days", "license_next", "license_licenses_without", "license_seats"},
		`license_days_to_expiration{organization_id="Contoso",product="Visio"} 395.5`,
		`license_licenses_without_expiration{organization_id="Contoso Retail",product="Acrobat"} 1`,
		`license_next_expiration_timestamp_seconds{organization_id="Contoso",product="Visio"} 1.8065376e+09`,
		`license_seats_assigned{license_id="",organization_id="Contoso",product="Visio",unit="seat"} 4`,
		`license_seats_assigned{license_id="",organization_id="Contoso Retail",product="Acrobat",unit="seat"} 5`,
		`license_seats_available{license_id="",organization_id="Contoso",product="Visio",unit="seat"} 6`,
		`license_seats_available{license_id="",organization_id="Contoso Retail",product="Acrobat",unit="seat"} -2`,
		`license_seats_limit{license_id="",organization_id="Contoso",product="Visio",unit="seat"} 10`,
		`license_seats_limit{license_id="",organization_id="Contoso Retail",product="Acrobat",unit="seat"} 3`,
	)
	if strings.Contains(series, "SECRET") {
		t.Errorf("a column that is not mapped is shown:\n%s", series)
	}
}

// What the preset reads and a CSV file lacks, or has as a text such as Company, is not reported.
func TestPresetForAFileOfOtherColumns(t *testing.T) {
	h := read(t, "file: table.csv\npreset: snipeit\ncolumns: {product: Product, organization: Company, end: End}\n", "Product,Company,End\nVisio,Contoso,2027-03-31\n")
	if p := h.Account.Preview(); h.Log.String() != "" || len(p.Rows) != 1 || p.Rows[0][7] != "" {
		t.Errorf("the preview has %q, and the log\n%s", p.Rows, h.Log.String())
	}
}

func TestLicensesInTheConfiguration(t *testing.T) {
	series := facts(t, `licenses:
  - {id: 1, product: Visio, end: 2027-03-31, seats: 10, assigned: 4, cost: 1200.5, currency: EUR, owner: sam-team, notice: 60d, renewal: manual}
  - {product: Acrobat, end: never, seats: 3, muted: true}
timezone: Europe/Berlin`, "")
	want(t, series, []string{"license_next", "license_seats_l", "license_cost", "license_policy"},
		`license_cost{component="purchase",currency="EUR",organization_id="acme",product="Visio"} 1200.5`,
		`license_next_expiration_timestamp_seconds{organization_id="acme",product="Visio"} 1.8065304e+09`,
		`license_policy_info{license_id="",organization_id="acme",owner="sam-team",product="Visio",renewal="manual"} 1`,
		`license_policy_muted{license_id="",organization_id="acme",product="Acrobat"} 1`,
		`license_policy_notice_seconds{license_id="",organization_id="acme",product="Visio"} 5.184e+06`,
		`license_seats_limit{license_id="",organization_id="acme",product="Acrobat",unit="seat"} 3`,
		`license_seats_limit{license_id="",organization_id="acme",product="Visio",unit="seat"} 10`,
	)
}

// The first of the records lacks members that others have.
func TestMembersNamedLikeFields(t *testing.T) {
	series := facts(t, "file: table.csv\nformat: json", `[{"name": "Visio", "seats": 10}, {"product": "Acrobat", "seats": 4, "assigned": 3, "end": null}]`)
	want(t, series, []string{"license_seats"},
		`license_seats_assigned{license_id="",organization_id="acme",product="Acrobat",unit="seat"} 3`,
		`license_seats_available{license_id="",organization_id="acme",product="Acrobat",unit="seat"} 1`,
		`license_seats_limit{license_id="",organization_id="acme",product="Acrobat",unit="seat"} 4`,
		`license_seats_limit{license_id="",organization_id="acme",product="Visio",unit="seat"} 10`,
	)
}

// Records in one line have different numbers.
func TestRecordsInOneLine(t *testing.T) {
	h := read(t, "file: table.csv\nformat: json", "[\n{\"product\": \"A\", \"end\": \"x\"}, {\"product\": \"B\", \"end\": \"2027-03-31\"},\n {\"product\": \"C\"}, {\"product\": \"D\"}]")
	var places []string
	for _, row := range h.Account.Preview().Rows {
		places = append(places, row[0])
	}
	enginetest.WantLines(t, strings.Join(places, "\n"), "line 2", "line 2", "line 3", "record 4")
}

// A table whose columns are named like the fields needs no mapping.
func TestColumnsNamedLikeFields(t *testing.T) {
	series := facts(t, "file: table.csv", "Product;End;Seats;minimum available seats\nVisio;2027-03-31;10;2\n")
	want(t, series, []string{"license_next", "license_seats", "license_policy_min"},
		`license_next_expiration_timestamp_seconds{organization_id="acme",product="Visio"} 1.8065376e+09`,
		`license_policy_minimum_available_seats{license_id="",organization_id="acme",product="Visio"} 2`,
		`license_seats_limit{license_id="",organization_id="acme",product="Visio",unit="seat"} 10`,
	)
}

func TestMistakesInTheConfiguration(t *testing.T) {
	for keys, text := range map[string]string{
		"max_age: 1h":                                                                   ":2:5: account \"acme\": there is no table; set file, url or licenses",
		"file: a.csv\nurl: https://a.test/":                                             "file and url exclude each other; leave one out",
		"licenses: [{product: A}, {}]":                                                  "licenses[1] is empty",
		"licenses: []":                                                                  "licenses is empty",
		"licenses: [{product: A, ends: 2027-01-01}]":                                    "key ends of licenses[0] is not known; did you mean end?",
		"licenses: [{product: A, end: 2027-13-01}]":                                     ":4:34: account \"acme\": licenses[0].end is not a date",
		"licenses: [{product: A, end: 01/02/2027}]":                                     `add the layout "02/01/2006" or "01/02/2006" to dates`,
		"licenses: [{product: A, seats: many}]":                                         "licenses[0].seats ",
		"licenses: [{product: A}]\npreset: vault":                                       "preset is not for licenses",
		"licenses: [{product: A}]\ncolumns: {id: A}":                                    "columns is not for licenses",
		"preset: snipe":                                                                 "preset is not known; use one of artifactory, netbox, nexus, snipeit, vault",
		"preset: snipeit\nbase_url: https://a.test":                                     "http_client_config has no credential; preset snipeit needs one",
		"preset: snipeit\nhttp_client_config: {authorization: {credentials: x}}":        "base_url is missing; set it to the address of the server",
		"url: https://u:p@a.test/x\ncolumns: {id: a}":                                   "url contains a user or password",
		"url: https://a.test/x":                                                         "columns is missing; say which column is which",
		"url: ftp://a.test/x\ncolumns: {id: a}":                                         "url must be an address with a host",
		"url: https://b.test/x\ncolumns: {id: a}\nbase_url: https://a.test":             "url is not below base_url",
		"file: a.csv\nformat: xlsx":                                                     "format must be csv or json, or yaml for a file",
		"file: a.csv\ntimezone: Berlin":                                                 ":5:15: account \"acme\": timezone is not known; write it like Europe/Berlin",
		"file: a.csv\ndecimal: \"'\"":                                                   ":5:14: account \"acme\": decimal: must be",
		"file: a.csv\ndates: [YYYY-MM-DD]":                                              "dates[0]: ",
		"file: a.csv\ncolumns:\n  end: =r.x +":                                          ":6:12: account \"acme\": columns.end: must be a CEL expression",
		"file: a.csv\ncolumns: {id: License key}":                                       "columns.id: the column \"License key\" looks as if there were keys or passwords in it",
		"file: a.json\ncolumns: {id: n}\nrecords: 'body.map(l, {\"n\": l.licenseKey})'": "records: the column \"licenseKey\" looks as if",
		"file: a.csv\ncolumns: {id: =r.license.key}":                                    "columns.id: the column \"key\" looks as if",
		"file: a.csv\ncolumns: {produkt: A}":                                            "key produkt of columns is not known; did you mean product?",
		"file: a.json\nrecords: body.[":                                                 "records: ",
		"file: a.csv\nif: r.x ==":                                                       "if: ",
		"file: a.csv\npages: {offset: o}":                                               "pages is only for url; leave it out",
		"file: a.csv\nbase_url: https://a.test":                                         "base_url is only for url; leave it out",
		"url: https://a.test/x\ncolumns: {id: a}\npages: {offset: o, page: p}":          "pages: next, offset and page exclude each other",
		"url: https://a.test/x\ncolumns: {id: a}\npages: {limit: l}":                    "pages.size is missing",
		"url: https://a.test/x\ncolumns: {id: a}\npages: {size: 3}":                     "pages.size must be above 0, beside pages.limit",
		"url: https://a.test/x\ncolumns: {id: a}\npages: {first: 0}":                    "pages.first must be the number of the first page",
		"file: a.csv\nhttp_client_config: {authorization: {credentials: x}}":            "http_client_config is only for url; leave it out",
	} {
		_, _, err := load(t, keys, "")
		if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error is\n%v, want one line with\n%s", keys, err, text)
		}
	}
}

// What is wrong in a table is one line that says where and what to do, and good records stay.
func TestMistakesInTables(t *testing.T) {
	const keys = "file: table.csv\ncolumns: {id: ID, product: Product, end: End, seats: Seats}\n"
	for name, test := range map[string]struct{ keys, content, text, series string }{
		"a missing column":    {keys, "ID,Product,Ende,Seats\n", `table.csv:1: columns.end: there is no column "End", did you mean "Ende"?`, ""},
		"the wrong delimiter": {keys, "ID|Product|End|Seats\n1|A|2027-01-01|3\n", "table.csv:1: ", ""},
		"no file":             {strings.Replace(keys, "table.csv", "tables.csv", 1), "", "tables.csv: ", ""},
		"no records":          {keys, "ID,Product,End,Seats\n", "the table has no records", ""},
		"an ambiguous date":   {keys, "ID,Product,End,Seats\n1,A,03/04/2026,3\n2,A,2027-01-01,4\n", `value=03/04/2026 place="line 2, column End" advice="may be 3 April or March 4; add the layout`, "7"},
		"no date":             {keys, "ID,Product,End,Seats\n1,A,soon,3\n2,A,2027-01-01,4\n", `place="line 2, column End"`, "7"},
		"an empty date":       {keys, "ID,Product,End,Seats\n1,A,,3\n2,A,2027-01-01,4\n", `place="line 2, column End"`, "7"},
		"a bad number":        {keys, "ID,Product,End,Seats\n1,A,2027-01-01,\"1,000\"\n2,A,2027-01-01,4\n", `place="line 2, column Seats"`, "4"},
		"too many cells":      {keys, "ID,Product,End,Seats\n1,A,2027-01-01,3,4\n2,A,2027-01-01,4\n", `field=record operation=table.csv place="line 2"`, "4"},
		"a duplicate id":      {keys, "ID,Product,End,Seats\n1,A,2027-01-01,3\n1,A,2027-01-01,4\n", `place="line 3" advice="the id is that of line 2`, "3"},
		"nothing is kept":     {keys + `if: r.Product == "B"`, "ID,Product,End,Seats\n1,A,2027-01-01,3\n", "none of the records of the table is kept; check if", ""},
		"no condition":        {keys + `if: r.Product`, "ID,Product,End,Seats\n1,A,2027-01-01,3\n", "none of the 1 records of the table can be used; the first: line 2, column Product: must be true or false", ""},
		"an empty record":     {keys, "ID,Product,End,Seats,Note\n,,,,Contracts of 2026\n2,A,2027-01-01,4\n", `field=record operation=table.csv place="line 2" advice="is empty in all columns that are read"`, "4"},
		"only empty records":  {keys, "ID,Product,End,Seats,Note\n,,,,Contracts of 2026\n", "none of the 1 records of the table can be used; the first: line 2: is empty in all columns", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, _, err := load(t, test.keys, test.content)
			if err != nil {
				t.Fatal(err)
			}
			h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
			wanted := []string{`license_up{organization_id=""} 0`}
			if test.series != "" {
				wanted = []string{`license_seats_limit{license_id="",organization_id="acme",product="A",unit="seat"} ` + test.series, `license_up{organization_id=""} 1`}
			}
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_limit", "license_up"), wanted...)
			if log := h.Log.String(); !strings.Contains(strings.ReplaceAll(log, `\"`, `"`), strings.ReplaceAll(test.text, `\"`, `"`)) || strings.Count(log, "\n") > 2 {
				t.Errorf("the log is\n%s\nwant\n%s", log, test.text)
			}
		})
	}
}

// Columns that look like keys are read if allow_columns has them, also where records gives them another name.
func TestAllowedColumnsOfRecords(t *testing.T) {
	if _, _, err := load(t, `file: a.json
columns: {id: n, seats: s}
records: 'body.map(l, {"n": l.keyNumber.key, "s": l.seats})'
allow_columns: [keyNumber, key]`, ""); err != nil {
		t.Error(err)
	}
}
