package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// made returns the folder that make dist has filled, and the version in its names.
func made(t *testing.T) (folder, version string) {
	t.Helper()
	folder = os.Getenv("DIST")
	if folder == "" {
		t.Skip("make packages-test sets DIST to what make dist made")
	}
	charts, _ := filepath.Glob(filepath.Join(folder, program+"-*.tgz"))
	if len(charts) != 1 {
		t.Fatalf("charts: %v", charts)
	}
	return folder, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(charts[0]), program+"-"), ".tgz")
}

// unpack returns the files of an archive by their names below its folder.
func unpack(t *testing.T, name, folder string) map[string][]byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	add := func(name string, r io.Reader) {
		inside, ok := strings.CutPrefix(name, folder+"/")
		if files[inside], err = io.ReadAll(r); err != nil || !ok {
			t.Fatalf("%s, error %v; want all in %s", name, err, folder)
		}
	}
	if strings.HasSuffix(name, ".zip") {
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			add(f.Name, r)
		}
		return files
	}
	uncompressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(uncompressed)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		add(header.Name, archive)
	}
}

// archives returns the archives of binaries by the platforms in their names.
func archives(t *testing.T) map[string]string {
	t.Helper()
	folder, version := made(t)
	found := map[string]string{}
	for _, platform := range strings.Split(platforms, ",") {
		platform = strings.ReplaceAll(platform, "/", "-")
		matches, _ := filepath.Glob(filepath.Join(folder, program+"-"+version+"."+platform+".*[pz]"))
		if len(matches) > 0 {
			found[platform] = matches[0]
		}
	}
	if len(found) == 0 {
		t.Fatal("no archives")
	}
	return found
}

func TestChecksums(t *testing.T) {
	folder, version := made(t)
	sums, err := os.ReadFile(filepath.Join(folder, "sha256sums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		content, err := os.ReadFile(filepath.Join(folder, name))
		if actual := fmt.Sprintf("%x", sha256.Sum256(content)); err != nil || actual != sum {
			t.Errorf("%s has %s, error %v; want %s", name, actual, err, sum)
		}
		got = append(got, name)
	}
	// In packages, a version before the release is marked by a tilde.
	deb, rpm := strings.Replace(version, "-", "~", 1), strings.ReplaceAll(strings.Replace(version, "-", "~", 1), "-", "_")
	want := []string{program + "-" + version + ".tgz", program + "-rules-and-dashboards-" + version + ".tar.gz"}
	for platform, archive := range archives(t) {
		want = append(want, filepath.Base(archive), filepath.Base(archive)+".cdx.json")
		if goarch, ok := strings.CutPrefix(platform, "linux-"); ok {
			machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[goarch]
			want = append(want, "license-exporter_"+deb+"_"+goarch+".deb", "license-exporter-"+rpm+"-1."+machine+".rpm")
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the checksums are of %v; want %v", got, want)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != len(want)+1 {
		t.Errorf("%d files, error %v; want %d and their checksums", len(entries), err, len(want))
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestArchives(t *testing.T) {
	_, version := made(t)
	for platform, archive := range archives(t) {
		folder := program + "-" + version + "." + platform
		files := unpack(t, archive, folder)
		binary := program
		if strings.HasPrefix(platform, "windows-") {
			binary += ".exe"
		}
		for _, name := range []string{
			binary, "LICENSE", "README.md", "CHANGELOG.md", "config.yml", "docs/install.md",
			"alerts/license_exporter.rules.yml", "dashboards/license-overview.json", "deploy/systemd/license_exporter.service",
		} {
			if len(files[name]) == 0 {
				t.Errorf("%s lacks %s", archive, name)
			}
		}
		for name, content := range files {
			if path.Dir(name) == "." && name != "README.md" || path.Ext(name) != ".md" {
				continue
			}
			for _, match := range link.FindAllSubmatch(content, -1) {
				target := path.Join(path.Dir(name), string(match[1]))
				found := files[target] != nil
				for other := range files { // or a folder
					found = found || strings.HasPrefix(other, target+"/")
				}
				if !found {
					t.Errorf("%s: %s links to %s, which is not there", archive, name, target)
				}
			}
		}
	}
}

func TestBinaryOfThisPlatform(t *testing.T) {
	_, version := made(t)
	platform := runtime.GOOS + "-" + runtime.GOARCH
	archive := archives(t)[platform]
	if archive == "" {
		t.Skip("there is no archive for ", platform)
	}
	folder := program + "-" + version + "." + platform
	binary := filepath.Join(t.TempDir(), program)
	if err := os.WriteFile(binary, unpack(t, archive, folder)[program], 0o755); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), binary, "--version").CombinedOutput()
	if !strings.HasPrefix(string(output), program+", version "+version+" ") || err != nil {
		t.Errorf("--version: %s, error %v; want version %s", output, err, version)
	}
}

func TestSBOM(t *testing.T) {
	_, version := made(t)
	for _, archive := range archives(t) {
		content, err := os.ReadFile(archive + ".cdx.json")
		if err != nil {
			t.Fatal(err)
		}
		var bom struct {
			BOMFormat, SerialNumber string
			Metadata                struct {
				Timestamp string
				Component struct{ Name, Version string }
			}
			Components []struct{ Name, Version string }
		}
		if err := json.Unmarshal(content, &bom); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, c := range bom.Components {
			names[c.Name] = c.Version != ""
		}
		if bom.BOMFormat != "CycloneDX" || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" ||
			bom.Metadata.Component.Name != program || bom.Metadata.Component.Version != "v"+version ||
			!names["std"] || !names["github.com/prometheus/client_golang"] || names["github.com/goreleaser/nfpm/v2"] {
			t.Errorf("the SBOM of %s is of %+v with %d modules", archive, bom.Metadata, len(names))
		}
	}
}

func TestChartAndRules(t *testing.T) {
	folder, version := made(t)
	chart := unpack(t, filepath.Join(folder, program+"-"+version+".tgz"), program)
	for _, line := range []string{`version: "` + version + `"`, `appVersion: "` + version + `"`, "name: " + program} {
		if !slices.Contains(strings.Split(string(chart["Chart.yaml"]), "\n"), line) {
			t.Errorf("Chart.yaml lacks %s", line)
		}
	}
	for name := range chart {
		if strings.HasPrefix(name, "ci/") {
			t.Errorf("the chart contains %s", name)
		}
	}
	if chart["values.yaml"] == nil || chart["values.schema.json"] == nil {
		t.Error("the chart lacks its values")
	}
	rules := unpack(t, filepath.Join(folder, program+"-rules-and-dashboards-"+version+".tar.gz"), program+"-rules-and-dashboards-"+version)
	for _, name := range []string{"LICENSE", "alerts/license_exporter.rules.yml", "alerts/license_exporter_itself.rules.yml", "alerts/license_bridges.rules.yml", "alerts/alertmanager.example.yml", "dashboards/license-overview.json"} {
		if rules[name] == nil {
			t.Errorf("the archive of rules lacks %s", name)
		}
	}
}
