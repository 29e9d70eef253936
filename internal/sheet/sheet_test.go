package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/textfile"
)

// read returns the rows of a table, each with its line in front.
func read(r io.Reader) (rows [][]string, err error) {
	table := NewReader(r)
	cells, err := table.Header()
	for err == nil {
		rows = append(rows, append([]string{fmt.Sprint(table.Line(0))}, cells...))
		cells, err = table.Read()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return rows, err
}

// The same table is read alike however a program saves it.
func TestTablesAsProgramsSaveThem(t *testing.T) {
	type rows = [][]string
	for name, test := range map[string]struct {
		text string
		want rows
	}{
		"Excel, German": {
			"\ufeffVertrag;Produkt;Ablaufdatum;Kosten\r\nV-1;Fabrikam CAD;31.12.2026;1.200,50\r\nV-2;\"Büro; klein\";;\r\n",
			rows{{"1", "Vertrag", "Produkt", "Ablaufdatum", "Kosten"}, {"2", "V-1", "Fabrikam CAD", "31.12.2026", "1.200,50"}, {"3", "V-2", "Büro; klein", "", ""}},
		},
		"Google Sheets": {
			"Contract,Product,Notes\nC-1,Contoso Suite,\"two\nlines\"\nC-2,\"A \"\"quoted\"\" name\",",
			rows{{"1", "Contract", "Product", "Notes"}, {"2", "C-1", "Contoso Suite", "two\nlines"}, {"4", "C-2", `A "quoted" name`, ""}},
		},
		"LibreOffice with tabs": {
			"Contract\tProduct\tEnd\nC-1\t\t2026-12-31\n\t\t\nC-2\tContoso, Suite\t\n",
			rows{{"1", "Contract", "Product", "End"}, {"2", "C-1", "", "2026-12-31"}, {"4", "C-2", "Contoso, Suite", ""}},
		},
		"an old Macintosh":             {"a,b\r1,\"x\ry\"\r\r2,3\r", rows{{"1", "a", "b"}, {"2", "1", "x\ny"}, {"5", "2", "3"}}},
		"line ends that are mixed":     {"a,b\r\n1,2\r3,4\n5,6", rows{{"1", "a", "b"}, {"2", "1", "2"}, {"3", "3", "4"}, {"4", "5", "6"}}},
		"everything in quotes":         {"\"a\";\"b\"\n\"1\";\"2\"\n", rows{{"1", "a", "b"}, {"2", "1", "2"}}},
		"spaces":                       {"\n, ,\n a , \"b\"\n 1\u00a0,\"2\"\n", rows{{"3", "a", "b"}, {"4", "1", "2"}}},
		"blank rows of a spreadsheet":  {";;\r\na;b\r\n;;;;\r\n , \r\n1;2\r\n,,,\r\n", rows{{"2", "a", "b"}, {"5", "1", "2"}}},
		"ragged rows":                  {"a,b\n1\n1,2,3\n", rows{{"1", "a", "b"}, {"2", "1"}, {"3", "1", "2", "3"}}},
		"a separator that is declared": {"sep=;\r\na;b, c, d\r\n1;2\r\n", rows{{"2", "a", "b, c, d"}, {"3", "1", "2"}}},
		"a separator within a name":    {"\"Seats, total, paid\";End\n5;x\n", rows{{"1", "Seats, total, paid", "End"}, {"2", "5", "x"}}},
		"a line end within a name":     {"\"End\r\nof term\";\"Seats, paid\"\r\n1;2\r\n", rows{{"1", "End\nof term", "Seats, paid"}, {"3", "1", "2"}}},
		"one column":                   {"name\na\nb\n", rows{{"1", "name"}, {"2", "a"}, {"3", "b"}}},
		"only a header":                {"a;b", rows{{"1", "a", "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for reader, r := range map[string]io.Reader{"at once": strings.NewReader(test.text), "by bytes": iotest.OneByteReader(strings.NewReader(test.text))} {
				got, err := read(r)
				if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
					t.Errorf("%s: error %v, rows differ (-want +got):\n%s", reader, err, diff)
				}
			}
		})
	}
}

// utf16LE returns a text as Excel saves "Unicode text".
func utf16LE(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

func TestTablesThatAreRefused(t *testing.T) {
	const (
		notUTF8 = "the file is not in UTF-8; save it as CSV UTF-8"
		quotes  = `the quotes are wrong; write a cell with quotes in it as "a ""quoted"" word"`
		tooLong = "a row has more than 1 MiB; the quote at the end of a cell may be missing"
	)
	for name, test := range map[string]struct{ text, want string }{
		"empty":                   {"", "the file has no header; write the names of the columns in the first line"},
		"only a mark":             {"\ufeff", "the file has no header; write the names of the columns in the first line"},
		"blank":                   {"\n;;\n \n", "the file has no header; write the names of the columns in the first line"},
		"Windows-1252":            {"a;b\r\n\r\nB\xfcro;1\r\n", "line 3: " + notUTF8},
		"Windows-1252 on a Mac":   {"a;b\r1;2\rB\xfcro;1\r", "line 3: " + notUTF8},
		"Windows-1252 at the end": {"a;b\r\nB\xfc", "line 2: " + notUTF8},
		"UTF-16":                  {utf16LE("a\tb\r\n1\t2\r\n"), "line 1: " + notUTF8},
		"UTF-16 without a mark":   {utf16LE("a\tb\r\n1\t2\r\n")[2:], "line 1: " + notUTF8},
		"an encoded half":         {"a\n\xc3", "line 2: " + notUTF8},
		"another separator":       {"\na|b|c\n1|2|3\n", "line 2: the header has a | and no comma, semicolon or tab; save the file with one of these between the cells"},
		"two separators":          {"a,b;c\n1,2;3\n", "line 1: the header has as many commas as semicolons, so that the separator is not clear; put names that contain one of them into quotes"},
		"a quote that is open":    {"a\nx\n\"b\nc\n", "line 3: " + quotes},
		"a quote in a cell":       {"a\nx\nb \"c\"\n", "line 3: " + quotes},
		"a quote in the header":   {"a\"\nx\n", "line 1: " + quotes},
		"a long row in quotes":    {"a\nx\n\"" + strings.Repeat("y\n", 1<<20), "line 3: " + tooLong},
		"a long row":              {"a\nx\n" + strings.Repeat("y", 2<<20), "line 3: " + tooLong},
		"a long header":           {strings.Repeat("y", 2<<20), "line 1: " + tooLong},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := read(strings.NewReader(test.text)); fmt.Sprint(err) != test.want {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
}

// The rows before the place that cannot be read are returned.
func TestErrorsOfTheUnderlyingReader(t *testing.T) {
	broken := errors.New("broken")
	got, err := read(io.MultiReader(strings.NewReader("a,b\n1,2\n3,"), iotest.ErrReader(broken)))
	if diff := cmp.Diff([][]string{{"1", "a", "b"}, {"2", "1", "2"}}, got); diff != "" || !errors.Is(err, broken) {
		t.Errorf("error %v, rows differ (-want +got):\n%s", err, diff)
	}
}

func TestALargeTableIsRead(t *testing.T) {
	row := strings.Repeat("x", 1000) + ",\"" + strings.Repeat("y\"\"", 1000) + "\"\r\n"
	rows, err := read(strings.NewReader("a,b\r\n" + strings.Repeat(row, 2000)))
	if err != nil || len(rows) != 2001 || rows[2000][0] != "2001" || len(rows[2000][2]) != 2000 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}

// What encoding/csv reads is read alike, apart from blank rows and white space around cells.
// Errors have no part of the text.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\ufeffa;b\r\n\"1\n\";2", "a\tb\r\r1\t2\r", "a|b", "a,b;c", "\"a,\"\"b\"\n,\n1", "a\n\"", "sep=;\na;b\n", "a\xff", "\x00a", " a , \"b\" \n", ",;\t\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(iotest.HalfReader(strings.NewReader(text)))
		var problem *textfile.Error
		if err != nil && !errors.As(err, &problem) {
			t.Fatalf("the error of %q is %v", text, err)
		}
		l, wrong := layoutOf([]byte(strings.TrimPrefix(text, "\ufeff")))
		if textfile.Invalid([]byte(text)) >= 0 || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") || l.declared || wrong != nil {
			return // no other parser reads it alike
		}
		other := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
		other.Comma, other.FieldsPerRecord, other.TrimLeadingSpace = l.separator, -1, l.separator != '\t'
		rows, otherErr := other.ReadAll()
		if otherErr != nil {
			if err == nil {
				t.Errorf("%q is read as %q, although %v", text, got, otherErr)
			}
			return
		}
		var want [][]string
		for _, row := range rows {
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
			if strings.Trim(strings.Join(row, ""), separators) != "" {
				want = append(want, row)
			}
		}
		for i := range got {
			got[i] = got[i][1:]
		}
		if len(want) > 0 && err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%q is read as %q with the error %v, want %q", text, got, err, want)
		}
	})
}
