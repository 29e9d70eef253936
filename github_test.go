package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// decodeFile decodes a YAML file, and fails on keys that v lacks if strict.
func decodeFile(t *testing.T, path string, v any, strict bool) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(strict)
	if err := decoder.Decode(v); err != nil {
		t.Fatalf("%s: %s", path, err)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

// Actions are pinned by commit, since tags can be moved. Each job states its
// permissions, since those of the repository may be wide, and each that runs code
// of the project can only read.
func TestWorkflows(t *testing.T) {
	pinned := regexp.MustCompile(`(?m)^\s*(?:- )?uses: (?:\./\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	for _, file := range glob(t, ".github/workflows/*.yml") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if uses, good := strings.Count(string(content), "uses: "), len(pinned.FindAll(content, -1)); uses != good {
			t.Errorf("%s: %d of %d actions are pinned by a commit, with the version as comment", file, good, uses)
		}
		var workflow struct {
			Permissions map[string]string
			Jobs        map[string]struct {
				Permissions map[string]string
				Steps       []struct{ Uses, Run string }
			}
		}
		decodeFile(t, file, &workflow, false)
		if workflow.Permissions == nil || len(workflow.Permissions) > 0 {
			t.Errorf("%s: the permissions of all jobs are %v, want {}", file, workflow.Permissions)
		}
		for name, job := range workflow.Jobs {
			if len(job.Permissions) == 0 {
				t.Errorf("%s: job %s states no permissions", file, name)
			}
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/checkout@") && !cmp.Equal(job.Permissions, map[string]string{"contents": "read"}) {
					t.Errorf("%s: job %s checks out the project and has the permissions %v", file, name, job.Permissions)
				}
			}
		}
	}
}

func TestDependabotKnowsEveryModule(t *testing.T) {
	var want []string
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, _ fs.DirEntry, err error) error {
		if path.Base(file) == "go.mod" {
			want = append(want, path.Join("/", path.Dir(file)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var dependabot struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	decodeFile(t, ".github/dependabot.yml", &dependabot, false)
	for _, folder := range want {
		if got := dependabot.Updates[0]; got.Ecosystem != "gomod" || !slices.Contains(got.Directories, folder) {
			t.Errorf("the updates of %s lack %s", got.Ecosystem, folder)
		}
	}
}

// GitHub ignores a form with a mistake. The keys are those of its documents.
func TestIssueForms(t *testing.T) {
	for _, file := range glob(t, ".github/ISSUE_TEMPLATE/*.yml") {
		if path.Base(file) == "config.yml" {
			continue
		}
		var form struct {
			Name, Description, Title string
			Labels                   []string
			Body                     []struct {
				Type, ID   string
				Attributes struct {
					Label, Description, Placeholder, Value, Render string
					Multiple                                       bool
					Options                                        []yaml.Node
				}
				Validations struct{ Required bool }
			}
		}
		decodeFile(t, file, &form, true)
		if form.Name == "" || form.Description == "" {
			t.Errorf("%s has no name or no description", file)
		}
		seen := map[string]bool{}
		for _, field := range form.Body {
			attributes := field.Attributes
			switch {
			case field.Type == "markdown" && attributes.Value != "":
				continue
			case slices.Contains([]string{"input", "textarea", "dropdown", "checkboxes"}, field.Type) && attributes.Label != "" && field.ID != "" && !seen[field.ID]:
				seen[field.ID] = true
			default:
				t.Errorf("%s: type, label or id of %+v", file, field)
			}
			if choice := field.Type == "dropdown" || field.Type == "checkboxes"; choice != (len(attributes.Options) > 0) {
				t.Errorf("%s: options of %s", file, field.ID)
			}
			if field.ID != "vendor" {
				continue
			}
			for _, v := range vendors { // the bug report names them
				if !slices.ContainsFunc(attributes.Options, func(o yaml.Node) bool { return o.Value == v.Title }) {
					t.Errorf("%s lacks %s", file, v.Title)
				}
			}
		}
	}
}
