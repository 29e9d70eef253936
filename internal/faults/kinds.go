package faults

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"license_exporter/client/rest"
)

// huge is the size of answers that are much too large.
const huge = 100 << 20

// broken are answers that break.
var broken = []Kind{
	{Name: "reset before the headers", Reason: rest.ReasonNetwork, answer: hijacked(func(_ *exchange, w io.WriteCloser) { reset(w.(net.Conn)) })},
	{Name: "closed without an answer", Reason: rest.ReasonNetwork, answer: raw("")},
	{Name: "reset in the body", Reason: rest.ReasonNetwork, answer: hijacked(func(x *exchange, w io.WriteCloser) {
		_, _ = io.WriteString(w, reply+"Content-Length: 100000\r\n\r\n"+string(x.good.Body[:len(x.good.Body)/2]))
		reset(w.(net.Conn))
	})},
	{Name: "shorter than Content-Length", Reason: rest.ReasonNetwork, answer: raw(reply + "Content-Length: 100000\r\n\r\n[{\"id\":")},
	{Name: "longer than Content-Length", Reason: rest.ReasonDecode, answer: hijacked(func(x *exchange, w io.WriteCloser) {
		_, _ = io.WriteString(w, reply+"Content-Length: 10\r\n\r\n          "+string(x.good.Body))
		_ = w.Close()
	})},
	{Name: "chunks that are none", Reason: rest.ReasonNetwork, answer: raw(reply + "Transfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n")},
	{Name: "not HTTP", Reason: rest.ReasonNetwork, answer: raw("220 mail.example.com ESMTP\r\n")},
}

// endless are answers that do not end.
var endless = []Kind{
	{Name: "hangs", Reason: rest.ReasonTimeout, Slow: true, answer: func(x *exchange) { x.wait(); panic(http.ErrAbortHandler) }},
	{Name: "hangs after the headers", Reason: rest.ReasonTimeout, Slow: true, answer: func(x *exchange) {
		_ = http.NewResponseController(x.ResponseWriter).Flush()
		x.wait()
		panic(http.ErrAbortHandler)
	}},
	{Name: "trickles", Reason: rest.ReasonTimeout, Slow: true, answer: slowly(" ")},
	{Name: "trickles headers", Reason: rest.ReasonTimeout, Slow: true, answer: hijacked(func(x *exchange, w io.WriteCloser) {
		_, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\nX-Slow: ")
		x.wait()
		_ = w.Close()
	})},
}

// bodies are bodies of another size.
var bodies = []Kind{
	{Name: "empty body", Reason: rest.ReasonDecode, answer: text("")},
	{Name: "blank body", Reason: rest.ReasonDecode, answer: text(" \n ")},
	{Name: "cut body", Reason: rest.ReasonDecode, Fits: hasRecords, answer: body(func(r Reply) Reply { return r.with(r.Body[:len(r.Body)*2/3]) })},
	{Name: "100 MB of spaces", Reason: rest.ReasonDecode, Big: true, answer: repeated("", " ", "")},
	{Name: "100 MB of zeros", Reason: rest.ReasonDecode, Big: true, answer: repeated("", "\x00", "")},
	{Name: "100 MB of empty records", Reason: rest.ReasonDecode, Big: true, answer: inList("[", "{},", "{}]")},
	{Name: "100 MB of null records", Reason: rest.ReasonDecode, Big: true, answer: inList("[", "null,", "null]")},
	{Name: "100 MB of records with an id", Reason: rest.ReasonDecode, Big: true, answer: inList("[", `{"id":"1"},`, `{"id":"1"}]`)},
	{Name: "100 MB in one record", Reason: rest.ReasonDecode, Big: true, answer: inList(`[{"id":"`, "a", `"}]`)},
	{Name: "100 MB in one number", Reason: rest.ReasonDecode, Big: true, answer: inList(`[{"id":`, "1", `}]`)},
	{Name: "100 MB of digits", Reason: rest.ReasonDecode, Big: true, answer: repeated("", "1", "")},
	{Name: "100 MB of fields", Reason: rest.ReasonDecode, Big: true, answer: repeated("{", `"a":1,`, `"b":2}`)},
	{Name: "100 MB of lists", Reason: rest.ReasonDecode, Big: true, answer: repeated("[", "[],", "[]]")},
	{Name: "500 with 100 MB", Reason: rest.ReasonServer, Big: true, answer: func(x *exchange) {
		x.WriteHeader(http.StatusInternalServerError)
		repeated(`{"errors":["`, "a", `"]}`)(x) // the body is read for the vendor's message
	}},
}

// encodings are bodies in other encodings.
var encodings = []Kind{
	{Name: "gzip that was not asked for", Reason: rest.ReasonDecode, answer: coded("gzip", zipped)},
	{Name: "gzip that is not announced", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.with(zipped(r.Body)) })},
	{Name: "gzip that is none", Expect: Kept, Reason: rest.ReasonDecode, answer: coded("gzip", func(b []byte) []byte { return b })},
	{Name: "gzip that is cut", Reason: rest.ReasonDecode, Fits: hasRecords, answer: coded("gzip", func(b []byte) []byte { z := zipped(b); return z[:len(z)/2] })},
	{Name: "gzip of 100 MB", Reason: rest.ReasonDecode, Big: true, answer: coded("gzip", func([]byte) []byte { return bomb() })},
	{Name: "unknown encoding", Reason: rest.ReasonDecode, answer: coded("br", zipped)},
	{Name: "UTF-16", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply {
		wide := []byte{0xfe, 0xff}
		for _, unit := range utf16.Encode([]rune(string(r.Body))) {
			wide = binary.BigEndian.AppendUint16(wide, unit)
		}
		return r.with(wide)
	})},
	{Name: "byte order mark", Expect: Kept, Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.with(append([]byte("\ufeff"), r.Body...)) })},
	{Name: "invalid UTF-8", Expect: Harmless, Fits: hasRecords, answer: body(func(r Reply) Reply { return r.withField("\"x-note\":\"\xff\xfe\"") })},
	{Name: "Latin-1", Expect: Harmless, Fits: hasRecords, answer: body(func(r Reply) Reply { return r.withField("\"x-note\":\"M\xfcller\"") })},
}

// number matches a number in a field of an object.
var number = regexp.MustCompile(`":\s*-?[0-9][0-9.eE+-]*`)

// contents are bodies that are not what was asked for.
var contents = []Kind{
	{Name: "HTML", Reason: rest.ReasonDecode, answer: status(http.StatusOK, "<!DOCTYPE html><html><body>Log in</body></html>", "Content-Type", "text/html")},
	{Name: "null", Reason: rest.ReasonDecode, answer: text("null")},
	{Name: "empty list in place of an object", Reason: rest.ReasonDecode, Fits: not(isArray), answer: text("[]")},
	{Name: "empty object", Reason: rest.ReasonDecode, answer: text("{}")},
	{Name: "null records", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.withList("[null,null]") })},
	{Name: "odd records", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.withList(`[null,1,"x",[],true]`) })},
	{Name: "records of something else", Reason: rest.ReasonDecode, Fits: isList, answer: body(func(r Reply) Reply { return r.withList(`[{"colour":"blue"},{"colour":"red"}]`) })},
	{Name: "null list", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.withList("null") })},
	{Name: "items that are null", Reason: rest.ReasonDecode, answer: text(`{"items":null}`)},
	{Name: "list that is an object", Reason: rest.ReasonDecode, Fits: isList, answer: body(func(r Reply) Reply { return r.withList(`{"1":{}}`) })},
	{Name: "number", Reason: rest.ReasonDecode, answer: text("42")},
	{Name: "text", Reason: rest.ReasonDecode, answer: text(`"OK"`)},
	{Name: "true", Reason: rest.ReasonDecode, answer: text("true")},
	{Name: "object of something else", Reason: rest.ReasonDecode, answer: text(`{"colour":"blue","wheels":4}`)},
	{Name: "100,000 levels of lists", Reason: rest.ReasonDecode, answer: text(strings.Repeat("[", 100_000))},
	{Name: "100,000 levels of objects", Reason: rest.ReasonDecode, answer: text(strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000))},
	{Name: "100,000 levels in a record", Reason: rest.ReasonDecode, Fits: hasRecords, answer: body(func(r Reply) Reply {
		return r.withField(`"x-note":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000))
	})},
	{Name: "duplicate keys", Expect: Harmless, Fits: hasRecords, answer: body(func(r Reply) Reply { return r.withField(`"x-note":1,"x-note":2`) })},
	{Name: "two lists", Reason: rest.ReasonDecode, Fits: isNamed, answer: body(func(r Reply) Reply {
		_, list := r.object()
		return r.withField(strconv.Quote(list) + `:[]`)
	})},
	{Name: "errors with 200", Reason: rest.ReasonDecode, answer: text(`{"errors":["Sorry, try again later"]}`)},
	{Name: "error with 200", Reason: rest.ReasonDecode, answer: text(`{"error":{"code":500,"message":"Sorry"}}`)},
	{Name: "numbers beyond all bounds", Expect: Fewer, Reason: rest.ReasonDecode, Fits: hasRecords, answer: body(func(r Reply) Reply {
		var records []string
		for _, record := range r.records() {
			records = append(records, number.ReplaceAllString(string(record), `":1e400`))
		}
		if isList(r) {
			return r.withList("[" + strings.Join(records, ",") + "]")
		}
		return r.with(number.ReplaceAll(r.Body, []byte(`":1e400`)))
	})},
	{Name: "text after the body", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.with(append(r.Body[:len(r.Body):len(r.Body)], "}garbage"...)) })},
	{Name: "two bodies", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.with(append(r.Body[:len(r.Body):len(r.Body)], r.Body...)) })},
	{Name: "comment in JSON", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.with(append([]byte("/* cached */ "), r.Body...)) })},
	{Name: "NaN", Reason: rest.ReasonDecode, Fits: hasRecords, answer: body(func(r Reply) Reply { return r.withField(`"x-note":NaN`) })},
	{Name: "anti-hijacking prefix", Reason: rest.ReasonDecode, answer: body(func(r Reply) Reply { return r.with(append([]byte(")]}',\n"), r.Body...)) })},
}
