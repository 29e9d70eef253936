package rest

const (
	// maxRecords bounds the records of a page: ten times the largest pages.
	maxRecords = 100_000
	// maxValues bounds the values of a page at all depths.
	maxValues = 4_000_000
	// smallBody is up to which size nothing is counted: whatever it holds fits
	// into memory when it is decoded.
	smallBody = 1 << 20
)

// countValues returns how many elements the outermost value of a JSON text has,
// and how many there are at all depths. A short "{}" may become a large record:
// without a look beforehand, decoding what a body may hold of them would take
// gigabytes.
func countValues(body []byte) (outermost, all int) {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		case c == ',':
			all++
			if depth == 1 {
				outermost++
			}
		}
	}
	return outermost + 1, all + 1
}
