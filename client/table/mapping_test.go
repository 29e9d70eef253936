package table

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustMap(t testing.TB, o MappingOptions) *Mapping {
	t.Helper()
	m, errs := NewMapping(o)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return m
}

// record returns a record of a CSV file with these values of the references.
func record(m *Mapping, values map[string]any) *Record {
	r := &Record{Place: Place{Line: 7, Record: 6}}
	for _, reference := range m.References() {
		value := Value{}
		switch v := values[reference.Column].(type) {
		case string:
			value = Value{Kind: Text, Text: v}
		case bool:
			value = Value{Kind: Bool, Text: fmt.Sprint(v)}
		case int, float64:
			value = Value{Kind: Number, Text: fmt.Sprint(v)}
		case nil:
		default:
			value = Value{Kind: Tree, Tree: v}
		}
		r.Values = append(r.Values, value)
	}
	return r
}

// Every field of Fields is read, from a column and from an expression.
func TestEveryFieldIsRead(t *testing.T) {
	texts := map[string]string{"Start": "2026-01-01", "End": "2026-12-31", "GraceEnd": "2027-01-31", "RenewalDate": "2026-11-30", "InForce": "yes", "Compliant": "no",
		"Muted": "x", "Seats": "10", "Assigned": "7", "Available": "-3", "Cost": "12.5", "MinimumAvailableSeats": "2", "Notice": "60", "Renewal": "auto", "Currency": "eur"}
	day := func(year int, month time.Month, day int) Date {
		return Date{Time: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
	}
	want := License{Place: Place{Line: 7, Record: 6}, Start: day(2026, 1, 1), End: day(2027, 1, 1), GraceEnd: day(2027, 2, 1), RenewalDate: day(2026, 12, 1),
		InForce: Optional[bool]{true, true}, Compliant: Optional[bool]{false, true}, Muted: Optional[bool]{true, true}, Seats: Optional[float64]{10, true},
		Assigned: Optional[float64]{7, true}, Available: Optional[float64]{-3, true}, Cost: Optional[float64]{12.5, true}, MinimumAvailableSeats: Optional[float64]{2, true},
		Notice: Optional[time.Duration]{60 * 24 * time.Hour, true}, Renewal: "automatic", Currency: "EUR"}
	var plain, expressions Fields
	values := map[string]any{}
	for i := range reflect.TypeFor[Fields]().NumField() {
		f := reflect.TypeFor[Fields]().Field(i)
		if _, ok := reflect.TypeFor[License]().FieldByName(f.Name); !ok || f.Tag.Get("yaml") == "" {
			t.Fatalf("there is no field %s of a license", f.Name)
		}
		if texts[f.Name] == "" {
			texts[f.Name] = "the  " + f.Name
			reflect.ValueOf(&want).Elem().FieldByName(f.Name).SetString("the " + f.Name)
		}
		values["Column "+f.Name] = texts[f.Name]
		reflect.ValueOf(&plain).Elem().Field(i).SetString(" Column " + f.Name + " ")
		reflect.ValueOf(&expressions).Elem().Field(i).SetString(`=r["Column ` + f.Name + `"]`)
	}
	for _, columns := range []Fields{plain, expressions} {
		m := mustMap(t, MappingOptions{Columns: columns})
		if n := len(m.References()); n != reflect.TypeFor[Fields]().NumField() {
			t.Errorf("there are %d references", n)
		}
		got, kept := m.Read(record(m, values), func(u Unreadable) { t.Errorf("%+v", u) })
		if diff := cmp.Diff(want, got); diff != "" || !kept {
			t.Errorf("kept is %v:\n%s", kept, diff)
		}
		if got, _ := m.Read(record(m, nil), nil); !reflect.DeepEqual(got, License{Place: Place{Line: 7, Record: 6}}) {
			t.Errorf("an empty record is %+v", got)
		}
	}
}

func TestRead(t *testing.T) {
	m := mustMap(t, MappingOptions{
		Columns: Fields{Name: "Contract", ProductName: "Title", Manufacturer: "=r.vendor.name", End: "=date(r.End, '02/01/2006')", Currency: `="eur"`, Unit: "Unit",
			Seats: "Seats", Cost: "=number(r.Price) * 12", Notice: `=duration("48h")`, Muted: "=r.Seats == 0", Owner: "Owner", Start: "=r.Start"},
		If:      `=r.Status != "retired"`,
		Formats: &Formats{Location: berlin(t)},
	})
	var found []Unreadable
	l, kept := m.Read(record(m, map[string]any{"Contract": "C-1", "Title": "Contoso Suite", "vendor": map[string]any{"name": "Contoso"}, "End": "03/04/2026",
		"Unit": "Core", "Seats": 0, "Price": "1.5", "Owner": "sam-team", "Start": 1800000000, "Status": "active"}), func(u Unreadable) { found = append(found, u) })
	want := License{Place: Place{Line: 7, Record: 6}, Name: "C-1", Product: "Contoso Suite", ProductName: "Contoso Suite", Manufacturer: "Contoso", Currency: "EUR", Unit: "Core",
		End: Date{Time: time.Date(2026, 4, 3, 22, 0, 0, 0, time.UTC)}, Start: Date{Time: time.Unix(1800000000, 0).UTC()},
		Seats: Optional[float64]{0, true}, Cost: Optional[float64]{18, true}, Notice: Optional[time.Duration]{48 * time.Hour, true}, Muted: Optional[bool]{true, true}, Owner: "sam-team"}
	if diff := cmp.Diff(want, l); diff != "" || !kept || len(found) > 0 {
		t.Errorf("kept is %v, %+v:\n%s", kept, found, diff)
	}
	if _, kept := m.Read(record(m, map[string]any{"Status": "retired"}), nil); kept {
		t.Error("a record that if leaves out is kept")
	}
	l, _ = m.Read(record(m, map[string]any{"vendor": map[string]any{"name": nil}, "Title": "", "Contract": "C"}), func(u Unreadable) { t.Errorf("%+v", u) })
	if l.Manufacturer != "" || l.Product != "C" {
		t.Errorf("the license is %+v", l)
	}
	m = mustMap(t, MappingOptions{Columns: Fields{Product: "P", Name: "N"}})
	if l, _ := m.Read(record(m, map[string]any{"N": "x"}), nil); l.Product != "" {
		t.Errorf("the product is %q although it is mapped to an empty column", l.Product)
	}
}

func TestUnreadable(t *testing.T) {
	for _, c := range []struct {
		field, text string
		value       any
		want        Unreadable
	}{
		{"end", "E", "", Unreadable{Column: "E", Advice: `is empty; write "never" if there is no end`}},
		{"end", "E", nil, Unreadable{}}, // null says that there is none
		{"end", "E", "0001-01-01", Unreadable{Column: "E", Value: "0001-01-01", Advice: `is empty`}},
		{"end", "=r.E", "", Unreadable{Column: "E", Advice: `is empty`}},
		{"end", "=r.E", nil, Unreadable{}},
		{"end", "=date(r.E)", "", Unreadable{}},
		{"start", "E", "", Unreadable{}},
		{"end", "E", "31.12.2026", Unreadable{Column: "E", Value: "31.12.2026", Advice: `add the layout "02.01.2006" to dates`}},
		{"end", "=date(r.E)", "31.12.2026", Unreadable{Column: "E", Advice: `date(): is not a date in a known format; add the layout "02.01.2006" to dates`}},
		{"end", "=date(r.E) > r.F", "2026-01-01", Unreadable{Advice: "a value has a type that cannot be used here"}},
		{"name", "=r.E.name", "Contoso", Unreadable{Column: "E", Advice: `there is no member "name", because the value is null or not an object`}},
		{"name", `=r.E.split("").map(x, r.E.split("").map(y, r.E.replace(x, y))).size() > 0 ? "x" : ""`, strings.Repeat("ab", 1000), Unreadable{Column: "E", Advice: "takes too long"}},
		{"end", "E", "ask ann@example.com", Unreadable{Column: "E", Advice: "add it to never"}},
		{"end", "E", strings.Repeat("1", 50), Unreadable{Column: "E", Value: strings.Repeat("1", 40) + "…", Advice: "too large"}},
		{"end", "E", true, Unreadable{Column: "E", Value: "true", Advice: "is true or false, not a date"}},
		{"end", "E", 46112, Unreadable{Column: "E", Value: "46112", Advice: "day number of a spreadsheet"}},
		{"end", "E", 1.8e9, Unreadable{}},
		{"end", `=duration("1h")`, nil, Unreadable{Advice: "is a duration, not a date"}},
		{"end", "E", map[string]any{}, Unreadable{Column: "E", Advice: "is a list or an object; read a member of it by an expression"}},
		{"end", "=[r.E]", "x", Unreadable{Column: "E", Advice: "is a list or an object"}},
		{"seats", "E", "1,200", Unreadable{Column: "E", Value: "1,200", Advice: "decimals or groups of digits"}},
		{"seats", "E", -1, Unreadable{Column: "E", Value: "-1", Advice: "must not be negative"}},
		{"available", "E", -1, Unreadable{}},
		{"seats", "E", "unlimited", Unreadable{}},
		{"seats", "E", true, Unreadable{Column: "E", Value: "true", Advice: "is true or false, not a number"}},
		{"seats", `=date("2026-01-01")`, nil, Unreadable{Advice: "is a date or a duration, not a number"}},
		{"muted", "E", "maybe", Unreadable{Column: "E", Value: "maybe", Advice: "must be yes or no"}},
		{"muted", `=date("2026-01-01")`, nil, Unreadable{Advice: "is a date or a duration"}},
		{"renewal", "E", "perhaps", Unreadable{Column: "E", Value: "perhaps", Advice: "must be automatic or manual"}},
		{"notice", "E", "soon", Unreadable{Column: "E", Value: "soon", Advice: "must be a number of days, or a duration such as 60d or 8w"}},
		{"notice", `=duration("-1h")`, nil, Unreadable{Advice: "must not be negative"}},
		{"name", "E", "Ann <ann@example.com>", Unreadable{Column: "E", Advice: "has an e-mail address; map a column without people"}},
		{"owner", "E", "ann@example.com", Unreadable{Column: "E", Advice: "has an e-mail address"}},
		{"name", "E", strings.Repeat("é", 600), Unreadable{Column: "E", Advice: "has more than 1024 bytes"}},
		{"name", "E", "\xff", Unreadable{Column: "E", Advice: "is not UTF-8"}},
		{"name", "E", "a @ home", Unreadable{}},
		{"unit", "E", strings.Repeat("u", 41), Unreadable{Column: "E", Advice: "must be a short word"}},
		{"currency", "E", strings.Repeat("u", 41), Unreadable{Column: "E", Advice: "must be a short word"}},
	} {
		var columns Fields
		fields := reflect.TypeFor[Fields]()
		for i := range fields.NumField() {
			if fields.Field(i).Tag.Get("yaml") == c.field {
				reflect.ValueOf(&columns).Elem().Field(i).SetString(c.text)
			}
		}
		m := mustMap(t, MappingOptions{Columns: columns})
		var got Unreadable
		l, kept := m.Read(record(m, map[string]any{"E": c.value}), func(u Unreadable) {
			if got.Field != "" {
				t.Errorf("%s %q: there is a second one, %+v", c.field, c.text, u)
			}
			got = u
		})
		advice := got.Advice
		got.Advice = ""
		want := c.want
		want.Advice = ""
		if c.want.Advice != "" {
			want.Place, want.Field = Place{Line: 7, Record: 6}, c.field
		}
		if got != want || (advice == "") != (c.want.Advice == "") || !strings.Contains(advice, c.want.Advice) || !kept {
			t.Errorf("%s %q with %.30v: %+v, %q, want %+v", c.field, c.text, c.value, got, advice, c.want)
		}
		if c.field == "end" && l.End.Unreadable != (c.want.Advice != "") {
			t.Errorf("%s with %.30v: the end is %+v", c.text, c.value, l.End)
		}
	}
}

func TestIf(t *testing.T) {
	m := mustMap(t, MappingOptions{Columns: Fields{Name: "N"}, If: "r.Active"})
	for value, want := range map[any]struct {
		kept  bool
		found int
	}{true: {true, 0}, false: {false, 0}, "yes": {false, 1}, nil: {false, 1}, 1: {false, 1}} {
		found := 0
		_, kept := m.Read(record(m, map[string]any{"Active": value}), func(u Unreadable) {
			found++
			if u.Field != "if" || u.Column != "Active" || u.Value != "" {
				t.Errorf("%+v", u)
			}
		})
		if kept != want.kept || found != want.found {
			t.Errorf("%v: kept is %v with %d findings", value, kept, found)
		}
	}
}

func TestMappingErrors(t *testing.T) {
	for want, o := range map[string]MappingOptions{
		`columns.end: must be a CEL expression, such as r.name; column 5: "dat" is not known`: {Columns: Fields{End: "= r==dat(r.End)"}},
		`columns.name: must name the columns that it reads`:                                   {Columns: Fields{Name: "=r.map(k, k)[0]"}},
		`columns.owner: must name the columns`:                                                {Columns: Fields{Owner: `=r["a" + "b"]`}},
		`columns.cost: divides by zero`:                                                       {Columns: Fields{Cost: "=1/0"}},
		`if: must be a CEL expression`:                                                        {If: "r.x =="},
		`dates[0]: must`:                                                                      {Formats: &Formats{Dates: []string{"yyyy"}}},
		`columns.id: the column "License key" looks as if there were keys or passwords in it, which must not be shown; map another column, or add it to allow_columns if it has none`: {
			Columns: Fields{ID: "License key"}},
		`columns.id: the column "key" looks`:            {Columns: Fields{ID: "=r.license.key"}},
		`columns.name: the column "serial" looks`:       {Columns: Fields{Name: `=r.list.map(i, i.serial).join("")`}},
		`columns.name: the column "api_token" looks`:    {Columns: Fields{Name: `=r["api_token"]`}},
		`if: the column "password" looks`:               {If: `r.password == ""`},
		`allow_columns[1]: no field reads a column "y"`: {Columns: Fields{ID: "Key"}, AllowColumns: []string{"key", "y"}},
		`allow_columns[0]: no field reads a column "N"`: {Columns: Fields{ID: "N"}, AllowColumns: []string{"N"}},
	} {
		m, errs := NewMapping(o)
		if m != nil || len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("the errors are %v, want %q", errs, want)
		}
	}
	mustMap(t, MappingOptions{Columns: Fields{ID: "Serial number ", Name: "=r.license.key"}, AllowColumns: []string{" serial NUMBER", "key"}})
}

func TestReferences(t *testing.T) {
	m := mustMap(t, MappingOptions{Columns: Fields{ID: " Contract ", Name: "=r.Contract + r.company.name", End: "=r.company.end", Seats: "=r.list.size()", Cost: "=1"}, If: "r.company.name != r.Status"})
	whole := &Shape{Whole: true}
	want := []Reference{
		{Key: "columns.id", Column: "Contract", Shape: whole, Named: true},
		{Key: "columns.name", Column: "company", Shape: &Shape{Members: map[string]*Shape{"name": whole, "end": whole}}},
		{Key: "columns.seats", Column: "list", Shape: whole},
		{Key: "if", Column: "Status", Shape: whole},
	}
	if diff := cmp.Diff(want, m.References()); diff != "" {
		t.Error(diff)
	}
}

func TestLooksSecret(t *testing.T) {
	for _, name := range []string{"Key", "License key", "LICENSE KEY", "license_key", "licenseKey", "licensekey", "licencekey", "ProductKey", "product-keys", "APIKey", "apikey", "Serial", "Serial No.",
		"serialNumber", "serialnumber", "SERIALNO", "Password", "dbPassword", "userpasswd", "pwd", "PIN", "PIN code", "Token", "accessToken", "authtoken", "Client secret", "clientsecret", "Activation code",
		"activationCode", "activationcode", "Credentials", "CD-Key", "Lizenzschlüssel", "Produktschluessel", "Seriennummer", "Seriennr.", "Passwort", "Kennwort", "Clé de licence", "Mot de passe",
		"Numéro de série", "Clave", "Número de serie", "Contraseña", "Key (do not share)", "license.key", "keys2", "Key account key",
		"S/N", "SN", "Lizenzkey", "Produktkey", "Freischaltcode", "Lizenzcode", "Aktivierungscode", "Chiave di licenza", "Codice di attivazione", "Chave", "Senha", "Licentiesleutel", "Licensnyckel", "Klucz",
		"Hasło", "Лицензионный ключ", "Серийный номер", "许可证密钥", "序列号", "ライセンスキー", "シリアル番号", "ｌｉｃｅｎｓｅ　ｋｅｙ", "Código de activación", "Code d'activation"} {
		if !looksSecret(name) {
			t.Errorf("%q does not look secret", name)
		}
	}
	for _, name := range []string{"Keyboard", "Monkey", "Turnkey", "Keynote", "Key account", "Key account manager", "Key contact", "keyUser", "Turkey", "Hockey", "Serialization", "Secretary", "Secretariat",
		"Opinion", "Shipping", "Spin", "Mapping", "Product", "Product code", "productcode", "Order number", "Contract", "Renewal date", "Code", "Country code", "Tokenization", "Zip code", "Passport", "Pinned",
		"", "Nummer", "Serie", "número", "Clavier", "Bypass", "Whiskey", "Keystone", "Status", "Snow", "キーボード", "Produkt", "Lizenz", "Codice", "Numero"} {
		if looksSecret(name) {
			t.Errorf("%q looks secret", name)
		}
	}
}

func TestWords(t *testing.T) {
	type result struct {
		value, ok, bad bool
	}
	for text, want := range map[string]result{"": {}, "Yes": {true, true, false}, "TRUE": {true, true, false}, "y": {true, true, false}, "1": {true, true, false}, "X": {true, true, false},
		"no": {false, true, false}, "N": {false, true, false}, "False": {false, true, false}, "0": {false, true, false}, "2": {false, false, true}, "maybe": {false, false, true}} {
		value, ok, advice := boolean(text)
		if got := (result{value, ok, advice != ""}); got != want {
			t.Errorf("%q is %+v", text, got)
		}
	}
	for text, want := range map[string]string{"": "", "Automatic": "automatic", "auto": "automatic", "AUTOMATICALLY": "automatic", "yes": "automatic", "true": "automatic", "manual": "manual",
		"Manually": "manual", "no": "manual", "false": "manual"} {
		if got, advice := renewal(text); got != want || advice != "" {
			t.Errorf("%q is %q, %q", text, got, advice)
		}
	}
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{"60d": 60 * day, "8w": 56 * day, "60": 60 * day, "60 days": 60 * day, "1 Day": day, "0": 0, "1d12h": 36 * time.Hour} {
		if got, ok, advice := notice(text); got != want || !ok || advice != "" {
			t.Errorf("%q is %v, %v, %q", text, got, ok, advice)
		}
	}
	for _, text := range []string{"-5", "60 weeks", "soon", "1.5", "999999", "300000000y"} {
		if got, ok, advice := notice(text); ok || advice == "" {
			t.Errorf("%q is %v", text, got)
		}
	}
	for text, want := range map[string]string{"a  b\n c\u00a0 d ": "a b c d", "plain text": "plain text", "Ü": "Ü", "a@b": "a@b"} {
		if got, advice := fieldText(text); got != want || advice != "" {
			t.Errorf("%q is %q, %q", text, got, advice)
		}
	}
}

// Plain columns take no memory, and expressions little. With the race detector, package sync throws some of what is
// kept between records away.
func TestReadAllocations(t *testing.T) {
	plain, expressions := benchmarkMappings(t)
	for _, c := range []struct {
		m     *Mapping
		limit float64
	}{{plain, 5}, {expressions, 100}} {
		r := record(c.m, benchmarkRecord)
		if n := testing.AllocsPerRun(100, func() { c.m.Read(r, nil) }); n > c.limit {
			t.Errorf("a record takes %v allocations, more than %v", n, c.limit)
		}
	}
}

var benchmarkRecord = map[string]any{"Contract": "C-100", "Product": "Contoso Suite", "Company": "Contoso Retail", "End": "2027-03-31", "Seats": "100", "Used": "87", "Cost": "1200.5", "Status": "active"}

func benchmarkMappings(t testing.TB) (plain, expressions *Mapping) {
	columns := Fields{ID: "Contract", Product: "Product", Organization: "Company", End: "End", Seats: "Seats", Assigned: "Used", Cost: "Cost"}
	plain = mustMap(t, MappingOptions{Columns: columns})
	columns.End, columns.Seats, columns.Cost = "=date(r.End)", "=number(r.Seats)", "=number(r.Cost) * 12"
	return plain, mustMap(t, MappingOptions{Columns: columns, If: `r.Status in ["active", "trial"]`})
}

// BenchmarkRead reports how often longer a record with three expressions and a condition takes than one with
// plain columns.
func BenchmarkRead(b *testing.B) {
	plain, expressions := benchmarkMappings(b)
	measure := func(m *Mapping) time.Duration {
		r := record(m, benchmarkRecord)
		start := time.Now()
		for range b.N {
			m.Read(r, nil)
		}
		return time.Since(start)
	}
	simple, evaluated := measure(plain), measure(expressions)
	b.ReportMetric(float64(evaluated)/float64(simple), "expressions/plain")
	for _, c := range []struct {
		unit string
		m    *Mapping
	}{{"plain-allocs/record", plain}, {"expression-allocs/record", expressions}} {
		r := record(c.m, benchmarkRecord)
		b.ReportMetric(testing.AllocsPerRun(100, func() { c.m.Read(r, nil) }), c.unit)
	}
	b.ReportMetric(float64(simple.Nanoseconds())/float64(b.N), "plain-ns/record")
}

// A column may be a field and be read by an expression as well.
func TestColumnThatIsAlsoRead(t *testing.T) {
	whole := &Shape{Whole: true}
	for _, fields := range []Fields{{ID: "x", Name: "=r.x.name"}, {ID: "=r.x.name", Name: "x"}} {
		want := []Reference{{Key: "columns.id", Column: "x", Named: true, Shape: &Shape{Whole: true, Members: map[string]*Shape{"name": whole}}}}
		if diff := cmp.Diff(want, mustMap(t, MappingOptions{Columns: fields}).References()); diff != "" {
			t.Error(diff)
		}
	}
}
