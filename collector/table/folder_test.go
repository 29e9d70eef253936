package table

import (
	"strings"
	"testing"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// want fails the test unless the series that begin with one of the prefixes are these.
func want(t *testing.T, series string, prefixes []string, lines ...string) {
	t.Helper()
	var got []string
	for line := range strings.SplitSeq(series, "\n") {
		for _, prefix := range prefixes {
			if strings.HasPrefix(line, prefix) {
				got = append(got, line)
				break
			}
		}
	}
	enginetest.WantLines(t, strings.Join(got, "\n"), lines...)
}

const columns = `file: table.csv
columns: {id: ID, product: Product, organization: Company, state: State, start: Start, end: End, grace_end: Grace, renewal: Renews, renewal_date: Renewal,
  seats: Seats, assigned: Used, cost: Cost, currency: Currency, owner: Owner, notice: Notice, minimum_available_seats: Minimum, muted: Muted}
`

// rows makes a CSV file of all columns from lines that name some of them.
func rows(lines ...string) string {
	names := []string{"ID", "Product", "Company", "State", "Start", "End", "Grace", "Renews", "Renewal", "Seats", "Used", "Cost", "Currency", "Owner", "Notice", "Minimum", "Muted"}
	text := strings.Join(names, ",") + "\n"
	for _, line := range lines {
		cells := make([]string, len(names))
		cells[5] = "never"
		for cell := range strings.SplitSeq(line, ", ") {
			name, value, _ := strings.Cut(cell, "=")
			for i := range names {
				if names[i] == name {
					cells[i] = value
				}
			}
		}
		text += strings.Join(cells, ",") + "\n"
	}
	return text
}

// enginetest.Now is 1 March 2026, noon.
func TestProductsSumUp(t *testing.T) {
	for name, test := range map[string]struct {
		rows     []string
		prefixes []string
		want     []string
	}{
		"seats of what is in force": {
			[]string{
				"Product=A, Seats=10, Used=4", "Product=A, Seats=5, Used=6, End=2026-04-01", "Product=A, Seats=100, Used=50, End=2026-02-01",
				"Product=A, Seats=7, Start=2026-06-01", "Product=A, Seats=7, State=Canceled", "Product=B, Used=3", "Product=C, Seats=1, State=pending",
			},
			[]string{"license_seats"},
			[]string{
				`license_seats_assigned{license_id="",organization_id="acme",product="A",unit="seat"} 10`,
				`license_seats_assigned{license_id="",organization_id="acme",product="B",unit="seat"} 3`,
				`license_seats_available{license_id="",organization_id="acme",product="A",unit="seat"} 5`,
				`license_seats_limit{license_id="",organization_id="acme",product="A",unit="seat"} 15`,
			},
		},
		"the earliest end in force, and the end of that day": {
			[]string{"Product=A, End=2026-03-11", "Product=A, End=2026-02-01", "Product=A, End=2026-03-01", "Product=B, End=2026-02-01", "Product=B, End=2026-02-02", "Product=C"},
			[]string{"license_next", "license_licenses"},
			[]string{
				`license_licenses{assigned="",organization_id="acme",product="A",state="active"} 2`,
				`license_licenses{assigned="",organization_id="acme",product="A",state="expired"} 1`,
				`license_licenses{assigned="",organization_id="acme",product="B",state="expired"} 2`,
				`license_licenses{assigned="",organization_id="acme",product="C",state="active"} 1`,
				`license_licenses_expiring{organization_id="acme",product="A",within_days="30"} 2`,
				`license_licenses_expiring{organization_id="acme",product="A",within_days="7"} 1`,
				`license_licenses_expiring{organization_id="acme",product="A",within_days="90"} 2`,
				`license_licenses_without_expiration{organization_id="acme",product="C"} 1`,
				`license_next_expiration_timestamp_seconds{organization_id="acme",product="A"} 1.7724096e+09`,
				`license_next_expiration_timestamp_seconds{organization_id="acme",product="B"} 1.7700768e+09`,
			},
		},
		"states of the table": {
			[]string{"Product=A, State=In use", "Product=A, State=Expired, End=2027-01-01", "Product=A, State=Retired, End=2026-03-02", "Product=A, End=2026-03-20"},
			[]string{"license_licenses{", "license_next"},
			[]string{
				`license_licenses{assigned="",organization_id="acme",product="",state="expired"} 0`,
				`license_licenses{assigned="",organization_id="acme",product="A",state="Expired"} 1`,
				`license_licenses{assigned="",organization_id="acme",product="A",state="In use"} 1`,
				`license_licenses{assigned="",organization_id="acme",product="A",state="Retired"} 1`,
				`license_licenses{assigned="",organization_id="acme",product="A",state="active"} 1`,
				`license_next_expiration_timestamp_seconds{organization_id="acme",product="A"} 1.7740512e+09`,
			},
		},
		"what has ended and is in use": {
			[]string{"Product=A, End=2026-02-01, Used=4", "Product=A, End=2027-02-01, Used=4", "Product=B, End=2026-02-01, Used=0", "Product=C, End=2026-02-01"},
			[]string{"license_ended_in_use"},
			[]string{`license_ended_in_use{organization_id="acme",product="A"} 4`, `license_ended_in_use{organization_id="acme",product="B"} 0`},
		},
		"what has ended and is continued under the same id": {
			[]string{"ID=1, Product=A, End=2025-02-01, Used=4", "ID=1, Product=A, End=2026-02-01, Used=4", "ID=1, Product=A, End=2027-02-01, Used=4",
				"ID=2, Product=B, End=2027-02-01, Used=4", "ID=2, Product=B, End=2026-02-01, Used=4", "ID=3, Product=C, End=2025-01-01, Used=1", "ID=3, Product=C, End=2026-01-01, Used=2"},
			[]string{"license_ended_in_use", "license_licenses{"},
			[]string{
				`license_ended_in_use{organization_id="acme",product="A"} 0`, `license_ended_in_use{organization_id="acme",product="B"} 0`, `license_ended_in_use{organization_id="acme",product="C"} 2`,
				`license_licenses{assigned="",organization_id="acme",product="A",state="active"} 1`, `license_licenses{assigned="",organization_id="acme",product="A",state="expired"} 2`,
				`license_licenses{assigned="",organization_id="acme",product="B",state="active"} 1`, `license_licenses{assigned="",organization_id="acme",product="B",state="expired"} 1`,
				`license_licenses{assigned="",organization_id="acme",product="C",state="expired"} 2`,
			},
		},
		"grace, only after the end": {
			[]string{"Product=A, End=2026-02-01, Grace=2026-03-31, Seats=5", "Product=B, End=2026-04-01, Grace=2026-05-01", "Product=C, End=2026-01-01, Grace=2026-02-01, Seats=5"},
			[]string{"license_grace", "license_seats", "license_next"},
			[]string{
				`license_grace_period_end_timestamp_seconds{license_id="",organization_id="acme",product="A"} 1.7750016e+09`,
				`license_next_expiration_timestamp_seconds{organization_id="acme",product="A"} 1.7699904e+09`,
				`license_next_expiration_timestamp_seconds{organization_id="acme",product="B"} 1.775088e+09`,
				`license_next_expiration_timestamp_seconds{organization_id="acme",product="C"} 1.767312e+09`,
				`license_seats_limit{license_id="",organization_id="acme",product="A",unit="seat"} 5`,
			},
		},
		"costs": {
			[]string{"Product=A, Cost=10.5, Currency=eur", "Product=A, Cost=2, Currency=EUR", "Product=A, Cost=7, Currency=USD", "Product=A, Cost=100, Currency=EUR, End=2026-01-01"},
			[]string{"license_cost"},
			[]string{
				`license_cost{component="purchase",currency="EUR",organization_id="acme",product="A"} 12.5`,
				`license_cost{component="purchase",currency="USD",organization_id="acme",product="A"} 7`,
			},
		},
		"organizations": {
			[]string{"Product=A, Company=North, Seats=1", "Product=A, Company=South, Seats=2", "Product=A, Seats=4"},
			[]string{"license_seats"},
			[]string{
				`license_seats_limit{license_id="",organization_id="North",product="A",unit="seat"} 1`,
				`license_seats_limit{license_id="",organization_id="South",product="A",unit="seat"} 2`,
				`license_seats_limit{license_id="",organization_id="acme",product="A",unit="seat"} 4`,
			},
		},
		"no product": {[]string{"Seats=1"}, []string{"license_seats"}, []string{`license_seats_limit{license_id="",organization_id="acme",product="unknown",unit="seat"} 1`}},
	} {
		t.Run(name, func(t *testing.T) { want(t, facts(t, columns, rows(test.rows...)), test.prefixes, test.want...) })
	}
}

// The series of a product are about its next end: alerts must wake the right people in time.
func TestRulesOfProducts(t *testing.T) {
	policies := []string{"license_policy", "license_next", "license_renewal"}
	const next, info = `license_next_expiration_timestamp_seconds{organization_id="acme",product="A"} `, `license_policy_info{license_id="",organization_id="acme",owner=`
	for name, test := range map[string]struct {
		rows []string
		want []string
	}{
		"the owner of what ends next": {
			[]string{"Product=A, End=2026-12-01, Owner=late", "Product=A, End=2026-04-01, Owner=soon", "Product=A, End=2026-01-01, Owner=past", "Product=A, Owner=perpetual"},
			[]string{next + "1.775088e+09", info + `"soon",product="A",renewal=""} 1`},
		},
		"any owner": {
			[]string{"Product=A, End=2026-04-01", "Product=A, Owner=perpetual"},
			[]string{next + "1.775088e+09", info + `"perpetual",product="A",renewal=""} 1`},
		},
		"the longest notice in effect": { // 2 June with 90 days is like 3 May with 60
			[]string{"Product=A, End=2026-05-03, Notice=10d", "Product=A, End=2026-06-02, Notice=90d", "Product=A, End=2030-01-01, Notice=365d"},
			[]string{next + "1.7778528e+09", `license_policy_notice_seconds{license_id="",organization_id="acme",product="A"} 5.184e+06`},
		},
		"no notice is the usual one": {
			[]string{"Product=A, End=2026-05-03", "Product=A, End=2026-06-02, Notice=2d"},
			[]string{next + "1.7778528e+09", `license_policy_notice_seconds{license_id="",organization_id="acme",product="A"} 2.592e+06`},
		},
		"all renew by themselves": {
			[]string{"Product=A, End=2026-05-03, Renews=yes", "Product=A, End=2026-06-02, Renews=automatic, Renewal=2026-06-01"},
			[]string{next + "1.7778528e+09", `license_next_renewal_timestamp_seconds{license_id="",organization_id="acme",product="A"} 1.7803584e+09`, info + `"",product="A",renewal="automatic"} 1`},
		},
		"only some renew by themselves": {
			[]string{"Product=A, End=2026-05-03, Renews=yes", "Product=A, End=2026-06-02"},
			[]string{next + "1.7804448e+09", info + `"",product="A",renewal="manual"} 1`},
		},
		"a date of renewal without another word": {
			[]string{"Product=A, End=2026-05-03, Renewal=2026-05-03"},
			[]string{next + "1.7778528e+09", `license_next_renewal_timestamp_seconds{license_id="",organization_id="acme",product="A"} 1.7778528e+09`, info + `"",product="A",renewal="automatic"} 1`},
		},
		"a date by which somebody must renew": {
			[]string{"Product=A, End=2026-05-03, Renewal=2026-04-03, Renews=manual"},
			[]string{next + "1.7778528e+09", info + `"",product="A",renewal="manual"} 1`, `license_renewal_deadline_timestamp_seconds{license_id="",organization_id="acme",product="A"} 1.7752608e+09`},
		},
		"muted": {
			[]string{"Product=A, End=2026-05-03, Muted=yes, Owner=x, Minimum=3"},
			[]string{next + "1.7778528e+09", info + `"x",product="A",renewal=""} 1`, `license_policy_minimum_available_seats{license_id="",organization_id="acme",product="A"} 3`, `license_policy_muted{license_id="",organization_id="acme",product="A"} 1`},
		},
		"muted beside others": {
			[]string{"Product=A, End=2026-04-03, Muted=yes, Owner=x, Notice=99d, Minimum=1", "Product=A, End=2026-05-03, Owner=y, Minimum=2", "Product=A, End=2026-06-03, Owner=z, Minimum=3", "Product=A, End=2026-04-03, Muted=true"},
			[]string{next + "1.7778528e+09", info + `"y",product="A",renewal=""} 1`, `license_policy_minimum_available_seats{license_id="",organization_id="acme",product="A"} 5`},
		},
	} {
		t.Run(name, func(t *testing.T) { want(t, facts(t, columns, rows(test.rows...)), policies, test.want...) })
	}
}

// What is muted and has ended must not page for others of the product.
func TestMutedEndsBesideOthers(t *testing.T) {
	used := []string{"license_ended_in_use"}
	const series = `license_ended_in_use{organization_id="acme",product="A"} `
	want(t, facts(t, columns, rows("Product=A, End=2026-01-01, Used=3, Muted=yes", "Product=A, End=2027-01-01, Used=3")), used, series+"0")
	want(t, facts(t, columns, rows("Product=A, End=2026-01-01, Used=3, Muted=yes")), used, series+"3")
}

func TestRecordsWithTheSameID(t *testing.T) {
	a, _, err := load(t, columns, rows("ID=1, Product=A, Seats=1", "ID=1, Product=B, Seats=2", "ID=1, Product=A, Company=North, Seats=4", "ID=1, Product=A, Seats=8", "Product=A, Seats=16", "Product=A, Seats=32"))
	if err != nil {
		t.Fatal(err)
	}
	h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats", "license_up", "license_exporter_records_skipped"),
		`license_exporter_records_skipped{collector="table_licenses",reason="decode"} 1`,
		`license_seats_limit{license_id="",organization_id="North",product="A",unit="seat"} 4`,
		`license_seats_limit{license_id="",organization_id="acme",product="A",unit="seat"} 49`,
		`license_seats_limit{license_id="",organization_id="acme",product="B",unit="seat"} 2`,
		`license_up{organization_id=""} 1`,
	)
	for _, text := range []string{`field=record`, `place="line 5"`, "the id is that of line 2"} {
		if !strings.Contains(h.Log.String(), text) {
			t.Errorf("the log lacks %s:\n%s", text, h.Log)
		}
	}
}

func TestIndividualLicenses(t *testing.T) {
	series := facts(t, columns+"individual_licenses: true\nindividual_licenses_limit: 2",
		rows("ID=1, Product=A, End=2026-04-01, Owner=x, Notice=9d", "ID=2, Product=A, State=Retired", "Product=A", "ID=3, Product=A"))
	want(t, series, []string{"license_info", "license_expiration", "license_policy"},
		`license_expiration_timestamp_seconds{license_id="1",organization_id="acme",product="A"} 1.775088e+09`,
		`license_info{device_serial="",license_id="1",license_name="",network_id="",order_id="",organization_id="acme",product="A",state="active"} 1`,
		`license_info{device_serial="",license_id="2",license_name="",network_id="",order_id="",organization_id="acme",product="A",state="Retired"} 1`,
		`license_policy_info{license_id="",organization_id="acme",owner="x",product="A",renewal=""} 1`,
		`license_policy_info{license_id="1",organization_id="acme",owner="x",product="A",renewal=""} 1`,
		`license_policy_notice_seconds{license_id="",organization_id="acme",product="A"} 777600`,
		`license_policy_notice_seconds{license_id="1",organization_id="acme",product="A"} 777600`,
	)
}

func TestOrganizationsAreSelected(t *testing.T) {
	series := facts(t, columns+`organizations: {include: ["name:N*"]}`, rows("Product=A, Company=North, Seats=1", "Product=A, Company=South, Seats=2"))
	want(t, series, []string{"license_seats"}, `license_seats_limit{license_id="",organization_id="North",product="A",unit="seat"} 1`)
}
