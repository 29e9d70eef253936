package table

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	// secretWords are words in the names of columns with keys and passwords.
	secretWords = words(`key keys serial serials password passwords passwd pwd pin pins pincode passphrase passcode token tokens secret secrets
		credential credentials schlüssel schluessel passwort kennwort seriennummer seriennummern clé clés clef clefs clave claves contraseña contrasena
		chiave chiavi chave chaves senha sleutel sleutels wachtwoord nyckel nycklar lösenord nøgle nøkkel passord klucz klucze hasło avain anahtar ключ ключи пароль vlk sn otp jwt`)
	// secretEnds are the ends of such words that are joined with others.
	secretEnds = regexp.MustCompile(`(licen[sc]e|product|api|activation|serial|access|private|public|registration|register|cd|software|install|installation|unlock|volume|` +
		`auth|master|encryption|enterprise|client|user|account|app|site|subscription|support|upgrade|mak|kms|lizenz|produkt|licens)keys?$` +
		`|(activation|licen[sc]e|registration|unlock|access|security|lizenz|freischalt|aktivierungs|registrierungs)codes?$|(password|passwd|pwd|token|secret|credential|schlüssel|schluessel|passwort|kennwort)s?$|^serial(number|num|no|nr|nbr|code)s?$|^serien(nummer|nr)` +
		`|(licentie|product)sleutels?$|(licens|produkt)(nyckel|nøgle|nøkkel)$`)
	secretPhrases = regexp.MustCompile(`\b(activation|licen[sc]e|registration|unlock|access|security) codes?\b|\bmots? de passe\b|\bn(úmero|umero|uméro|um[eé]ro|º|°|o)? de s[eé]rie\b|^s n$` +
		`|\bcodic[ei] (di )?(attivazione|licenza)\b|\bnumero di serie\b|\bcódigos? de (activación|ativação|licencia|licença)|\bcodes? d activation\b|серийный номер` +
		`|密钥|密碼|密码|金鑰|序列号|序號|キー$|シリアル|パスワード|라이선스 키|비밀번호`)
	// keyAdjective matches what is important and no key, such as a key account.
	keyAdjective = regexp.MustCompile(`\bkey (account|accounts|contact|contacts|user|users|person|people|client|clients|customer|customers|vendor|supplier|partner|partners|feature|features|` +
		`date|dates|performance|indicator|indicators|figure|figures|stakeholder|stakeholders|result|results)\b`)
)

func words(text string) []string { return strings.Fields(text) }

// looksSecret reports whether a column's name looks as if there were keys or passwords in it.
func looksSecret(name string) bool {
	split := splitWords(name)
	phrase := strings.Join(split, " ")
	if secretPhrases.MatchString(phrase) {
		return true
	}
	split = strings.Fields(keyAdjective.ReplaceAllString(phrase, ""))
	return slices.ContainsFunc(split, func(word string) bool {
		return slices.Contains(secretWords, word) || secretEnds.MatchString(word)
	})
}

// splitWords returns the words of a name in lower case: those between separators, and those of camelCase.
func splitWords(name string) []string {
	var split []string
	var word []rune
	runes := []rune(name)
	end := func() {
		if len(word) > 0 {
			split = append(split, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	for i, r := range runes {
		if '！' <= r && r <= '～' { // a wide form, as in East Asian texts
			r += '!' - '！'
			runes[i] = r
		}
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case i > 0 && unicode.IsUpper(r) && unicode.IsLower(runes[i-1]): // licenseKey
			end()
		case i > 0 && i+1 < len(runes) && unicode.IsUpper(r) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1]): // APIKey
			end()
		}
		word = append(word, r)
	}
	end()
	return split
}
