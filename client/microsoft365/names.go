package microsoft365

import (
	"cmp"
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

// nameList has names by the ids and by the part numbers of SKUs.
type nameList struct {
	byID         map[scalar.ID]string
	byPartNumber map[scalar.Text]string
}

var names = sync.OnceValue(func() nameList {
	all := nameList{map[scalar.ID]string{}, map[scalar.Text]string{}}
	for line := range strings.Lines(namesFile) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(fields) == 3 {
			all.byID[scalar.ID(fields[0])], all.byPartNumber[scalar.Text(fields[1])] = fields[2], fields[2]
		}
	}
	return all
})

// ProductName returns the name of a SKU in the vendor's shop, such as "Office 365 E3". It looks the SKU up by its id and, if that is not
// in the list of names, by its part number. The name is empty if the list has neither.
func ProductName(sku scalar.ID, partNumber scalar.Text) string {
	return cmp.Or(names().byID[sku], names().byPartNumber[partNumber])
}
