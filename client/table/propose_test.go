package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestOwn(t *testing.T) {
	for _, c := range []struct {
		columns []string
		want    Fields
		ok      bool
	}{
		{[]string{"ID", " Product ", "Product name", "End", "in-force", "Notes"}, Fields{ID: "ID", Product: "Product", ProductName: "Product name", End: "End", InForce: "in-force"}, true},
		{[]string{"name", "seats"}, Fields{Name: "name", Seats: "seats"}, true},
		{[]string{"name", "NAME", "seats"}, Fields{Name: "name", Seats: "seats"}, true},
		{[]string{"id", "owner"}, Fields{ID: "id", Owner: "owner"}, false},
		{[]string{"Product", "Renewal date", "Seats"}, Fields{Product: "Product", RenewalDate: "Renewal date", Seats: "Seats"}, false},
		{[]string{"Product", "Ablaufdatum", "Seats"}, Fields{Product: "Product", Seats: "Seats"}, false},
		{[]string{"end", "seats"}, Fields{End: "end", Seats: "seats"}, false},
		{nil, Fields{}, false},
	} {
		if got, ok := Own(c.columns); got != c.want || ok != c.ok {
			t.Errorf("%v: %+v, %v", c.columns, got, ok)
		}
	}
}

//nolint:misspell // other languages
func TestProposeColumns(t *testing.T) {
	for _, c := range []struct {
		columns string
		want    Fields
	}{
		{"Contract,Product,Manufacturer,Type,Company,Start,End,Seats,In use,Annual cost,Currency,Order,Renews,Notice,Owner,Notes",
			Fields{ID: "Contract", Product: "Product", Manufacturer: "Manufacturer", ProductType: "Type", Organization: "Company", Start: "Start", End: "End", Seats: "Seats", Assigned: "In use",
				Cost: "Annual cost", Currency: "Currency", OrderID: "Order", Renewal: "Renews", Notice: "Notice"}},
		{"Contract,Product,Company,Renewal date,Seats,Used", Fields{ID: "Contract", Product: "Product", Organization: "Company", End: "Renewal date", Seats: "Seats", Assigned: "Used"}},
		{"License ID,Software name,Publisher,Expiration Date,Renewal Date,Quantity,Available Seats,Purchase Order,License Type,Status",
			Fields{ID: "License ID", ProductName: "Software name", Manufacturer: "Publisher", End: "Expiration Date", RenewalDate: "Renewal Date", Seats: "Quantity", Available: "Available Seats",
				OrderID: "Purchase Order", ProductType: "License Type", State: "Status"}},
		{"Vertragsnummer;Software;Hersteller;Kunde;Vertragsbeginn;Ablaufdatum;Anzahl Lizenzen;In Nutzung;Kosten;Währung;Kündigungsfrist;Ansprechpartner;Lizenzschlüssel",
			Fields{ID: "Vertragsnummer", Product: "Software", Manufacturer: "Hersteller", Organization: "Kunde", Start: "Vertragsbeginn", End: "Ablaufdatum", Seats: "Anzahl Lizenzen", Assigned: "In Nutzung",
				Cost: "Kosten", Currency: "Währung", Notice: "Kündigungsfrist"}},
		{"Produkt;Vertragsende;Kündigungsfrist (Monate)", Fields{Product: "Produkt", End: "Vertragsende", Notice: `=number(r["Kündigungsfrist (Monate)"]) * 30`}},
		{"Product,End,Notice period in weeks", Fields{Product: "Product", End: "End", Notice: `=number(r["Notice period in weeks"]) * 7`}},
		{"Produkt;Frist (Tage);Ende der Frist", Fields{Product: "Produkt", Notice: "Frist (Tage)"}},
		{"Bezeichnung;Vertragsende;Anzahl;Verfügbar", Fields{Name: "Bezeichnung", End: "Vertragsende", Seats: "Anzahl", Available: "Verfügbar"}},
		{"Lizenz;Gueltig bis;Lizenzen", Fields{Product: "Lizenz", End: "Gueltig bis", Seats: "Lizenzen"}},
		{"Contrat,Logiciel,Éditeur,Société,Date d'expiration,Nombre de licences,Licences disponibles,Coût,Devise,Préavis,Utilisateur",
			Fields{ID: "Contrat", Product: "Logiciel", Manufacturer: "Éditeur", Organization: "Société", End: "Date d'expiration", Seats: "Nombre de licences", Available: "Licences disponibles",
				Cost: "Coût", Currency: "Devise", Notice: "Préavis"}},
		{"Contrato,Producto,Fabricante,Empresa,Fecha de inicio,Fecha de vencimiento,Cantidad,Costo,Moneda,Usuario,Correo",
			Fields{ID: "Contrato", Product: "Producto", Manufacturer: "Fabricante", Organization: "Empresa", Start: "Fecha de inicio", End: "Fecha de vencimiento", Seats: "Cantidad", Cost: "Costo",
				Currency: "Moneda"}},
		{"id,name,product,end,seats,minimum_available_seats,order_id,grace_end", Fields{ID: "id", Name: "name", Product: "product", End: "end", Seats: "seats", MinimumAvailableSeats: "minimum_available_seats",
			OrderID: "order_id", GraceEnd: "grace_end"}},
		{"Product,License key,Serial,User,E-mail,Assigned to,Contact,=cmd,End date (2026)", Fields{Product: "Product", End: "End date (2026)"}},
	} {
		p := Propose(strings.FieldsFunc(c.columns, func(r rune) bool { return r == ',' || r == ';' }), nil)
		if diff := cmp.Diff(c.want, p.Columns); diff != "" {
			t.Errorf("%s:\n%s", c.columns, diff)
		}
	}
}

// The YAML is a configuration that reads the samples.
func TestProposeYAML(t *testing.T) {
	p := Propose([]string{"Contract", "Product", "Ends: on", "Seats", "Cost", "Team", "Owner", "License key", "Admin", "Notes"}, [][]string{
		{"C-1", "Contoso Suite", "31.12.2026", "10", "1.200,50", "sam-team", "Ann Example", "X", "ann@example.com", "a"},
		{"C-2", "Fabrikam One", "Perpetual", "5", "7,5", "network-team", "Bob Example", "Y", "", ""},
		{"C-3", "Fabrikam Two", "1.2.2027", "", "", ""},
	})
	const want = `columns:
  id: Contract
  product: Product
  end: "Ends: on"
  seats: Seats
  cost: Cost
  owner: Team
dates: ["2.1.2006"]
decimal: ","
never: ["perpetual"]
# Not read, since no field fits: Owner, Notes
# Not read, since there may be keys or people in it: License key, Admin
`
	if diff := cmp.Diff(want, p.YAML); diff != "" {
		t.Error(diff)
	}
	checkProposal(t, p)
	for _, c := range []struct {
		samples, want, unwanted string
	}{
		{"31.12.2026 Perpetual 1.2.2027 2026-01-01", "dates: [\"2.1.2006\"]\nnever: [\"perpetual\"]\n", "#"},
		{"12/31/2026 01/02/2027", `dates: ["01/02/2006"]`, "#"},
		{"01/02/2027 31/12/2026", `dates: ["02/01/2006"]`, "#"},
		{"01/02/2027 03/04/2027", "# Choose one, since 01/02/2027 may be two days:\n# dates: [\"02/01/2006\"]  # 1 February 2027\n# dates: [\"01/02/2006\"]  # January 2, 2027\n", "\ndates"},
		{"2027-01-01 - soon", "never: [\"-\"]\n", "dates"},
		{"31-Dec-26 20261231", "dates: [\"2-Jan-06\", \"20060102\"]\n", "#"},
		{"46112", "columns:", "dates"},
	} {
		var rows [][]string
		for _, text := range strings.Fields(c.samples) {
			rows = append(rows, []string{"x", text})
		}
		p := Propose([]string{"Product", "End"}, rows)
		if !strings.Contains(p.YAML, c.want) || strings.Contains(p.YAML, c.unwanted) {
			t.Errorf("%s: the YAML is\n%s", c.samples, p.YAML)
		}
		checkProposal(t, p)
	}
	for text, want := range map[string]string{
		"1,200": "# Choose one, since 1,200 may be two numbers:\n# decimal: \",\"  # 1.2\n# decimal: \".\"  # 1200\n", "1,200.50": `decimal: "."`, "1.200,50": `decimal: ","`, "1200.5": "seats: Seats\n",
		"unlimited": "seats: Seats\n", "a lot": "seats: Seats\n",
	} {
		p := Propose([]string{"Product", "Seats"}, [][]string{{"x", text}})
		if !strings.Contains(p.YAML, want) || strings.Contains(p.YAML, "decimal") != strings.Contains(want, "decimal") {
			t.Errorf("%s: the YAML is\n%s", text, p.YAML)
		}
		checkProposal(t, p)
	}
	if p := Propose([]string{"Notes", "Yes", "- x", "a: b"}, nil); !strings.Contains(p.YAML, "# A license needs an end or seats") || !strings.Contains(p.YAML, `Notes, "Yes", "- x", "a: b"`) {
		t.Errorf("the YAML is\n%s", p.YAML)
	}
}

// checkProposal checks that the YAML is what the proposal says, and can be used.
func checkProposal(t *testing.T, p Proposal) {
	t.Helper()
	var read struct {
		Columns Fields
		Dates   []string
		Decimal string
		Never   []string
	}
	if err := yaml.Unmarshal([]byte(p.YAML), &read); err != nil {
		t.Fatalf("%v:\n%s", err, p.YAML)
	}
	if read.Columns != p.Columns || strings.Join(read.Dates, "|") != strings.Join(p.Dates, "|") || read.Decimal != p.Decimal || strings.Join(read.Never, "|") != strings.Join(p.Never, "|") {
		t.Errorf("the YAML is\n%s\nand the proposal %+v", p.YAML, p)
	}
	mustMap(t, MappingOptions{Columns: p.Columns, Formats: &Formats{Dates: p.Dates, Decimal: p.Decimal, Never: p.Never}})
}

func FuzzPropose(f *testing.F) {
	f.Add("Contract,Product,End,Seats", "C-1,x,31.12.2026,10")
	f.Add("\xff,a: b,#,- x,\"", "1,200|03/04/2026|perpetual")
	f.Fuzz(func(t *testing.T, columns, row string) {
		split := strings.Split(columns, ",")
		values := strings.Split(row, ",")
		if len(split) > 30 || len(values) > 30 {
			return
		}
		checkProposal(t, Propose(split, [][]string{values, {"x"}, nil}))
	})
}
