package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// repository returns a git repository with VERSION, and a function that runs git in it.
func repository(t *testing.T, version string) (root string, run func(args ...string)) {
	t.Helper()
	root = t.TempDir()
	run = func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...)
		cmd.Dir = root
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, output)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "VERSION"), []byte(version+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run("init", "--quiet")
	run("add", "VERSION")
	run("commit", "--quiet", "--message=first")
	return root, run
}

func TestReleaseVersion(t *testing.T) {
	for _, test := range []struct {
		name, want, wantError string
		tags                  []string
		dirty                 bool
	}{
		{name: "no tag", want: `^1\.2\.3-SNAPSHOT-[0-9a-f]{12}$`},
		{name: "no tag and changes", dirty: true, want: `^1\.2\.3-SNAPSHOT-[0-9a-f]{12}-dirty$`},
		{name: "a tag of something else", tags: []string{"demo", "chart-4.5.6"}, want: `^1\.2\.3-SNAPSHOT-[0-9a-f]{12}$`},
		{name: "the tag of VERSION", tags: []string{"demo", "v1.2.3"}, want: `^1\.2\.3$`},
		{name: "another tag", tags: []string{"v1.2.4"}, wantError: "HEAD has the tag v1.2.4, but the file VERSION says 1.2.3"},
		{name: "a candidate", tags: []string{"v1.2.3-rc.1"}, wantError: "HEAD has the tag v1.2.3-rc.1, but the file VERSION says 1.2.3"},
		{name: "two tags", tags: []string{"v1.2.3", "v1.2.4"}, wantError: "HEAD has the tag v1.2.4"},
		{name: "the tag and changes", tags: []string{"v1.2.3"}, dirty: true, wantError: "changes that are not committed:\n?? new"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, run := repository(t, "1.2.3")
			for _, tag := range test.tags {
				run("tag", tag)
			}
			if test.dirty {
				if err := os.WriteFile(filepath.Join(root, "new"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := releaseVersion(root)
			if test.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantError) {
					t.Errorf("%q, error %v; want an error with %q", got, err, test.wantError)
				}
				return
			}
			if err != nil || !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("%q, error %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestVersionWithoutGit(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "VERSION"), []byte("1.2.3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(root))
	if got, err := releaseVersion(root); err == nil {
		t.Errorf("%q outside of git; want an error", got)
	}
}
