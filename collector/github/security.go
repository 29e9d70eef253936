package github

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	api "license_exporter/client/github"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// securityProducts contains the names of the products of Advanced Security. The empty one of
// the API is Advanced Security as a whole.
var securityProducts = map[string]struct{ id, name string }{
	"":                   {"advanced_security", "GitHub Advanced Security"},
	api.CodeSecurity:     {api.CodeSecurity, "GitHub Code Security"},
	api.SecretProtection: {api.SecretProtection, "GitHub Secret Protection"},
}

// An enterprise has bought either Advanced Security as a whole or its products. The API
// requires a product in one case and refuses it in the other, and does not say which it is.
var (
	asAWhole   = []string{""}
	standalone = []string{api.CodeSecurity, api.SecretProtection}
)

// securityCollector reads the committers of enterprises for Advanced Security.
type securityCollector struct{ *account }

// Applies implements collector.Collector.
func (securityCollector) Applies(o licensing.Organization) bool { return o.Model == modelEnterprise }

// Update implements collector.Collector. It first asks as it was answered before.
func (c securityCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	products, others := asAWhole, standalone
	last := collector.Remembered[atomic.Bool](c.memory, "standalone products of "+o.ID)
	if last.Load() {
		products, others = standalone, asAWhole
	}
	failure, err := c.read(ctx, o.ID, products, r)
	if failure != nil && err == nil {
		var second error
		second, err = c.read(ctx, o.ID, others, r)
		if second == nil && err == nil {
			last.Store(!last.Load())
		}
		if second == nil || isWithheld(second) {
			failure = second
		}
	}
	if err != nil {
		return err
	}
	_, err = c.optional(r, "Advanced Security", o.ID, failure)
	return err
}

// read reads the committers for some products. refusal is set if all of them are refused. A
// product that alone is refused is withheld.
func (c securityCollector) read(ctx context.Context, enterprise string, products []string, r *collector.Report) (refusal, err error) {
	refused := map[string]error{}
	for _, product := range products {
		committers, err := c.client.AdvancedSecurity(ctx, enterprise, product)
		if isRefusal(err) {
			refused[product] = err
			continue
		}
		if err != nil {
			return nil, err
		}
		p := securityProducts[product]
		c.memory.Classify(p.name+" of "+enterprise, nil)
		addProduct(r, enterprise, p.id, p.name, "")
		addSeats(r, enterprise, p.id, unitCommitter, committers.Purchased, committers.Total)
		r.Organization(enterprise).Number(metricMaximumCommitters, committers.Maximum.Int, p.id)
	}
	if len(refused) == len(products) {
		return refused[products[0]], nil
	}
	for product, err := range refused {
		if _, err := c.optional(r, securityProducts[product].name, enterprise, err); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// isRefusal reports whether GitHub may have refused a request because it asks for the wrong
// products. GitHub does not document the status.
func isRefusal(err error) bool {
	var e *rest.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// isWithheld reports whether an error is one with which GitHub withholds what an account has
// not bought or may not read.
func isWithheld(err error) bool {
	reason := rest.ReasonOf(err)
	return reason == rest.ReasonForbidden || reason == rest.ReasonNotFound
}
