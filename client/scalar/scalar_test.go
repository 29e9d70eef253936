package scalar

import (
	"strings"
	"testing"
	"time"

	"license_exporter/internal/decodetest"
)

func number(n float64) Number { return Number{Value: n, Valid: true} }
func whole(n int64) Int       { return Int{Value: n, Valid: true} }

var yes, no = Bool{Value: true, Valid: true}, Bool{Valid: true}

func TestNumber(t *testing.T) {
	unreadable := Number{Unreadable: true}
	decodetest.Cases[Number]{
		`100`: number(100), `"100"`: number(100), `-1.5`: number(-1.5), `" 1.50 "`: number(1.5), `1e3`: number(1000), `0`: number(0),
		`".5"`: number(.5), `null`: {}, `""`: {}, `" "`: {}, `"1,000.00"`: unreadable, `"1.000,00"`: unreadable, `"n/a"`: unreadable,
		`"NaN"`: unreadable, `"Infinity"`: unreadable, `"0x10"`: unreadable, `"1_000"`: unreadable, `"1e999"`: unreadable,
		`true`: unreadable, `{}`: unreadable, `[1]`: unreadable,
	}.Test(t, `7`)
}

func TestInt(t *testing.T) {
	unreadable := Int{Unreadable: true}
	decodetest.Cases[Int]{
		`1`: whole(1), `"1"`: whole(1), `-3`: whole(-3), `1.0`: whole(1), `"2.0"`: whole(2), `1e3`: whole(1000),
		`9223372036854775807`: whole(9223372036854775807), `9223372036854775808`: unreadable, `1e300`: unreadable,
		`1.5`: unreadable, `"many"`: unreadable, `{}`: unreadable, `true`: unreadable, `null`: {}, `""`: {},
	}.Test(t, `7`)
}

func TestCount(t *testing.T) {
	unreadable := Count{Int{Unreadable: true}}
	decodetest.Cases[Count]{
		`0`: {whole(0)}, `3`: {whole(3)}, `"3"`: {whole(3)}, `3.0`: {whole(3)}, `null`: {}, `""`: {},
		`-1`: unreadable, `"-1"`: unreadable, `1.5`: unreadable, `"many"`: unreadable, `[]`: unreadable,
	}.Test(t, `7`)
}

func TestBool(t *testing.T) {
	unreadable := Bool{Unreadable: true}
	decodetest.Cases[Bool]{
		`true`: yes, `"true"`: yes, `"True"`: yes, `1`: yes, `"1"`: yes, `false`: no, `"False"`: no, `0`: no, `"0"`: no,
		`null`: {}, `""`: {}, `2`: unreadable, `"yes"`: unreadable, `[]`: unreadable, `{}`: unreadable,
	}.Test(t, `true`)
}

func TestText(t *testing.T) {
	decodetest.Cases[Text]{`"a"`: "a", `" a b "`: "a b", `1`: "1", `true`: "true", `null`: "", `{}`: unreadable, `["a"]`: unreadable}.Test(t, `"former"`)
	longest := strings.Repeat("a", maxText)
	decodetest.Cases[Text]{`"` + longest + `"`: Text(longest), `"` + longest + `a"`: unreadable}.Test(t, `"former"`)
}

func TestID(t *testing.T) {
	decodetest.Cases[ID]{
		`"49CDD99F-BC16-40F9-AD40-48F12182FB30"`: "49cdd99f-bc16-40f9-ad40-48f12182fb30", `"00000000-0000-0000-0000-000000000000"`: "",
		`"a"`: "a", `12`: "12", `null`: "", `""`: "", `{}`: ID(unreadable),
	}.Test(t, `"former"`)
}

func TestNodeID(t *testing.T) {
	decodetest.Cases[NodeID]{
		`"49CDD99F-BC16-40F9-AD40-48F12182FB30"`: "49cdd99f-bc16-40f9-ad40-48f12182fb30", `"` + ZeroGUID + `"`: ZeroGUID,
		`12`: "12", `null`: "", `""`: "", `[]`: NodeID(unreadable),
	}.Test(t, `"former"`)
}

func hash(id ID) Opaque { return Opaque(id.Hash()) }

func TestOpaque(t *testing.T) {
	decodetest.Cases[Opaque]{
		`"A"`: hash("a"), `"a"`: hash("a"), `1`: hash("1"), `null`: 0, `"00000000-0000-0000-0000-000000000000"`: 0, `[]`: 0,
	}.Test(t, `"former"`)
	if hash("a") == hash("b") || hash("a") == 0 {
		t.Error("identifiers are not told apart")
	}
}

func TestUSTime(t *testing.T) {
	at := func(year int, month time.Month, day, hour, minute, second, nanosecond int) USTime {
		return USTime{Time: time.Date(year, month, day, hour, minute, second, nanosecond, time.UTC)}
	}
	unreadable := USTime{Unreadable: true}
	decodetest.Cases[USTime]{
		`"2024-01-01T00:00:00Z"`:                 at(2024, 1, 1, 0, 0, 0, 0),
		`"2024-01-01T01:00:00.5+01:00"`:          at(2024, 1, 1, 0, 0, 0, 500_000_000),
		`"2030-01-02T15:04:05"`:                  at(2030, 1, 2, 15, 4, 5, 0),
		`"2030-01-02T15:04:05.1234567"`:          at(2030, 1, 2, 15, 4, 5, 123_456_700),
		`"2030-01-02 15:04:05"`:                  at(2030, 1, 2, 15, 4, 5, 0),
		`"2030-01-02"`:                           at(2030, 1, 2, 0, 0, 0, 0),
		`"5/25/2023 12:00:00 AM"`:                at(2023, 5, 25, 0, 0, 0, 0),
		`"12/1/2023 1:02:03 PM"`:                 at(2023, 12, 1, 13, 2, 3, 0),
		`"5/25/2023 12:00:00` + "\u202f" + `AM"`: at(2023, 5, 25, 0, 0, 0, 0),
		`"5/25/2023"`:                            at(2023, 5, 25, 0, 0, 0, 0),
		`null`:                                   {},
		`""`:                                     {},
		`"0001-01-01T00:00:00"`:                  {},
		`"0001-01-01T00:00:00Z"`:                 {},
		`"1/1/0001 12:00:00 AM"`:                 {},
		`"9999-12-31T23:59:59.9999999"`:          {},
		`"25/5/2023"`:                            unreadable,
		`"2023-02-30"`:                           unreadable,
		`"soon"`:                                 unreadable,
		`1704067200`:                             unreadable,
		`{}`:                                     unreadable,
	}.Test(t, `"2020-01-01"`)
}
