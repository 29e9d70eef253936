package table

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

const seats = `license_seats_limit{license_id="",organization_id="acme",product="A",unit="seat"} `

// A file is read again when it has changed. If it cannot be read, the last good facts are kept.
func TestFileChanges(t *testing.T) {
	a, dir, err := load(t, "file: table.csv", "Product,Seats\nA,1\n")
	if err != nil {
		t.Fatal(err)
	}
	now := enginetest.Now
	h := newHarness(t, a, engine.Config{Now: func() time.Time { return now }})
	path := filepath.Join(dir, "table.csv")
	report := func() uint64 { return h.Snapshots(engine.Selection{})[0].Organizations[0].Collectors[0].Report.ID() }
	up := func(up, n string) {
		t.Helper()
		now = now.Add(2 * time.Minute)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_limit", "license_up"), seats+n, `license_up{organization_id=""} `+up)
	}
	up("1", "1")
	first := report()
	up("1", "1")
	if report() != first {
		t.Error("a file that has not changed was read again")
	}
	now = now.Add(time.Hour)
	up("1", "1")
	if report() == first {
		t.Error("a file that has not changed was not read again after an hour")
	}

	write(t, path, "Product,Seats\nA,22\n")
	up("1", "22")
	for name, content := range map[string]string{
		"empty": "", "half a quote": "Product,Seats\nA,1\n\"B", "without a column": "Product,Licenses\nA,1\n", "without records": "Product,Seats\n", "not UTF-8": "Product,Seats\nA\xff,1\n",
	} {
		write(t, path, content)
		up("0", "22")
		write(t, path, "Product,Seats\nA,22\n")
		age(t, path, time.Duration(len(name))*time.Minute)
		up("1", "22")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	up("0", "22")
	if log := h.Log.String(); !strings.Contains(log, "level=error") || strings.Contains(log, "collector=table_organizations") {
		t.Errorf("a failure must be one of the collector only:\n%s", log)
	}
	write(t, path, "Product,Seats,End\nA,3,2020-01-01\nA,4,never\n")
	up("1", "4")
}

// The list of organizations and the facts are one request.
func TestRequestsOfARefresh(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.RequestURI() != "/export/list?kind=all" || !strings.Contains(r.Header.Get("Accept"), "text/csv") {
			t.Errorf("the request is %s, with %v", r.URL, r.Header)
		}
		_, _ = w.Write([]byte("Product,Seats\nA,1\n"))
	}))
	t.Cleanup(server.Close)
	a, _, err := load(t, "url: "+server.URL+"/export/list?kind=all\nformat: csv\ncolumns: {product: Product, seats: Seats}", "")
	if err != nil {
		t.Fatal(err)
	}
	now := enginetest.Now
	h := newHarness(t, a, engine.Config{Now: func() time.Time { return now }})
	for range 3 {
		now = now.Add(2 * time.Minute)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_limit"), seats+"1")
	}
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests of 3 refreshes", n)
	}
}

// previewText returns a preview as lines.
func previewText(p *collector.Preview) string {
	lines := []string{p.Title}
	for _, row := range p.Rows {
		lines = append(lines, strings.Join(row, "|"))
	}
	return strings.Join(lines, "\n")
}

func TestPreview(t *testing.T) {
	a, _, err := load(t, columns+"if: r.Company != \"South\"\ntimezone: Europe/Berlin",
		rows("ID=1, Product=A, Company=North, End=2027-03-31, Seats=10, Used=4, Owner=x", "Product=B, Company=South", "ID=1, Product=A, Company=North", "ID=2, Product=B, End=03/04/2026"))
	if err != nil {
		t.Fatal(err)
	}
	h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
	if p := h.Account.Preview(); p != nil {
		t.Errorf("there is a preview before a fetch: %v", p)
	}
	h.Refresh(t.Context(), engine.Selection{})
	enginetest.WantLines(t, previewText(h.Account.Preview()),
		"4 records, 1 of them left out by if",
		"line 2|1|A|North|2027-03-31|10, 4 in use|x|",
		"line 4|1|A|North|never|||the id is that of line 2, of the same product; the record is left out; give each record its own id, or do not map id",
		`line 5|2|B|||||end "03/04/2026" may be 3 April or March 4; add the layout "02/01/2006" or "01/02/2006" to dates`,
	)
}

// The preview shows the last day in the time zone of the table, and records for which if cannot be evaluated.
func TestPreviewOfDaysAndConditions(t *testing.T) {
	h := read(t, "file: table.csv\ncolumns: {product: Product, end: End}\nif: number(r.Seats) > 1\ntimezone: America/Los_Angeles", "Product,End,Seats\nA,2027-03-14,2\nB,never,many\nC,never,1\n")
	enginetest.WantLines(t, previewText(h.Account.Preview()),
		"3 records, 2 of them left out by if",
		"line 2||A||2027-03-14|||",
		"line 3|||||||if number(): is not a number",
	)
}

// Only some records of a large table are shown, and those that have a problem.
func TestPreviewOfALargeTable(t *testing.T) {
	content := "Product,End\n" + strings.Repeat("A,never\n", 500) + strings.Repeat("A,soon\n", 300)
	h := read(t, "file: table.csv", content)
	if p := h.Account.Preview(); len(p.Rows) != 200 || p.Title != "800 records, 600 not shown" || p.Rows[199][0] != "line 601" {
		t.Errorf("the preview has %d rows, the last %v, with the title %s", len(p.Rows), p.Rows[len(p.Rows)-1], p.Title)
	}
}

// Beside columns that are named like fields, the others are proposed.
func TestProposalBesideFields(t *testing.T) {
	for header, want := range map[string]string{"Product,End,Company": "organization: Company", "Product,End,Comment": "", "Product,Seats,Renewal date": `end: Renewal date`} {
		a, _, err := load(t, "file: table.csv", header+"\nVisio,2027-03-31,Contoso\n")
		if err != nil {
			t.Fatal(err)
		}
		h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
		h.Refresh(t.Context(), engine.Selection{})
		if p := h.Account.Preview(); !strings.Contains(p.Text, want) || (want == "") != (p.Text == "") {
			t.Errorf("%s: the text is %q, want %q", header, p.Text, want)
		}
	}
}

func TestProposal(t *testing.T) {
	h := read(t, "file: table.csv", "Vertrag;Software;Vertragsende;Anzahl;Kosten;Lizenzschlüssel\r\nV-1;Visio;31.12.2026;10;1.200,50;SECRET\r\n")
	p := h.Account.Preview()
	_, text, _ := strings.Cut(p.Text, "accounts:\n")
	if _, _, err := load(t, strings.ReplaceAll(strings.Join(strings.Split(text, "\n")[2:], "\n"), "\n    ", "\n"), ""); err != nil || strings.Contains(p.Text, "SECRET") {
		t.Errorf("the proposal cannot be used: %v\n%s", err, p.Text)
	}
	for _, want := range []string{"end: Vertragsende", `dates: ["02.01.2006"]`, `decimal: ","`} {
		if !strings.Contains(p.Text, want) {
			t.Errorf("the proposal lacks %s:\n%s", want, p.Text)
		}
	}
}

// Some columns are named like fields, and others have names that fields usually have.
func TestProposalForFurtherColumns(t *testing.T) {
	for content, want := range map[string]string{
		"Product,Seats,Company,License key\nVisio,10,Contoso,SECRET\n": "      product: Product\n      organization: Company\n",
		"Product,Seats,Notes,License key\nVisio,10,a,SECRET\n":         "",
	} {
		a, _, err := load(t, "file: table.csv", content)
		if err != nil {
			t.Fatal(err)
		}
		h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
		h.Refresh(t.Context(), engine.Selection{})
		p := h.Account.Preview()
		if p.Title != "1 record" || len(p.Rows) != 1 || (p.Text != "") != (want != "") || !strings.Contains(p.Text, want) {
			t.Errorf("of %q, the preview is %v", content, p)
		}
	}
}

// Without the key pages, an answer that says that there are more pages is no silent cut.
func TestUsualSignalsOfPages(t *testing.T) {
	const rows, more = `[{"id": 1, "p": "A", "s": 1}]`, `[{"id": 2, "p": "A", "s": 2}]`
	for first, want := range map[string]string{
		`{"rows": ` + rows + `, "next": "/api?page=2", "total": 2}`:           "3",
		`{"rows": ` + rows + `, "links": {"next": "?page=2"}}`:                "3",
		`{"rows": ` + rows + `, "_links": {"next": {"href": "/api?page=2"}}}`: "3",
		`{"rows": ` + rows + `, "links": [], "next": null, "total": 1.5}`:     "1",
		`{"rows": ` + rows + `, "next": "", "total": 1, "_links": "x"}`:       "1",
		`{"rows": ` + rows + `, "total": 2}`:                                  "the list has 1 of 2 records; set pages",
		`{"rows": ` + rows + `, "next": 2}`:                                   "for the number of a page, use the key page",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Query().Get("page") == "2" {
				first = `{"rows": ` + more + `}`
			}
			_, _ = w.Write([]byte(first))
		}))
		t.Cleanup(server.Close)
		a, _, err := load(t, "url: "+server.URL+"/api\nrecords: body.rows\ncolumns: {id: id, product: p, seats: s}\n", "")
		if err != nil {
			t.Fatal(err)
		}
		h := newHarness(t, a, engine.Config{Now: enginetest.Clock})
		got := h.Scrape(t.Context(), "license_seats_limit") + h.Log.String()
		if !strings.Contains(got, want) || strings.Contains(got, "} ") != (len(want) == 1) || len(want) == 1 && !strings.Contains(got, "} "+want) {
			t.Errorf("%s: want %s, got\n%s", first, want, got)
		}
	}
}
