package table

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzDate(f *testing.F) {
	for _, text := range []string{"2026-12-31", "03/04/2026", "31.12.26", "31 Dec 2026", "Thu Dec 31 10:00:00 UTC 2026", "1800000000", "1800000000000", "46112", "20261231", "1.5", "-1", "9999-12-31",
		"0001-01-01", "12/31/2026 1:59 pm", "2026-12-31T10:00:00+02:00", "never", "yyyy-mm-dd", "%d.%m.%Y", "1:1", "\xff"} {
		f.Add(text, "02.01.2006")
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, text, layout string) {
		formats := &Formats{Dates: []string{layout}, Location: time.FixedZone("", 3600)}
		if len(formats.Check()) > 0 {
			formats.Dates = nil
		}
		m, advice := formats.date(text)
		at := formats.place(m, false)
		if year := at.Time.Year(); !at.Time.IsZero() && (year < 1969 || year > 9000) || at.Never && !at.Time.IsZero() || advice != "" && at != (Date{}) {
			t.Errorf("%q is %+v, %q", text, at, advice)
		}
		if len(advice) > 300 || strings.Contains(advice, "\n") {
			t.Errorf("the advice for %q is %q", text, advice)
		}
		// What is advised works.
		found := layoutsOf(text)
		for _, layout := range found {
			advised := &Formats{Dates: []string{layout}}
			if errs := advised.Check(); len(errs) > 0 {
				t.Errorf("%q: the layout is %q, %v", text, layout, errs)
			}
			if _, err := time.Parse(layout, strings.TrimSpace(text)); err != nil {
				t.Errorf("%q is not read with %q", text, layout)
			}
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, text := range []string{"1200", "1,200.50", "1.200,50", "1 200,50", "1'200.50", "€ 12,50", "12 EUR", "1e3", "NaN", "0x10", "-", "\u22125", "1.2.3", "\xff"} {
		for _, decimal := range []string{"", ",", "."} {
			f.Add(text, decimal)
		}
	}
	f.Fuzz(func(t *testing.T, text, decimal string) {
		formats := &Formats{Decimal: decimal}
		if len(formats.Check()) > 0 {
			return
		}
		value, ok, advice := formats.number(text)
		if math.IsNaN(value) || math.IsInf(value, 0) || ok && advice != "" || !ok && value != 0 || len(advice) > 300 {
			t.Errorf("%q is %v, %v, %q", text, value, ok, advice)
		}
	})
}

func FuzzFieldText(f *testing.F) {
	for _, text := range []string{"a  b", "ann@example.com", "\xff", "é", " x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean, advice := fieldText(text)
		again, _ := fieldText(clean)
		if !utf8.ValidString(clean) || len(clean) > maxField || advice != "" && clean != "" || again != clean || email.MatchString(clean) {
			t.Errorf("%q is %q, %q, and then %q", text, clean, advice, again)
		}
		looksSecret(text)
		if length, ok, advice := notice(text); ok && (length < 0 || advice != "") {
			t.Errorf("%q is a notice of %v", text, length)
		}
	})
}

// FuzzExpression evaluates any expression. The tree has all kinds of values.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{`r.a + 1`, `date(r.end, "02.01.2006") + duration("24h")`, `r.list.map(i, i.n).filter(n, n != null)`, `[[r.text]].map(x, [x, x]).map(x, x + x)`, `has(r.a.b) ? r.a : null`,
		`"%s %d".format([r.text, r.a])`, `r.text.replace("a", r.text).split("")`, `number(r.text) * 2`, `{"a": r.a}.a`, `r["x y"]`, `r.list.all(a, r.list.all(b, a == b))`, `unescapeHTML(r.text)`,
		`["a"].join("b")`, `r.text.matches("(a+)+$")`, `date(r.end).getFullYear()`, `1u`, `b"a"`, `type(r)`, `r.list[0]`, `r.text.substring(1, 3)`, `timestamp(r.end)`, `google.protobuf.Timestamp{seconds: 1}`} {
		f.Add(text)
	}
	r := map[string]any{"a": int64(1), "text": "aaaa", "end": "31.12.2026", "list": []any{map[string]any{"n": 1.5}, nil, "x", true}, "none": nil, "x y": map[string]any{"b": "c"}}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := NewExpression(text, "r", nil)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%q: the error is %q", text, err)
			}
			return
		}
		first, err := e.Eval(r)
		if err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000) {
			t.Errorf("%q: the error is %q", text, err)
		}
		if s, ok := first.(string); ok && len(s) > maxText {
			t.Errorf("%q is a text of %d bytes", text, len(s))
		}
	})
}
