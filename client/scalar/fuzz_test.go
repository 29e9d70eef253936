package scalar

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// texts are JSON values of all kinds.
var texts = []string{
	``, ` `, `null`, ` null `, `""`, `" "`, `"a"`, `" a b "`, `"\u0061"`, `"\ud800"`, "\"\xff\"", `"a\"b"`, `"\\"`, `{`, `"`, `{}`, `[]`, `[1]`, `{"a": 1}`,
	`true`, `false`, `"True"`, `"FALSE"`, `"yes"`, `0`, `1`, `2`, `-0`, `-0.0`, `1.0`, `"1.0"`, `1.5`, `1e3`, `"1e3"`, `"+5"`, `"0123"`, `".5"`, `"5."`,
	`1e400`, `-1e400`, `1e-400`, `"1,000"`, `"1_000"`, `"0x10"`, `"0x1p4"`, `"NaN"`, `"Inf"`, `"-infinity"`, `9007199254740993`, `9007199254740993.0`,
	`9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `0.99999999999999999999`, `"00000000-0000-0000-0000-000000000000"`,
	`"49CDD99F-BC16-40F9-AD40-48F12182FB30"`, `"active"`, `"License Required"`, `"Z2AB-CDEF-GHJK"`, `"ada@example.com"`,
}

// addTexts adds texts and more as seeds.
func addTexts(f *testing.F, more ...string) {
	for _, seed := range slices.Concat(texts, more) {
		f.Add([]byte(seed))
	}
}

// plainly reads a JSON value only with encoding/json. isScalar is false for objects and
// arrays, and isJSON is false if the text is not JSON.
func plainly(b []byte) (text string, isScalar, isJSON bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if !json.Valid(b) || d.Decode(&v) != nil {
		return "", false, false
	}
	switch v := v.(type) {
	case nil:
		return "", true, true
	case string:
		return strings.TrimSpace(v), true, true
	case json.Number:
		return v.String(), true, true
	case bool:
		return strconv.FormatBool(v), true, true
	}
	return "", false, true
}

// Texts and the types that are based on them are what encoding/json reads. Words show no key.
func FuzzText(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var got Text
		var node NodeID
		var id ID
		var hidden Opaque
		var word Word
		for _, v := range []json.Unmarshaler{&got, &node, &id, &hidden, &word} {
			if err := v.UnmarshalJSON(b); err != nil {
				t.Fatalf("%T fails: %v", v, err)
			}
		}
		want, isScalar, isJSON := plainly(b)
		if !isJSON {
			return
		}
		if len(want) > maxText {
			want, isScalar = "", false
		}
		wantID := strings.ToLower(want)
		if wantID == ZeroGUID {
			wantID = ""
		}
		if bad := got.Bad(); bad == isScalar || string(got) != want {
			t.Errorf("%q is %q and bad %t, want %q", b, got, bad, want)
		}
		if bad := node.Bad(); bad == isScalar || string(node) != strings.ToLower(want) {
			t.Errorf("%q is the node %q and bad %t, want %q", b, node, bad, strings.ToLower(want))
		}
		if bad := id.Bad(); bad == isScalar || string(id) != wantID {
			t.Errorf("%q is the id %q and bad %t, want %q", b, id, bad, wantID)
		}
		if hidden != Opaque(Hash(wantID)) {
			t.Errorf("%q has another hash than %q", b, wantID)
		}
		if bad := word.Bad(); bad == isScalar || string(word) != want && word != "unknown" || strings.ContainsAny(string(word), "@\n\x1b") || len(word) > 40 {
			t.Errorf("%q is the word %q and bad %t, want %q", b, word, bad, want)
		}
	})
}

// A boolean is what strconv or encoding/json takes for one.
func FuzzBool(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		got := yes
		if err := got.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		text, isScalar, isJSON := plainly(b)
		if !isJSON {
			return
		}
		want := Bool{Unreadable: true}
		switch value, err := strconv.ParseBool(strings.ToLower(text)); {
		case isScalar && text == "":
			want = Bool{}
		case isScalar && err == nil && len(text) != 1 || text == "1" || text == "0":
			want = Bool{Value: value, Valid: true}
		}
		if got != want {
			t.Errorf("%q is %+v, want %+v", b, got, want)
		}
	})
}

// Numbers are those of package strconv without its hexadecimal ones, infinities and NaN. Whole
// numbers are exact.
func FuzzNumber(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, whole := number(7), Int{Value: 7, Valid: true}
		if err := got.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		if err := whole.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		text, isScalar, isJSON := plainly(b)
		if !isJSON {
			return
		}
		want, wantWhole := Number{Unreadable: true}, Int{Unreadable: true}
		if isScalar && text == "" {
			want, wantWhole = Number{}, Int{}
		}
		value, err := strconv.ParseFloat(text, 64)
		if isDecimal := strings.Trim(text, "+-.0123456789eE") == ""; isScalar && isDecimal && err == nil {
			want = number(value)
			if exact, ok := new(big.Int).SetString(text, 10); ok && exact.IsInt64() {
				wantWhole = Int{Value: exact.Int64(), Valid: true}
			} else if n, accuracy := big.NewFloat(value).Int64(); accuracy == big.Exact && -maxExact <= n && n <= maxExact {
				wantWhole = Int{Value: n, Valid: true}
			}
		}
		if got != want {
			t.Errorf("%q is %+v, want %+v", b, got, want)
		}
		if whole != wantWhole {
			t.Errorf("%q is the whole number %+v, want %+v", b, whole, wantWhole)
		}
	})
}

// A date is what package time reads by one of the layouts, in UTC and without the years that mean
// that there is none.
func FuzzTime(f *testing.F) {
	addTexts(f,
		`"N/A"`, `"Feb 8, 2020 UTC"`, `"Feb 8, 2020 PST"`, `"Feb 8, 2020 GMT"`, `"March 13, 2027"`, `"2020-05-02T10:52:44.012345Z"`, `"2020-05-02t10:52:44z"`,
		`"2020-05-02T10:52:44,5+02:00"`, `"2020-05-02 10:52:44+02:00"`, `"2020-05-02T24:00:00Z"`, `"2020-05-02"`, `"0000-01-01T00:00:00+14:00"`, `"0001-01-01"`,
		`"9999-12-31T23:59:59-14:00"`, `"UTC"`, `" UTC"`, `"5/25/2023 12:00:00 AM"`, "\"5/25/2023 12:00:00\u202fAM\"", `"5\/25\/2023"`, `"13/1/2023"`, `1704067200`,
	)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, us := at("1999-01-01T00:00:00Z"), USTime(at("1999-01-01T00:00:00Z"))
		if err := got.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		if err := us.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		for _, v := range []Time{got, Time(us)} {
			if v.Unreadable && !v.IsZero() || v.Location() != time.UTC {
				t.Errorf("%q is %+v in %s", b, v, v.Location())
			}
			if v.Year() < 0 || v.Year() > 9999 {
				t.Errorf("%q is in the year %d", b, v.Year())
			}
			var again Time
			if _ = again.UnmarshalJSON([]byte(`"` + v.Format(time.RFC3339Nano) + `"`)); !again.Equal(v.Time) {
				t.Errorf("%q is %s, which is read again as %s", b, v.Time, again.Time)
			}
		}
		text, isScalar, isJSON := plainly(b)
		if !isJSON {
			return
		}
		if want := parsedBy(timeLayouts, text, isScalar); !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v, want %+v", b, got, want)
		}
		if want := parsedBy(timeLayoutsUS, text, isScalar); !reflect.DeepEqual(Time(us), want) {
			t.Errorf("%q is %+v in the United States, want %+v", b, us, want)
		}
	})
}

func parsedBy(layouts []string, text string, isScalar bool) Time {
	if text == "" || strings.EqualFold(text, "N/A") {
		return Time{Unreadable: !isScalar}
	}
	text = strings.ReplaceAll(text, narrowSpace, " ")
	for _, zone := range []string{" UTC", " GMT"} {
		if before, found := strings.CutSuffix(text, zone); found {
			text = before
			break
		}
	}
	for _, layout := range layouts {
		if parsed, err := time.Parse(layout, text); err == nil {
			if parsed = parsed.UTC(); parsed.Year() < 2 || parsed.Year() > 9998 {
				return Time{}
			}
			return Time{Time: parsed}
		}
	}
	return Time{Unreadable: true}
}
