package scalar

import (
	"bytes"
	"hash/maphash"
	"unicode/utf8"
)

// sharedTexts contains texts that occurred recently, so that a text that many records have takes memory
// only once.
type sharedTexts [256]string

// share returns a text as a string, which it shares with earlier calls if it can. t may be nil.
func (t *sharedTexts) share(text []byte) string {
	const longest = 40 // longer texts rarely repeat
	if t == nil || len(text) == 0 || len(text) > longest {
		return string(text)
	}
	known := &t[maphash.Bytes(seed, text)%uint64(len(t))]
	if *known != string(text) {
		*known = string(text)
	}
	return *known
}

// appendLower appends a text in lower case.
func appendLower(buffer, text []byte) []byte {
	n := len(buffer)
	for _, b := range text {
		switch {
		case b >= utf8.RuneSelf:
			return append(buffer[:n], bytes.ToLower(text)...)
		case 'A' <= b && b <= 'Z':
			b += 'a' - 'A'
		}
		buffer = append(buffer, b)
	}
	return buffer
}
