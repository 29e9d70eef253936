package table

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path"
	"strings"

	"license_exporter/client/rest"
)

// HTTPOptions say how to read a table over HTTP.
type HTTPOptions struct {
	// Operation has the path below the base URL of the client.
	Operation rest.Operation
	// Query is sent with each request, unless an answer has the address of the next page.
	Query url.Values
	// Format is CSV, JSON or empty. If it is empty, it depends on the extension of the path, on the
	// Content-Type and on the content.
	Format string
	// Records says where the list of records is in JSON, as an expression over the variable body. If
	// it is nil, the body must be a list.
	Records *Expression
	// Pages says how to get the pages of the list.
	Pages Pages
}

// NewHTTP returns the table that an API answers with. Errors of requests and
// answers are of type *rest.Error.
func NewHTTP(c *rest.Client, o HTTPOptions) Source { return &httpSource{c, o} }

type httpSource struct {
	client *rest.Client
	o      HTTPOptions
}

// Columns implements Source. It reads the first page.
func (s *httpSource) Columns(ctx context.Context) ([]string, error) {
	r := s.reading(ctx, nil)
	defer r.listing.Close()
	answer, err := r.listing.Answer(r.pager.url())
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	if r.format(answer) == CSV {
		columns, err := csvFormat{}.columns(bytes.NewReader(answer.Text()))
		if err != nil {
			return nil, answer.Malformed(err)
		}
		return columns, nil
	}
	for _, err := range r.records(answer) {
		if err != nil {
			return nil, err
		}
		return r.members.columns, nil
	}
	return nil, answer.Malformed(errors.New("there are no records"))
}

// Records implements Source.
func (s *httpSource) Records(ctx context.Context, refs []Reference) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		r := s.reading(ctx, refs)
		defer r.listing.Close()
		for record, err := range usable(r.pages()) {
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// httpReading is the state of a list that is being read.
type httpReading struct {
	o       HTTPOptions
	listing *rest.Listing[rawRecord]
	refs    []Reference
	members *members
	pager   pager
	isCSV   bool
	record  Record
}

func (s *httpSource) reading(ctx context.Context, refs []Reference) *httpReading {
	call := s.o.Operation.Call()
	call.Query = s.o.Query
	switch s.o.Format {
	case CSV:
		call.Accept, call.Format = "text/csv, text/*;q=0.9, */*;q=0.1", "CSV"
	case "":
		call.Accept, call.Format = "application/json, text/csv;q=0.9, */*;q=0.1", "JSON or CSV"
	}
	return &httpReading{
		o: s.o, listing: rest.NewListing[rawRecord](ctx, s.client, call), refs: refs, members: newMembers(refs),
		pager:  newPager(s.o.Pages, s.client.URL(call), refs),
		record: Record{Values: make([]Value, len(refs))},
	}
}

// rawRecord is the text of a record, which is empty if it is not an object. It may be used until the
// next one is read.
type rawRecord []byte

// UnmarshalJSON keeps the text, which is part of the answer.
func (r *rawRecord) UnmarshalJSON(text []byte) error {
	if text[0] == '{' {
		*r = text
	}
	return nil
}

// pages returns the records of all pages.
func (r *httpReading) pages() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		var last *rest.Answer
		for u := r.pager.url(); u != nil; {
			answer, err := r.listing.Answer(u)
			if err != nil {
				yield(Record{}, r.pager.explain(err))
				return
			}
			for record, err := range r.records(answer) {
				if !yield(record, err) || err != nil {
					answer.Close()
					return
				}
			}
			answer.Close()
			if u, err = r.pager.next(answer); err != nil {
				yield(Record{}, err)
				return
			}
			last = answer
		}
		err := r.listing.End()
		if err == nil && !r.isCSV {
			err = r.members.check()
		}
		if err != nil {
			yield(Record{}, last.Malformed(err))
		}
	}
}

// records returns the records of a page, and passes to the pager what the page says about the list.
func (r *httpReading) records(answer *rest.Answer) iter.Seq2[Record, error] {
	r.record.Page++
	if r.pager.begin(); r.format(answer) == CSV {
		r.isCSV = true
		return r.csv(answer)
	}
	if place, isPath := r.o.Records.Path(); isPath {
		return r.list(answer, place)
	}
	return r.evaluated(answer)
}

func (r *httpReading) format(answer *rest.Answer) string {
	kind := answer.ContentType()
	switch extension := strings.ToLower(path.Ext(r.o.Operation.Path)); {
	case r.o.Format != "":
		return r.o.Format
	case r.o.Records != nil, r.o.Pages.Next != nil, r.o.Pages.Total != nil, extension == ".json":
		return JSON
	case extension == ".csv", strings.HasSuffix(kind, "csv"):
		return CSV
	case strings.HasSuffix(kind, "json"):
		return JSON
	}
	return likelyFormat(answer.Text())
}

// csv reads a page that is CSV.
func (r *httpReading) csv(answer *rest.Answer) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		text := answer.Text()
		r.pager.see(1, text)
		for record, err := range rest.Count(r.listing, answer, bytes.Count(text, []byte("\n")), csvFormat{}.records(bytes.NewReader(text), r.refs)) {
			r.record.Record++
			r.pager.count(nil)
			record.Place = r.record.Place
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// list reads a page with the list at a path.
func (r *httpReading) list(answer *rest.Answer, place []string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := r.checkList(answer, place); err != nil {
			yield(Record{}, answer.Malformed(err))
			return
		}
		page, err := rest.PageOf[rawRecord](answer, place...)
		if err != nil {
			yield(Record{}, err)
			return
		}
		defer page.Close()
		if !page.HasList() {
			_, err := answer.JSON()
			if err == nil {
				err = answer.Malformed(noList(place, true, nil))
			}
			yield(Record{}, err)
			return
		}
		var body json.RawMessage
		if err := page.Decode(&body); err != nil {
			yield(Record{}, err)
			return
		}
		if r.o.Pages.reads(place) {
			body, err = answer.JSON()
		}
		if err == nil {
			err = r.pager.signals(answer, body)
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		if page.Len() > 0 {
			first, last := page.Ends()
			r.pager.see(page.Len(), first, last)
		}
		before := r.record.Record
		for raw, err := range page.Records(r.listing) {
			if err == nil {
				r.read(json.RawMessage(raw))
				r.pager.count(raw)
			}
			if !yield(r.record, err) || err != nil {
				return
			}
		}
		r.pager.skipped(page.Len() - (r.record.Record - before))
	}
}

// checkList returns an error if the body should be a list and is an object.
func (r *httpReading) checkList(answer *rest.Answer, place []string) error {
	if len(place) > 0 || !bytes.HasPrefix(bytes.TrimSpace(answer.Text()), []byte("{")) {
		return nil
	}
	text, err := answer.JSON()
	if err != nil {
		return nil //nolint:nilerr // the page has the same error
	}
	var names []string
	for name, value := range rest.Members(text) {
		if value[0] == '[' && !likeData(name) {
			names = append(names, name)
		}
	}
	return noList(place, false, names)
}

// evaluated reads a page with a list that an expression makes.
func (r *httpReading) evaluated(answer *rest.Answer) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		body, err := answer.JSON()
		if err != nil {
			yield(Record{}, err)
			return
		}
		if err := r.pager.signals(answer, body); err != nil {
			yield(Record{}, err)
			return
		}
		list, err := evaluate(r.o.Records, json.RawMessage(body))
		if err != nil {
			yield(Record{}, answer.Malformed(err))
			return
		}
		if n := len(list); n > 0 {
			r.pager.see(n, fmt.Append(nil, list[0]), fmt.Append(nil, list[n-1]))
		}
		for record, err := range rest.Count(r.listing, answer, len(list), r.objects(list)) {
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// objects returns the records of a list.
func (r *httpReading) objects(list []any) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, value := range list {
			r.pager.count(nil)
			if _, ok := value.(map[string]any); !ok {
				r.listing.Skip(1)
				continue
			}
			r.read(value)
			if !yield(r.record, nil) {
				return
			}
		}
	}
}

// read reads a record, which is an object.
func (r *httpReading) read(value any) {
	r.record.Record++
	r.record.Problem = r.members.read(value, r.record.Values)
}
