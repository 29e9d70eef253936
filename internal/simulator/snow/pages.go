package snow

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

const defaultPageSize = 100

// usDate is how version 1.0.0 writes dates.
const usDate = "1/2/2006 3:04:05 PM"

// call is a request for an operation.
type call struct {
	op         operation
	permission string
	legacy     bool   // the API has version 1.0.0
	id         string // in the path
	index      int    // of what has the id
	book       *book
	path       string
	query      url.Values
	today      time.Time
}

type list = simulator.List[simulator.Object]

// answer runs the operation.
func (c *call) answer() simulator.Answer {
	if c.id != "" && !c.find() {
		return c.missing()
	}
	if c.op.list != nil && (c.op.show == nil || !c.legacy) {
		return c.page(c.op.list(c))
	}
	record := c.op.show(c)
	if record == nil {
		return c.missing()
	}
	return simulator.Found(c.inVersion(record))
}

// find looks up what the id in the path belongs to.
func (c *call) find() bool {
	kind, count := guidPolicy, len(policies)
	switch {
	case strings.Contains(c.op.path, "{licenseId}"):
		kind, count = guidLicense, c.book.licenses
	case strings.Contains(c.op.path, "{applicationId}"):
		kind, count = guidApplication, c.book.applications
	case strings.Contains(c.op.path, "{agreementId}"):
		kind, count = guidAgreement, len(agreements)
	}
	number, ok := kind.number(c.id)
	c.index = number - 1
	return ok && number >= 1 && number <= count
}

// missing returns the answer for a path whose id is malformed or unknown.
func (c *call) missing() simulator.Answer {
	if !guidForm.MatchString(c.id) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("The value '%s' is not valid for id.", c.id))
	}
	return refuse(http.StatusNotFound, fmt.Sprintf("Resource with ID '%s' not found.", c.id))
}

// page returns the requested page of a list.
func (c *call) page(l list) simulator.Answer {
	number, size := 1, defaultPageSize
	for _, p := range []struct {
		name  string
		value *int
	}{{"page_number", &number}, {"page_size", &size}} {
		if text := c.query.Get(p.name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return refuse(http.StatusBadRequest, p.name+" must be an integer of at least 1.")
			}
			*p.value = n
		}
	}
	if c.query.Has("filter") {
		return refuse(http.StatusBadRequest, "The filter is invalid: this simulator has no filters.")
	}
	asked := size // this is what the vendor returns as page_size, according to its documentation
	size = min(size, maxPageSize)
	if c.op.is&whole != 0 {
		number, size = 1, max(size, l.Length)
		asked = size
	}
	first := min(number-1, l.Length) * size // without min, a large number could overflow
	items := l.Slice(first, first+size)
	for i, record := range items {
		items[i] = c.inVersion(record)
	}
	pages := (l.Length + size - 1) / size
	if number > max(1, pages) { // the page beyond the end as it is documented
		return simulator.Found(simulator.Object{
			"items": items, "pagination": simulator.Object{"page_size": asked, "page_number": number},
		})
	}
	pagination := simulator.Object{"page_size": asked, "page_number": number, "total_pages": pages, "total_items": l.Length}
	if c.op.is&uncounted != 0 {
		pagination["total_pages"], pagination["total_items"] = nil, nil
	}
	if c.legacy || c.op.is&short != 0 {
		delete(pagination, "total_items")
	}
	return simulator.Found(struct {
		Items      []simulator.Object `json:"items"`
		Pagination simulator.Object   `json:"pagination"`
		Links      []link             `json:"_links"`
	}{items, pagination, c.pageLinks(number, asked, pages)})
}

// link is a link of a page. It has no host. In version 1.0.0 it has no slash at its beginning either.
type link struct {
	HRef   string `json:"href"`
	Rel    string `json:"rel"`
	Method string `json:"method"`
}

// pageLinks returns the links of a page.
func (c *call) pageLinks(number, size, pages int) []link {
	path := c.path
	if c.legacy {
		path = strings.TrimPrefix(path, "/")
	}
	to := func(rel string, number int) link {
		return link{fmt.Sprintf("%s?page_number=%d&page_size=%d", path, number, size), rel, http.MethodGet}
	}
	links := []link{to("self", number)}
	if c.op.is&whole != 0 {
		return links
	}
	links = append(links, to("first", 1))
	if number > 1 {
		links = append(links, to("prev", number-1))
	}
	if number < pages {
		links = append(links, to("next", number+1))
	}
	if c.op.is&uncounted == 0 {
		links = append(links, to("last", max(1, pages)))
	}
	return links
}

// inVersion returns a record as it is in the version of the API. Version 1.0.0 only has the fields in operation.old. There, fields that
// are marked quoted are strings, and those marked us are dates like 5/25/2023 12:00:00 AM.
func (c *call) inVersion(record simulator.Object) simulator.Object {
	if !c.legacy || c.op.old == "" {
		return record
	}
	old := simulator.Object{}
	for field := range strings.FieldsSeq(c.op.old) {
		name, form, _ := strings.Cut(field, ":")
		value, ok := record[name]
		switch {
		case !ok:
			continue
		case form == "us":
			value = value.(time.Time).Format(usDate)
		case form == "quoted" && value != nil:
			value = fmt.Sprint(value)
		}
		old[name] = value
	}
	return old
}
