package table

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"license_exporter/client/rest"
	"license_exporter/internal/textfile"
)

const (
	// maxRecord bounds a record, and each value before and after the list, in bytes.
	maxRecord = 1 << 20
	// maxBody bounds a file that is decoded at once, in bytes, and maxBodyValues the number of its
	// values.
	maxBody       = 16 << 20
	maxBodyValues = 1_000_000
	// maxNested bounds how deep values before and after the list are nested.
	maxNested = 1000
)

// jsonFormat returns the format JSON. list says where the records are. If it is nil, the text must be a
// list.
func jsonFormat(list *Expression) format {
	return objectFormat{func(r io.Reader) iter.Seq2[located, error] {
		return func(yield func(located, error) bool) {
			s := &jsonStream{text: textfile.NewReader(r, "save it as UTF-8"), named: list != nil, yield: yield}
			s.decoder = json.NewDecoder(s.text)
			path, isPath := list.Path()
			if isPath {
				if err := s.document(path); err != nil && !errors.Is(err, errStopped) {
					yield(located{}, err)
				}
				return
			}
			body, err := s.body()
			if err != nil {
				yield(located{}, err)
				return
			}
			evaluated(list, body)(yield)
		}
	}}
}

// jsonStream reads a list of records one by one.
type jsonStream struct {
	text    *textfile.Reader
	decoder *json.Decoder
	yield   func(located, error) bool
	named   bool // an expression says where the list is
	found   bool
	lists   []string // the names of lists that are not the list, at the top
}

// body returns a text that is decoded at once.
func (s *jsonStream) body() (json.RawMessage, error) {
	s.text.Allow(maxBody)
	text, err := io.ReadAll(s.text)
	switch tooLong := errors.Is(s.text.Err(), textfile.ErrTooLong); {
	case tooLong || bytes.Count(text, []byte(",")) > maxBodyValues:
		return nil, fmt.Errorf("with such an expression for records, the file may have %d MiB and %d values; use a path such as body.rows", maxBody>>20, maxBodyValues)
	case s.text.Err() != nil:
		return nil, s.text.Err()
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(text, new(json.RawMessage)); err != nil {
		e := notJSON(err)
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			e.Line = 1 + bytes.Count(text[:max(0, min(int64(len(text)), syntax.Offset)-1)], []byte("\n"))
		}
		return nil, e
	}
	return text, nil
}

func notJSON(err error) *textfile.Error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err.Error() == "unexpected end of JSON input" {
		return &textfile.Error{Text: "the file ends within a value; it may have been cut off"}
	}
	return &textfile.Error{Text: "this is not JSON: " + rest.Clip(err.Error())}
}

// document reads the whole text with the list at a path.
func (s *jsonStream) document(path []string) error {
	if _, err := s.value(path, true, 0); err != nil {
		return err
	}
	s.allow()
	switch next, err := s.decoder.Token(); {
	case err == nil && next == json.Delim('{'):
		return s.failure(errors.New("a second value follows; write all as one list: [{…}, {…}]"))
	case !errors.Is(err, io.EOF) || s.text.Err() != nil:
		return s.failure(cmp.Or(err, errors.New("something follows its end")))
	case s.found:
		return nil
	}
	return noList(path, s.named, s.lists)
}

// value reads the next value and returns its first token. If isOnPath is set, the list is in it, at
// this path.
func (s *jsonStream) value(path []string, isOnPath bool, depth int) (json.Token, error) {
	first, err := s.token()
	if err != nil {
		return nil, err
	}
	if depth > maxNested {
		return nil, s.failure(errors.New("it is nested too deeply"))
	}
	switch first {
	case json.Delim('['):
		if isOnPath && len(path) == 0 {
			return first, s.list()
		}
		for s.decoder.More() {
			if _, err := s.value(nil, false, depth+1); err != nil {
				return nil, err
			}
		}
	case json.Delim('{'):
		for s.decoder.More() {
			name, err := s.token()
			if err != nil {
				return nil, err
			}
			below, follow := []string(nil), isOnPath && len(path) > 0 && name == path[0]
			if follow {
				below = path[1:]
			}
			value, err := s.value(below, follow, depth+1)
			if err != nil {
				return nil, err
			}
			if name, ok := name.(string); ok && depth == 0 && value == json.Delim('[') && !likeData(name) {
				s.lists = append(s.lists, name)
			}
		}
	default:
		return first, nil
	}
	_, err = s.token()
	return first, err
}

// list reads the records, after the token that begins their list.
func (s *jsonStream) list() error {
	if s.found {
		return s.failure(errors.New("the list of records occurs twice"))
	}
	s.found = true
	var raw json.RawMessage
	for s.allow(); s.decoder.More(); s.allow() {
		if err := s.decoder.Decode(&raw); err != nil {
			return s.failure(err)
		}
		line := s.text.Line(s.decoder.Buffered()) - bytes.Count(raw, []byte("\n"))
		if !s.yield(located{raw, line}, nil) {
			return errStopped
		}
	}
	_, err := s.token()
	return err
}

// allow allows to read another value.
func (s *jsonStream) allow() { s.text.Allow(s.decoder.InputOffset() + maxRecord) }

func (s *jsonStream) token() (json.Token, error) {
	s.allow()
	t, err := s.decoder.Token()
	if err != nil {
		return nil, s.failure(err)
	}
	return t, nil
}

// failure returns an error about the text, with the line in which the next value begins.
func (s *jsonStream) failure(err error) error {
	unread, _ := io.ReadAll(s.decoder.Buffered()) // it is in memory
	line := s.text.Line(bytes.NewReader(bytes.TrimLeft(unread, " \t\r\n,")))
	switch failed := s.text.Err(); {
	case errors.Is(failed, textfile.ErrTooLong):
		return &textfile.Error{Line: line, Text: fmt.Sprintf("a record has more than %d MiB", maxRecord>>20)}
	case failed != nil:
		return failed
	}
	e := notJSON(err)
	e.Line = line
	return e
}
