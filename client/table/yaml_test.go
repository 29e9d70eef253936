package table

import (
	"strings"
	"testing"
)

func TestYAML(t *testing.T) {
	for name, test := range map[string]struct {
		text, list string
		refs       []string
		want       []string
	}{
		"a list": {
			"# contracts\n- product: Contoso Suite\n  end: 2026-12-31\n  seats: 0120\n  key: SECRET\n\n- {product: Fabrikam CAD, seats: 1_000, end: null, ratio: 1.50}\n- product: \" x \"\n  end: ~\n  ratio: .inf\n", "",
			[]string{"end", "product", "seats", "ratio"},
			[]string{`2/1: "2026-12-31" "Contoso Suite" "0120" -`, `7/2: - "Fabrikam CAD" "1000" "1.50"`, `8/3: - "x" - ".inf"`},
		},
		"within mappings":            {"data:\n  licenses:\n    - a: true\n    - a: yes\n", "body.data.licenses", []string{"a"}, []string{`3/1: "true"`, `4/2: "yes"`}},
		"an expression":              {"a: {x: {n: 1}, y: {n: 2}}\n", `[body.a.x, body.a.y]`, []string{"n"}, []string{`0/1: "1"`, `0/2: "2"`}},
		"aliases and merges":         {"defaults: &d {owner: sam-team, end: 2026-01-01}\nrows:\n- <<: *d\n  end: 2027-01-01\n- {<<: [{owner: a}, *d]}\n- *d\n", "body.rows", []string{"owner", "end"}, []string{`3/1: "sam-team" "2027-01-01"`, `5/2: "a" "2026-01-01"`, `6/3: "sam-team" "2026-01-01"`}},
		"keys that occur twice":      {"- {a: 1, a: 2}\n", "", []string{"a"}, []string{`1/1: "2"`}},
		"records that are no object": {"- a\n- {a: 1}\n- [1]\n", "", []string{"a"}, []string{"1/1: - the record is not an object", `2/2: "1"`, "3/3: - the record is not an object"}},
		"UTF-16":                     {"\xff\xfe-\x00 \x00a\x00:\x00 \x001\x00", "", []string{"a"}, []string{`1/1: "1"`}},
		"a missing column":           {"- {name: 1}\n", "", []string{"ends"}, []string{`1/1: -`, `v.yml: columns.ends: there is no column "ends"; the columns are "name"`}},
		"no list":                    {"licenses: [{a: 1}]\n", "", []string{"a"}, []string{"v.yml: the table is not a list; say where it has one, for example records: body.licenses"}},
		"no list at the path":        {"licenses: {a: 1}\n", "body.licenses", []string{"a"}, []string{"v.yml: records: there is no list at body.licenses"}},
		"nothing at the path":        {"- 1\n", "body.rows.a", []string{"a"}, []string{"v.yml: records: there is no list at body.rows.a"}},
		"only a comment":             {"# a\n", "", []string{"a"}, []string{"v.yml: the file is empty"}},
		"a syntax error":             {"- a: 1\n b: 2\n", "", []string{"a"}, []string{"v.yml:2:2: this line does not fit those above it; check its indentation and the quotes"}},
		"cut off":                    {"- a: 1\n- {a: \"2", "", []string{"a"}, []string{"v.yml:2: a quote that begins in this line has no end; close it"}},
		"Windows-1252":               {"- a: B\xfcro\n", "", []string{"a"}, []string{"v.yml:1:7: the file is not in UTF-8; save it as UTF-8"}},
		"too large":                  {"- " + strings.Repeat("x", 5<<20), "", []string{"a"}, []string{"v.yml: the file has more than 4 MiB, the limit for YAML; use JSON or CSV"}},
		"an alias of itself":         {"- &a [*a]\n", "", []string{"a"}, []string{"v.yml:1:3: an alias refers to a value that contains itself"}},
		"aliases of aliases": {
			"a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\nrows: [*f, *f]\n",
			"body.rows", []string{"a"}, []string{"v.yml: there are more than 2000000 values, including those that aliases repeat; use fewer aliases or shorter lists"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := fileOf(t, "v.yml", test.text, func(o *FileOptions) { o.Records = expression(t, test.list) })
			wantLines(t, lines(t.Context(), s, refs(test.refs...)), test.want...)
		})
	}
}

func TestFormatsOfFiles(t *testing.T) {
	for name, test := range map[string]struct{ name, format, text, want string }{
		"a format":              {"v.txt", YAML, "- a: 1\n", `1/1: "1"`},
		"another format":        {"v.json", CSV, "a\n1\n", `2/1: "1"`},
		"an extension":          {"v.YAML", "", "- a: 1\n", `1/1: "1"`},
		"upper case":            {"v.JSON", "", `[{"a": 1}]`, `1/1: "1"`},
		"content that is JSON":  {"v", "", "\ufeff \n [{\"a\": 1}]", `2/1: "1"`},
		"content that is CSV":   {"v.export", "", "a;b\n1;2\n", `2/1: "1"`},
		"a CSV file with JSON":  {"v.csv", "", "[a],b\n1,2\n", `v.csv:1: columns.a: there is no column "a"; the columns are "[a]", "b"`},
		"a text file with tabs": {"v.txt", "", "a\tb\n1\t2\n", `2/1: "1"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := fileOf(t, test.name, test.text, func(o *FileOptions) { o.Format = test.format })
			wantLines(t, lines(t.Context(), s, refs("a")), test.want)
		})
	}
}
