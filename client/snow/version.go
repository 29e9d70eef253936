package snow

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"sync/atomic"

	"license_exporter/client/rest"
)

// Memory is what is known of a tenant. Clients of the same tenant may share it, one after
// another. The zero value is ready for use. It is safe for concurrent use.
type Memory struct {
	// newer is set if an answer was not one of version 1.0.0.
	newer atomic.Bool
}

// errLicense is the cause if a license was returned instead of a listing.
var errLicense = errors.New("the answer is a license instead of a listing")

// applicable adds rest.ErrNotApplicable to the errors by which version 1.0.0 of the
// API refuses operations that it does not have: 404, 400, and a license, since it takes the
// path of the maintenance periods for that of a license. Once anything shows that the
// tenant has a newer version, these answers are failures: such a tenant has the operation.
// Anything else, such as 403 or the 404 of a gateway, is always a failure.
//
// A 404 only means that there is no such object if it is about the object in the path.
func (c *Client) applicable(o operation, number int, err error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	refused := e.Message != "" && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound) || errors.Is(e, errLicense)
	switch {
	case number == 1 && o.added && refused && !c.memory.newer.Load():
		return fmt.Errorf("%w: %w", rest.ErrNotApplicable, err)
	case e.Reason == rest.ReasonNotFound && (number > 1 || o.added && !o.about()):
		failed := *e
		failed.Reason = rest.ReasonServer
		return &failed
	}
	return err
}

// learn notes that an operation has answered. Version 1.0.0 lacks those that were added.
func (c *Client) learn(o operation) {
	if o.added {
		c.memory.newer.Store(true)
	}
}

// learning passes licenses on, and notes whether they have fields that version 1.0.0 lacks.
func (c *Client) learning(licenses iter.Seq2[License, error]) iter.Seq2[License, error] {
	return func(yield func(License, error) bool) {
		for l, err := range licenses {
			if l.Status != "" || l.TotalLicenseCost.Valid || l.UpgradedLicenseCount.Valid {
				c.memory.newer.Store(true)
			}
			if !yield(l, err) {
				return
			}
		}
	}
}
