// Package spelling finds the word that somebody meant but mistyped.
package spelling

// tooFar is a number of typing errors with which a word is no longer recognized.
const tooFar = 3

// Nearest returns the known word that differs least from a word, or "" if none is similar.
// Of several, it returns the first.
func Nearest(word string, known []string) string {
	best, distance := "", tooFar
	for _, k := range known {
		if d := editDistance(word, k); d < distance && d <= len(k)/3 {
			best, distance = k, d
		}
	}
	return best
}

// editDistance returns how many bytes have to be inserted, removed or replaced to make
// b of a. It returns tooFar if there are at least so many.
func editDistance(a, b string) int {
	if max(len(a)-len(b), len(b)-len(a)) >= tooFar {
		return tooFar
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return min(row[len(b)], tooFar)
}
