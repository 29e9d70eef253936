package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// Pages says how to get the pages of a list. All of it may be empty. Links in Link headers (RFC 8288)
// are followed in any case.
type Pages struct {
	// Next gives the address of the next page and Total the number of all records, as expressions over
	// the variable body.
	Next, Total *Expression
	// Usual is set if Next and Total only are where most APIs have these, and nobody said so.
	Usual bool
	// Offset is the query parameter for the number of records before the page.
	Offset string
	// Page is the query parameter for the number of the page, and First the number of the first page.
	Page  string
	First int
	// Limit is the query parameter for the largest number of records of a page, and Size its value.
	Limit string
	Size  int
}

// reads reports whether an expression reads the list of records, which is at this path.
func (p Pages) reads(path []string) bool {
	for _, e := range []*Expression{p.Next, p.Total} {
		if e == nil {
			continue
		}
		s := e.Shape()
		for _, name := range path {
			if s == nil || s.Whole {
				break
			}
			s = s.Members[name]
		}
		if s != nil && (s.Whole || s.Members != nil) {
			return true
		}
	}
	return false
}

// maxEmpty bounds the empty pages that follow one another, since a filter may leave nothing of some.
const maxEmpty = 10

// pager finds the end of a list. Its signs are the total, the address of the next page and an empty
// page. A page that is shorter than others is none, since a server may have its own limit. If a sign
// says that there is more, the next page is read. If there is no way to do so, the list has failed.
type pager struct {
	Pages
	base *url.URL
	// seen are the pages with records, and records the pages of records, by hashes. records is nil if
	// records have no identifiers, so that different ones may be equal.
	seen    map[uint64]bool
	records map[uint64]int
	// number is that of the latest page, and n the number of its records. empty is how many pages
	// without records there are at the end.
	number, n, empty int
	// received is the number of all records, and repeated the number of those that an earlier page had.
	received, repeated int
	total              int64 // -1 if it is not known
	link               *url.URL
	isAgain            bool // the latest page is the same as an earlier one
	isProbe            bool // nothing but a parameter leads to the next page
}

func newPager(p Pages, base *url.URL, refs []Reference) pager {
	paging := pager{Pages: p, base: base, seen: map[uint64]bool{}, total: -1}
	for _, ref := range refs {
		if strings.HasSuffix(ref.Key, ".id") {
			paging.records = map[uint64]int{}
		}
	}
	return paging
}

// url returns the URL of the page after those that were read, by its parameters.
func (p *pager) url() *url.URL {
	query := p.base.Query()
	maps.DeleteFunc(query, func(name string, _ []string) bool { return name == p.Offset || name == p.Page || name == p.Limit })
	if p.Offset != "" {
		query.Set(p.Offset, strconv.Itoa(p.received))
	}
	if p.Page != "" {
		query.Set(p.Page, strconv.Itoa(p.First+p.number))
	}
	if p.Limit != "" {
		query.Set(p.Limit, strconv.Itoa(p.Size))
	}
	u := *p.base
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return &u
}

// begin must be called before the records of a page are read.
func (p *pager) begin() {
	p.number++
	p.n, p.link, p.isAgain, p.isProbe = 0, nil, false, false
}

// see remembers a page by its number of records and by texts of it.
func (p *pager) see(n int, texts ...[]byte) {
	var all strings.Builder
	all.WriteString(strconv.Itoa(n))
	for _, text := range texts {
		all.Write(text)
		all.WriteByte(0)
	}
	hash := scalar.Hash(all.String())
	p.isAgain = p.seen[hash]
	p.seen[hash] = true
}

// count counts a record of the page. Its text may be nil.
func (p *pager) count(text []byte) {
	p.n++
	p.received++
	if text == nil || p.records == nil {
		return
	}
	hash := scalar.Hash(string(text))
	if page, known := p.records[hash]; !known {
		p.records[hash] = p.number
	} else if page < p.number {
		p.repeated++
	}
}

// skipped counts records that cannot be used.
func (p *pager) skipped(n int) {
	p.n += n
	p.received += n
}

// signals reads what the body of a page says.
func (p *pager) signals(answer *rest.Answer, body json.RawMessage) error {
	next, err := eval(p.Next, body)
	if err != nil {
		return answer.Malformed(fmt.Errorf("pages.next: %w", err))
	}
	switch next := next.(type) {
	case nil:
	case string:
		if address := strings.TrimSpace(next); address != "" {
			if p.link, err = answer.Resolve(address); err != nil {
				return err
			}
		}
	case bool:
		if next {
			return answer.Malformed(errors.New("pages.next: the value must be the address of the next page, not true"))
		}
	default:
		return answer.Malformed(errors.New("pages.next: the value must be the address of the next page; for the number of a page, use the key page"))
	}
	total, err := eval(p.Total, body)
	if err == nil && total != nil {
		err = p.setTotal(total)
	}
	if err != nil {
		return answer.Malformed(fmt.Errorf("pages.total: %w", err))
	}
	return nil
}

func eval(e *Expression, body json.RawMessage) (any, error) {
	if e == nil {
		return nil, nil
	}
	return e.Eval(tree(body, e.Shape()))
}

func (p *pager) setTotal(value any) error {
	text := valueOf(value, nil).Text
	total, err := strconv.ParseFloat(text, 64)
	if err != nil || total < 0 || total != math.Trunc(total) || total > 1<<53 {
		return errors.New("the value must be the number of records")
	}
	if int64(total) < p.total {
		return fmt.Errorf("it went from %d to %d while the list was read, so that records may be missing", p.total, int64(total))
	}
	p.total = int64(total)
	return nil
}

// next returns the URL of the page that follows, or nil after the last one. answer is that of the
// latest page.
func (p *pager) next(answer *rest.Answer) (*url.URL, error) {
	link := p.link
	if link == nil {
		var err error
		if link, err = answer.Next(); err != nil {
			return nil, err
		}
	}
	if p.n > 0 && p.isAgain {
		return nil, answer.Malformed(p.again())
	}
	if p.empty++; p.n > 0 {
		p.empty = 0
	}
	byParameter := p.Offset != "" || p.Page != ""
	isComplete := p.total >= 0 && int64(p.received) == p.total
	isShort := int64(p.received-p.repeated) < p.total
	switch {
	case p.empty > maxEmpty:
		return nil, answer.Malformed(fmt.Errorf("%d pages without records follow one another", p.empty))
	case link != nil && (p.n > 0 || !isComplete):
		return link, nil
	case byParameter && p.n > 0 && !isComplete:
		p.isProbe = p.total < 0
		return p.url(), nil
	case isShort && p.repeated > 0:
		return nil, answer.Malformed(fmt.Errorf("%d records are on several pages, so that others may be missing; sort the list by a parameter of the URL", p.repeated))
	case isShort && !byParameter && (p.Next == nil || p.Usual) && p.number == 1:
		return nil, answer.Malformed(fmt.Errorf("the list has %d of %d records; set pages, so that the others are read", p.received, p.total))
	case isShort:
		return nil, answer.Malformed(fmt.Errorf("the list ended after %d of %d records", p.received, p.total))
	}
	return nil, nil
}

// explain adds what to do to the error of a page after the last one.
func (p *pager) explain(err error) error {
	var failed *rest.Error
	if p.isProbe && errors.As(err, &failed) && failed.Status == http.StatusNotFound && failed.Err == nil {
		failed.Err = errors.New("this may be the page after the last one; set pages.total or pages.next, so that it is not requested")
	}
	return err
}

// again says that a page is the same as an earlier one.
func (p *pager) again() error {
	for _, parameter := range []string{p.Offset, p.Page} {
		if parameter != "" {
			return fmt.Errorf("page %d is the same as one before; the API ignores the parameter %s", p.number, parameter)
		}
	}
	return fmt.Errorf("page %d is the same as one before", p.number)
}
