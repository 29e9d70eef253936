// Command dist writes the files of a release to the folder dist: an archive of the
// binary and its SBOM for each platform, packages for Debian and Red Hat, the Helm
// chart, the rules and dashboards, and the checksums of all. make dist runs it.
//
// The same commit always gives the same files: times are those of the commit.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	program   = "license_exporter"
	out       = "dist"
	platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64"
)

func main() {
	selected := flag.String("platforms", platforms, "Platforms to build for, separated by commas.")
	flag.Parse()
	err := os.Chdir(filepath.Join("..", "..")) // all paths are relative to the repository
	if err == nil {
		err = dist(strings.Split(*selected, ","))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// release is what the files of a release have in common.
type release struct {
	version string
	time    time.Time
}

func dist(platforms []string) error {
	version, err := releaseVersion(".")
	if err != nil {
		return err
	}
	r := release{version: version}
	if r.time, err = commitTime("."); err != nil {
		return err
	}
	// nfpm takes the times in packages from here.
	if err := os.Setenv("SOURCE_DATE_EPOCH", strconv.FormatInt(r.time.Unix(), 10)); err != nil {
		return err
	}
	fmt.Println("version", version)
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // others may read it
		return err
	}
	for _, p := range platforms {
		goos, goarch, _ := strings.Cut(p, "/")
		if err := r.platform(goos, goarch); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	if err := r.chart(); err != nil {
		return err
	}
	if err := r.rulesAndDashboards(); err != nil {
		return err
	}
	return writeChecksums()
}

// platform writes the files of one platform.
func (r release) platform(goos, goarch string) error {
	// The Makefile has the flags of the build. A branch would differ between clones of a commit.
	//nolint:gosec,noctx // the platforms are those of the caller, and Ctrl-C ends make, too
	build := exec.Command("make", "--no-print-directory", "binaries", "PLATFORMS="+goos+"/"+goarch, "VERSION="+r.version, "BRANCH=HEAD")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	binary := filepath.Join("build", goos, goarch, program)
	archive, err := r.archive(binary, goos, goarch)
	if err != nil {
		return err
	}
	if err := r.sbom(binary, archive+".cdx.json"); err != nil {
		return err
	}
	if goos == "linux" {
		return r.packages(goarch)
	}
	return nil
}

// writeChecksums writes what sha256sum --check reads.
func writeChecksums() error {
	entries, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), e.Name())
	}
	return os.WriteFile(filepath.Join(out, "sha256sums.txt"), []byte(sums.String()), 0o644) //nolint:gosec // others may read it
}
