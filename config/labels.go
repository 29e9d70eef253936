package config

import (
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"license_exporter/collector"
)

const (
	// maxLabels is the maximum number of names that the labels of all accounts have. Each
	// organization has all of them.
	maxLabels = 30
	// maxLabel is the maximum size of a label's name or value in bytes.
	maxLabel = 256
)

// takenLabels returns the names that labels of accounts must not have: those that the
// metrics have already, and those that Prometheus sets.
func takenLabels(vendors collector.Vendors) map[string]bool {
	taken := map[string]bool{model.JobLabel: true, model.InstanceLabel: true, model.BucketLabel: true, model.QuantileLabel: true}
	for _, m := range vendors.Metrics() {
		for _, name := range m.AllLabels() {
			taken[name] = true
		}
	}
	return taken
}

// label checks a label of an account. Errors show the name only if it is taken, and so is
// not secret.
func (c *checker) label(key, value *yaml.Node, entry string) {
	var name, text string
	_ = key.Decode(&name) // the caller has done so before
	switch {
	case c.taken[name]:
		c.add(key, "label %s of labels is reserved, because Prometheus or the exporter sets a label of that name; choose another name", name)
	case !model.LegacyValidation.IsValidLabelName(name), strings.HasPrefix(name, model.ReservedLabelPrefix), len(name) > maxLabel:
		c.add(key, "%s has a name that labels cannot have; use up to %d letters, digits and underscores, and begin with a letter, like cost_center", entry, maxLabel)
	case value.Decode(&text) == nil && (len(text) > maxLabel || !utf8.ValidString(text)):
		c.add(value, "%s must be text in UTF-8 of at most %d bytes", entry, maxLabel)
	}
}

// addLabels adds the names of an account's labels to those of the accounts before. It
// reports whether there are now too many, and were not before.
func addLabels(names map[string]bool, labels collector.Labels) (tooMany bool) {
	before := len(names)
	for name := range labels {
		names[name] = true
	}
	return before <= maxLabels && len(names) > maxLabels
}
