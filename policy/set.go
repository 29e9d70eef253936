package policy

import (
	"strings"
	"sync"

	"license_exporter/internal/glob"
)

// Set is an ordered list of policies. A nil Set has none.
type Set struct {
	policies []Policy
	globs    [][fieldCount]pattern
	// literal contains the policies by what they name without a wildcard, so that only those
	// that can match are compared. Each policy is in one of the maps or, without such a name,
	// in withProduct if it has a glob for products, or else in others.
	literal             [fieldCount]map[string][]int
	withProduct, others []int

	mu sync.Mutex
	// products contains the indices in withProduct of what matches a product and its name:
	// many organizations have the same products. size is the number of all its values.
	products map[productKey][]int
	size     int
}

type productKey struct{ id, name string }

// maxSize bounds Set.size.
const maxSize = 1_000_000

// pattern is a glob, or matches anything.
type pattern struct {
	glob.Glob
	anything bool
}

func newPattern(text string) pattern {
	return pattern{glob.Compile(text), strings.Trim(text, "*") == ""}
}

func (p pattern) matches(text string) bool { return p.anything || p.Match(text) }

// fields are the values of a Match, or what is compared with them.
type fields [fieldCount]string

// The indices of fields.
const (
	vendor = iota
	account
	organizationID
	organizationName
	product
	productName
	licenseID
	fieldCount
)

func (m Match) fields() fields {
	return fields{m.Vendor, m.Account, m.OrganizationID, m.OrganizationName, m.Product, m.ProductName, m.LicenseID}
}

// bucketed are the fields with literal values to look policies up by: those that select
// the fewest subjects come first.
var bucketed = [...]int{licenseID, organizationID, organizationName, product, productName}

// NewSet returns a Set of policies.
func NewSet(policies []Policy) *Set {
	s := &Set{policies: policies, globs: make([][fieldCount]pattern, len(policies)), products: map[productKey][]int{}}
	for i, p := range policies {
		for f, text := range p.Match.fields() {
			s.globs[i][f] = newPattern(text)
		}
		s.add(i)
	}
	return s
}

// add adds policy i to the indices.
func (s *Set) add(i int) {
	for _, f := range bucketed {
		if text, literal := s.globs[i][f].Literal(); literal && !s.globs[i][f].anything {
			if s.literal[f] == nil {
				s.literal[f] = map[string][]int{}
			}
			s.literal[f][text] = append(s.literal[f][text], i)
			return
		}
	}
	if s.globs[i][product].anything && s.globs[i][productName].anything {
		s.others = append(s.others, i)
	} else {
		s.withProduct = append(s.withProduct, i)
	}
}

// Policies returns the policies in their order. The caller must not change them.
func (s *Set) Policies() []Policy {
	if s == nil {
		return nil
	}
	return s.policies
}

// matches reports whether policy i matches the fields from first up to last.
func (s *Set) matches(i int, subject *fields, first, last int) bool {
	for f := first; f <= last; f++ {
		if !s.globs[i][f].matches(subject[f]) {
			return false
		}
	}
	return true
}

// InAccount reports whether policy i can match anything in an account.
func (s *Set) InAccount(i int, vendorName, accountName string) bool {
	return s.matches(i, &fields{vendor: vendorName, account: accountName}, vendor, account)
}

// Organization identifies an organization.
type Organization struct{ Vendor, Account, ID, Name string }

func (o Organization) fields() fields {
	return fields{o.Vendor, o.Account, glob.Valid(o.ID), glob.Valid(o.Name)}
}

// InOrganization reports whether policy i can match anything in an organization.
func (s *Set) InOrganization(i int, o Organization) bool {
	subject := o.fields()
	return s.matches(i, &subject, vendor, organizationName)
}

// In returns the policies that can match in an organization.
func (s *Set) In(o Organization) *Scope {
	scope := &Scope{set: s, organization: o.fields()}
	if s == nil {
		return scope
	}
	for _, all := range [][]int{
		s.literal[organizationID][scope.organization[organizationID]], s.literal[organizationName][scope.organization[organizationName]], s.others,
	} {
		for _, i := range all {
			if scope.includes(i) {
				scope.candidates = append(scope.candidates, i)
			}
		}
	}
	scope.withProduct = make([]bool, len(s.withProduct))
	for at, i := range s.withProduct {
		scope.withProduct[at] = scope.includes(i)
	}
	return scope
}

// ofProduct returns the indices in withProduct of the policies that match a product.
func (s *Set) ofProduct(id, name string) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := productKey{id, name}
	found, known := s.products[key]
	if known {
		return found
	}
	for at, i := range s.withProduct {
		if s.matches(i, &fields{product: id, productName: name}, product, productName) {
			found = append(found, at)
		}
	}
	if s.size += len(found) + 1; s.size > maxSize {
		clear(s.products)
		s.size = len(found) + 1
	}
	s.products[key] = found
	return found
}

// Scope is the part of a Set for one organization.
type Scope struct {
	set          *Set
	organization fields
	// candidates match the organization, and are not looked up by product or license.
	// withProduct reports which of Set.withProduct match the organization.
	candidates  []int
	withProduct []bool
}

// includes reports whether policy i can match in the organization.
func (s *Scope) includes(i int) bool {
	return s.set.matches(i, &s.organization, vendor, organizationName)
}

// Each calls a function with the index of each policy that matches a product or license
// of the organization, in any order. All are empty for the organization as a whole.
func (s *Scope) Each(productID, name, license string, visit func(i int)) {
	if s.set == nil {
		return
	}
	subject := s.organization
	subject[product], subject[productName], subject[licenseID] = glob.Valid(productID), glob.Valid(name), glob.Valid(license)
	for _, i := range s.candidates {
		if s.set.matches(i, &subject, product, licenseID) {
			visit(i)
		}
	}
	for _, at := range s.set.ofProduct(productID, name) {
		if i := s.set.withProduct[at]; s.withProduct[at] && s.set.globs[i][licenseID].matches(license) {
			visit(i)
		}
	}
	for f := product; f <= licenseID; f++ {
		for _, i := range s.set.literal[f][subject[f]] {
			if s.set.matches(i, &subject, vendor, licenseID) {
				visit(i)
			}
		}
	}
}

// For returns the rules for a product or license of the organization. All are empty for
// the organization as a whole. Each rule is that of the first matching policy that sets it.
func (s *Scope) For(productID, name, license string) Rules {
	var merged Rules
	var owner, renewal, notice, seats, end, muted first
	s.Each(productID, name, license, func(i int) {
		r := &s.set.policies[i].Rules
		if owner.is(i, r.Owner != "") {
			merged.Owner = r.Owner
		}
		if renewal.is(i, r.Renewal != "") {
			merged.Renewal = r.Renewal
		}
		if notice.is(i, r.Notice != nil) {
			merged.Notice = r.Notice
		}
		if seats.is(i, r.MinimumAvailableSeats != nil) {
			merged.MinimumAvailableSeats = r.MinimumAvailableSeats
		}
		if end.is(i, !r.End.IsZero()) {
			merged.End = r.End
		}
		if muted.is(i, r.Muted != nil) {
			merged.Muted = r.Muted
		}
	})
	return merged
}

// first is one more than the lowest index so far, or 0.
type first int

// is reports whether i is the lowest index so far at which something is set.
func (f *first) is(i int, set bool) bool {
	if !set || *f > 0 && int(*f)-1 < i {
		return false
	}
	*f = first(i + 1)
	return true
}
