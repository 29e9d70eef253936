package scalar

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func at(text string) Time {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return Time{Time: parsed}
}

func TestTime(t *testing.T) {
	none, unreadable := Time{}, Time{Unreadable: true}
	for text, want := range map[string]Time{
		`null`:                             none,
		`""`:                               none,
		`" "`:                              none,
		`"N/A"`:                            none,
		`"n/a"`:                            none,
		`"2020-10-30T15:01:46Z"`:           at("2020-10-30T15:01:46Z"),
		`"2020-05-02T10:52:44.012345Z"`:    at("2020-05-02T10:52:44.012345Z"),
		`"2020-05-02T10:52:44.012345678Z"`: at("2020-05-02T10:52:44.012345678Z"),
		`"2020-10-30T15:01:46+02:00"`:      at("2020-10-30T13:01:46Z"),
		`" 2020-10-30T15:01:46Z "`:         at("2020-10-30T15:01:46Z"),
		`"2020-10-30"`:                     at("2020-10-30T00:00:00Z"),
		`"Feb 8, 2020 UTC"`:                at("2020-02-08T00:00:00Z"),
		`"Feb 08, 2020 UTC"`:               at("2020-02-08T00:00:00Z"),
		`"Dec 31, 2020 GMT"`:               at("2020-12-31T00:00:00Z"),
		`"Feb 29, 2020"`:                   at("2020-02-29T00:00:00Z"),
		`"Feb 29, 2021 UTC"`:               unreadable,
		`"Feb 8, 2020 PST"`:                unreadable,
		`"08/02/2020"`:                     unreadable,
		`"2020-10-30T15:01:46"`:            at("2020-10-30T15:01:46Z"),
		`"March 13, 2027 UTC"`:             at("2027-03-13T00:00:00Z"),
		`"never"`:                          unreadable,
		`1604070106`:                       unreadable,
		`true`:                             unreadable,
		`{"date": "2020-10-30T15:01:46Z"}`: unreadable,
		`["2020-10-30T15:01:46Z"]`:         unreadable,
	} {
		t.Run(text, func(t *testing.T) {
			record := struct{ Date Time }{at("1999-01-01T00:00:00Z")}
			if err := json.Unmarshal([]byte(`{"date": `+text+`}`), &record); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, record.Date); diff != "" {
				t.Errorf("the date differs (-want +got):\n%s", diff)
			}
			if zone := record.Date.Location(); zone != time.UTC {
				t.Errorf("the date is in %s, want UTC", zone)
			}
		})
	}
}

func TestTimeThatIsAbsent(t *testing.T) {
	var record struct{ Date Time }
	if err := json.Unmarshal([]byte(`{}`), &record); err != nil || !record.Date.IsZero() || record.Date.Unreadable {
		t.Errorf("an absent date is read as %+v with the error %v", record.Date, err)
	}
}
