package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	codeBlock   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	link        = regexp.MustCompile(`\]\(([^):]+)\)`) // to another file or place of the project
	headingLine = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// Links of the documents at the top lead to files and headings that exist. Tests
// of web check those within docs.
func TestLinksOfDocuments(t *testing.T) {
	read := func(path string) string {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return codeBlock.ReplaceAllString(string(content), "")
	}
	for _, file := range glob(t, "*.md") {
		for _, l := range link.FindAllStringSubmatch(read(file), -1) {
			target, anchor, _ := strings.Cut(l[1], "#")
			if target == "" {
				target = file
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s", file, err)
				continue
			}
			if anchor == "" {
				continue
			}
			found := false
			for _, h := range headingLine.FindAllStringSubmatch(read(filepath.FromSlash(target)), -1) {
				words := notInAnchor.ReplaceAllString(strings.ToLower(h[1]), "")
				found = found || strings.ReplaceAll(words, " ", "-") == anchor
			}
			if !found {
				t.Errorf("%s: %s has no heading #%s", file, target, anchor)
			}
		}
	}
}
