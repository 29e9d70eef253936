package status

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// calendarRefresh is how often a calendar should be fetched again.
const calendarRefresh = "PT1H"

// WriteCalendar writes an iCalendar object (RFC 5545) with an all-day event for each license that
// has an end. name is the name of the calendar.
func WriteCalendar(w io.Writer, name string, now time.Time, licenses iter.Seq2[*Organization, *License]) error {
	calendar := ics.NewCalendar()
	calendar.SetProductId("-//license_exporter//license_exporter//EN")
	calendar.SetMethod(ics.MethodPublish)
	calendar.SetName(calendarText(name))
	calendar.SetRefreshInterval(calendarRefresh)
	calendar.SetXPublishedTTL(calendarRefresh)
	calendar.Components = []ics.Component{&calendarEvents{now: now, licenses: licenses}}
	return calendar.SerializeTo(w, ics.WithNewLineWindows)
}

// calendarEvents are the events of a calendar. Each is made when it is written, since all events of
// a large estate would take much memory.
type calendarEvents struct {
	ics.ComponentBase
	now      time.Time
	licenses iter.Seq2[*Organization, *License]
}

// SerializeTo implements ics.Component.
func (c *calendarEvents) SerializeTo(w io.Writer, configuration *ics.SerializationConfiguration) error {
	written := map[string]bool{}
	for o, l := range c.licenses {
		id := eventID(o, l)
		if l.End.IsZero() || written[id] { // two collectors may report the same license
			continue
		}
		written[id] = true
		if err := newEvent(id, o, l, c.now).SerializeTo(w, configuration); err != nil {
			return err
		}
	}
	if len(written) == 0 {
		return noEvents().SerializeTo(w, configuration)
	}
	return nil
}

// noEvents returns a time zone, for calendars without events: RFC 5545 requires at least one
// component.
func noEvents() *ics.VTimezone {
	utc := ics.NewTimezone("UTC")
	standard := utc.AddStandard()
	standard.SetProperty(ics.ComponentPropertyDtStart, "19700101T000000")
	standard.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), "+0000")
	standard.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), "+0000")
	return utc
}

// eventID returns the id of the event of a license. It does not depend on the end, so that
// calendars move the event when the license is renewed.
func eventID(o *Organization, l *License) string {
	key := sha256.Sum256(fmt.Appendf(nil, "%q", []string{o.Vendor, o.Account, o.ID, l.Product, l.LicenseID}))
	return strings.ToLower(base32.StdEncoding.EncodeToString(key[:20])) + "@license_exporter"
}

// newEvent returns the event of a license.
func newEvent(id string, o *Organization, l *License, now time.Time) *ics.VEvent {
	e := ics.NewEvent(id)
	if o.Oldest.IsZero() {
		e.SetDtStampTime(now)
	} else {
		e.SetDtStampTime(o.Oldest) // the same facts make the same event
	}
	day := l.EndDate()
	e.SetAllDayStartAt(day) // without an end, an event lasts one day
	subject := cmp.Or(calendarText(l.Title()), "all licenses") + ", " + o.title()
	summary := l.ending(now) + ": " + subject
	if l.Muted {
		summary += " (muted)"
	}
	e.SetSummary(summary)
	e.SetDescription(description(o, l))
	for _, category := range []string{l.Owner, o.Vendor} {
		if category != "" {
			e.AddCategory(calendarText(category))
		}
	}
	e.SetTimeTransparency(ics.TransparencyTransparent)
	if l.Muted {
		return e
	}
	addAlarm(e, l.End.Sub(l.Act), summary, day, now)
	if !l.Deadline.IsZero() && !l.Deadline.Equal(l.Act) {
		addAlarm(e, l.End.Sub(l.Deadline), "Renewal deadline: "+subject, day, now)
	}
	return e
}

// addAlarm adds an alarm that comes some time before the day of an event. It adds none for a time
// that has passed, since programs may show such an alarm at once.
func addAlarm(e *ics.VEvent, ahead time.Duration, words string, day, now time.Time) {
	if ahead < 0 || !day.Add(-ahead).After(now) {
		return
	}
	trigger := fmt.Sprintf("-P%dD", ahead/licensing.Day)
	if rest := ahead % licensing.Day; rest >= time.Second {
		trigger += fmt.Sprintf("T%dS", rest/time.Second)
	}
	alarm := e.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger(trigger)
	alarm.SetDescription(words)
}

// ending says in the title of an event what happens at the end.
func (l *License) ending(now time.Time) string {
	switch {
	case l.Renews && now.Before(l.End.Add(licensing.RenewalTime)): // the vendor may not show it yet
		return "Renews by itself"
	case l.End.After(now):
		return "Ends"
	}
	return "Ended"
}

func (o *Organization) title() string {
	return calendarText(cmp.Or(o.Name, o.ID, o.Account))
}

// description returns the text of an event: what is known of a license, one fact a line.
func description(o *Organization, l *License) string {
	var lines []string
	add := func(name, value string) {
		if value = calendarText(value); value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("Vendor", o.Vendor)
	add("Account", o.Account)
	add("Organization", named(o.Name, o.ID))
	add("Product", named(l.ProductName, l.Product))
	add("License", named(l.Name, l.LicenseID))
	add("State", l.State)
	add("Owner", l.Owner)
	if l.EndByPolicy {
		add("End", dateText(l.EndDate())+", by policy")
	} else {
		add("End", dateText(l.EndDate()))
	}
	add("Act by", dateText(l.ActDate()))
	add("Renewal deadline", dateText(l.DeadlineDate()))
	add("Renewal", string(l.renewal()))
	for i := range l.Seats {
		s := &l.Seats[i]
		add(strings.TrimSpace("Seats "+calendarText(s.UnitName)), s.words())
	}
	if l.Compliant != nil {
		add("Vendor's verdict", map[bool]string{true: "compliant", false: "not compliant"}[*l.Compliant])
	}
	for _, m := range l.Missing {
		add("Missing seats", named(numberText(&m.Seats)+" "+m.UnitName, m.SKU))
	}
	add("Grace period ends", dateText(l.GraceDate()))
	for _, c := range l.Cost() {
		add("Cost", numberText(&c.Amount)+" "+c.Currency)
	}
	return strings.Join(lines, "\n")
}

// named returns a name with an id.
func named(name, id string) string {
	if name == "" || name == id {
		return id
	}
	if id == "" {
		return name
	}
	return calendarText(name) + " (" + calendarText(id) + ")"
}

// words returns the known numbers in words.
func (s *Seats) words() string {
	var words []string
	add := func(n *float64, word string) {
		if n != nil {
			words = append(words, numberText(n)+" "+word)
		}
	}
	add(s.Limit, "bought")
	add(s.Assigned, "assigned")
	add(s.Required, "required")
	if s.Available != nil && *s.Available < 0 {
		add(s.short(), "short")
	} else {
		add(s.Available, "free")
	}
	return strings.Join(words, ", ")
}

// maxName is the maximum length of a name in a calendar, in runes.
const maxName = 120

// calendarText returns a text as one line of limited length. The library escapes what is special in
// calendars.
func calendarText(text string) string {
	runes := []rune(strings.Join(strings.Fields(rest.Plain(text)), " "))
	if len(runes) > maxName {
		runes = append(runes[:maxName-1], '…')
	}
	return string(runes)
}
