package table

import (
	"strings"
	"testing"
	"time"
)

func TestDate(t *testing.T) {
	f := &Formats{Dates: []string{"02.01.2006", "Jan 2, 2006", "2006-01-02 15h", "20060102150405", "02-Jan-06", "01/2006/02"}, Never: []string{"Perpetual "}, Location: berlin(t)}
	never := Date{Never: true}
	at := func(text string) Date {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return Date{Time: parsed.UTC()}
	}
	for text, want := range map[string]Date{
		"": {}, "  ": {}, "never": never, "N/A": never, "None": never, "PERPETUAL": never,
		// A day ends with the midnight that follows it, in summer and winter time.
		"2026-12-31": at("2026-12-31T23:00:00Z"), "2026-06-30": at("2026-06-30T22:00:00Z"), "2026-03-28": at("2026-03-28T23:00:00Z"),
		"31.12.2026": at("2026-12-31T23:00:00Z"), "Dec 31, 2026": at("2026-12-31T23:00:00Z"), "DEC 31, 2026": at("2026-12-31T23:00:00Z"),
		"31-DEC-26": at("2026-12-31T23:00:00Z"), "12/2026/31": at("2026-12-31T23:00:00Z"),
		"2026-12-31T10:00:00Z": at("2026-12-31T10:00:00Z"), "2026-12-31T10:00:00.5+02:00": {Time: time.Date(2026, 12, 31, 8, 0, 0, 5e8, time.UTC)},
		"2026-12-31T10:00:00": at("2026-12-31T09:00:00Z"), "2026-12-31 10:00:00": at("2026-12-31T09:00:00Z"), "2026-12-31 10:00": at("2026-12-31T09:00:00Z"),
		"2026-12-31 00:00:00Z": at("2026-12-31T00:00:00Z"), "2026-12-31T10:00:00+0200": at("2026-12-31T08:00:00Z"), "2026-12-31 10h": at("2026-12-31T09:00:00Z"),
		"1800000000": at("2027-01-15T08:00:00Z"), "1800000000000": at("2027-01-15T08:00:00Z"), "1800000000.0": at("2027-01-15T08:00:00Z"), "100000000": at("1973-03-03T09:46:40Z"),
		"20261231100000": at("2026-12-31T09:00:00Z"),
		// What programs write if there is no date, or no end.
		"0001-01-01": {}, "0001-01-01T00:00:00Z": {}, "1900-01-01": {}, "1899-12-30": {}, "0": {}, "-62135596800": {}, "1970-01-01T00:00:00Z": {},
		"9999-12-31": never, "9999-12-31T23:59:59.9999999Z": never, "9000-01-01": never, "253402300799": never, "253402300799000": never,
	} {
		m, advice := f.date(text)
		if got := f.place(m, false); advice != "" || got != want {
			t.Errorf("%q is %+v, %q, want %+v", text, got, advice, want)
		}
	}
	m, _ := f.date("2026-07-01")
	if got, want := f.place(m, true), at("2026-06-30T22:00:00Z"); got != want {
		t.Errorf("the start of a day is %v, want %v", got, want)
	}
	m, _ = (&Formats{}).date("2026-07-01")
	if got, want := (&Formats{}).place(m, false), at("2026-07-02T00:00:00Z"); got != want {
		t.Errorf("without a time zone, the end of a day is %v, want %v", got, want)
	}
}

// In some time zones, summer time begins or ends at midnight.
func TestDaysWhenClocksChange(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"America/Santiago", "2026-09-05", "2026-09-06T04:00:00Z"}, {"Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z"}, {"America/Havana", "2026-10-31", "2026-11-01T04:00:00Z"},
		{"Atlantic/Azores", "2027-03-27", "2027-03-28T01:00:00Z"}, {"Europe/Berlin", "2027-03-28", "2027-03-28T22:00:00Z"}, {"America/New_York", "2026-11-01", "2026-11-02T05:00:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		f := &Formats{Location: zone}
		m, _ := f.date(c.day)
		if got := f.place(m, false).Time.Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s ends %s, want %s", c.day, c.zone, got, c.want)
		}
	}
}

func TestDateAdvice(t *testing.T) {
	const add = "add the layout "
	for text, want := range map[string]string{
		"03/04/2026": `may be 3 April or March 4; add the layout "02/01/2006" or "01/02/2006" to dates`,
		"3/4/26":     `may be 3 April or March 4; add the layout "2/1/06" or "1/2/06" to dates`,
		"31.12.2026": add + `"02.01.2006" to dates`, "1.2.2026": add + `"2.1.2006"`, "03.04.26": add + `"02.01.06"`,
		"31/12/2026": add + `"02/01/2006"`, "12/31/2026": add + `"01/02/2006"`, "04/04/2026": add + `"02/01/2006"`,
		"31 Dec 2026": add + `"2 Jan 2006"`, "1 december 2026": add + `"2 January 2006"`, "Dec 31, 2026": add + `"Jan 2, 2006"`,
		"May 15, 2014": add + `"Jan 2, 2006"`, "Thu, 31 Dec 2026": add + `"Mon, 2 Jan 2006"`, "31-DEC-26": add + `"2-Jan-06"`, "2027-02-29": "does not exist", "2027-13-01 10:00:00": "does not exist",
		"20261231": add + `"20060102"`, "2026/12/31": add + `"2006/01/02"`, "2026.12.31": add + `"2006.01.02"`,
		"12/31/2026 11:59 PM": add + `"01/02/2006 03:04 PM"`, "31.12.2026 23:59:00": add + `"02.01.2006 15:04:05"`, "12/31/2026 1:59 pm": add + `"01/02/2006 3:04 pm"`,
		"Thu Dec 31 10:00:00 UTC 2026": add + `"Mon Jan 2 15:04:05 MST 2006"`,
		"46112":                        "is a day number of a spreadsheet; format the column as a date", "46112.5": "is a day number of a spreadsheet",
		"31. Dezember 2026": "write it as 2026-12-31, or add its layout to dates", "12345": "write it as", "2026-02-30": "does not exist", "99999999": "write it as",
		"perpetual": "add it to never", "1926-12-31": "is a date before 1970", "-5": "before 1970", "1800000000000000": "too large",
		strings.Repeat("1", 500): "too long", "31.12.": "write it as", "2026": "write it as", "12/2026": "write it as", "\xff1": "write it as", "Q4 2026": "write it as",
	} {
		if m, advice := (&Formats{}).date(text); !strings.Contains(advice, want) || m != (moment{}) {
			t.Errorf("%.40q: the advice is %q, want %q", text, advice, want)
		}
	}
}

func TestCheckFormats(t *testing.T) {
	for want, f := range map[string]Formats{
		``: {Dates: []string{"02.01.2006", "2 Jan 2006", "Monday, January 2, 2006", "2006/01/02 15:04:05.000 MST", "02/01/06", "02/01/2006", "20060102", "2006-01-02T15:04:05Z07:00", "2006 002"}, Decimal: ",", Never: []string{"x"}},
		`dates[0]: must be written with the date 2 January 2006: "2006-01-02", not "yyyy-mm-dd"`:                      {Dates: []string{"yyyy-mm-dd"}},
		`dates[0]: must be written with the date 2 January 2006: "02.01.2006", not "%d.%m.%Y"`:                        {Dates: []string{"%d.%m.%Y"}},
		`dates[0]: must be written with the date 2 January 2006: "02.01.2006", not "DD.MM.YYYY"`:                      {Dates: []string{"DD.MM.YYYY"}},
		`dates[0]: must be written with the date 2 January 2006: "02.01.2006", not "TT.MM.JJJJ"`:                      {Dates: []string{"TT.MM.JJJJ"}},
		`dates[0]: must be written with the date 2 January 2006: "1/2/06", not "m/d/yy"`:                              {Dates: []string{"m/d/yy"}},
		`dates[0]: must be written with the date 2 January 2006: "02 Jan 2006 15:04:05", not "dd MMM yyyy HH:mm:ss"`:  {Dates: []string{"dd MMM yyyy HH:mm:ss"}},
		`dates[1]: "02/01/2006" and "01/02/2006" read 03/04/2026 as different days; keep the one that the table uses`: {Dates: []string{"02/01/2006", "01/02/2006"}},
		`dates[1]: "2/1/06" and "06/1/2"`:                                                   {Dates: []string{"2/1/06", "06/1/2"}},
		`dates[0]: must be the date 2 January 2006`:                                         {Dates: []string{"due 2006"}},
		`dates[0]: must have a year, a month and a day, such as "02.01.2006", not "02.01."`: {Dates: []string{"02.01."}},
		`not "Jan 2006"`:                      {Dates: []string{"Jan 2006"}},
		`not "15:04"`:                         {Dates: []string{"15:04"}},
		`dates[0]: must have no space`:        {Dates: []string{""}},
		`dates[0]: must have no space before`: {Dates: []string{" 02.01.2006"}},
		`decimal: must be "," for numbers`:    {Decimal: "comma"},
		`never[1]: must be a word`:            {Never: []string{"x", " "}},
	} {
		errs := f.Check()
		if want == "" {
			if len(errs) > 0 {
				t.Errorf("the errors are %v", errs)
			}
			continue
		}
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("the errors are %v, want %q", errs, want)
		}
	}
}

func TestNumber(t *testing.T) {
	type result struct {
		value float64
		ok    bool
	}
	for _, c := range []struct {
		decimal, text string
		want          result
		advice        string
	}{
		{"", "1200", result{1200, true}, ""}, {"", " 1200.5 ", result{1200.5, true}, ""}, {"", "-3", result{-3, true}, ""}, {"", "1e3", result{1000, true}, ""},
		{"", ".5", result{0.5, true}, ""}, {"", "+5", result{5, true}, ""}, {"", "007", result{7, true}, ""},
		{"", "", result{}, ""}, {"", "-", result{}, ""}, {"", "n/a", result{}, ""}, {"", "None", result{}, ""}, {"", "Unlimited", result{}, ""}, {"", "∞", result{}, ""},
		{"", "1,200", result{}, `has a mark that may separate decimals or groups of digits; set decimal: "," if it is 1.2, or decimal: "." if it is 1200`},
		{"", "1,200.50", result{}, `set decimal: "." if it is 1200.5`}, {"", "1.200,50", result{}, `set decimal: "," if it is 1200.5`},
		{"", "1 200", result{}, `has a mark that separates groups of digits; set decimal: "," or "."`}, {"", "€ 12,50", result{}, `set decimal: "," if it is 12.5`},
		{"", "1.2.3", result{}, "is not a number; write it as 1200.50"}, {"", "12,34.5", result{}, "is not a number"}, {"", "ten", result{}, "is not a number"},
		{"", "NaN", result{}, "is not a number"}, {"", "Inf", result{}, "is not a number"}, {"", "0x10", result{}, "is not a number"}, {"", "1_000", result{}, "is not a number"},
		{"", "1e999", result{}, "too large"}, {"", strings.Repeat("9", 100), result{}, "too long"}, {"", "5 seats", result{}, "is not a number"},
		{",", "1.200,50", result{1200.5, true}, ""}, {",", "1 200,50", result{1200.5, true}, ""}, {",", "1\u00a0200,50", result{1200.5, true}, ""},
		{",", "1\u202f200,50", result{1200.5, true}, ""}, {",", "1.234.567", result{1234567, true}, ""}, {",", "1.200", result{1200, true}, ""}, {",", "12,5", result{12.5, true}, ""},
		{",", "1200,50 €", result{1200.5, true}, ""}, {",", "€1.200,50", result{1200.5, true}, ""}, {",", "EUR 12,50", result{12.5, true}, ""}, {",", "12,50 EUR", result{12.5, true}, ""},
		{",", "-1.200,5", result{-1200.5, true}, ""}, {",", "-€5", result{-5, true}, ""}, {",", "\u22125", result{-5, true}, ""}, {",", "1.5", result{}, `does not fit decimal: ","; set decimal: "." if it is 1.5`},
		{",", "1.20,5", result{}, "is not a number"}, {",", "1.200.50", result{}, "is not a number"}, {",", "12.3456", result{}, `does not fit decimal: ","`}, {",", "1.234 567", result{}, "is not a number"},
		{".", "1,200.50", result{1200.5, true}, ""}, {".", "1'200.50", result{1200.5, true}, ""}, {".", "1’200.50", result{1200.5, true}, ""}, {".", "1,200", result{1200, true}, ""},
		{".", "$12.50", result{12.5, true}, ""}, {".", "1e3", result{1000, true}, ""}, {".", "12,50", result{}, `does not fit decimal: "."; set decimal: "," if it is 12.5`}, {".", "12,34.5", result{}, "is not a number"},
	} {
		value, ok, advice := (&Formats{Decimal: c.decimal}).number(c.text)
		if (result{value, ok}) != c.want || (advice == "") != (c.advice == "") || !strings.Contains(advice, c.advice) {
			t.Errorf("decimal %q: %.40q is %v, %v, %q, want %v, %q", c.decimal, c.text, value, ok, advice, c.want, c.advice)
		}
	}
}

func TestHasClock(t *testing.T) {
	for layout, want := range map[string]bool{"02.01.2006": false, "Jan _2, 2006": false, "20060102": false, "2006 002": false, "Monday, January 2, 2006": false, "2006-01-02 15h": true, "1/2/06 3PM": true,
		"1/2/2006 3:04 pm": true, "20060102150405": true, "02.01.2006 MST": false} {
		if got := hasClock(layout); got != want {
			t.Errorf("%q: %v", layout, got)
		}
	}
}

// A date takes no memory.
func TestDateAllocations(t *testing.T) {
	f := &Formats{Dates: []string{"02.01.2006"}, Never: []string{"perpetual"}, Location: berlin(t)}
	for _, text := range []string{"2026-12-31", "31.12.2026", "2026-12-31T10:00:00Z", "never", "", "1800000000"} {
		if n := testing.AllocsPerRun(100, func() { f.place(first(f.date(text)), false) }); n > 1 {
			t.Errorf("%q takes %v allocations", text, n)
		}
	}
}

func first(m moment, _ string) moment { return m }
