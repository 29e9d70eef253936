package microsoft365

import (
	_ "embed" // for the list of names
	"strings"
	"sync"

	"license_exporter/client/scalar"
)

// The list of names is made from the vendor's file. The comment at its top says where to get that, and how to
// make the list again.
//
//go:embed names.tsv
var namesFile string

var names = sync.OnceValue(func() map[scalar.ID]string {
	all := map[scalar.ID]string{}
	for line := range strings.Lines(namesFile) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(fields) == 3 {
			all[scalar.ID(fields[0])] = fields[2]
		}
	}
	return all
})

// ProductName returns the name of a SKU in the vendor's shop, such as "Office 365 E3". It is empty if the list of names does
// not have it.
func ProductName(sku scalar.ID) string { return names()[sku] }
