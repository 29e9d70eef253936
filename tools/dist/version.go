package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// releaseTag matches the tags of releases.
var releaseTag = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+`)

// releaseVersion returns the content of VERSION if HEAD has the tag of a release,
// otherwise the version of a snapshot.
func releaseVersion(root string) (string, error) {
	content, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return "", err
	}
	declared := strings.TrimSpace(string(content))
	commit, err := git(root, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "", err
	}
	changes, err := git(root, "status", "--porcelain")
	if err != nil {
		return "", err
	}
	tags, err := git(root, "tag", "--points-at", "HEAD")
	if err != nil {
		return "", err
	}
	released := false
	for tag := range strings.FieldsSeq(tags) {
		if !releaseTag.MatchString(tag) {
			continue
		}
		if tag != "v"+declared {
			return "", fmt.Errorf("HEAD has the tag %s, but the file VERSION says %s; make them equal", tag, declared)
		}
		released = true
	}
	switch {
	case released && changes != "":
		return "", fmt.Errorf("HEAD has the tag v%s, but there are changes that are not committed:\n%s", declared, changes)
	case released:
		return declared, nil
	case changes != "":
		return declared + "-SNAPSHOT-" + commit + "-dirty", nil
	}
	return declared + "-SNAPSHOT-" + commit, nil
}

// commitTime returns the time of the commit HEAD.
func commitTime(root string) (time.Time, error) {
	text, err := git(root, "log", "-1", "--format=%ct")
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}

// trackedFiles returns the files in git that match pathspecs, in order.
func trackedFiles(pathspecs ...string) ([]string, error) {
	names, err := git(".", append([]string{"ls-files", "--"}, pathspecs...)...)
	return strings.Split(names, "\n"), err
}

func git(root string, args ...string) (string, error) {
	cmd := exec.Command("git", args...) //nolint:gosec,noctx // no argument is from outside, and git answers at once
	cmd.Dir, cmd.Stderr = root, os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(output)), nil
}
