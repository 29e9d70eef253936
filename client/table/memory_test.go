package table

import (
	"io"
	"strings"
	"testing"

	"license_exporter/internal/memorytest"
)

// repeater reads a text a number of times.
type repeater struct {
	text *strings.Reader
	left int
}

func repeated(text string, n int) io.Reader { return &repeater{strings.NewReader(text), n} }

func (r *repeater) Read(p []byte) (int, error) {
	for r.text.Len() == 0 {
		if r.left--; r.left <= 0 {
			return 0, io.EOF
		}
		if _, err := r.text.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
	}
	return r.text.Read(p)
}

// However large a file is, reading it takes the memory of a record.
func TestFilesAreReadRecordByRecord(t *testing.T) {
	const records, most = 50_000, 8 << 20
	filling := strings.Repeat("x", 1000)
	for name, test := range map[string]struct {
		format format
		text   io.Reader
	}{
		"CSV":                  {csvFormat{}, io.MultiReader(strings.NewReader("a;b\n"), repeated("1;\""+filling+"\"\n", records))},
		"JSON":                 {jsonFormat(nil), io.MultiReader(strings.NewReader(`[{"a": 0}`), repeated(`, {"a": 1, "b": "`+filling+`"}`, records-1), strings.NewReader("]"))},
		"JSON after much else": {jsonFormat(expression(t, "body.rows")), io.MultiReader(strings.NewReader(`{"x": [0`), repeated(`, {"b": "`+filling+`"}`, records), strings.NewReader(`], "rows": [{"a": 1}`), repeated(`, {"a": 1}`, records-1), strings.NewReader("]}"))},
	} {
		t.Run(name, func(t *testing.T) {
			before, n := memorytest.Live(), 0
			for _, err := range test.format.records(test.text, refs("a")) {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n%(records/4) == 0 {
					if now := memorytest.Live(); now > before+most {
						t.Errorf("after %d records, the heap has grown by %d bytes", n, now-before)
					}
				}
			}
			if n != records {
				t.Errorf("%d records, want %d", n, records)
			}
		})
	}
}

// counted counts what is read.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// A record without an end is refused, whatever it consists of.
func TestHostileRecordsAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		format      format
		begin, text string
	}{
		"a text in CSV":       {csvFormat{}, "a\n\"", "x"},
		"lines in CSV":        {csvFormat{}, "a\n\"", "x\n"},
		"cells":               {csvFormat{}, "a\n", ","},
		"a header":            {csvFormat{}, "", "a,"},
		"a text in JSON":      {jsonFormat(nil), `[{"a": "`, "x"},
		"spaces":              {jsonFormat(nil), `[`, " "},
		"members":             {jsonFormat(nil), `[{"a": 1`, `, "a": 1`},
		"a list":              {jsonFormat(nil), `[[`, "[],"},
		"depth in a record":   {jsonFormat(nil), `[`, "["},
		"depth before a list": {jsonFormat(expression(t, "body.rows")), `{"x":`, "["},
		"a name":              {jsonFormat(expression(t, "body.rows")), `{"`, "x"},
		"a whole file":        {jsonFormat(expression(t, "[body]")), `[1`, ",1"},
		"YAML":                {yamlFormat(nil), "- [", "a,"},
	} {
		t.Run(name, func(t *testing.T) {
			const most = 20 << 20
			text := &counted{Reader: io.MultiReader(strings.NewReader(test.begin), repeated(test.text, 64<<20))}
			var last error
			for _, err := range test.format.records(text, refs("a")) {
				last = err
			}
			if last == nil || text.n > most {
				t.Errorf("the error after %d bytes is %v", text.n, last)
			}
		})
	}
}
