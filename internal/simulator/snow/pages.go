package snow

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

const (
	defaultPageSize = 100
)

// call is a request that passed the checks common to all operations.
type call struct {
	api     *API
	request *http.Request
	query   url.Values
	book    *book
	today   time.Time
	legacy  bool // to be answered as version 1.0.0 does
}

// list is a sequence of records, each made when it is asked for.
type list[T any] struct {
	length int
	at     func(int) T
}

func listOf[T any](records []T) list[T] {
	return list[T]{len(records), func(i int) T { return records[i] }}
}

// pageStyle is what sets a listing apart from others.
type pageStyle int

const (
	uncounted pageStyle = 1 << iota // total_pages and total_items are null
	short                           // total_items is not told: agreements and the like
	whole                           // all comes at once, whatever page is asked for
)

type link struct {
	HRef   string `json:"href"`
	Rel    string `json:"rel"`
	Method string `json:"method"`
}

// links are the links of a record or a page. Those of version 1.0.0 have no slash at the beginning.
type links []link

// selfLink are the links of what has a path of its own.
func selfLink(path string) links { return links{{path, "self", http.MethodGet}} }

func (l links) legacy() any {
	links := make([]link, len(l))
	for i, link := range l {
		link.HRef = strings.TrimPrefix(link.HRef, "/")
		links[i] = link
	}
	return links
}

// pagination tells of a page what the first version of the API tells.
type pagination struct {
	PageSize   int  `json:"page_size"`
	PageNumber int  `json:"page_number"`
	TotalPages *int `json:"total_pages"`
}

// countedPagination tells how many records there are, too.
type countedPagination struct {
	pagination
	TotalItems *int `json:"total_items"`
}

// window returns the number and size of the page that is asked for.
func (c *call) window() (number, size int, problem string) {
	number, size = 1, defaultPageSize
	if text := c.query.Get("page_number"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, 0, "page_number must be an integer of at least 1."
		}
		number = n
	}
	if text := c.query.Get("page_size"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, 0, "page_size must be an integer of at least 1."
		}
		size = n
	}
	return number, min(size, c.api.options.MaxPageSize), ""
}

// turnPage is the answer to a listing: one page of the records.
func turnPage[T any](c *call, style pageStyle, l list[T]) simulator.Answer {
	number, size, problem := c.window()
	if problem != "" {
		return refuse(http.StatusBadRequest, problem)
	}
	if style&whole != 0 {
		number, size = 1, max(size, l.length)
	}
	if c.query.Has("filter") {
		return refuse(http.StatusBadRequest, "The filter is invalid: this simulator has no filters.")
	}
	first := l.length
	if number <= l.length/size+1 { // beyond, the product may be too great for an int
		first = min(l.length, (number-1)*size)
	}
	records := make([]T, 0, min(size, l.length-first))
	for i := first; i < min(l.length, first+size); i++ {
		records = append(records, l.at(i))
	}
	return c.page(style, number, size, l.length, records)
}

// page writes down a page; records is a slice.
func (c *call) page(style pageStyle, number, size, total int, records any) simulator.Answer {
	pages := (total + size - 1) / size
	p := countedPagination{pagination{size, number, &pages}, &total}
	if style&uncounted != 0 {
		p.TotalPages, p.TotalItems = nil, nil
	}
	var told any = p
	if c.legacy || style&short != 0 {
		told = p.pagination
	}
	items, err := c.told(records)
	if err != nil {
		return refuse(http.StatusInternalServerError, err.Error())
	}
	return simulator.Found(struct {
		Items      any `json:"items"`
		Pagination any `json:"pagination"`
		Links      any `json:"_links"`
	}{items, told, c.links(style, number, size, pages)})
}

// told returns records as the version of the API tells them.
func (c *call) told(records any) (any, error) {
	if !c.legacy {
		return records, nil
	}
	v := reflect.ValueOf(records)
	items := make([]json.RawMessage, v.Len())
	for i := range items {
		item, err := legacyRecord(v.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		items[i] = item
	}
	return items, nil
}

// show is the answer that consists of one record.
func (c *call) show(record any) simulator.Answer {
	if !c.legacy {
		return simulator.Found(record)
	}
	body, err := legacyRecord(record)
	if err != nil {
		return refuse(http.StatusInternalServerError, err.Error())
	}
	return simulator.Found(body)
}

// links leads from a page to those around it.
func (c *call) links(style pageStyle, number, size, pages int) any {
	links := links{c.link("self", number, size)}
	if style&whole == 0 {
		links = append(links, c.link("first", 1, size))
		if number > 1 {
			links = append(links, c.link("prev", number-1, size))
		}
		if number < pages {
			links = append(links, c.link("next", number+1, size))
		}
		if style&uncounted == 0 {
			links = append(links, c.link("last", max(1, pages), size))
		}
	}
	if c.legacy {
		return links.legacy()
	}
	return links
}

// link is a link to a page of the same listing. Like the vendor's, it names no host.
func (c *call) link(rel string, number, size int) link {
	values := url.Values{"page_number": {strconv.Itoa(number)}, "page_size": {strconv.Itoa(size)}}
	return link{c.request.URL.Path + "?" + values.Encode(), rel, http.MethodGet}
}
