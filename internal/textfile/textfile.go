// Package textfile reads files with text.
package textfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Error says what is wrong in a text and what to do.
type Error struct {
	// Line is where it is wrong, 0 if that is not in one line. Column is 0 if it is not known.
	Line, Column int
	Text         string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

// In returns an Error, and any other error, with the name of the file.
func In(name string, err error) error {
	if e := (*Error)(nil); errors.As(err, &e) && e.Line > 0 {
		name = fmt.Sprintf("%s:%d", name, e.Line)
		if e.Column > 0 {
			name = fmt.Sprintf("%s:%d", name, e.Column)
		}
		return fmt.Errorf("%s: %s", name, e.Text)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Invalid returns the position of the first byte that is not UTF-8, or is 0 as in UTF-16, or
// -1 if there is none.
func Invalid(text []byte) int {
	if utf8.Valid(text) { // the usual case, which is faster
		return bytes.IndexByte(text, 0)
	}
	for at := 0; ; {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			return at
		}
		at += size
	}
}

// Reader reads a text without its byte order mark. Each line ends with \n or \r\n in it, also where
// \r is the end of a line, as on old Macintoshes.
//
// If the text cannot be read to its end, the Reader ends there with io.EOF, and Err says why.
type Reader struct {
	r       io.Reader
	advice  string
	buffer  []byte
	pending []byte // what is in the buffer and can be read
	held    []byte // what is in the buffer and depends on the bytes that follow
	begun   bool
	offset  int64 // of pending
	allowed int64
	line    int // of the end of pending
	err     error
}

// NewReader returns a Reader. advice says what to do if the text is not in UTF-8.
func NewReader(r io.Reader, advice string) *Reader {
	return &Reader{r: r, advice: advice, buffer: make([]byte, 32<<10), line: 1}
}

// ErrTooLong is returned by Err if more was read than allowed.
var ErrTooLong = errors.New("too long")

// Allow allows to read the text up to an offset, and a few KiB more. Without it, nothing may be read.
func (r *Reader) Allow(until int64) { r.allowed = until }

// Offset returns the number of bytes that were read.
func (r *Reader) Offset() int64 { return r.offset }

// Line returns the line of the end of what was read, without what is unread of it.
func (r *Reader) Line(unread io.Reader) int {
	ends := counter(bytes.Count(r.pending, []byte("\n")))
	_, _ = io.Copy(&ends, unread) // it is in memory
	return r.line - int(ends)
}

// counter counts the ends of lines.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// Err returns why the text cannot be read to its end, or nil.
func (r *Reader) Err() error {
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r.err
}

func (r *Reader) Read(p []byte) (int, error) {
	for len(r.pending) == 0 {
		if r.err == nil && r.offset >= r.allowed {
			r.err = ErrTooLong
		}
		if r.err != nil {
			return 0, io.EOF
		}
		r.fill()
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	r.offset += int64(n)
	return n, nil
}

// fill reads the next part of the text. All parts but the last have the same size, since a reader may
// look for the end of something from its beginning each time.
func (r *Reader) fill() {
	n := copy(r.buffer, r.held)
	more, err := io.ReadFull(r.r, r.buffer[n:])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	text := r.buffer[:n+more]
	r.held, r.err = nil, err
	if !r.begun {
		if len(text) < len("\ufeff") && err == nil {
			r.held = text
			return
		}
		r.begun = true
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	if at := Invalid(text); at >= 0 {
		if err == nil && !utf8.FullRune(text[at:]) {
			r.held = text[at:]
		} else {
			r.err = &Error{Line: r.line + lineEnds(text[:at]), Text: "the file is not in UTF-8; " + r.advice}
		}
		text = text[:at]
	}
	if n := len(text); n > 0 && text[n-1] == '\r' && r.err == nil && r.held == nil {
		text, r.held = text[:n-1], text[n-1:]
	}
	for at := 0; ; at++ {
		next := bytes.IndexByte(text[at:], '\r')
		if next < 0 {
			break
		}
		if at += next; at+1 == len(text) || text[at+1] != '\n' {
			text[at] = '\n'
		}
	}
	r.pending = text
	r.line += bytes.Count(text, []byte("\n"))
}

// lineEnds returns the number of lines that end in a text.
func lineEnds(text []byte) int {
	return bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}
