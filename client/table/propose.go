package table

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Proposal is a likely mapping of a table.
type Proposal struct {
	// YAML is what to paste into the account of the configuration: columns, dates, decimal and never, with
	// comments on what is not sure.
	YAML string
	// Columns, Dates, Decimal and Never are what is sure of it.
	Columns Fields
	Dates   []string
	Decimal string
	Never   []string
	// Unplaced are the columns that are no field. Those that look like keys or people are not among them, but
	// in Withheld.
	Unplaced, Withheld []string
}

// Own returns the mapping of a table whose columns are named like the fields. ok is false if that says too
// little of a license: it must have an end or seats, and a product, a name or an id. It is also false if the end
// seems to be in a column of another name.
func Own(columns []string) (f Fields, ok bool) {
	separators := strings.NewReplacer(" ", "_", "-", "_")
	for _, column := range columns {
		column = strings.TrimSpace(column)
		if key := separators.Replace(strings.ToLower(column)); slices.Contains(fieldKeys, key) && f.Get(key) == "" {
			f.Set(key, column)
		}
	}
	return f, f.sayEnough() && (f.End != "" || Propose(columns, nil).Columns.End == "")
}

// Others returns a mapping of the fields that f lacks, to columns that are named like them. The first record of a
// list may lack members that others have.
func (f Fields) Others() (others Fields) {
	for _, key := range fieldKeys {
		if f.Get(key) == "" {
			others.Set(key, key)
		}
	}
	return others
}

// sayEnough reports whether a mapping says enough of a license.
func (f *Fields) sayEnough() bool {
	return (f.End != "" || f.Seats != "") && (f.Product != "" || f.ProductName != "" || f.Name != "" || f.ID != "")
}

// Propose returns the likely mapping of a table by the names of its columns. samples are some of its rows, with a
// value for each column. It never proposes a column that looks as if there were keys or people in it.
func Propose(columns []string, samples [][]string) Proposal {
	var p Proposal
	byColumn := make([][]string, len(columns)) // the samples
	for _, row := range samples {
		for i, text := range row[:min(len(row), len(columns))] {
			byColumn[i] = append(byColumn[i], strings.TrimSpace(text))
		}
	}
	type candidate struct {
		key           string
		column, score int
	}
	var candidates []candidate
	usable := make([]bool, len(columns))
	for i, column := range columns {
		words := headerWords(column)
		switch {
		case strings.TrimSpace(column) == "" || !utf8.ValidString(column) || strings.HasPrefix(strings.TrimSpace(column), "="):
			continue
		case looksSecret(column), isPeople(words, byColumn[i]):
			p.Withheld = append(p.Withheld, strings.TrimSpace(column))
			continue
		}
		usable[i] = true
		for _, h := range headers {
			score := fit(words, h.names)
			if strings.Join(words, " ") == strings.ReplaceAll(h.field, "_", " ") {
				score = 200
			}
			if h.field == "owner" && (len(byColumn[i]) == 0 || slices.ContainsFunc(byColumn[i], looksLikePerson)) {
				score = 0 // owners are often people
			}
			if score > 0 {
				candidates = append(candidates, candidate{h.field, i, score})
			}
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	placed := map[string]int{} // columns by key
	for _, c := range candidates {
		if _, taken := placed[c.key]; !taken && usable[c.column] {
			placed[c.key], usable[c.column] = c.column, false
		}
	}
	if column, ok := placed["renewal_date"]; ok {
		if _, hasEnd := placed["end"]; !hasEnd { // what is renewed then ends otherwise
			placed["end"] = column
			delete(placed, "renewal_date")
		}
	}
	var dates, numbers, ends []string
	for _, key := range fieldKeys {
		column, ok := placed[key]
		if !ok {
			continue
		}
		p.Columns.Set(key, strings.TrimSpace(columns[column]))
		switch key {
		case "notice":
			p.Columns.Notice = inDays(p.Columns.Notice)
		case "end":
			ends = byColumn[column]
			fallthrough
		case "start", "grace_end", "renewal_date":
			dates = append(dates, byColumn[column]...)
		case "seats", "assigned", "available", "cost", "minimum_available_seats":
			numbers = append(numbers, byColumn[column]...)
		}
	}
	for i, free := range usable {
		if free {
			p.Unplaced = append(p.Unplaced, strings.TrimSpace(columns[i]))
		}
	}
	p.write(dates, numbers, ends)
	return p
}

// inDays returns what reads a column of numbers as days. Its name may say that they are weeks or months.
func inDays(column string) string {
	for _, word := range headerWords(column) {
		switch word {
		case "week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas":
			return fmt.Sprintf("=number(r[%q]) * 7", column)
		case "month", "months", "monat", "monate", "monaten", "mois", "mes", "meses":
			return fmt.Sprintf("=number(r[%q]) * 30", column)
		}
	}
	return column
}

// write writes the YAML. dates, numbers and ends are samples.
func (p *Proposal) write(dates, numbers, ends []string) {
	var b strings.Builder
	b.WriteString("columns:\n")
	for _, key := range fieldKeys {
		if column := p.Columns.Get(key); column != "" {
			fmt.Fprintf(&b, "  %s: %s\n", key, yamlText(column))
		}
	}
	if !p.Columns.sayEnough() {
		b.WriteString("  # A license needs an end or seats, and a product, a name or an id; add the columns that have them.\n")
	}
	var choice [2]string
	var unsure string
	p.Dates, choice, unsure = guessDates(dates)
	switch {
	case unsure != "":
		first, _ := time.Parse(choice[0], unsure)
		second, _ := time.Parse(choice[1], unsure)
		fmt.Fprintf(&b, "# Choose one, since %s may be two days:\n# dates: [%q]  # %s\n# dates: [%q]  # %s\n", unsure, choice[0], first.Format("2 January 2006"), choice[1], second.Format("January 2, 2006"))
	case len(p.Dates) > 0:
		fmt.Fprintf(&b, "dates: %s\n", yamlList(p.Dates))
	}
	switch decimals, sample := guessDecimal(numbers); len(decimals) {
	case 1:
		p.Decimal = decimals[0]
		fmt.Fprintf(&b, "decimal: %q\n", p.Decimal)
	case 2:
		fmt.Fprintf(&b, "# Choose one, since %s may be two numbers:\n", sample)
		for _, decimal := range decimals {
			value, _, _ := (&Formats{Decimal: decimal}).number(sample)
			fmt.Fprintf(&b, "# decimal: %q  # %s\n", decimal, strconv.FormatFloat(value, 'f', -1, 64))
		}
	}
	for _, text := range ends {
		if word := strings.ToLower(text); slices.Contains(perpetual, fold.Replace(word)) && !slices.Contains(p.Never, word) {
			p.Never = append(p.Never, word)
		}
	}
	if len(p.Never) > 0 {
		fmt.Fprintf(&b, "never: %s\n", yamlList(p.Never))
	}
	writeComment(&b, "Not read, since no field fits", p.Unplaced)
	writeComment(&b, "Not read, since there may be keys or people in it", p.Withheld)
	p.YAML = b.String()
}

// writeComment writes columns into a comment.
func writeComment(b *strings.Builder, what string, columns []string) {
	if len(columns) == 0 {
		return
	}
	const most = 20
	var shown []string
	for _, column := range columns[:min(len(columns), most)] {
		shown = append(shown, yamlText(clip(column)))
	}
	if len(columns) > most {
		shown = append(shown, fmt.Sprintf("and %d more", len(columns)-most))
	}
	fmt.Fprintf(b, "# %s: %s\n", what, strings.Join(shown, ", "))
}

// plainScalar matches texts that need no quotes in YAML.
var plainScalar = regexp.MustCompile(`^\pL[\pL\d_./()-]*( [\pL\d_./()-]+)*$`)

// yamlText returns a text in YAML.
func yamlText(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return strconv.Quote(text)
	}
	if plainScalar.MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}

func yamlList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// guessDates returns the layouts that the samples need. If a sample may be two days and no other tells which,
// it returns the two layouts and the sample instead.
func guessDates(samples []string) (layouts []string, choice [2]string, unsure string) {
	left := slices.DeleteFunc(slices.Clone(samples), func(text string) bool {
		_, advice := (&Formats{}).date(text)
		return advice == ""
	})
	for len(left) > 0 {
		var best []string // the layouts that read most
		most := 0
		for _, layout := range candidateLayouts(left) {
			n := 0
			for _, text := range left {
				if _, err := time.Parse(layout, text); err == nil {
					n++
				}
			}
			switch {
			case n > most:
				best, most = []string{layout}, n
			case n == most:
				best = append(best, layout)
			}
		}
		if most == 0 {
			break
		}
		for _, other := range best[1:] {
			for _, text := range left {
				a, errA := time.Parse(best[0], text)
				if b, errB := time.Parse(other, text); errA == nil && errB == nil && !a.Equal(b) {
					return nil, [2]string{best[0], other}, text
				}
			}
		}
		layouts = append(layouts, best[0])
		left = slices.DeleteFunc(left, func(text string) bool {
			_, err := time.Parse(best[0], text)
			return err == nil
		})
	}
	return layouts, choice, ""
}

// candidateLayouts returns the layouts that read some sample.
func candidateLayouts(samples []string) []string {
	var found []string
	for _, text := range samples {
		for _, layout := range layoutsOf(text) {
			if !slices.Contains(found, layout) {
				found = append(found, layout)
			}
		}
	}
	return found
}

// guessDecimal returns the decimal marks that read all samples, and a sample that needs one. It returns none if no sample
// needs one.
func guessDecimal(samples []string) (decimals []string, sample string) {
	for _, text := range samples {
		if _, _, advice := (&Formats{}).number(text); advice != "" && digitOrMark.MatchString(text) {
			sample = text
			break
		}
	}
	if sample == "" {
		return nil, ""
	}
	for _, decimal := range []string{",", "."} {
		f := &Formats{Decimal: decimal}
		if !slices.ContainsFunc(samples, func(text string) bool {
			_, _, advice := f.number(text)
			return advice != "" && digitOrMark.MatchString(text)
		}) {
			decimals = append(decimals, decimal)
		}
	}
	for _, text := range samples { // one that shows the difference, if there is any
		one, ok, _ := (&Formats{Decimal: ","}).number(text)
		if other, ok2, _ := (&Formats{Decimal: "."}).number(text); ok && ok2 && one != other {
			return decimals, text
		}
	}
	return decimals[:min(len(decimals), 1)], sample
}
