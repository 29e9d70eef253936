package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/config"
)

// The example of archives and packages can be used as it is, and also with all that is
// commented out in it.
func TestExampleOfPackages(t *testing.T) {
	example, err := os.ReadFile("deploy/packages/config.yml")
	if err != nil {
		t.Fatal(err)
	}
	// A text has one space after the #.
	all := regexp.MustCompile(`(?m)^( *)#(  .*|[^ \n].*)$`).ReplaceAll(example, []byte("$1$2"))
	for name, test := range map[string]struct {
		content  []byte
		accounts []string
		policies bool
	}{
		"as it is": {example, []string{"meraki"}, false},
		"all":      {all, []string{"meraki", "snow"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for name, content := range map[string][]byte{"config.yml": test.content, "meraki.key": []byte("k\n"), "snow.secret": []byte("s\n")} {
				if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c, err := config.Load(filepath.Join(folder, "config.yml"), vendors)
			if err != nil {
				t.Fatalf("%v\n%s", err, test.content)
			}
			var names []string
			for _, a := range c.Accounts {
				names = append(names, a.Name)
			}
			if diff := cmp.Diff(test.accounts, names); diff != "" || (c.Policies != nil) != test.policies {
				t.Errorf("policies %v, accounts (-want +got):\n%s", c.Policies, diff)
			}
		})
	}
}
