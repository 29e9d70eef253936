package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"license_exporter/client/rest"
)

// nextPage sets the address of the next page.
func nextPage(address func(*exchange) string) func(*exchange) {
	return header(func(h http.Header, x *exchange) { h.Set("Link", "<"+address(x)+`>; rel="next"`) })
}

// self returns the address of a request. If it is changed, it has another parameter for each
// request.
func (x *exchange) self(changed bool) string {
	u := *x.request.URL
	u.Scheme, u.Host = "http", x.request.Host
	if x.request.TLS != nil {
		u.Scheme = "https"
	}
	if changed {
		query := u.Query()
		query.Set("faults", strconv.Itoa(x.count))
		u.RawQuery = query.Encode()
	}
	return u.String()
}

// away returns the address of a request at another server.
func (x *exchange) away(scheme, host string) string {
	u, err := url.Parse(x.front.elsewhere.URL)
	if err != nil {
		panic(err) // httptest made it
	}
	u.Scheme, u.Path, u.RawQuery = scheme, x.request.URL.Path, x.request.URL.RawQuery
	if host != "" {
		u.Host = host + ":" + u.Port()
	}
	return u.String()
}

// pages are listings whose pages are odd.
var pages = []Kind{
	{Name: "next page is the same page", Reason: rest.ReasonDecode, Fits: isLinked, answer: nextPage(func(x *exchange) string { return x.self(false) })},
	{Name: "next page at another port", Reason: rest.ReasonDecode, Fits: isLinked, answer: nextPage(func(x *exchange) string { return x.away("http", "") })},
	{Name: "next page at another host", Reason: rest.ReasonDecode, Fits: isLinked, answer: nextPage(func(x *exchange) string { return x.away("http", "localhost") })},
	{Name: "next page of another scheme", Reason: rest.ReasonDecode, Fits: isLinked, answer: nextPage(func(*exchange) string { return "ftp://127.0.0.1/" })},
	{Name: "next page without an address", Reason: rest.ReasonDecode, Fits: isLinked, answer: nextPage(func(*exchange) string { return "http://[::1/%zz" })},
	{Name: "Link that is garbage", Expect: Kept, Reason: rest.ReasonDecode, Fits: isLinked, answer: header(func(h http.Header, _ *exchange) {
		h.Set("Link", `<<>>;;;rel=,"next<`+strings.Repeat("<;", 1000))
	})},
	{Name: "pages without end", Reason: rest.ReasonDecode, Many: true, Fits: both(isLinked, hasRecords), answer: func(x *exchange) {
		x.good = x.first.withList(x.newRecord())
		nextPage(func(x *exchange) string { return x.self(true) })(x)
	}},
	{Name: "pages by number without end", Reason: rest.ReasonDecode, Many: true, Fits: isCounted, answer: func(x *exchange) {
		r := x.first.withList(x.newRecord()).withTotals(func(int) int { return 1_000_000 })
		r.withPage(x.count + 1).write(x)
	}},
	{Name: "page number is ignored", Reason: rest.ReasonDecode, Fits: isCounted, answer: func(x *exchange) {
		x.first.withTotals(func(n int) int { return 3*n + 1000 }).write(x)
	}},
	{Name: "totals too high", Reason: rest.ReasonDecode, Fits: isCounted, answer: body(func(r Reply) Reply { return r.withTotals(func(n int) int { return 3*n + 1000 }) })},
	{Name: "totals of 1", Expect: Kept, Reason: rest.ReasonDecode, Fits: isCounted, answer: body(func(r Reply) Reply { return r.withTotals(func(int) int { return 1 }) })},
	{Name: "totals of 0", Expect: Kept, Reason: rest.ReasonDecode, Fits: isCounted, answer: body(func(r Reply) Reply { return r.withTotals(func(int) int { return 0 }) })},
	{Name: "totals below 0", Expect: Kept, Reason: rest.ReasonDecode, Fits: isCounted, answer: body(func(r Reply) Reply { return r.withTotals(func(int) int { return -7 }) })},
	{Name: "records twice", Expect: Kept, Reason: rest.ReasonDecode, Fits: both(isList, hasRecords), answer: body(func(r Reply) Reply {
		records, err := json.Marshal(append(r.records(), r.records()...))
		if err != nil {
			panic(err)
		}
		return r.withList(string(records))
	})},
}

// identifier matches an identifier in a record.
var identifier = regexp.MustCompile(`("(?:\w*[iI]d|serial|key|sku)":\s*"[^"]*)"`)

// newRecord returns a list with the first record of the good answer, with other identifiers
// for each request.
func (x *exchange) newRecord() string {
	records := x.first.records()
	if len(records) == 0 {
		return "[]"
	}
	record := string(records[0])
	return "[" + identifier.ReplaceAllString(record, fmt.Sprintf("${1}-%d\"", x.count)) + "]"
}

// redirects lead elsewhere.
var redirects = []Kind{
	{Name: "redirect to itself", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string { return x.self(false) })},
	{Name: "redirects without end", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string { return x.self(true) })},
	{Name: "redirect to another host", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string { return x.away("http", "localhost") })},
	{Name: "redirect to another port", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string { return x.away("http", "") })},
	{Name: "redirect to another scheme", Reason: rest.ReasonNetwork, answer: redirect(func(*exchange) string { return "ftp://127.0.0.1/" })},
	{Name: "redirect to TLS at another port", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string { return x.away("https", "") })},
	{Name: "redirect with a user", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string {
		return strings.Replace(x.away("http", ""), "://", "://user:secret@", 1)
	})},
	{Name: "redirect to no address", Reason: rest.ReasonNetwork, answer: redirect(func(*exchange) string { return "http://[::1/%zz" })},
	{Name: "redirect without a scheme", Reason: rest.ReasonNetwork, answer: redirect(func(x *exchange) string { return strings.TrimPrefix(x.away("http", ""), "http:") })},
}

func redirect(address func(*exchange) string) func(*exchange) {
	return func(x *exchange) { status(http.StatusFound, "", "Location", address(x))(x) }
}
