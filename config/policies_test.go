package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"license_exporter/policy"
)

const day = model.Duration(24 * time.Hour)

var endOfMarch = policy.End{Time: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)}

func TestLoadPolicies(t *testing.T) {
	c, err := Load("testdata/good-policies.yml", vendors)
	if err != nil {
		t.Fatal(err)
	}
	yes, no := policy.Flag(true), policy.Flag(false)
	want := []policy.Policy{
		{
			Match: policy.Match{
				Vendor: "meraki", Account: "emea", OrganizationID: "2930418", OrganizationName: "Retail*", Product: "MX", ProductName: "?", LicenseID: "sub-1",
			},
			Rules: policy.Rules{
				Owner: "network team", Renewal: policy.Automatic, Notice: new(60 * day), MinimumAvailableSeats: new(policy.Count(5)), End: endOfMarch, Muted: &yes,
			},
			Place: "testdata/good-policies.yml:6",
		},
		{
			Rules: policy.Rules{End: policy.End{Time: time.Date(2027, 3, 31, 12, 0, 0, 0, time.UTC)}, Muted: &no},
			Place: "testdata/good-policies.yml:13",
		},
		{Match: policy.Match{Account: "emea"}, Rules: policy.Rules{Owner: "list"}, Place: "policies/list.yaml:1"},
		{Match: policy.Match{Product: "MX"}, Rules: policy.Rules{Owner: "json", End: endOfMarch}, Place: "policies/mapping.json:1"},
		{Match: policy.Match{OrganizationID: "123", Product: "MX, large"}, Rules: policy.Rules{Owner: "network team"}, Place: "policies/commas.csv:2"},
		{Match: policy.Match{OrganizationID: "124"}, Rules: policy.Rules{Muted: &yes}, Place: "policies/commas.csv:5"},
		{
			Match: policy.Match{Vendor: "meraki"},
			Rules: policy.Rules{
				Owner: `a "quoted" team; really`, Renewal: policy.Manual, Notice: new(30 * day), MinimumAvailableSeats: new(policy.Count(0)), End: endOfMarch,
			},
			Place: "policies/semicolons.csv:3",
		},
	}
	if diff := cmp.Diff(want, c.Policies.Policies()); diff != "" {
		t.Errorf("the policies differ (-want +got):\n%s", diff)
	}
}

const anAccount = "accounts: [{name: emea, vendor: meraki, http_client_config: {authorization: {credentials: key}}}]\n"

// loadWith loads a configuration with an account, some further lines and files.
func loadWith(t *testing.T, lines string, files map[string]string) (*Config, error) {
	t.Helper()
	return loadFile(t, anAccount+lines, files)
}

func loadFile(t *testing.T, content string, files map[string]string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("file.yml", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load("file.yml", vendors)
}

func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("the error differs (-want +got):\n%s", diff)
	}
}

const nothingSet = "the policy sets nothing; give it owner, renewal, notice, minimum_available_seats, end or muted"

func TestLoadRefusesPolicies(t *testing.T) {
	for name, test := range map[string]struct {
		lines string
		want  []string
	}{
		"no list":     {"policies: {owner: a}", []string{"file.yml:2:11: policies must be a list"}},
		"no mapping":  {"policies: [a]", []string{"file.yml:2:12: policy 1 of the list: it must be a mapping of keys to values"}},
		"unknown key": {"policies:\n- owner: a\n- ownr: a", []string{"file.yml:4:3: policy 2 of the list: key ownr is not known; did you mean owner? docs/configuration.md lists all keys"}},
		"unknown key of match": {
			"policies:\n- match: {colour: a}\n  owner: a",
			[]string{"file.yml:3:11: policy 1 of the list: a key of match is not known; docs/configuration.md lists all keys"},
		},
		"values": {
			"policies:\n- renewal: never\n  notice: 60\n  minimum_available_seats: -1\n  end: 31.3.2027\n  muted: perhaps\n  owner: [a]\n  match: {product: {}}",
			[]string{
				"file.yml:3:12: policy 1 of the list: renewal must be automatic or manual",
				"file.yml:4:11: policy 1 of the list: notice must be a duration; write it like 90s, 5m or 24h",
				"file.yml:5:28: policy 1 of the list: minimum_available_seats must be a number that is not negative",
				"file.yml:6:8: policy 1 of the list: end must be a date; write it like 2027-03-31, or with a time like 2027-03-31T12:00:00Z",
				"file.yml:7:10: policy 1 of the list: muted must be true or false",
				"file.yml:8:10: policy 1 of the list: owner must be text",
				"file.yml:9:20: policy 1 of the list: match.product must be text",
			},
		},
		"a negative notice": {"policies: [{notice: -1d}]", []string{"file.yml:2:21: policy 1 of the list: notice must be a duration; write it like 90s, 5m or 24h"}},
		"nothing set":       {"policies: [{match: {product: a}}, {owner: ''}]", []string{"file.yml:2:12: policy 1 of the list: " + nothingSet, "file.yml:2:35: policy 2 of the list: " + nothingSet}},
		"unknown vendor": {
			"policies:\n- owner: a\n  match:\n    vendor: secret-value", []string{"file.yml:5:13: policy 1 of the list: match.vendor is not known; use meraki or snow"},
		},
		"unknown account": {
			"policies:\n- owner: a\n  match: {account: secret-value}",
			[]string{"file.yml:4:20: policy 1 of the list: match.account is not the name of an account; use a name that is under accounts, or * and ? for several"},
		},
		"globs of vendors and accounts": {"policies: [{match: {vendor: 'x*', account: '?'}, owner: a}]", nil},
		"a rounded id": {
			"policies: [{match: {organization_id: 6.46829E+17}, owner: a}]",
			[]string{"file.yml:2:38: policy 1 of the list: match.organization_id was rounded by a spreadsheet; format the column as text and write the whole number"},
		},
		"a long glob": {
			"policies: [{match: {product: " + strings.Repeat("a*", 501) + "}, owner: a}]", []string{"file.yml:2:30: policy 1 of the list: match.product is longer than 1000 bytes"},
		},
		"files that are no list": {"policy_files: a.csv", []string{"file.yml:2:15: policy_files must be a list"}},
		"a file that is no text": {"policy_files: [[a.csv]]", []string{"file.yml:2:16: policy_files[0] must be text"}},
		"an empty file name":     {"policy_files: ['']", []string{"file.yml:2:16: policy_files[0] must be the path of a file"}},
		"a file that is not there": {
			"policy_files:\n- absent.csv", []string{"file.yml:3:3: policy_files[0]: absent.csv: no such file or directory"},
		},
		"another kind of file": {
			"policy_files: [policies.xlsx]", []string{"file.yml:2:16: policy_files[0]: policies.xlsx is neither YAML nor CSV; name it .yml, .yaml, .json or .csv"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadWith(t, test.lines, nil)
			wantError(t, err, test.want...)
		})
	}
}

func TestLoadRefusesPolicyFiles(t *testing.T) {
	for name, test := range map[string]struct {
		file, content string
		want          []string
	}{
		"YAML: of the configuration": {"p.yml", "accounts: []\nowner: a\n", []string{"p.yml:1:1: key accounts belongs to the configuration file" + "; docs/configuration.md lists all keys", "p.yml:2:1: key owner belongs to a policy; docs/configuration.md lists all keys"}},
		"YAML: syntax":               {"p.yml", "- [", []string{"p.yml:1:3: a value is missing or cannot be here; check the commas and brackets, or write the value in quotes"}},
		"YAML: text":                 {"p.yaml", "a", []string{"p.yaml:1:1: the file must be a list of policies, or have one under the key policies"}},
		"YAML: a key":                {"p.yml", "policy: []", []string{"p.yml:1:1: a key is not known; docs/configuration.md lists all keys"}},
		"YAML: a value":              {"p.yml", "policies:\n- muted: maybe", []string{"p.yml:2:10: policy 1 of the list: muted must be true or false"}},
		"YAML: accounts":             {"p.yml", "- {match: {account: other}, muted: true}", []string{"p.yml:1:21: policy 1 of the list: match.account is not the name of an account; use a name that is under accounts, or * and ? for several"}},
		"YAML: empty":                {"p.yml", "", nil},
		"YAML: no policy":            {"p.yml", "[]", nil},

		"empty":                 {"p.csv", "\r\n;;\r\n", []string{"p.csv: the file has no header; write the names of the columns in the first line"}},
		"only a header":         {"P.CSV", "owner", nil},
		"Latin 1":               {"p.csv", "owner\nB\xfcro\n", []string{"p.csv:2: the file is not in UTF-8; save it as CSV UTF-8"}},
		"UTF-16":                {"p.csv", "\xff\xfeo\x00w\x00", []string{"p.csv:1: the file is not in UTF-8; save it as CSV UTF-8"}},
		"UTF-16 without a mark": {"p.csv", "o\x00w\x00", []string{"p.csv:1: the file is not in UTF-8; save it as CSV UTF-8"}},
		"unknown columns": {
			"p.csv", "product,ownr,secret-value\n",
			[]string{
				"p.csv:1: column 2: key ownr is not known; did you mean owner? docs/configuration.md lists all columns",
				"p.csv:1: column 3: a key is not known; docs/configuration.md lists all columns",
			},
		},
		"a column twice":       {"p.csv", "owner,Owner\n", []string{"p.csv:1: column owner occurs twice; leave one out"}},
		"too many cells":       {"p.csv", "product,owner\na,b,c\n", []string{"p.csv:2: the row has more cells than the header; put cells that contain separators into quotes"}},
		"separators at an end": {"p.csv", "product,owner\na,b,,\n", nil},
		"a nameless column":    {"p.csv", "owner,,\na,,\nb,c,\n", []string{"p.csv:3: column 2 has no name in the header; name it, or clear it"}},
		"a quote that is open": {"p.csv", "owner\n\"a\nb\n", []string{`p.csv:2: the quotes are wrong; write a cell with quotes in it as "a ""quoted"" word"`}},
		"a quote in a cell":    {"p.csv", "owner\nx\na \"b\"\n", []string{`p.csv:3: the quotes are wrong; write a cell with quotes in it as "a ""quoted"" word"`}},
		"values": {
			"p.csv", "renewal;notice;minimum_available_seats;end;muted\n\nnever;60;-1;31.3.2027;perhaps\n",
			[]string{
				"p.csv:3: column renewal must be automatic or manual",
				"p.csv:3: column notice must be a duration; write it like 90s, 5m or 24h",
				"p.csv:3: column minimum_available_seats must be a number that is not negative",
				"p.csv:3: column end must be a date; write it like 2027-03-31, or with a time like 2027-03-31T12:00:00Z",
				"p.csv:3: column muted must be true or false",
			},
		},
		"nothing set": {"p.csv", "product,owner\nMX,\n", []string{"p.csv:2: " + nothingSet}},
		"names": {
			"p.csv", "owner,vendor,account,license_id\na,other,other,1.5E+17\n",
			[]string{
				"p.csv:2: column vendor is not known; use meraki or snow",
				"p.csv:2: column account is not the name of an account; use a name that is under accounts, or * and ? for several",
				"p.csv:2: column license_id was rounded by a spreadsheet; format the column as text and write the whole number",
			},
		},
		"a line in quotes": {"p.csv", "owner,muted\n\"a\nb\",x\n", []string{"p.csv:3: column muted must be true or false"}},
		"too many":         {"p.csv", "muted\n" + strings.Repeat("yes\n", maxPolicies+1), []string{"p.csv:100002: there are more than 100000 policies; use globs"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadWith(t, "policy_files: ["+test.file+"]", map[string]string{test.file: test.content})
			wantError(t, err, test.want...)
		})
	}
}

func TestTooManyPoliciesOfSeveralFiles(t *testing.T) {
	half := "muted\n" + strings.Repeat("yes\n", maxPolicies/2)
	_, err := loadWith(t, "policies: [{muted: true}]\npolicy_files: [a.csv, b.csv]", map[string]string{"a.csv": half, "b.csv": half})
	wantError(t, err, "policies and policy_files: there are more than 100000 policies; use globs")
}

// The path of a policy file is relative to the configuration. Errors name it as it is given.
func TestPolicyFilesAreRelativeToTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"file.yml": anAccount + "policy_files: [p.csv, " + filepath.Join(dir, "q.csv") + "]", "p.csv": "owner\na\n", "q.csv": "owner\nb\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(filepath.Join(dir, "file.yml"), vendors)
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, p := range c.Policies.Policies() {
		places = append(places, p.Place)
	}
	if diff := cmp.Diff([]string{"p.csv:2", filepath.Join(dir, "q.csv") + ":2"}, places); diff != "" {
		t.Errorf("the places differ (-want +got):\n%s", diff)
	}
}

// The same table is read alike however a spreadsheet saves it.
func TestCSVAsSpreadsheetsSaveIt(t *testing.T) {
	read := func(content string) []policy.Policy {
		t.Helper()
		policies, err := csvPolicies("p.csv", []byte(content), nameable{})
		if err != nil {
			t.Errorf("%q: %v", content, err)
		}
		for i := range policies {
			policies[i].Place = ""
		}
		return policies
	}
	want := read("product,organization_id,owner,muted\nMX,12,a team,\n,,b,true\n")
	if len(want) != 2 {
		t.Fatalf("%d policies, want 2", len(want))
	}
	for _, content := range []string{
		"product;organization_id;owner;muted\nMX;12;a team;\n;;b;TRUE\n",
		"product\torganization_id\towner\tmuted\nMX\t12\ta team\t\n\t\tb\tYes\n",
		"\ufeffproduct,organization_id,owner,muted\r\nMX,12,a team,\r\n,,b,yes",
		"product,organization_id,owner,muted\rMX,12,a team,\r,,b,yes\r",
		"\"Product\",\"Organization_ID\",\"Owner\",\"MUTED\"\n\"MX\",\"12\",\"a team\",\"\"\n\"\",\"\",\"b\",\"True\"\n",
		"\n,,,\nproduct, organization_id, owner, muted\n MX , \"12\", a team ,\n\n , , , \n,,\"b\",true\n,,,,,,\n",
		"product;organization_id;owner;muted;;\nMX;12;a team;;;\n;;b;yes;;\n",
		"product,organization_id,owner,muted\nMX,12,a team\n,,b,true\n",
		"muted,owner,product,organization_id\n,a team,MX,12\nyes,b\n",
	} {
		if diff := cmp.Diff(want, read(content)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", content, diff)
		}
	}
}

// Any CSV file is read, or refused with errors that name the file and repeat nothing of it.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"product;owner;end\nMX;a;2027-03-31\n", "\ufeffowner\thunter2\n", "owner,notice\n\"a\n,hunter2", "owner\r\rhunter2,hunter2\r", "hunter2", "\"hunter2", "owner,,\na,hunter2",
		"vendor,account,muted,renewal,minimum_available_seats\nhunter2,hunter2,hunter2,hunter2,hunter2", "owner,owner\n", ",;\t\n\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		policies, err := csvPolicies("p.csv", []byte(text), nameable{vendors: []string{"v"}, accounts: []string{"a"}})
		if err == nil {
			for _, p := range policies {
				if p.Rules.Empty() || !strings.HasPrefix(p.Place, "p.csv:") || p.MinimumAvailableSeats != nil && !(*p.MinimumAvailableSeats >= 0) {
					t.Errorf("a policy is accepted, although something is wrong: %+v", p)
				}
			}
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !strings.HasPrefix(line, "p.csv:") || strings.Contains(line, secret) {
				t.Errorf("the error does not begin with the file, or shows a value: %q", line)
			}
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	var content strings.Builder
	content.WriteString("organization_id,product,owner,notice\n")
	for i := range maxPolicies {
		fmt.Fprintf(&content, "%d,MX,team,60d\n", i)
	}
	for b.Loop() {
		if _, err := csvPolicies("p.csv", []byte(content.String()), nameable{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A long list with a wrong column does not fill the log.
func TestManyMistakes(t *testing.T) {
	for name, content := range map[string]string{
		"p.csv": "muted\n" + strings.Repeat("maybe\n", 5000),
		"p.yml": strings.Repeat("- muted: maybe\n", 5000),
	} {
		_, err := loadWith(t, "policy_files: ["+name+"]", map[string]string{name: content})
		lines := strings.Split(fmt.Sprint(err), "\n")
		if last := lines[len(lines)-1]; len(lines) != maxProblems+1 || last != "there are 4900 more mistakes; correct these first" {
			t.Errorf("%s: %d lines, the last is %q", name, len(lines), last)
		}
	}
}
