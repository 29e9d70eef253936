package meraki

import (
	"strings"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
)

// known returns the value of a field that is one of several words, in the spelling of
// these words: the case does not matter. It reports another word, and returns it
// unchanged.
func known(r *collector.Report, field string, value api.Word, words []string) string {
	for _, word := range words {
		if strings.EqualFold(word, string(value)) {
			return word
		}
	}
	r.CheckKnown(field, string(value))
	return string(value)
}
