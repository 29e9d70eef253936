package meraki

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"license_exporter/client/rest"
)

// The names of the licensing models in the vendor's messages, as regular expressions.
const (
	coterm       = `co-?term(?:ination)?`
	perDevice    = `per[- ]device`
	subscription = `subscription`
)

// otherModel matches the messages with which the vendor refuses an operation to an
// organization that has another licensing model. All other messages with status 400 are
// about the request, or are unclear.
var otherModel = map[string]*regexp.Regexp{
	opOverview.Name:       refusal(coterm+`|`+perDevice, subscription),
	opCotermLicenses.Name: refusal(coterm, perDevice+`|`+subscription),
	opLicenses.Name:       refusal(perDevice, coterm+`|`+subscription),
	opSubscriptions.Name:  refusal(subscription, coterm+`|`+perDevice),
	opCompliance.Name:     refusal(subscription, coterm+`|`+perDevice),
}

// refusal returns an expression for the messages of an operation for some models that is
// refused to organizations with others. "Organization with ID 2930418 does not support
// per-device licensing" is the only one that is known to be the vendor's.
func refusal(models, others string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\bdoes not (?:support|use) (?:` + models + `)(?: or (?:` + models + `))? licens(?:ing|es)\b` +
		`|^(?:this )?organization\b.*\buses (?:` + others + `) licensing\b`)
}

// noAccess is in the messages about an organization that does not allow access by API.
const noAccess = "must first enable API access"

// explain adds rest.ErrNotApplicable or rest.ErrAccessDisabled to an error if the vendor
// says so.
func explain(err error) error {
	if err == nil {
		return nil // as for each record, so without an allocation
	}
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Status {
	case http.StatusBadRequest:
		if words, ok := otherModel[e.Operation]; ok && words.MatchString(e.Message) {
			return fmt.Errorf("%w: %w", rest.ErrNotApplicable, err)
		}
	case http.StatusForbidden, http.StatusNotFound:
		if strings.Contains(e.Message, noAccess) {
			return fmt.Errorf("%w: %w", rest.ErrAccessDisabled, err)
		}
	}
	return err
}
