package spelling

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"accounts", "base_url", "match", "name", "organizations", "owner"}
	for word, want := range map[string]string{
		"acounts": "accounts", "base url": "base_url", "organisation": "organizations", "nme": "name", "mach": "match",
		"accounts": "accounts", "nm": "", "own": "", "hunter2": "", "": "", "organizations_of_all": "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) is %q, want %q", word, got, want)
		}
	}
}
