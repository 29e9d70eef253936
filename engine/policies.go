package engine

import (
	"iter"
	"maps"
	"slices"
	"time"

	"license_exporter/collector"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// nameTable contains what policies match besides ids. They may come from other parts of the account
// than the licenses. They never change.
type nameTable struct {
	organizations, products map[string]string
	reports                 []*collector.Report // that the products are from; guarded by account.namesMu
}

// policyNames returns the names of all organizations, and those of products in the reports
// about the account as a whole. The result is the same pointer until one of them changes.
func (a *account) policyNames(all []organization, now time.Time) *nameTable {
	n := &nameTable{organizations: make(map[string]string, len(all))}
	for _, o := range all {
		n.organizations[o.ID] = o.Name
		if o.ID != "" {
			continue
		}
		for _, e := range o.entries {
			if report := a.collectorState(e, now).Report; report != nil {
				n.reports = append(n.reports, report)
			}
		}
	}
	a.namesMu.Lock()
	defer a.namesMu.Unlock()
	old := a.names
	if old != nil && slices.Equal(old.reports, n.reports) {
		n.products = old.products
	} else {
		n.products = map[string]string{}
		for _, report := range n.reports {
			for _, o := range report.Organizations {
				addNames(n.products, o)
			}
		}
	}
	if old != nil && maps.Equal(old.organizations, n.organizations) && maps.Equal(old.products, n.products) {
		old.reports = n.reports
		return old
	}
	a.names = n
	return n
}

func addNames(names map[string]string, o *collector.OrganizationReport) {
	for id, p := range o.Products {
		names[id] = p.Name
	}
}

// PolicyKey changes when the rules for what is in the reports may change.
type PolicyKey struct {
	set   *policy.Set
	names *nameTable
}

// PolicyKey returns the PolicyKey of all organizations of the account.
func (s *Snapshot) PolicyKey() PolicyKey { return PolicyKey{s.Policies, s.names} }

// Governed is an organization, a product or a license with the rules for it.
type Governed struct {
	licensing.LicenseKey
	Organization string
	policy.Rules
	// End is when its cover ends, by the vendor or the policy. It is zero if neither says
	// it. EndByPolicy is set if the vendor does not.
	End         time.Time
	EndByPolicy bool

	productName string
	scope       *policy.Scope
}

// EachPolicy calls a function with the index of each policy that matches.
func (g *Governed) EachPolicy(visit func(i int)) {
	g.scope.Each(g.Product, g.productName, g.LicenseID, visit)
}

// Governed yields what policies are for in the reports about o: each product and license
// that has an end, seats or a verdict, and each organization as a whole. It yields nothing
// if there are no policies and the vendor gives no rules. What it yields is valid until the next.
func (s *Snapshot) Governed(o *Organization) iter.Seq[*Governed] {
	return func(yield func(*Governed) bool) {
		if s.Policies == nil && !hasRules(o) {
			return
		}
		keys, productNames := s.keysOf(o)
		for id, keys := range keys {
			if !s.governed(id, id == o.ID || !s.HasOrganization(id), keys, productNames[id], yield) {
				return
			}
		}
	}
}

// hasRules reports whether a report about o has rules of the vendor's.
func hasRules(o *Organization) bool {
	for i := range o.Collectors {
		if report := o.Collectors[i].Report; report != nil {
			for _, part := range report.Organizations {
				if part.Rules.Len() > 0 {
					return true
				}
			}
		}
	}
	return false
}

// GovernedAccount returns the account as a whole, if it is not among the organizations. It
// returns nil otherwise, or if there are no policies.
func (s *Snapshot) GovernedAccount() *Governed {
	if s.Policies == nil || s.HasOrganization("") {
		return nil
	}
	g := &Governed{scope: s.scope("")}
	g.Rules = g.scope.For("", "", "")
	return g
}

// MayMatch reports whether policy i may match something that could not be read yet.
func (s *Snapshot) MayMatch(i int) bool {
	if !s.Policies.InAccount(i, s.Vendor.Name, s.Name) {
		return false
	}
	if s.DiscoverySuccess.IsZero() {
		return true
	}
	for j := range s.Organizations {
		// What is read for the account as a whole may be about any organization.
		if o := &s.Organizations[j]; !o.read() && (o.ID == "" || s.Policies.InOrganization(i, s.policyOrganization(o.ID))) {
			return true
		}
	}
	return false
}

// read reports whether there are facts of all collectors.
func (o *Organization) read() bool {
	return !o.Failed && !slices.ContainsFunc(o.Collectors, func(c CollectorState) bool { return c.Report == nil && !c.NotApplicable })
}

// scope returns the policies for an organization.
func (s *Snapshot) scope(id string) *policy.Scope { return s.Policies.In(s.policyOrganization(id)) }

func (s *Snapshot) policyOrganization(id string) policy.Organization {
	o := policy.Organization{Vendor: s.Vendor.Name, Account: s.Name, ID: id}
	if s.names != nil {
		o.Name = s.names.organizations[id]
	}
	return o
}

// keysOf returns the keys in the reports about o by organization, and the names of
// products in them. There is always an entry for o.
func (s *Snapshot) keysOf(o *Organization) (keys map[string]map[licensing.LicenseKey]collector.Key, productNames map[string]map[string]string) {
	keys = map[string]map[licensing.LicenseKey]collector.Key{o.ID: {}}
	productNames = map[string]map[string]string{}
	for i := range o.Collectors {
		c := &o.Collectors[i]
		if c.Report == nil || c.NotApplicable {
			continue
		}
		for id, f := range s.OrganizationReports(o, c) {
			if keys[id] == nil {
				keys[id] = map[licensing.LicenseKey]collector.Key{}
			}
			f.AddKeys(keys[id])
			if len(f.Products) > 0 {
				if productNames[id] == nil {
					productNames[id] = map[string]string{}
				}
				addNames(productNames[id], f)
			}
		}
	}
	return keys, productNames
}

// governed yields the keys of one organization, and then the organization if whole is set.
func (s *Snapshot) governed(id string, whole bool, keys map[licensing.LicenseKey]collector.Key, productNames map[string]string, yield func(*Governed) bool) bool {
	scope := s.scope(id)
	var products, ended bool // whether there are products, and whether any has an end
	g := &Governed{}
	for key, k := range keys {
		if key == (licensing.LicenseKey{}) {
			continue
		}
		name, known := productNames[key.Product]
		if !known && s.names != nil {
			name = s.names.products[key.Product]
		}
		*g = Governed{LicenseKey: key, Organization: id, End: k.End, productName: name, scope: scope}
		g.apply(k.Rules.Or(scope.For(key.Product, name, key.LicenseID)), true)
		if key.Product != "" && key.LicenseID == "" {
			products, ended = true, ended || !g.End.IsZero()
		}
		if (k.Governed || g.EndByPolicy) && !yield(g) {
			return false
		}
	}
	if !whole {
		return true
	}
	*g = Governed{Organization: id, End: keys[licensing.LicenseKey{}].End, scope: scope}
	g.apply(scope.For("", "", ""), !ended && (products || id != ""))
	return yield(g)
}

// apply sets the rules, and the end of a policy if there is none and it may have one.
func (g *Governed) apply(r policy.Rules, mayEnd bool) {
	g.Rules = r
	if g.End.IsZero() && mayEnd && !r.End.IsZero() {
		g.End, g.EndByPolicy = r.End.Time, true
	}
}
