package table

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEval(t *testing.T) {
	f := &Formats{Dates: []string{"2 Jan 2006"}, Never: []string{"perpetual"}, Decimal: ",", Location: berlin(t)}
	r := map[string]any{
		"end": "2027-03-31", "none": "", "nil": nil, "word": "perpetual", "n": int64(12), "x": 1.5, "price": "1.200,50", "html": "R&amp;D",
		"status": "active", "company": map[string]any{"name": "Contoso"}, "list": []any{map[string]any{"n": int64(1)}, map[string]any{}},
		"Renewal date": "31 Mar 2027", "us": "04/03/2027", "unix": int64(1800000000), "bare": map[string]any{"name": nil},
	}
	day := func(y int, m time.Month, d int) moment {
		return moment{Time: time.Date(y, m, d, 0, 0, 0, 0, dayLocation), day: true}
	}
	for text, want := range map[string]any{
		`r.n + 1`: int64(13), `r.n * r.x`: 18.0, `number(r.price) * 2`: 2401.0, `number("3") - r.n`: -9.0, `r.nil + 1`: nil, `1 + r.nil`: nil,
		`number(r.none)`: nil, `number(r.none) * 12`: nil, `r.n / 5`: int64(2), `7 % 4`: int64(3),
		`date(r.end)`:                                    day(2027, time.March, 31),
		`date(r["us"], "01/02/2006")`:                    day(2027, time.April, 3),
		`date(r.us, "02.01.2006", "02/01/2006")`:         day(2027, time.March, 4),
		`date(r["Renewal date"])`:                        day(2027, time.March, 31),
		`date(r.end) + duration("24h")`:                  day(2027, time.April, 1),
		`date(r.end) + duration("8760h")`:                day(2028, time.March, 30),
		`date(r.end) - duration("48h")`:                  day(2027, time.March, 29),
		`duration("24h") + date(r.end)`:                  day(2027, time.April, 1),
		`date(r.end).getFullYear()`:                      int64(2027),
		`date(r.end) > date("2026-01-01")`:               true,
		`date(r.end) == date(r["Renewal date"])`:         true,
		`date(r.unix)`:                                   moment{Time: time.Unix(1800000000, 0).UTC()},
		`date(r.none)`:                                   nil,
		`date(r.nil)`:                                    nil,
		`date(r.none) + duration("24h")`:                 nil,
		`date(r.word)`:                                   "never",
		`date(r.word) + duration("24h")`:                 "never",
		`date(date(r.end))`:                              day(2027, time.March, 31),
		`timestamp("2027-03-31T00:00:00Z")`:              moment{Time: time.Date(2027, time.March, 31, 0, 0, 0, 0, time.UTC)},
		`duration("48h")`:                                48 * time.Hour,
		`addMonths(date(r.end), 12)`:                     day(2028, time.March, 31),
		`addMonths(date(r.end), -1)`:                     day(2027, time.February, 28),
		`addMonths(date(r.end), "11") - duration("24h")`: day(2028, time.February, 28),
		`addMonths(date(r.unix), 1)`:                     moment{Time: time.Unix(1800000000+31*86400, 0).UTC()},
		`addMonths(date(r.word), 1)`:                     "never",
		`addMonths(date(r.none), 1)`:                     nil,
		`addMonths(date(r.end), r.none)`:                 nil,
		`unescapeHTML(r.html)`:                           "R&D",
		`unescapeHTML(r.nil)`:                            nil,
		`r.company.name`:                                 "Contoso",
		`r.company`:                                      map[string]any{"name": "Contoso"},
		`r.company.id`:                                   nil,
		`r.bare.name`:                                    nil,
		`has(r.end)`:                                     true,
		`has(r.nil)`:                                     false,
		`has(r.absent)`:                                  false,
		`has(r.company.id)`:                              false,
		`r.list.map(i, i.n)`:                             []any{int64(1), nil},
		`r.list.filter(i, has(i.n)).size()`:              int64(1),
		`r.list[1].n`:                                    nil,
		`{"a": r.n, "b": [r.x]}`:                         map[string]any{"a": int64(12), "b": []any{1.5}},
		`r.status in ["active", "trial"] ? r.end : null`: "2027-03-31",
		`"end" in r`:                                     true,
		`r.status.upperAscii().replace("ACT", "X")`:      "XIVE",
		`r.status.replace("", "-")`:                      "-a-c-t-i-v-e-",
		`r.status.replace("", "-", 2)`:                   "-a-ctive",
		`["a", "b"].join("/")`:                           "a/b",
		`["a", "b"].join()`:                              "ab",
		`"%s has %d".format([r.status, r.n])`:            "active has 12",
		`r.end.split("-")[0]`:                            "2027",
		`r.n == 12.0`:                                    true,
		`r.n != null`:                                    true,
		`[1] + [2]`:                                      []any{int64(1), int64(2)},
		`r.status.matches("^act")`:                       true,
		`"EUR"`:                                          "EUR",
		`5u`:                                             5.0,
	} {
		e, err := NewExpression(text, "r", f)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := e.Eval(r)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(moment{}), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

// The messages are for people who do not know Go or CEL.
func TestExpressionErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   `must be a CEL expression, such as r.name; column 1: it is empty`,
		`r.end +`:                            `column 8: it ends too early`,
		`end`:                                `"end" is not known; did you mean r.end, or the text "end"?`,
		`r.a == dat(r.b)`:                    `column 8: "dat" is not known; did you mean date(…)?`,
		`Renewal date`:                       `r["Renewal date"]`,
		`r.status = "active"`:                `compared with ==, not =`,
		`date()`:                             `date(…) cannot be used without anything in the parentheses`,
		`1 + "a"`:                            `+ cannot be used with these types: whole number, text; number(…) makes`,
		`date(r.a, "yyyy-mm-dd")`:            `column 11: the layout of date() must be written with the date 2 January 2006: "2006-01-02", not "yyyy-mm-dd"`,
		`r.a ? 1 : "x"`:                      `both alternatives of the same type`,
		`has(r)`:                             `has() must be given a member`,
		`"abc`:                               `texts are in quotes`,
		`r.null`:                             `"null" is a word of CEL; a member of this name is r["null"]`,
		`#`:                                  `a character that cannot be used here`,
		strings.Repeat("r.a+", 2000) + `r.a`: `more than 4000 characters`,
		strings.Repeat("(", 200) + `r` + strings.Repeat(")", 200): `nested too deeply`,
		`"a".upperAscii(1)`: `upperAscii(…) cannot be used with whole number for a text`,
		`1.map(x, x)`:       ``,
		"1 +\n 'a":          `line 2`,
	} {
		e, err := NewExpression(text, "r", nil)
		if err == nil {
			t.Errorf("%.60s is compiled: %v", text, e)
			continue
		}
		message := err.Error()
		if !strings.Contains(message, want) || strings.ContainsAny(message, "\n") || strings.Contains(message, "container") || len(message) > 300 {
			t.Errorf("%.60s: the error is %q, want %q", text, message, want)
		}
	}
}

func TestEvalErrors(t *testing.T) {
	r := map[string]any{"text": "x", "nil": nil, "n": int64(1), "big": strings.Repeat("a", 1000), "person": "ann@example.com"}
	for text, want := range map[string]string{
		`r.text * 2`:                            `number(…)`,
		`r.nil.name`:                            `there is no member "name", because the value is null or not an object`,
		`r.n / 0`:                               `divides by zero`,
		`[1][4]`:                                `no such element`,
		`number(r.text)`:                        `number(): is not a number`,
		`date(r.text)`:                          `date(): is not a date in a known format`,
		`date("03/04/2026")`:                    `date(): may be 3 April or March 4; add the layout "02/01/2006" or "01/02/2006" to dates`,
		`int(r.person)`:                         `cannot be converted to this type; number(…) reads numbers`,
		`timestamp(r.person)`:                   `date(…) reads others`,
		`duration(r.person)`:                    `duration(…) must be given hours`,
		`{"a": 1}[r.person]`:                    `has no member for this value`,
		`type(1)`:                               `the result must be`,
		`{1: 2}`:                                `must have texts as names`,
		`date(r.text, r.n)`:                     `layouts of date() must be texts`,
		`unescapeHTML(r.n)`:                     `must be given a text`,
		`date(true)`:                            `must be given a text or a number`,
		`number(true)`:                          `must be given a text or a number`,
		`addMonths(r.n, 1)`:                     `must be given a date`,
		`addMonths(date("2027-03-31"), 1.5)`:    `a whole number of months`,
		`addMonths(date("2027-03-31"), "soon")`: `number(): `,
		`r.big.replace("a", r.big).replace("a", r.big)`: `a text is too long`,
		`r.n in r.n`: `must be a list or an object`,
	} {
		e, err := NewExpression(text, "r", nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := e.Eval(r); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "ann@") {
			t.Errorf("%s is %v, and the error %v, want %q", text, got, err, want)
		}
	}
}

// Expressions that take too many steps or too much memory end with an error.
func TestEvalIsBounded(t *testing.T) {
	list := make([]any, 1000)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	r := map[string]any{"list": list, "text": strings.Repeat("a", 1000)}
	doubled := func(step string, n int) string { return `[[r.text]]` + strings.Repeat(step, n) }
	for _, text := range []string{
		`r.list.map(a, r.list.map(b, r.list.map(c, a + b + c)))`,
		`r.list.all(a, r.list.all(b, r.list.all(c, r.list.all(d, true))))`,
		doubled(`.map(x, x + x)`, 40),
		doubled(`.map(x, [x, x])`, 40),
		`dyn(` + doubled(`.map(x, [x, x])`, 40) + `) == [1]`,
		`[` + doubled(`.map(x, [x, x])`, 40) + `].map(x, x == x)`,
		`[` + doubled(`.map(x, [x, x])`, 40) + `].map(x, x in [x])`,
		`"%s".format(` + doubled(`.map(x, [x, x])`, 40) + `)`,
		`[r.text]` + strings.Repeat(`.map(x, x + x)`, 40),
		`[r.text]` + strings.Repeat(`.map(x, x.replace("a", x))`, 10),
		`r.list.map(x, r.text + r.text).map(x, x + x).map(x, x + x).join(r.text)`,
	} {
		e, err := NewExpression(text, "r", nil)
		if err != nil {
			if !strings.Contains(err.Error(), "nested too deeply") {
				t.Errorf("%.80s: %v", text, err)
			}
			continue
		}
		if _, err := e.Eval(r); err == nil {
			t.Errorf("%.80s is evaluated", text)
		}
	}
}

func TestShapeAndPath(t *testing.T) {
	whole := &Shape{Whole: true}
	of := func(pairs ...any) *Shape {
		s := &Shape{Members: map[string]*Shape{}}
		for i := 0; i < len(pairs); i += 2 {
			s.Members[pairs[i].(string)] = pairs[i+1].(*Shape)
		}
		return s
	}
	for text, want := range map[string]struct {
		path  []string
		shape *Shape
	}{
		`body`:                            {[]string{}, whole},
		`body.a.b`:                        {[]string{"a", "b"}, of("a", of("b", whole))},
		`body["a"].b`:                     {[]string{"a", "b"}, of("a", of("b", whole))},
		`body.a[0]`:                       {nil, of("a", whole)},
		`body.a + body.b`:                 {nil, of("a", whole, "b", whole)},
		`has(body.a.b)`:                   {nil, of("a", of("b", whole))},
		`body.a == null ? 1 : body.b`:     {nil, of("a", whole, "b", whole)},
		`body.a != null && body.a.b == 1`: {nil, of("a", &Shape{Whole: true, Members: map[string]*Shape{"b": whole}})},
		`[body]`:                          {nil, whole},
		`body.map(k, k.a)`:                {nil, whole},
		`body.a.map(k, k.b)`:              {nil, of("a", whole)},
		`body.a.map(k, body.c)`:           {nil, of("a", whole, "c", whole)},
		`body.a.map(body, body.c)`:        {nil, of("a", whole)},
		`body[body.key]`:                  {nil, &Shape{Whole: true, Members: map[string]*Shape{"key": whole}}},
		`{"x": body.a}.x`:                 {nil, of("a", whole)},
		`body.a.split(body.b)`:            {nil, of("a", whole, "b", whole)},
		`1`:                               {nil, &Shape{}},
	} {
		e, err := NewExpression(text, "body", nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if path, ok := e.Path(); ok != (want.path != nil) || len(path) != len(want.path) || ok && strings.Join(path, ".") != strings.Join(want.path, ".") {
			t.Errorf("%s has the path %v, %v", text, path, ok)
		}
		if diff := cmp.Diff(want.shape, e.Shape()); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}
