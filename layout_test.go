package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists the packages of this module that each package may import. Data
// flow in one direction, from client to web. NAME is the name of one vendor.
var mayImport = map[string][]string{
	"client/scalar": {},
	"client/rest":   {"client/scalar", "internal/cache", "internal/file", "internal/heap"},
	"client/NAME":   {"client/rest", "client/scalar", "internal/document", "internal/file", "internal/sheet", "internal/spelling", "internal/textfile"},

	"licensing":      {},
	"collector":      {"client/rest", "client/scalar", "internal/cache", "internal/glob", "licensing", "policy"},
	"collector/NAME": {"client/rest", "client/scalar", "client/NAME", "collector", "internal/cache", "internal/simulator", "internal/simulator/NAME", "licensing", "policy"},

	"engine":     {"client/rest", "collector", "internal/cache", "licensing", "policy"},
	"exposition": {"collector", "engine", "licensing", "policy"},
	"policy":     {"internal/glob", "licensing"},
	"status":     {"client/rest", "collector", "engine", "internal/cache", "licensing", "policy"},
	"web":        {"engine", "licensing", "status"},
	"config":     {"collector", "internal/document", "internal/file", "internal/glob", "internal/sheet", "internal/spelling", "internal/textfile", "policy"},

	"internal/cache":             {},
	"internal/decodetest":        {},
	"internal/document":          {"internal/textfile"},
	"internal/faults":            {"client/rest"},
	"internal/file":              {},
	"internal/glob":              {},
	"internal/hangup":            {},
	"internal/heap":              {},
	"internal/enginetest":        {"client/rest", "collector", "engine", "exposition", "licensing"},
	"internal/memorytest":        {},
	"internal/metricsdoc":        {},
	"internal/recordtest":        {"client/scalar"},
	"internal/sheet":             {"internal/textfile"},
	"internal/simulator":         {},
	"internal/spelling":          {},
	"internal/textfile":          {},
	"internal/simulator/NAME":    {"internal/simulator"},
	"internal/simulator/simtest": {"internal/simulator"},

	"alerts":     {},
	"alerts/gen": {"licensing"},
	"dashboards": {},
}

const module = "license_exporter/"

// The top of the module wires the packages together, so it may import all of
// them, but only vendors.go may import those of a vendor.
func TestImports(t *testing.T) {
	for _, f := range sourceFiles(t) {
		dir := path.Dir(f.path)
		if f.isTest() || f.isOtherModule() || f.path == "vendors.go" {
			continue
		}
		allowed, known := mayImport[general(dir, vendorOf(dir))]
		if !known && dir != "." {
			t.Errorf("%s: the package is new; add it to mayImport, or its vendor to vendors.go", f.path)
		}
		for _, spec := range f.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			ours := strings.HasPrefix(imported, module)
			imported = strings.TrimPrefix(imported, module)
			switch {
			case dir == "licensing" && strings.Contains(imported, "."):
				t.Errorf("%s imports %s; licensing may import only the standard library", f.path, imported)
			case dir == "." && vendorOf(imported) != "":
				t.Errorf("%s imports %s; only vendors.go may import a vendor", f.path, imported)
			case ours && dir != "." && !slices.Contains(allowed, general(imported, vendorOf(dir))):
				t.Errorf("%s imports %s; %s may import only %v", f.path, imported, dir, allowed)
			}
		}
	}
}

// vendorOf returns the name of the vendor whose folder this is, empty if it is
// not a vendor's.
func vendorOf(dir string) string {
	for _, v := range vendors {
		if slices.Contains([]string{"client/" + v.Name, "collector/" + v.Name, "internal/simulator/" + v.Name}, dir) {
			return v.Name
		}
	}
	return ""
}

// general returns the name that a package has in mayImport, seen from a package
// of a vendor.
func general(dir, vendor string) string {
	if vendor != "" && vendorOf(dir) == vendor {
		return path.Join(path.Dir(dir), "NAME")
	}
	return dir
}

// Code that all vendors share does not name a vendor, even in comments.
func TestSharedCodeNamesNoVendor(t *testing.T) {
	var names []string
	for _, v := range vendors {
		if v.Name == "table" { // also an ordinary word
			continue
		}
		names = append(names, regexp.MustCompile(`\pL{4,}`).FindAllString(v.Name+" "+v.Title, -1)...)
	}
	others := strings.NewReplacer("github.com", "", "that GitHub would give", "") // addresses of projects, and the site that shows documents
	vendorName := regexp.MustCompile("(?i)" + strings.Join(names, "|"))
	for _, f := range sourceFiles(t) {
		if f.isTest() || f.isOtherModule() || f.path == "vendors.go" || vendorOf(path.Dir(f.path)) != "" {
			continue
		}
		for i, line := range strings.Split(others.Replace(f.withoutImports()), "\n") {
			if name := vendorName.FindString(line); name != "" {
				t.Errorf("%s:%d names a vendor: %s", f.path, i+1, name)
			}
		}
	}
}

func TestFilesAndFoldersAreSmall(t *testing.T) {
	const maxLines, maxFiles = 400, 25
	files := map[string]int{}
	for _, f := range sourceFiles(t) {
		if lines := strings.Count(f.text, "\n"); lines > maxLines {
			t.Errorf("%s has %d lines, more than %d", f.path, lines, maxLines)
		}
		if !f.isTest() {
			files[path.Dir(f.path)]++
		}
	}
	for dir, n := range files {
		if n > maxFiles {
			t.Errorf("%s has %d files, more than %d", dir, n, maxFiles)
		}
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	commented := map[string]bool{}
	for _, f := range sourceFiles(t) {
		if dir := path.Dir(f.path); !f.isTest() {
			commented[dir] = commented[dir] || f.Doc != nil
		}
	}
	for dir, ok := range commented {
		if !ok {
			t.Errorf("the package in %s has no comment", dir)
		}
	}
}

// sourceFile is a Go file of this repository.
type sourceFile struct {
	path, text string
	*ast.File
	positions *token.FileSet
}

func (f *sourceFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// isOtherModule reports whether the file is in another module, which may know vendors, such
// as the generator of the dashboards.
func (f *sourceFile) isOtherModule() bool {
	return strings.HasPrefix(f.path, "dashboards/gen/") || strings.HasPrefix(f.path, "e2e/") || strings.HasPrefix(f.path, "tools/")
}

// withoutImports returns the text with empty lines in place of imports, whose
// paths may contain the name of a vendor.
func (f *sourceFile) withoutImports() string {
	lines := strings.Split(f.text, "\n")
	for _, spec := range f.Imports {
		lines[f.positions.Position(spec.Pos()).Line-1] = ""
	}
	return strings.Join(lines, "\n")
}

// sourceFiles returns all Go files of this repository.
func sourceFiles(t *testing.T) []*sourceFile {
	t.Helper()
	var files []*sourceFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f := &sourceFile{path: filepath.ToSlash(name), text: string(content), positions: token.NewFileSet()}
		f.File, err = parser.ParseFile(f.positions, name, content, parser.ParseComments)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
