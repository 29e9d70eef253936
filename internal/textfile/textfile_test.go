package textfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	const notUTF8 = "the file is not in UTF-8; use UTF-8"
	for text, test := range map[string]struct{ want, err string }{
		"":                         {"", ""},
		"\ufeff":                   {"", ""},
		"a":                        {"a", ""},
		"\ufeffa\r\nb\rc\r\r\nd\r": {"a\r\nb\nc\n\r\nd\n", ""},
		"ä\ufeff€😀":                {"ä\ufeff€😀", ""},
		"a\nä\xe4b":                {"a\nä", "line 2: " + notUTF8},
		"a\r\r\n\xe2\x82":          {"a\n\r\n", "line 3: " + notUTF8},
		"a\x00":                    {"a", "line 1: " + notUTF8},
		"\xff\xfea\x00":            {"", "line 1: " + notUTF8},
	} {
		for name, source := range map[string]io.Reader{"at once": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text)), "with the end": iotest.DataErrReader(strings.NewReader(text))} {
			r := NewReader(source, "use UTF-8")
			r.Allow(1 << 20)
			got, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			failed := ""
			if r.Err() != nil {
				failed = r.Err().Error()
			}
			if string(got) != test.want || failed != test.err || r.Offset() != int64(len(got)) {
				t.Errorf("%q is read %s as %q with the error %q, want %q, %q", text, name, got, failed, test.want, test.err)
			}
		}
	}
}

func TestReaderIsBounded(t *testing.T) {
	r := NewReader(strings.NewReader(strings.Repeat("x\n", 1<<20)), "")
	if got, err := io.ReadAll(r); len(got) > 0 || err != nil || !errors.Is(r.Err(), ErrTooLong) {
		t.Errorf("%d bytes are read, although none is allowed", len(got))
	}
	r = NewReader(strings.NewReader(strings.Repeat("x\n", 1<<20)), "")
	r.Allow(100_000)
	got, _ := io.ReadAll(r)
	if len(got) < 100_000 || len(got) > 200_000 || !errors.Is(r.Err(), ErrTooLong) {
		t.Errorf("%d bytes are read, the error is %v", len(got), r.Err())
	}
}

func TestLine(t *testing.T) {
	r := NewReader(strings.NewReader("a\nb\r\nc\rd\n"), "")
	r.Allow(100)
	var got []int
	buffer := make([]byte, 3)
	for {
		n, err := r.Read(buffer)
		if err != nil {
			break
		}
		got = append(got, r.Line(bytes.NewReader(nil)), r.Line(bytes.NewReader(buffer[1:n])))
	}
	if fmt.Sprint(got) != "[2 1 3 2 5 4]" { // after "a\nb", "\r\nc" and "\nd\n", and after the first byte of each
		t.Errorf("the lines are %v", got)
	}
}

func TestErrorsWithNames(t *testing.T) {
	for err, want := range map[error]string{
		&Error{Text: "odd"}:                     "f: odd",
		&Error{Line: 2, Text: "odd"}:            "f:2: odd",
		&Error{Line: 2, Column: 3, Text: "odd"}: "f:2:3: odd",
		io.ErrClosedPipe:                        "f: io: read/write on closed pipe",
	} {
		if got := In("f", err); got.Error() != want {
			t.Errorf("the error is %v, want %s", got, want)
		}
	}
}
