package status

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	gocmp "github.com/google/go-cmp/cmp"

	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func writeCalendar(t testing.TB, now time.Time, organizations ...*Organization) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCalendar(&b, "Licenses", now, licensesOf(organizations...)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readCalendar returns the events of a calendar, read with another library than that which has
// written it. It checks what the library does not.
func readCalendar(t testing.TB, calendar []byte) []ical.Event {
	t.Helper()
	if !utf8.Valid(calendar) || !bytes.HasSuffix(calendar, []byte("END:VCALENDAR\r\n")) {
		t.Errorf("the calendar is not UTF-8, or has no end: %q", calendar)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(calendar), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.TrimSpace(line) == "" || !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
			t.Errorf("%d bytes, or blank, cut or with control characters: %q", len(line), line)
		}
	}
	decoder := ical.NewDecoder(bytes.NewReader(calendar))
	decoded, err := decoder.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if err := ical.NewEncoder(io.Discard).Encode(decoded); err != nil {
		t.Errorf("the calendar is not as in RFC 5545: %v", err)
	}
	events := decoded.Events()
	if rest, err := decoder.Decode(); err == nil || len(decoded.Children) != max(1, len(events)) {
		t.Errorf("there is more than events: %v, %v", decoded.Children, rest)
	}
	ids := map[string]bool{}
	for _, e := range events {
		if id := text(t, e.Component, ical.PropUID); ids[id] {
			t.Errorf("there are two events %s", id)
		} else {
			ids[id] = true
		}
	}
	return events
}

// text returns the text of a property.
func text(t testing.TB, c *ical.Component, name string) string {
	t.Helper()
	value, err := c.Props.Text(name)
	if err != nil {
		t.Error(err)
	}
	return value
}

// startOf returns the date of an event.
func startOf(e ical.Event) string { return e.Props.Get(ical.PropDateTimeStart).Value }

// alarmsOf returns the triggers of an event.
func alarmsOf(e ical.Event) (triggers []string) {
	for _, c := range e.Children {
		triggers = append(triggers, c.Props.Get(ical.PropTrigger).Value)
	}
	return triggers
}

func TestCalendar(t *testing.T) {
	enginetest.Golden(t, "calendar.ics", string(writeCalendar(t, enginetest.Now, richOrganization())))
	readCalendar(t, writeCalendar(t, enginetest.Now, richOrganization()))
}

// RFC 5545 asks for a component, even if nothing has an end.
func TestCalendarWithoutEvents(t *testing.T) {
	for _, o := range [][]*Organization{nil, {{Licenses: []License{{LicenseKey: licensing.LicenseKey{Product: "P"}}}}}} {
		if events := readCalendar(t, writeCalendar(t, enginetest.Now, o...)); len(events) != 0 {
			t.Errorf("%d events", len(events))
		}
	}
}

// A calendar has what a page shows: the vendor's date, or that of the policy. Alarms are only of
// what is ahead.
func TestEventsOfACalendar(t *testing.T) {
	day := licensing.Day
	midnight := enginetest.Now.Truncate(day)
	key := licensing.LicenseKey{Product: "P"}
	for name, test := range map[string]struct {
		license        License
		summary, start string
		alarms         []string
	}{
		"end at the beginning of a day": {License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(30 * day)}, "Ends: P, Alpha", "20260430", []string{"-P30D"}},
		"end within a day":              {License{LicenseKey: key, End: midnight.Add(60*day + 18*time.Hour), Act: midnight.Add(30*day + 18*time.Hour)}, "Ends: P, Alpha", "20260430", []string{"-P30D"}},
		"end of the policy": {
			License{LicenseKey: key, End: midnight.Add(61 * day), EndByPolicy: true, Act: midnight.Add(31 * day)}, "Ends: P, Alpha", "20260430", []string{"-P30D"},
		},
		"notice has passed": {License{LicenseKey: key, End: midnight.Add(29 * day), Act: midnight.Add(-1 * day)}, "Ends: P, Alpha", "20260330", nil},
		"deadline after the notice": {
			License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(30 * day), Deadline: midnight.Add(50 * day)}, "Ends: P, Alpha", "20260430", []string{"-P30D", "-P10D"},
		},
		"deadline at an hour, and notice has passed": {
			License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(-30 * day), Deadline: midnight.Add(50*day - time.Hour)}, "Ends: P, Alpha", "20260430", []string{"-P10DT3600S"},
		},
		"deadline is the notice": {License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(50 * day), Deadline: midnight.Add(50 * day)}, "Ends: P, Alpha", "20260430", []string{"-P10D"}},
		"no notice at all":       {License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(60 * day)}, "Ends: P, Alpha", "20260430", []string{"-P0D"}},
		"renews":                 {License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(30 * day), Renews: true}, "Renews by itself: P, Alpha", "20260430", []string{"-P30D"}},
		"renewed, not yet shown": {License{LicenseKey: key, End: midnight, Act: midnight.Add(-30 * day), Renews: true}, "Renews by itself: P, Alpha", "20260301", nil},
		"not renewed":            {License{LicenseKey: key, End: midnight.Add(-day), Act: midnight.Add(-30 * day), Renews: true}, "Ended: P, Alpha", "20260228", nil},
		"ended":                  {License{LicenseKey: key, End: midnight, Act: midnight.Add(-30 * day)}, "Ended: P, Alpha", "20260301", nil},
		"muted":                  {License{LicenseKey: key, End: midnight.Add(60 * day), Act: midnight.Add(30 * day), Muted: true}, "Ends: P, Alpha (muted)", "20260430", nil},
		"as a whole":             {License{End: midnight.Add(60 * day), Act: midnight.Add(60 * day)}, "Ends: all licenses, Alpha", "20260430", []string{"-P0D"}},
		"after centuries":        {License{LicenseKey: key, End: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), Act: time.Date(9999, 12, 1, 0, 0, 0, 0, time.UTC)}, "Ends: P, Alpha", "99991231", []string{"-P30D"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &Organization{Name: "Alpha", Licenses: []License{test.license}}
			events := readCalendar(t, writeCalendar(t, enginetest.Now, o))
			if len(events) != 1 {
				t.Fatalf("%d events", len(events))
			}
			if got := text(t, events[0].Component, ical.PropSummary); got != test.summary || startOf(events[0]) != test.start {
				t.Errorf("%s on %s, want %s on %s", got, startOf(events[0]), test.summary, test.start)
			}
			if diff := gocmp.Diff(test.alarms, alarmsOf(events[0])); diff != "" {
				t.Errorf("alarms differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Names cannot add lines, properties or events.
func TestCalendarOfHostileNames(t *testing.T) {
	var all []*Organization
	for _, name := range hostileTexts {
		all = append(all, namedOrganization(name))
	}
	events := readCalendar(t, writeCalendar(t, enginetest.Now, all...))
	if len(events) != len(all) {
		t.Fatalf("%d events of %d licenses", len(events), len(all))
	}
	for i, e := range events {
		checkEvent(t, e, hostileTexts[i])
	}
}

// checkEvent checks that the event of namedOrganization(name) has its name in full or shortened.
func checkEvent(t *testing.T, e ical.Event, name string) {
	t.Helper()
	want := calendarText(name)
	if got := text(t, e.Component, ical.PropSummary); got != "Ends: "+cmp.Or(want, "all licenses")+", "+want {
		t.Errorf("the summary of %q is %q", name, got)
	}
	categories := e.Props.Values(ical.PropCategories)
	for i := range categories {
		if got, err := categories[i].TextList(); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("the categories of %q are %q, %v", name, got, err)
		}
	}
	for line := range strings.SplitSeq(text(t, e.Component, ical.PropDescription), "\n") {
		word, _, _ := strings.Cut(strings.TrimPrefix(line, "Seats "+want), ":")
		if !slices.Contains([]string{"Vendor", "Account", "Organization", "Product", "License", "State", "Owner", "End", "Act by", "Seats", "", "Cost"}, word) {
			t.Errorf("%q has a line %q", name, line)
		}
	}
	if len(e.Children) != 1 || e.Children[0].Name != ical.CompAlarm {
		t.Errorf("%q has the children %v", name, e.Children)
	}
}

// Ids do not depend on what can change, and those of different licenses differ, however
// alike their names are.
func TestEventsHaveStableIDs(t *testing.T) {
	ids := map[string][]string{}
	names := []string{"", "a", "b", "a\x00", `a" "b`, "\xff", "\ufffd"}
	for _, vendor := range names {
		for _, account := range names {
			for _, organization := range names {
				for _, product := range names {
					for _, license := range names {
						key := []string{vendor, account, organization, product, license}
						id := eventID(&Organization{Vendor: vendor, Account: account, ID: organization}, &License{LicenseKey: licensing.LicenseKey{Product: product, LicenseID: license}})
						if ids[id] != nil {
							t.Fatalf("%q and %q are both %s", ids[id], key, id)
						}
						ids[id] = key
					}
				}
			}
		}
	}
	o, changed := richOrganization(), richOrganization()
	changed.Name, changed.Model, changed.Owner, changed.Oldest = "Beta", "new", "x", enginetest.Now
	l := &changed.Licenses[0]
	*l = License{LicenseKey: l.LicenseKey, End: enginetest.Days(400), Muted: true, State: "renewed"}
	if was, is := eventID(o, &o.Licenses[0]), eventID(changed, l); was != is || was != "fke7cuciqixwyffbo5d7h3f6zvah3quo@license_exporter" {
		t.Errorf("the id %s becomes %s", was, is)
	}
}

// Two collectors may report the same license.
func TestALicenseHasOneEvent(t *testing.T) {
	o := richOrganization()
	o.Licenses = append(o.Licenses, o.Licenses...)
	if events := readCalendar(t, writeCalendar(t, enginetest.Now, o)); len(events) != 2 {
		t.Errorf("%d events, want 2", len(events))
	}
}

// Whatever the names and dates, another library reads the same events.
func FuzzCalendar(f *testing.F) {
	for i, name := range hostileTexts {
		f.Add(name, 1e9+int64(i)*1e8, int64(i)*1e14)
	}
	f.Fuzz(func(t *testing.T, name string, end, notice int64) {
		o := namedOrganization(name)
		l := &o.Licenses[0]
		// The years that a calendar can have.
		l.End = time.Unix(min(max(end, -62135596800+86400), 253402214400), 0)
		l.Act = l.End.Add(-time.Duration(notice))
		now := l.End.Add(-licensing.Day * 100_000)
		events := readCalendar(t, writeCalendar(t, now, o))
		if len(events) != 1 || startOf(events[0]) != l.End.UTC().Format("20060102") {
			t.Fatalf("the end %s becomes %v", l.End, events)
		}
		for _, alarm := range events[0].Children {
			ahead, err := alarm.Props.Get(ical.PropTrigger).Duration()
			if want := l.End.Sub(l.Act).Truncate(time.Second); err != nil || -ahead != want {
				t.Errorf("the alarm is %s before, %v, want %s", ahead, err, want)
			}
		}
	})
}
