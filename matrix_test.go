package main

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/internal/faults"
)

const (
	matrixOrganizations = 3
	// slowTimeout is the timeout of requests that get slow answers.
	slowTimeout = time.Second
	// connectTimeout is the timeout of requests over bad connections. It leaves time for the others, although many
	// tests run at once.
	connectTimeout = 3 * time.Second
	// slowAtOnce is how many operations are tried at once with slow answers. They wait.
	slowAtOnce = 24
)

// Each operation of each vendor answers well, then with each kind of hostile answer, and then
// well again. The facts stay as they were, the failure is shown with its reason and logged
// once, nothing else is touched, and all is well in the end.
func TestFaultMatrix(t *testing.T) {
	for _, v := range vendors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			plans := planFor(t, v)
			var costly sync.Map // kinds with many requests or large answers, which are tried once
			for _, p := range plans {
				t.Run(p.operation.Name, func(t *testing.T) {
					t.Parallel()
					b := newBench(t, p, time.Minute, nil)
					for _, k := range faults.Kinds() {
						if k.Slow || k.Fits != nil && !k.Fits(p.reply) {
							continue
						}
						if _, tried := costly.LoadOrStore(k.Name, true); (k.Many || k.Big) && tried {
							continue
						}
						b.try(k, p.matches(b, k))
					}
				})
			}
		})
	}
}

// Answers that do not end are like others, but take until the timeout.
func TestFaultMatrixOfSlowAnswers(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	permits := make(chan struct{}, slowAtOnce)
	for _, v := range vendors {
		for _, p := range planFor(t, v) {
			all.Go(func() {
				permits <- struct{}{}
				defer func() { <-permits }()
				t.Run(v.Name+"/"+p.operation.Name, func(t *testing.T) {
					b := newBench(t, p, slowTimeout, nil)
					for _, k := range faults.Kinds() {
						if k.Slow && (k.Fits == nil || k.Fits(p.reply)) {
							b.try(k, p.matches(b, k))
						}
					}
				})
			})
		}
	}
	all.Wait()
}

// A token endpoint answers in each hostile way when the token has ended.
func TestFaultMatrixOfTokens(t *testing.T) {
	for _, v := range vendors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			p := *planFor(t, v)[0]
			if !p.tokens {
				t.Skip("the vendor has no tokens")
			}
			p.organization = allOrganizations
			for _, k := range faults.Tokens {
				b := newBench(t, &p, slowTimeout, nil)
				b.pass(2 * time.Hour) // longer than a token lives
				b.try(k, isToken)
				b.close()
			}
		})
	}
}

// A bad connection concerns all operations of an account.
func TestFaultMatrixOfConnections(t *testing.T) {
	certificates, err := faults.NewCertificates()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vendors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			p := planFor(t, v)[0]
			for _, c := range []*faults.Certificates{nil, certificates} {
				b := newBench(t, p, connectTimeout, c)
				for _, k := range faults.Connections {
					if k.TLS == (c != nil) {
						b.tryConnection(k)
					}
				}
			}
		})
	}
}

// variant is how an account is simulated and configured.
type variant struct {
	organizations int      // see collector.Vendor.Simulate
	include       []string // organizations.include
}

// plan is how to try an operation.
type plan struct {
	vendor     *collector.Vendor
	operation  rest.Operation
	collectors []string // that send requests for the operation
	variant
	tokens bool // there are requests for tokens
	// organization is the one whose requests get hostile answers. If it is empty, requests are
	// not about one organization.
	organization string
	// only is set if the account has no other organization.
	only bool
	// path is that of one request with this good reply, for which records were returned if
	// possible.
	path  string
	reply faults.Reply
}

// longest returns how long an answer may be used without another request.
func (p *plan) longest() time.Duration {
	longest := 25 * time.Hour // names are read once a day
	for _, r := range p.vendor.Collectors {
		longest = max(longest, r.MaxAge+time.Hour)
	}
	return longest
}

// mostCollectors bounds the collectors of an operation that are tried.
const mostCollectors = 3

// plansOf contains the plans for each vendor, which several tests use and do not change.
var plansOf sync.Map

// planFor returns a plan for each operation of a vendor.
func planFor(t *testing.T, v *collector.Vendor) []*plan {
	t.Helper()
	find, _ := plansOf.LoadOrStore(v, sync.OnceValue(func() []*plan { return findPlans(t, v) }))
	return find.(func() []*plan)()
}

// findPlans finds out which collectors send requests for an operation by trying each.
func findPlans(t *testing.T, v *collector.Vendor) []*plan {
	t.Helper()
	var plans []*plan
	for _, o := range v.Operations {
		plans = append(plans, &plan{vendor: v, operation: o})
	}
	usual := variant{organizations: matrixOrganizations}
	var ids []string
	for _, r := range v.Collectors {
		ids = learn(t, v, r.Name, plans, usual)
	}
	known := func(p *plan) bool { return p.path != "" }
	for _, r := range v.Collectors {
		if !slices.ContainsFunc(plans, func(p *plan) bool { return !known(p) }) {
			break
		}
		learn(t, v, r.Name, plans, variant{organizations: 1})
		if len(ids) > 1 && v.Settings().Check(&collector.AccountConfig{Organizations: collector.OrganizationFilter{Include: ids}}) == nil {
			learn(t, v, r.Name, plans, variant{matrixOrganizations, ids[:2]})
		}
	}
	for _, p := range plans {
		if !known(p) {
			t.Errorf("no request for %s is sent", p.operation.Name)
		}
	}
	return slices.DeleteFunc(plans, func(p *plan) bool { return !known(p) })
}

// learn completes plans with what a collector requests. It returns the ids of organizations.
func learn(t *testing.T, v *collector.Vendor, collectorName string, plans []*plan, as variant) (ids []string) {
	t.Helper()
	b := newBench(t, &plan{vendor: v, collectors: []string{collectorName}, variant: as}, time.Minute, nil)
	defer b.close()
	type request struct { // and the good answer to it
		*http.Request
		faults.Reply
	}
	var mu sync.Mutex
	var seen []request
	b.Observe(func(r *http.Request, reply faults.Reply) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, request{r, reply})
	})
	b.pass(b.plan.longest()) // all is due again
	ids = b.scrape("acme").organizations()
	b.Observe(nil)
	for _, p := range plans {
		matches := b.requestsOf(p.operation)
		used := false
		for _, r := range seen {
			p.tokens = p.tokens || isToken(r.Request)
			if !matches(r.Request) {
				continue
			}
			if p.path != "" && !reflect.DeepEqual(p.variant, as) {
				break // the usual one is enough
			}
			used = true
			if p.path == "" || len(p.reply.Body) < len(r.Reply.Body) {
				p.path, p.reply, p.variant = r.URL.Path, r.Reply, as
				p.organization = organizationOf(r.Request, ids)
			}
		}
		if used && p.organization == "" && len(ids) == 1 && b.concerns(p.operation, ids[0]) {
			p.organization, p.only = ids[0], true
		}
		if used && len(p.collectors) < mostCollectors {
			p.collectors = append(p.collectors, collectorName)
		}
	}
	return ids
}

// concerns reports whether an organization is not up if requests for an operation fail, and the account is.
func (b *bench) concerns(o rest.Operation, organization string) bool {
	failure, found := faults.Find("status 500")
	if !found {
		b.t.Fatal("no kind of answer is a failure")
	}
	b.Set(failure, 0, b.requestsOf(o))
	defer b.Clear()
	b.pass(b.plan.longest())
	ups := b.scrape("acme").ups
	account, known := ups[""]
	return !ups[organization] && (account || !known)
}

// organizationOf returns the organization that a request is about.
func organizationOf(r *http.Request, ids []string) string {
	for _, id := range ids {
		if isAbout(r, id) {
			return id
		}
	}
	return ""
}

func isAbout(r *http.Request, organization string) bool {
	parts := append(strings.Split(r.URL.Path, "/"), strings.FieldsFunc(r.Header.Get("Authorization"), func(c rune) bool { return strings.ContainsRune(" _.:", c) })...)
	for _, values := range r.URL.Query() {
		parts = append(parts, values...)
	}
	return slices.Contains(parts, organization)
}

// matches returns a function that matches the requests that get a kind of answer: all for the
// operation, of one organization if they are about one. If the kind takes long, it is one
// request only.
func (p *plan) matches(b *bench, k faults.Kind) func(*http.Request) bool {
	matches := b.requestsOf(p.operation)
	return func(r *http.Request) bool {
		return matches(r) && (p.organization == "" || p.only || isAbout(r, p.organization)) &&
			(!k.Slow && !k.Big && !k.Many || r.URL.Path == p.path)
	}
}
