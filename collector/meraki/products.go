package meraki

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	api "license_exporter/client/meraki"
	"license_exporter/licensing"
)

// unknown is the name of a product that the vendor does not name, and of a state that could
// not be read.
const unknown = licensing.UnknownProduct

// productOf returns the name of a product.
func productOf(name api.Text) string {
	if name == "" {
		return unknown
	}
	return string(name)
}

// licensed contains the licensed products of a co-term organization, which are models such as
// MX67 and product lines such as MV or wireless. It is nil if they are not known.
type licensed map[string]api.Int

// product returns the product whose licenses a model of devices needs. It is the name of
// the model if several products fit, or none. ok is false if several fit and there is a
// product of that name: the devices would then be compared with too few licenses.
func (l licensed) product(m model) (_ string, ok bool) {
	if m.name == "" {
		return unknown, true
	}
	if l == nil {
		return m.line(), true
	}
	for _, names := range m.products() {
		switch found := l.named(names); len(found) {
		case 0:
		case 1:
			return found[0], true
		default:
			_, isProduct := l[m.name]
			return m.name, !isProduct
		}
	}
	return m.name, true
}

// editions are the names of editions that products' names may end with.
var editions = []string{"enterprise", "advanced", "advanced security", "advantage", "essentials", "ent", "adv", "sec", "sdw"}

// withoutEdition returns the name of a product without its edition.
func withoutEdition(product string) string {
	for _, edition := range editions {
		n := len(product) - len(edition) - 1
		if n >= 0 && strings.IndexByte(" -", product[n]) >= 0 && strings.EqualFold(product[n+1:], edition) {
			return product[:n]
		}
	}
	return product
}

// named returns the products with one of the names, in any edition. Those without
// licenses only count if there are no others.
func (l licensed) named(names []string) []string {
	var all, used []string
	for product, n := range l {
		name := withoutEdition(product)
		if !slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(name, other) }) {
			continue
		}
		all = append(all, product)
		if !n.Valid || n.Value > 0 {
			used = append(used, product)
		}
	}
	if len(used) > 0 {
		return used
	}
	return all
}

// forSystemsManager reports whether there are licenses for Systems Manager.
func (l licensed) forSystemsManager() bool {
	for product, n := range l {
		if isSystemsManagerType(product) && (n.Value > 0 || n.Unreadable) {
			return true
		}
	}
	return false
}

// variant matches the region at the end of a model, as in MX67C-NA, and other suffixes
// that the products of licenses lack, as in Z3C-HW-WW and CW9166I-MR.
var variant = regexp.MustCompile(`-[A-Z]+$`)

// products returns the names that a product for the model may have. Those of the model
// itself come before those of its line.
func (m model) products() [][]string {
	var names [][]string
	for name := m.name; ; {
		names = append(names, []string{name})
		shorter := variant.ReplaceAllString(name, "")
		if shorter == name || shorter == "" {
			break
		}
		name = shorter
	}
	line := []string{m.prefix()}
	if m.productType != "" {
		line = append(line, m.productType)
	}
	if m.isAccessPoint() {
		line = append(line, "wireless", "MR")
	}
	return append(names, line)
}

// prefix returns the letters at the beginning of the model.
func (m model) prefix() string {
	if i := strings.IndexFunc(m.name, func(r rune) bool { return !unicode.IsLetter(r) }); i > 0 {
		return m.name[:i]
	}
	return m.name
}

func (m model) isAccessPoint() bool {
	return m.productType == "wireless" || slices.Contains([]string{"MR", "CW"}, m.prefix())
}

// lines lists the product lines in which a license fits every model. In all others, the
// vendor has licenses for each model.
var lines = []string{"MG", "MR", "MT", "MV"}

// line returns the product line of the model, or the model.
func (m model) line() string {
	switch prefix := m.prefix(); {
	case m.isAccessPoint():
		return "MR"
	case slices.Contains(lines, prefix):
		return prefix
	}
	return m.name
}
