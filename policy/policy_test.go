package policy

import (
	"encoding"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

func TestValues(t *testing.T) {
	for _, test := range []struct {
		to   encoding.TextUnmarshaler
		text string
		want string // empty for an error
	}{
		{new(Renewal), "automatic", "automatic"},
		{new(Renewal), "Manual", "manual"},
		{new(Renewal), "never", ""},
		{new(Count), "5", "5"},
		{new(Count), "0", "0"},
		{new(Count), "-0", "0"},
		{new(Count), "-1", ""},
		{new(Count), "NaN", ""},
		{new(Count), "Inf", ""},
		{new(Count), "1e999", ""},
		{new(Count), "many", ""},
		{new(Flag), "TRUE", "true"},
		{new(Flag), "Yes", "true"},
		{new(Flag), "no", "false"},
		{new(Flag), "perhaps", ""},
		{new(End), "2027-03-31", "2027-04-01 00:00:00 +0000 UTC"},
		{new(End), "2027-12-31", "2028-01-01 00:00:00 +0000 UTC"},
		{new(End), "2027-03-31T12:00:00+02:00", "2027-03-31 10:00:00 +0000 UTC"},
		{new(End), "2027-02-30", ""},
		{new(End), "31.3.2027", ""},
	} {
		got := ""
		if err := test.to.UnmarshalText([]byte(test.text)); err == nil {
			switch to := test.to.(type) {
			case *Renewal:
				got = string(*to)
			case *Count:
				got = fmt.Sprint(*to)
			case *Flag:
				got = fmt.Sprint(*to)
			case *End:
				got = to.String()
			}
		}
		if got != test.want {
			t.Errorf("%T of %q is %q, want %q", test.to, test.text, got, test.want)
		}
	}
}

func rules(owner string) Rules { return Rules{Owner: owner} }

// For each rule, the first policy that matches and sets it applies, whichever keys it matches.
func TestTheFirstPolicyThatSetsARuleCounts(t *testing.T) {
	day := func(n int) *model.Duration { return new(model.Duration(time.Duration(n) * 24 * time.Hour)) }
	s := NewSet([]Policy{
		{Match: Match{LicenseID: "sub-1"}, Rules: rules("license")},
		{Match: Match{Product: "MS*"}, Rules: Rules{Notice: day(60)}},
		{Match: Match{OrganizationID: "1", Product: "MS"}, Rules: Rules{Owner: "switching", Notice: day(10), Muted: new(Flag(false))}},
		{Match: Match{OrganizationName: "North"}, Rules: Rules{Muted: new(Flag(true)), Renewal: Automatic}},
		{Match: Match{Product: "MX", Vendor: "v?"}, Rules: rules("firewalls")},
		{Match: Match{ProductName: "Access points"}, Rules: rules("wireless")},
		{Match: Match{Account: "other"}, Rules: rules("nobody")},
		{Rules: Rules{Owner: "all", MinimumAvailableSeats: new(Count(5)), Muted: new(Flag(true))}},
		{Rules: Rules{Owner: "never", End: End{time.Unix(1, 0)}}},
	})
	all := Rules{MinimumAvailableSeats: new(Count(5)), Muted: new(Flag(true)), End: End{time.Unix(1, 0)}}
	with := func(change func(*Rules)) Rules {
		r := all
		change(&r)
		return r
	}
	north, south := Organization{"v1", "acme", "1", "North"}, Organization{"v1", "acme", "2", ""}
	for _, test := range []struct {
		name                          string
		in                            Organization
		product, productName, license string
		want                          Rules
	}{
		{"the organization as a whole", south, "", "", "", with(func(r *Rules) { r.Owner = "all" })},
		{"an organization by name", north, "", "", "", with(func(r *Rules) { r.Owner, r.Renewal = "all", Automatic })},
		{"a license", south, "MX", "", "sub-1", with(func(r *Rules) { r.Owner = "license" })},
		{"a product", south, "MX", "", "", with(func(r *Rules) { r.Owner = "firewalls" })},
		{"a product by glob", south, "MS220", "", "", with(func(r *Rules) { r.Owner, r.Notice = "all", day(60) })},
		{"a product of an organization", north, "MS", "", "", with(func(r *Rules) {
			r.Owner, r.Notice, r.Muted, r.Renewal = "switching", day(60), new(Flag(false)), Automatic
		})},
		{"a product by name", south, "MR", "Access points", "", with(func(r *Rules) { r.Owner = "wireless" })},
		{"another vendor", Organization{Vendor: "vendor"}, "MX", "", "", with(func(r *Rules) { r.Owner = "all" })},
		{"another account", Organization{Account: "other"}, "MX", "", "", with(func(r *Rules) { r.Owner = "nobody" })},
	} {
		if diff := cmp.Diff(test.want, s.In(test.in).For(test.product, test.productName, test.license)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if got := (*Set)(nil).In(north).For("MS", "", ""); !got.Empty() {
		t.Errorf("no policies give %+v", got)
	}
}

// The maps that speed matching up must not change what matches.
func TestMatchingIsAsComparingEachPolicy(t *testing.T) {
	values := []string{"", "a", "b", "a*", "?", "*"}
	var policies []Policy
	for i := range 6 * 6 * 6 {
		policies = append(policies, Policy{Match: Match{
			OrganizationID: values[i%6], OrganizationName: values[i/6%6], Product: values[i/36%6], LicenseID: values[(i+i/7)%6], ProductName: values[i/5%6],
		}})
	}
	s := NewSet(policies)
	subjects := []string{"", "a", "b", "ab"}
	for i := range 4 * 4 * 4 * 4 {
		id, name, productID, license := subjects[i%4], subjects[i/4%4], subjects[i/16%4], subjects[i/64%4]
		var want, got []int
		for p := range policies {
			if s.matches(p, &fields{organizationID: id, organizationName: name, product: productID, productName: name, licenseID: license}, vendor, licenseID) {
				want = append(want, p)
			}
		}
		s.In(Organization{ID: id, Name: name}).Each(productID, name, license, func(p int) { got = append(got, p) })
		if diff := cmp.Diff(want, sorted(got)); diff != "" {
			t.Errorf("%q %q %q %q (-want +got):\n%s", id, name, productID, license, diff)
		}
	}
}
