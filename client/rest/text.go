package rest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clip returns a text of the vendor's as one line of limited length, without e-mail
// addresses. It is safe to show, as the result of Plain is.
func Clip(text string) string {
	const maxLength, enough = 200, 8 * utf8.UTFMax * 200
	if len(text) > enough {
		text = text[:enough]
	}
	runes := []rune(Plain(strings.Join(strings.Fields(email.ReplaceAllString(text, "[redacted]")), " ")))
	if len(runes) > maxLength {
		runes = append(runes[:maxLength], '…')
	}
	return string(runes)
}

// Plain returns a text of the vendor's that is safe to show in a terminal, a log or a page.
// It replaces invalid UTF-8 and characters that control terminals or reorder text.
func Plain(text string) string {
	if plain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case controls(r):
			return utf8.RuneError
		}
		return r
	}, text)
}

// plain reports whether a text is printable ASCII, the usual case.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// controls reports whether a character is not shown itself but changes how others are
// shown. The two joiners are allowed, since some languages need them within words.
func controls(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.Is(unicode.C, r) && r != nonJoiner && r != joiner
}
