package rest

import (
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// csvThings is a call whose answer is CSV.
var csvThings = func() Call {
	call := things
	call.Accept, call.Format = "text/csv, */*;q=0.1", "CSV"
	return call
}()

// ask requests the first page of a listing.
func ask(t *testing.T, c *Client, call Call) (*Answer, error) {
	t.Helper()
	l := NewListing[thing](t.Context(), c, call)
	defer l.Close()
	return l.Answer(c.URL(call))
}

func TestAnswer(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(200, "\ufeffa;b\n1;2\n", "Content-Type", "Text/CSV; charset=utf-8", "Link", "<?page=2>; rel=next"))))
	a, err := ask(t, c, csvThings)
	if err != nil {
		t.Fatal(err)
	}
	next, err := a.Next()
	if err != nil || next.RequestURI() != "/api/v1/things?page=2" {
		t.Errorf("the next page is %v, the error is %v", next, err)
	}
	other, err := a.Resolve("/other?page=3")
	if err != nil || other.RequestURI() != "/other?page=3" || other.Host != next.Host {
		t.Errorf("the address is %v, the error is %v", other, err)
	}
	if string(a.Text()) != "a;b\n1;2\n" || a.ContentType() != "text/csv" || seen.all()[0].Header.Get("Accept") != csvThings.Accept {
		t.Errorf("the text is %q of type %q, for requests with the headers %v", a.Text(), a.ContentType(), seen.all()[0].Header)
	}
	wantReason(t, a.Malformed(errors.New("odd")), ReasonDecode)
	if _, err := a.Resolve("http://[cursor"); err == nil || wantError(t, err, ReasonDecode).Err.Error() != "the address of the next page is not valid" {
		t.Errorf("the error is %v", err)
	}
	a.Close()
	a.Close()
}

func TestAnswersOfAnotherFormat(t *testing.T) {
	for body, want := range map[string]string{
		"\n<!DOCTYPE html>": "the answer is HTML instead of CSV; check base_url or the proxy",
		"\x1f\x8b\b":        "the answer is compressed, which the request did not allow; check base_url or the proxy",
		" ":                 "the answer is empty",
	} {
		for _, status := range []int{200, 404} {
			if status == 404 && body == " " {
				continue
			}
			_, err := ask(t, newClient(t, serve(t, answer(status, body))), csvThings)
			if e := (*Error)(nil); !errors.As(err, &e) || e.Err == nil || e.Err.Error() != want {
				t.Errorf("the error of %q with status %d is %v, want %s", body, status, err, want)
			}
		}
	}
}

func TestAnswerJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"a": [1]}`:          "",
		`{"a": [1]`:           "unexpected end of JSON input",
		`{"errors": ["odd"]}`: "the answer is a report of errors instead of the object that was asked for",
		`["` + strings.Repeat("x", maxBytes) + `"]`: "the answer has a record of 1048580 bytes and 1 values; the limits are 1048576 and 10000",
	} {
		a, err := ask(t, newClient(t, serve(t, answer(200, body))), things)
		if err != nil {
			t.Fatal(err)
		}
		text, err := a.JSON()
		if want == "" {
			if string(text) != body || err != nil {
				t.Errorf("%s is read as %s with the error %v", body, text, err)
			}
		} else if e := wantError(t, err, ReasonDecode); e.Err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
		a.Close()
	}
}

// A listing does not request a page twice.
func TestListingGuardsItsPages(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(200, "[]"))))
	l := NewListing[thing](t.Context(), c, things)
	defer l.Close()
	var causes []string
	for _, address := range []string{"?page=1", "?page=2", "?page=1", "http://evil.example/"} {
		u, err := c.URL(things).Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		a, err := l.Answer(u)
		if err != nil {
			causes = append(causes, wantError(t, err, ReasonDecode).Err.Error())
			continue
		}
		a.Close()
	}
	want := []string{"the listing leads back to a page that was already read", "next page: refusing to send the credential to evil.example, which is outside 127.0.0.1"}
	if diff := cmp.Diff(want, causes); diff != "" || seen.count() != 2 {
		t.Errorf("%d requests, the errors differ (-want +got):\n%s", seen.count(), diff)
	}
}

func TestCount(t *testing.T) {
	numbers := func(n int, err error) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if err != nil {
				yield(0, err)
			}
		}
	}
	c := newClient(t, serve(t, answer(200, strings.Repeat("x", 1<<20))))
	l := NewListing[thing](t.Context(), c, csvThings)
	defer l.Close()
	a, err := l.Answer(c.URL(csvThings))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var got []int
	for i, err := range Count(l, a, 3, numbers(3, errors.New("odd"))) {
		if err != nil {
			if e := wantError(t, err, ReasonDecode); e.Err.Error() != "odd" {
				t.Errorf("the error is %v", err)
			}
			break
		}
		got = append(got, i)
	}
	l.Skip(1)
	if !slices.Equal(got, []int{0, 1, 2}) || l.usable != 3 || l.weight != 3*(1+341) || l.End() != nil {
		t.Errorf("got %v, counted as %d records of weight %d", got, l.usable, l.weight)
	}
	if l.release != nil {
		t.Error("a short listing has a permit")
	}
	for _, err := range Count(l, a, 2*maxShort, numbers(1, nil)) {
		if err != nil || l.release == nil {
			t.Errorf("a long listing has no permit, the error is %v", err)
		}
	}
}

// Members and Elements find what encoding/json finds.
func TestMembersAndElements(t *testing.T) {
	for _, text := range []string{`{}`, ` { "a" : 1, "b\u0063" : {"x": [1, "}"]} , "a": null } `, `[]`, ` [ 1 , "a,b" ,{"b": "]"}, [] ] `, `null`, `"{"`, `1`} {
		var names, values []string
		for name, value := range Members([]byte(text)) {
			names, values = append(names, name), append(values, string(value))
		}
		for value := range Elements([]byte(text)) {
			values = append(values, string(value))
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		var wantNames, wantValues []string
		if opening, _ := decoder.Token(); opening == json.Delim('{') || opening == json.Delim('[') {
			for decoder.More() {
				if opening == json.Delim('{') {
					name, _ := decoder.Token()
					wantNames = append(wantNames, name.(string))
				}
				var value json.RawMessage
				if err := decoder.Decode(&value); err != nil {
					t.Fatal(err)
				}
				wantValues = append(wantValues, string(value))
			}
		}
		if !slices.Equal(names, wantNames) || !slices.Equal(values, wantValues) {
			t.Errorf("%s has the members %q with the values %q, want %q and %q", text, names, values, wantNames, wantValues)
		}
	}
}

func TestNamesOfPaths(t *testing.T) {
	body := `{"data": {"rows": [{"name": "a"}], "total": 1}}`
	c := newClient(t, serve(t, answer(http.StatusOK, body)))
	for path, want := range map[string]bool{"data.rows": true, "data": false, "rows": false} {
		p, err := ReadPage[thing](t.Context(), c, things, pathOf(path)...)
		if err != nil {
			t.Fatal(err)
		}
		if p.HasList() != want || p.Len() != map[bool]int{true: 1}[want] {
			t.Errorf("%s: the page has a list: %t, with %d records", path, p.HasList(), p.Len())
		}
		var rest struct{ Data struct{ Total int } }
		if err := p.Decode(&rest); err != nil || rest.Data.Total != 1 {
			t.Errorf("%s: the rest is %v, the error is %v", path, rest, err)
		}
		p.Close()
	}
}
