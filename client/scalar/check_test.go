package scalar

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

type testRecord struct {
	ID        ID
	Name      Text
	NetworkID Text
	Count     Int
	Price     Number
	Active    Bool
	End       Time
	Licensing struct {
		Model Text `field:"licensing.model"`
	}
	Counts  map[string]Int `json:"licensedDeviceCounts"`
	Seats   []struct{ SKU, Note Text }
	Expires *struct{ On Time }
	Plain   string
}

func check(t *testing.T, text string) (testRecord, []string) {
	t.Helper()
	var r testRecord
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	var found []string
	Check(&r, []byte(text), func(field string, show func(func(string) string) string) {
		found = append(found, field+"="+show(func(text string) string { return strings.ReplaceAll(text, "secret", "x") }))
	})
	slices.Sort(found)
	return r, found
}

func TestCheckFindsWhatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":            {`{"id": 7, "name": "a", "count": "3", "price": "1e2", "active": "False", "end": null, "licensedDeviceCounts": {"MR": "3"}}`, nil},
		"an identifier":      {`{"id": {"a": 1}}`, []string{"id=an object"}},
		"free text":          {`{"name": ["Ada", "Grace"], "networkId": {}}`, []string{"name=a list", "networkId=an object"}},
		"a text too long":    {`{"name": "` + strings.Repeat("a", maxText+1) + `"}`, []string{"name=a text of more than 1024 bytes"}},
		"numbers":            {`{"count": "1,000", "price": 1e400}`, []string{`count="1,000"`, `price="1e400"`}},
		"a boolean":          {`{"active": "Yes"}`, []string{`active="Yes"`}},
		"a date":             {`{"end": "soon"}`, []string{`end="soon"`}},
		"a long date":        {`{"end": "` + string(make60()) + `"}`, []string{`end="` + string(make60()[:40]) + `"…`}},
		"a secret":           {`{"end": "` + string(make60()[:37]) + `secret"}`, []string{`end="` + string(make60()[:38]) + `"`}},
		"a nested text":      {`{"licensing": {"model": {}}}`, []string{"licensing.model=an object"}},
		"a value of a map":   {`{"licensedDeviceCounts": {"MR": 3, "bad": {"x": 1}, "worse": "many"}}`, []string{`licensedDeviceCounts="many"`, "licensedDeviceCounts=an object"}},
		"elements of a list": {`{"seats": [{"sku": "A"}, {"sku": {}, "note": 4}]}`, []string{"sku=an object"}},
		"behind a pointer":   {`{"expires": {"on": "never"}}`, []string{`on="never"`}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, found := check(t, test.text); !slices.Equal(found, test.want) {
				t.Errorf("found %v, want %v", found, test.want)
			}
		})
	}
}

func make60() []byte { return slices.Repeat([]byte("x"), 60) }

func TestTextIsEmptyAfterCheck(t *testing.T) {
	r, _ := check(t, `{"id": [], "name": {}, "seats": [{"sku": {}}], "licensing": {"model": []}}`)
	if r.ID != "" || r.Name != "" || r.Seats[0].SKU != "" || r.Licensing.Model != "" {
		t.Errorf("got %+v, want empty texts", r)
	}
}

func TestFields(t *testing.T) {
	want := []string{
		"active", "count", "end", "expires", "id", "licensedDeviceCounts", "licensing", "licensing.model", "name", "networkId",
		"note", "on", "price", "seats", "sku",
	}
	if got := Fields(testRecord{}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A value that is readable costs no allocation.
func TestCheckOfGoodRecordsDoesNotAllocate(t *testing.T) {
	r, text := testRecord{Seats: make([]struct{ SKU, Note Text }, 3)}, []byte(`{}`)
	if n := testing.AllocsPerRun(100, func() { Check(&r, text, nil) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
