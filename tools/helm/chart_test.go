package helm

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

func TestObjects(t *testing.T) {
	always := []string{"v1 ConfigMap", "v1 Service", "v1 ServiceAccount"}
	for variant, further := range map[string][]string{
		"default": {"apps/v1 Deployment"},
		"sharded": {"apps/v1 Deployment", "monitoring.coreos.com/v1 ServiceMonitor", "monitoring.coreos.com/v1alpha1 ScrapeConfig"},
		"pods": {"apps/v1 StatefulSet", "v1 Service", "policy/v1 PodDisruptionBudget", "monitoring.coreos.com/v1 ServiceMonitor",
			"monitoring.coreos.com/v1alpha1 ScrapeConfig"},
		"all": {"apps/v1 Deployment", "policy/v1 PodDisruptionBudget", "networking.k8s.io/v1 NetworkPolicy",
			"monitoring.coreos.com/v1 ServiceMonitor", "monitoring.coreos.com/v1 PrometheusRule"},
		"tls": {"apps/v1 Deployment", "networking.k8s.io/v1 NetworkPolicy", "monitoring.coreos.com/v1 ServiceMonitor"},
		"sharded-tls": {"apps/v1 StatefulSet", "v1 Service", "monitoring.coreos.com/v1 ServiceMonitor",
			"monitoring.coreos.com/v1alpha1 ScrapeConfig"},
		"dashboards":       append(slices.Repeat([]string{"v1 ConfigMap"}, 4), "apps/v1 Deployment", "monitoring.coreos.com/v1 PrometheusRule"),
		"grafana-operator": append(slices.Repeat([]string{"grafana.integreatly.org/v1beta1 GrafanaDashboard"}, 4), "apps/v1 Deployment"),
	} {
		t.Run(variant, func(t *testing.T) {
			m := render(t, variants[variant]...)
			want := slices.Sorted(slices.Values(append(further, always...)))
			if diff := cmp.Diff(want, slices.Sorted(slices.Values(m.kinds))); diff != "" {
				t.Errorf("the objects differ (-want +got):\n%s", diff)
			}
			for i, o := range m.all {
				namespace := "monitoring"
				if m.kinds[i] == "v1 ConfigMap" && o != metav1.Object(m.configMap) {
					namespace = "grafana"
				}
				if o.GetNamespace() != namespace || o.GetLabels()["app.kubernetes.io/instance"] != "test" ||
					o.GetLabels()["app.kubernetes.io/name"] != "license_exporter" {
					t.Errorf("%s %s: namespace %q, labels %v", m.kinds[i], o.GetName(), o.GetNamespace(), o.GetLabels())
				}
			}
		})
	}
}

// What Kubernetes calls the restricted profile of its pod security standards,
// and more.
func TestPodIsRestricted(t *testing.T) {
	eachVariant(t, func(t *testing.T, m *manifests) {
		id, yes, no := int64(65534), true, false
		wantPod := &corev1.PodSecurityContext{
			RunAsNonRoot: &yes, RunAsUser: &id, RunAsGroup: &id, FSGroup: &id,
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		}
		wantContainer := &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}
		if diff := cmp.Diff(wantPod, m.pod.Spec.SecurityContext); diff != "" {
			t.Errorf("the pod's security context differs (-want +got):\n%s", diff)
		}
		c := m.container(t)
		if diff := cmp.Diff(wantContainer, c.SecurityContext); diff != "" {
			t.Errorf("the container's security context differs (-want +got):\n%s", diff)
		}
		if token := m.pod.Spec.AutomountServiceAccountToken; token == nil || *token {
			t.Error("the pod has a token")
		}
		if token := m.serviceAccount.AutomountServiceAccountToken; token == nil || *token {
			t.Error("the service account gives a token")
		}
		if m.pod.Spec.ServiceAccountName != m.serviceAccount.Name {
			t.Errorf("the pod runs as %s, not as %s", m.pod.Spec.ServiceAccountName, m.serviceAccount.Name)
		}
		for _, mount := range c.VolumeMounts {
			if !mount.ReadOnly || mount.SubPath != "" {
				t.Errorf("%s can be written or never changes: %+v", mount.MountPath, mount)
			}
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() || c.Resources.Requests.Memory().IsZero() {
			t.Errorf("resources are not bounded: %+v", c.Resources)
		}
		if grace := m.pod.Spec.TerminationGracePeriodSeconds; grace == nil || *grace <= 15 {
			t.Error("the exporter has no time to end its scrapes in")
		}
	})
}

func TestSelectors(t *testing.T) {
	eachVariant(t, func(t *testing.T, m *manifests) {
		selectors := map[string]*metav1.LabelSelector{"workload": m.workloadMatches}
		for _, s := range m.services {
			selectors["Service "+s.Name] = &metav1.LabelSelector{MatchLabels: s.Spec.Selector}
		}
		if m.budget != nil {
			selectors["PodDisruptionBudget"] = m.budget.Spec.Selector
		}
		if m.networkPolicy != nil {
			selectors["NetworkPolicy"] = &m.networkPolicy.Spec.PodSelector
		}
		for name, s := range selectors {
			if !matches(t, s, m.pod.Labels) {
				t.Errorf("%s selects no pod: %v", name, s)
			}
			if matches(t, s, map[string]string{"app.kubernetes.io/name": "license_exporter", "app.kubernetes.io/instance": "other"}) {
				t.Errorf("%s selects the pods of another release: %v", name, s)
			}
		}
		if m.serviceMonitor == nil {
			return
		}
		var selected []string
		for _, s := range m.services {
			if matches(t, &m.serviceMonitor.Spec.Selector, s.Labels) {
				selected = append(selected, s.Name)
			}
		}
		if diff := cmp.Diff([]string{"test-license-exporter"}, selected); diff != "" {
			t.Errorf("the ServiceMonitor's Services differ (-want +got):\n%s", diff)
		}
	})
}

func matches(t *testing.T, s *metav1.LabelSelector, l map[string]string) bool {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return !selector.Empty() && selector.Matches(labels.Set(l))
}

// All objects refer to the same ports.
func TestPorts(t *testing.T) {
	eachVariant(t, func(t *testing.T, m *manifests) {
		c := m.container(t)
		want := []corev1.ContainerPort{
			{Name: "http", ContainerPort: 10190, Protocol: corev1.ProtocolTCP},
			{Name: "health", ContainerPort: 10191, Protocol: corev1.ProtocolTCP},
		}
		if diff := cmp.Diff(want, c.Ports); diff != "" {
			t.Errorf("the ports differ (-want +got):\n%s", diff)
		}
		for _, s := range m.services {
			if p := s.Spec.Ports; len(p) != 1 || p[0].Name != "http" || p[0].TargetPort.StrVal != "http" {
				t.Errorf("Service %s has the ports %+v", s.Name, p)
			}
		}
		for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
			if probe.HTTPGet.Port.StrVal != "health" || probe.HTTPGet.Scheme != "" || len(probe.HTTPGet.HTTPHeaders) > 0 {
				t.Errorf("the probe is %+v", probe.HTTPGet)
			}
		}
		if !slices.Contains(c.Args, "--web.health-listen-address=:10191") {
			t.Errorf("the flags are %v", c.Args)
		}
		if m.networkPolicy != nil && m.networkPolicy.Spec.Ingress[0].Ports[0].Port.StrVal != "http" {
			t.Errorf("the NetworkPolicy lets in %+v", m.networkPolicy.Spec.Ingress)
		}
		if m.serviceMonitor != nil && m.serviceMonitor.Spec.Endpoints[0].Port != "http" {
			t.Errorf("the ServiceMonitor scrapes %s", m.serviceMonitor.Spec.Endpoints[0].Port)
		}
	})
}

// A changed configuration replaces the pods; anything else does not.
func TestChecksum(t *testing.T) {
	const annotation = "checksum/config"
	sum := func(args ...string) string { return render(t, args...).pod.Annotations[annotation] }
	first := sum()
	if first == "" || first != sum("--set=service.port=80") {
		t.Errorf("the checksum is %q, and another without need", first)
	}
	if first == sum("--set=config.accounts[0].name=other", "--set=config.accounts[0].vendor=meraki",
		"--set=config.accounts[0].http_client_config.authorization.credentials_file=/run/secrets/other") {
		t.Error("another configuration has the same checksum")
	}
}

func TestAppVersion(t *testing.T) {
	version, err := os.ReadFile(root + "/VERSION")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(chart + "/Chart.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ AppVersion string }
	if err := yaml.Unmarshal(content, &c); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(version))
	if c.AppVersion != want {
		t.Errorf("Chart.yaml's appVersion is %s, VERSION is %s", c.AppVersion, want)
	}
	if got := render(t).container(t).Image; got != "license_exporter:"+want {
		t.Errorf("the image is %s", got)
	}
	if got := render(t, variants["all"]...).container(t).Image; got != "registry.example.com/license_exporter@sha256:"+strings.Repeat("0", 64) {
		t.Errorf("with a digest, the image is %s", got)
	}
}
