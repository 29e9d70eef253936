package rest

import "bytes"

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
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = stringEnd(body, i+1)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			all++
			if depth == 1 {
				outermost++
			}
		}
	}
	return outermost + 1, all + 1
}

// stringEnd returns where the string ends whose text begins at from: at a quote
// with no backslash before it that is not itself escaped.
func stringEnd(body []byte, from int) int {
	for i := from; ; {
		quote := bytes.IndexByte(body[i:], '"')
		if quote < 0 {
			return len(body)
		}
		i += quote + 1
		backslashes := 0
		for j := i - 2; j >= from && body[j] == '\\'; j-- {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i - 1
		}
	}
}
