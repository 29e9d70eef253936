// Package helm renders the chart with Helm. It decodes each object into the type of
// Kubernetes or of the Prometheus Operator, refuses unknown keys, and validates the object
// against their schemas. It is a module of its own, since their code is large.
package helm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const (
	root  = "../.."
	chart = root + "/deploy/helm/license_exporter"
	// There is no cluster that Helm could ask.
	kubeVersion = "--kube-version=1.34.0"
)

// helmBinary is what `go tool helm` runs.
var helmBinary string

func TestMain(m *testing.M) {
	output, err := exec.CommandContext(context.Background(), "go", "tool", "-n", "helm").Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, "go tool helm:", err)
		os.Exit(1)
	}
	helmBinary = strings.TrimSpace(string(output))
	os.Exit(m.Run())
}

// variants are the values that the chart is tested with: default is values.yaml, and the
// others are the files in ci.
var variants = func() map[string][]string {
	all := map[string][]string{"default": nil}
	paths, err := filepath.Glob(chart + "/ci/*-values.yaml")
	if err != nil {
		panic(err)
	}
	for _, path := range paths {
		all[strings.TrimSuffix(filepath.Base(path), "-values.yaml")] = []string{"--values=" + path}
	}
	return all
}()

// eachVariant runs a test with what each of the variants renders to.
func eachVariant(t *testing.T, test func(*testing.T, *manifests)) {
	for name, args := range variants {
		t.Run(name, func(t *testing.T) { test(t, render(t, args...)) })
	}
}

// manifests are the objects that a chart renders to.
type manifests struct {
	all             []metav1.Object
	kinds           []string
	configMap       *corev1.ConfigMap // with the configuration
	dashboards      []*corev1.ConfigMap
	grafana         []*unstructured.Unstructured // for the Grafana Operator
	deployment      *appsv1.Deployment
	statefulSet     *appsv1.StatefulSet
	services        []*corev1.Service
	serviceAccount  *corev1.ServiceAccount
	budget          *policyv1.PodDisruptionBudget
	networkPolicy   *networkingv1.NetworkPolicy
	serviceMonitor  *monitoringv1.ServiceMonitor
	prometheusRule  *monitoringv1.PrometheusRule
	scrapeConfig    *monitoringv1alpha1.ScrapeConfig
	pod             *corev1.PodTemplateSpec
	workloadMatches *metav1.LabelSelector
}

// render returns what a release named test in the namespace monitoring is made of.
func render(t *testing.T, args ...string) *manifests {
	t.Helper()
	output, err := template(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	m := &manifests{}
	for document := range strings.SplitSeq(output, "\n---\n") {
		m.add(t, strings.TrimPrefix(document, "---\n"))
	}
	return m
}

// template runs `helm template`. The error is what Helm printed.
func template(t *testing.T, args ...string) (string, error) {
	t.Helper()
	args = append([]string{"template", chart, "--name-template=test", "--namespace=monitoring", kubeVersion}, args...)
	cmd := exec.CommandContext(t.Context(), helmBinary, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return "", errors.New(stderr.String())
	}
	return string(output), nil
}

var (
	apiVersion = regexp.MustCompile(`(?m)^apiVersion: (\S+)$`)
	kind       = regexp.MustCompile(`(?m)^kind: (\S+)$`)
)

// add reads one object into the type of its kind.
func (m *manifests) add(t *testing.T, document string) {
	t.Helper()
	name := apiVersion.FindStringSubmatch(document)[1] + " " + kind.FindStringSubmatch(document)[1]
	m.kinds = append(m.kinds, name)
	switch name {
	case "v1 ConfigMap":
		c := decode[corev1.ConfigMap](t, m, document)
		if c.Data["license_exporter.yml"] != "" {
			m.configMap = c
		} else {
			m.dashboards = append(m.dashboards, c)
		}
	case "v1 Service":
		m.services = append(m.services, decode[corev1.Service](t, m, document))
	case "v1 ServiceAccount":
		m.serviceAccount = decode[corev1.ServiceAccount](t, m, document)
	case "apps/v1 Deployment":
		m.deployment = decode[appsv1.Deployment](t, m, document)
		m.pod, m.workloadMatches = &m.deployment.Spec.Template, m.deployment.Spec.Selector
	case "apps/v1 StatefulSet":
		m.statefulSet = decode[appsv1.StatefulSet](t, m, document)
		m.pod, m.workloadMatches = &m.statefulSet.Spec.Template, m.statefulSet.Spec.Selector
	case "policy/v1 PodDisruptionBudget":
		m.budget = decode[policyv1.PodDisruptionBudget](t, m, document)
	case "networking.k8s.io/v1 NetworkPolicy":
		m.networkPolicy = decode[networkingv1.NetworkPolicy](t, m, document)
	case "monitoring.coreos.com/v1 ServiceMonitor":
		m.serviceMonitor = decode[monitoringv1.ServiceMonitor](t, m, document)
	case "monitoring.coreos.com/v1 PrometheusRule":
		m.prometheusRule = decode[monitoringv1.PrometheusRule](t, m, document)
	case "monitoring.coreos.com/v1alpha1 ScrapeConfig":
		m.scrapeConfig = decode[monitoringv1alpha1.ScrapeConfig](t, m, document)
	case "grafana.integreatly.org/v1beta1 GrafanaDashboard":
		m.grafana = append(m.grafana, decode[unstructured.Unstructured](t, m, document))
	default:
		t.Fatalf("%s is not known", name)
	}
	if err := checkSchema(name, document); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// decode decodes an object. Keys that its type does not have fail the test.
func decode[T any](t *testing.T, m *manifests, document string) *T {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	m.all = append(m.all, any(object).(metav1.Object))
	return object
}

// container returns the only container.
func (m *manifests) container(t *testing.T) corev1.Container {
	t.Helper()
	if n := len(m.pod.Spec.Containers); n != 1 {
		t.Fatalf("%d containers, want 1", n)
	}
	return m.pod.Spec.Containers[0]
}
