package helm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/grafana/grafana-operator/v5/embeds" // for its CRDs
	crd "github.com/prometheus-operator/prometheus-operator/example"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// kubernetes maps API versions to the OpenAPI documents that the module of kubectl has. For
// other versions, the Go types are all that objects are compared with.
var kubernetes = map[string]string{"v1": "api/v1.json", "apps/v1": "apis/apps/v1.json"}

// checkSchema validates an object, whose name is its API version and kind.
func checkSchema(name, document string) error {
	schema, err := schemaOf(name)
	if err != nil || schema == nil {
		return err
	}
	return validate(schema, document)
}

func validate(schema *jsonschema.Schema, document string) error {
	content, err := yaml.YAMLToJSONStrict([]byte(document))
	if err != nil {
		return err
	}
	object, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return err
	}
	return schema.Validate(object)
}

var (
	schemas     = map[string]*jsonschema.Schema{}
	schemasLock sync.Mutex
)

// schemaOf returns the schema of a kind, or nil if there is none.
func schemaOf(name string) (*jsonschema.Schema, error) {
	schemasLock.Lock()
	defer schemasLock.Unlock()
	if s := schemas[name]; s != nil {
		return s, nil
	}
	version, kind, _ := strings.Cut(name, " ")
	var document any
	var pointer string
	var err error
	switch group, _, _ := strings.Cut(version, "/"); {
	case kubernetes[version] != "":
		document, err = openAPI(kubernetes[version])
		pointer = fmt.Sprintf("#/components/schemas/io.k8s.api.%s.%s", map[string]string{"v1": "core.v1", "apps/v1": "apps.v1"}[version], kind)
	case strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io"):
		document, err = customResource(version, kind)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2019)
	url := "mem:///" + strings.ReplaceAll(name, " ", "/")
	if err := c.AddResource(url, document); err != nil {
		return nil, err
	}
	schemas[name], err = c.Compile(url + pointer)
	return schemas[name], err
}

// openAPI returns a document of the module of kubectl.
func openAPI(path string) (any, error) {
	content, err := readModule("k8s.io/kubectl", "testdata/openapi/v3/"+path)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(content))
}

// customResource returns the schema of a resource from its CustomResourceDefinition.
func customResource(version, kind string) (any, error) {
	var all bytes.Buffer
	if err := crd.PrintAll(&all); err != nil {
		return nil, err
	}
	grafana, err := readModule("github.com/grafana/grafana-operator/v5", "config/crd/bases/grafana.integreatly.org_grafanadashboards.yaml")
	if err != nil {
		return nil, err
	}
	for document := range strings.SplitSeq(all.String()+"\n---\n"+string(grafana), "\n---\n") {
		if !strings.Contains(document, "\n    kind: "+kind+"\n") {
			continue // reading all of them takes long
		}
		var definition struct {
			Spec struct {
				Group    string
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema any }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(document), &definition); err != nil {
			return nil, err
		}
		for _, v := range definition.Spec.Versions {
			if definition.Spec.Group+"/"+v.Name == version {
				closeObjects(v.Schema.OpenAPIV3Schema)
				return v.Schema.OpenAPIV3Schema, nil
			}
		}
	}
	return nil, fmt.Errorf("there is no definition of %s %s", version, kind)
}

// closeObjects makes a schema refuse unknown keys, which Kubernetes would drop.
func closeObjects(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if _, object := s["properties"].(map[string]any); object && s["additionalProperties"] == nil && s["x-kubernetes-preserve-unknown-fields"] == nil {
			s["additionalProperties"] = false
		}
		for _, inner := range s {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range s {
			closeObjects(inner)
		}
	}
}

// readModule reads a file of a module that go.mod requires.
func readModule(module, path string) ([]byte, error) {
	dir, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m %s: %w", module, err)
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), path))
}

// What no schema says.
func TestMetadata(t *testing.T) {
	const maxSize = 1 << 20 // of a ConfigMap
	eachVariant(t, func(t *testing.T, m *manifests) {
		names := map[string]bool{}
		for i, o := range m.all {
			name := m.kinds[i] + " " + o.GetNamespace() + "/" + o.GetName()
			if names[name] {
				t.Errorf("%s occurs twice", name)
			}
			names[name] = true
			for _, problem := range content.IsDNS1123Label(o.GetName()) {
				t.Errorf("%s: %s", name, problem)
			}
			if errs := metav1validation.ValidateLabels(o.GetLabels(), field.NewPath("labels")); len(errs) > 0 {
				t.Errorf("%s: %v", name, errs)
			}
		}
		if errs := metav1validation.ValidateLabels(m.pod.Labels, field.NewPath("labels")); len(errs) > 0 {
			t.Errorf("the pods: %v", errs)
		}
		for _, c := range append(m.dashboards, m.configMap) {
			size := 0
			for key, value := range c.Data {
				size += len(key) + len(value)
			}
			if size > maxSize {
				t.Errorf("ConfigMap %s has %d bytes", c.Name, size)
			}
		}
	})
}

// The schemas notice what would be wrong.
func TestSchemas(t *testing.T) {
	type object = map[string]any
	spec := func(name string, spec any) (string, string) {
		version, kind, _ := strings.Cut(name, " ")
		content, err := yaml.Marshal(object{"apiVersion": version, "kind": kind, "metadata": metav1.ObjectMeta{Name: "a"}, "spec": spec})
		if err != nil {
			t.Fatal(err)
		}
		return name, string(content)
	}
	endpoints := func(endpoint object) (string, string) {
		return spec("monitoring.coreos.com/v1 ServiceMonitor", object{"selector": object{}, "endpoints": []object{endpoint}})
	}
	pods := func(container object) (string, string) {
		return spec("apps/v1 Deployment", object{
			"selector": object{}, "template": object{"spec": object{"containers": []object{container}}},
		})
	}
	check := func(want string) func(name, document string) {
		return func(name, document string) {
			t.Helper()
			err := checkSchema(name, document)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s\ngot %v, want %q", document, err, want)
			}
		}
	}
	check("")(endpoints(object{"port": "http", "scheme": "https", "interval": "1m"}))
	check("value must be one of")(endpoints(object{"scheme": "ftp"}))
	check("does not match pattern")(endpoints(object{"interval": "soon"}))
	check("additional properties 'intervall' not allowed")(endpoints(object{"intervall": "1m"}))
	check("missing property 'endpoints'")(spec("monitoring.coreos.com/v1 ServiceMonitor", object{"selector": object{}}))
	check("additional properties 'modul' not allowed")(spec("monitoring.coreos.com/v1alpha1 ScrapeConfig", object{"relabelings": []object{{"modul": 2}}}))
	check("missing property 'name'")(spec("monitoring.coreos.com/v1 PrometheusRule", object{"groups": []object{{}}}))
	check("missing property 'instanceSelector'")(spec("grafana.integreatly.org/v1beta1 GrafanaDashboard", object{"json": "{}"}))
	check("")(pods(object{"name": "a"}))
	check("missing property 'name'")(pods(object{"image": "a"}))
	check("want integer")(pods(object{"name": "a", "ports": []object{{"containerPort": "http"}}}))
	check("missing property 'port'")(spec("v1 Service", object{"ports": []object{{"name": "http"}}}))
}
