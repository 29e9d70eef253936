package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Reply is an answer of the API.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func readReply(resp *http.Response) (Reply, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Reply{resp.StatusCode, resp.Header, body}, err
}

func (r Reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.Body)))
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // the client may be gone
}

// with returns the reply with another body.
func (r Reply) with(body []byte) Reply {
	r.Body = body
	return r
}

// listNames are the names of lists of records in an object.
var listNames = []string{"items", "nodes", "value", "data", "results"}

// object returns the fields of a body that is an object, and the name of the list of
// records in it, if there is one.
func (r Reply) object() (fields map[string]json.RawMessage, list string) {
	if json.Unmarshal(r.Body, &fields) != nil {
		return nil, ""
	}
	i := slices.IndexFunc(listNames, func(name string) bool { return bytes.HasPrefix(fields[name], []byte("[")) })
	if i < 0 {
		return fields, ""
	}
	return fields, listNames[i]
}

// isArray reports whether the body is a list of records.
func isArray(r Reply) bool { return bytes.HasPrefix(bytes.TrimSpace(r.Body), []byte("[")) }

// isNamed reports whether the body is an object with a list of records.
func isNamed(r Reply) bool {
	_, list := r.object()
	return list != ""
}

// isList reports whether the body has a list of records.
func isList(r Reply) bool { return isArray(r) || isNamed(r) }

// isObject reports whether the body is one record.
func isObject(r Reply) bool { return !isList(r) }

// isLinked reports whether the pages of a listing are linked by headers.
func isLinked(r Reply) bool { return isArray(r) && r.Header.Get("Link") != "" }

// isCounted reports whether a listing says how many records or pages it has.
func isCounted(r Reply) bool {
	totals := func(add int) []byte { return r.withTotals(func(n int) int { return n + add }).Body }
	return isNamed(r) && len(r.records()) > 0 && !bytes.Equal(totals(0), totals(1))
}

// hasRecords reports whether the body has a record.
func hasRecords(r Reply) bool { return isObject(r) || len(r.records()) > 0 }

func both(a, b func(Reply) bool) func(Reply) bool {
	return func(r Reply) bool { return a(r) && b(r) }
}

func not(a func(Reply) bool) func(Reply) bool { return func(r Reply) bool { return !a(r) } }

// records returns the records of a list.
func (r Reply) records() (records []json.RawMessage) {
	text := json.RawMessage(r.Body)
	if fields, list := r.object(); list != "" {
		text = fields[list]
	}
	_ = json.Unmarshal(text, &records) // a reply without a list has none
	return records
}

// withList returns the reply with another text in place of the list, or of the whole body if
// it is no object with a list.
func (r Reply) withList(text string) Reply {
	fields, list := r.object()
	if list == "" {
		return r.with([]byte(text))
	}
	fields[list] = json.RawMessage(`"the list"`)
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // the fields were just read
	}
	return r.with(bytes.Replace(body, []byte(`"the list"`), []byte(text), 1))
}

// withField returns the reply with a further field in the first object of the body.
func (r Reply) withField(field string) Reply {
	before, after, found := bytes.Cut(r.Body, []byte("{"))
	if !found {
		return r
	}
	return r.with(slices.Concat(before, []byte("{"+field+","), after))
}

// withTotals returns the reply with other numbers of records and pages.
func (r Reply) withTotals(change func(int) int) Reply { return r.withNumbers("total", change) }

// withPage returns the reply with another number of its page.
func (r Reply) withPage(number int) Reply {
	return r.withNumbers("page_number", func(int) int { return number })
}

// withNumbers returns the reply with other numbers in the fields beside the list whose names
// contain a text.
func (r Reply) withNumbers(name string, change func(int) int) Reply {
	fields, _ := r.object()
	return r.with(marshal(changeNumbers(fields, name, change)))
}

func changeNumbers(fields map[string]json.RawMessage, part string, change func(int) int) map[string]json.RawMessage {
	for name, value := range fields {
		var inner map[string]json.RawMessage
		var n int
		switch {
		case json.Unmarshal(value, &inner) == nil && inner != nil:
			fields[name] = marshal(changeNumbers(inner, part, change))
		case strings.Contains(strings.ToLower(name), part) && string(value) != "null" && json.Unmarshal(value, &n) == nil:
			fields[name] = marshal(change(n))
		}
	}
	return fields
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return text
}
