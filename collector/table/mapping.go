package table

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"license_exporter/client/rest"
	api "license_exporter/client/table"
)

// mapping returns the mapping of the configuration. Each error begins with the key that it is about.
func (s *settings) mapping() (*api.Mapping, []error) {
	formats, err := s.formats()
	if err != nil {
		return nil, []error{err}
	}
	o := api.MappingOptions{Columns: s.Columns, Optional: s.optional, If: s.If, Formats: formats, AllowColumns: s.AllowColumns}
	if s.Licenses != nil {
		o.Columns = fieldsOf(s.Licenses)
	}
	o.Records, _, _, _ = s.expressions()
	return api.NewMapping(o)
}

func (s *settings) formats() (*api.Formats, error) {
	if _, err := time.LoadLocation(s.Timezone); err != nil {
		return nil, errors.New("timezone is not known; write it like Europe/Berlin")
	}
	return &api.Formats{Dates: s.Dates, Never: s.Never, Decimal: s.Decimal, Location: s.location()}, nil
}

// location returns the time zone of the table, UTC if it is not known.
func (s *settings) location() *time.Location {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// fieldsOf returns the mapping of a list in the configuration. Its columns are the fields.
func fieldsOf(licenses []api.Fields) (fields api.Fields) {
	for _, key := range api.Keys() {
		if slices.ContainsFunc(licenses, func(l api.Fields) bool { return l.Get(key) != "" }) {
			fields.Set(key, key)
		}
	}
	return fields
}

// checkLicenses returns an error for each value of licenses that cannot be read.
func (s *settings) checkLicenses(m *api.Mapping) (problems []error) {
	for record, err := range api.NewList(s.Licenses).Records(context.Background(), m.References()) {
		if err != nil {
			return append(problems, fmt.Errorf("licenses: %w", err))
		}
		i := record.Record - 1
		if s.Licenses[i] == (api.Fields{}) {
			problems = append(problems, fmt.Errorf("licenses[%d] is empty; write what is licensed, such as {product: Contoso Suite, end: 2027-03-31}", i))
			continue
		}
		m.Read(&record, func(u api.Unreadable) {
			if u.Advice != "" && s.Licenses[i].Get(u.Field) != "" {
				problems = append(problems, fmt.Errorf("licenses[%d].%s %s", i, u.Field, u.Advice))
			}
		})
	}
	return problems
}

// expressions returns the expressions for the list of a document and for its pages. They are nil if the
// keys are not set. Each error begins with the key.
func (s *settings) expressions() (records, next, total *api.Expression, problems []error) {
	formats, err := s.formats()
	if err != nil {
		return nil, nil, nil, nil // mapping reports it
	}
	compile := func(key, text string) *api.Expression {
		if text == "" {
			return nil
		}
		e, err := api.NewExpression(text, "body", formats)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", key, err))
		}
		return e
	}
	return compile("records", s.Records), compile("pages.next", s.Pages.Next), compile("pages.total", s.Pages.Total), problems
}

// sourceName names the table in the log and in --check.
func (s *settings) sourceName() string {
	switch {
	case s.URL != "":
		return operation.Name
	case s.Licenses != nil:
		return "licenses"
	}
	return filepath.Base(s.File)
}

// open returns the table. The client is nil unless the table has an address. The settings have been
// checked.
func (s *settings) open(client *rest.Client, clock rest.Clock, baseURL string) api.Source {
	records, next, total, _ := s.expressions()
	switch {
	case s.Licenses != nil:
		return api.NewList(s.Licenses)
	case s.URL == "":
		return api.NewFile(s.File, api.FileOptions{Name: filepath.Base(s.File), Format: s.Format, Records: records, Clock: clock})
	}
	o := api.HTTPOptions{
		Operation: operation, Format: s.Format, Records: records,
		Pages: api.Pages{Next: next, Total: total, Offset: s.Pages.Offset, Page: s.Pages.Page, First: 1, Limit: s.Pages.Limit, Size: s.Pages.Size},
	}
	if members, isPath := records.Path(); isPath && len(members) > 0 && s.Pages == (pages{}) {
		o.Pages = api.Pages{Next: usualNext(), Total: usualTotal(), Usual: true}
	}
	if s.Pages.First != nil {
		o.Pages.First = *s.Pages.First
	}
	if u, err := url.Parse(s.URL); err == nil {
		o.Operation.Path, o.Query = u.EscapedPath(), u.Query()
		if base, err := url.Parse(baseURL); err == nil && u.IsAbs() {
			o.Operation.Path = strings.TrimPrefix(o.Operation.Path, base.EscapedPath())
		}
	}
	return api.NewHTTP(client, o)
}

// usualNext and usualTotal are the expressions of an account without pages. An answer with a list and one
// of these members says that this may not be the whole list.
var (
	usualNext = sync.OnceValue(func() *api.Expression {
		return mustCompile("body.next != null ? body.next : body.links.next != null ? body.links.next : body._links.next.href")
	})
	usualTotal = sync.OnceValue(func() *api.Expression { return mustCompile("type(body.total) == int ? body.total : null") })
)

func mustCompile(text string) *api.Expression {
	e, err := api.NewExpression(text, "body", nil)
	if err != nil {
		panic(err) // it is a constant
	}
	return e
}
