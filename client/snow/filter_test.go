package snow

import (
	"net/http"
	"testing"
	"time"
)

func TestFilter(t *testing.T) {
	const guid = "49cdd99f-bc16-40f9-ad40-48f12182fb30"
	active := Where("status").Eq("Active")
	day := time.Date(2026, 1, 1, 1, 0, 0, 500, time.FixedZone("", 3600))
	for _, test := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, ``},
		{active, `status -eq 'Active'`},
		{Where("id").Ne(guid), `id -ne '` + guid + `'`},
		{Where("id").Eq(ID(guid)), `id -eq '` + guid + `'`},
		{Where("vendor").Eq(Text(`O'Neill \ "Sons"`)), `vendor -eq 'O\'Neill \\ "Sons"'`},
		{Where("name").Contains("a') -or (id -ne '"), `name -contains 'a\') -or (id -ne \''`},
		{Where("name").StartsWith("10"), `name -startswith '10'`},
		{Where("quantity").Gt(5), `quantity -gt 5`},
		{Where("quantity").Ge(int64(-5)), `quantity -ge -5`},
		{Where("purchaseValue").Lt(1e6 + .5), `purchaseValue -lt 1000000.5`},
		{Where("isSubscription").Eq(true), `isSubscription -eq true`},
		{Where("subscriptionValidTo").Le(day), `subscriptionValidTo -le '2026-01-01T00:00:00Z'`},
		{Where("status").In("Active", "Archived"), `status -in ['Active','Archived']`},
		{Where("quantity").NotIn(1, 2), `quantity -notin [1,2]`},
		{active.And(Where("quantity").Gt(0)), `(status -eq 'Active') -and (quantity -gt 0)`},
		{
			active.And(Where("quantity").Gt(0).Or(Where("quantity").Lt(0)), Where("isUpgrade").Eq(false)),
			`(status -eq 'Active') -and ((quantity -gt 0) -or (quantity -lt 0)) -and (isUpgrade -eq false)`,
		},
		{active.And(), `status -eq 'Active'`},
		{Filter{}.And(active, Filter{}), `status -eq 'Active'`},
		{Filter{}.And(), ``},
		{active.Or(Filter{}), ``},
		{active.Or(), `status -eq 'Active'`},
	} {
		if got := test.filter.String(); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

// TestFilterIsSent has spaces go out as %20, and nothing leave the expression.
func TestFilterIsSent(t *testing.T) {
	var got string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Query().Get("filter")
		answer(http.StatusOK, `{"items": []}`)(w, r)
	})
	filter := Where("vendor").Eq("A + B & C?").And(Where("quantity").Gt(0))
	if _, err := collect(s.client(t).Licenses(t.Context(), filter)); err != nil {
		t.Fatal(err)
	}
	if got != filter.String() {
		t.Errorf("%s, want %s", got, filter)
	}
	const want = "/api/sam/v1/licenses?filter=%28vendor%20-eq%20%27A%20%2B%20B%20%26%20C%3F%27%29%20-and%20%28quantity%20-gt%200%29&page_number=1&page_size=1000"
	if s.seen()[0] != want {
		t.Errorf("%s, want %s", s.seen()[0], want)
	}
}
