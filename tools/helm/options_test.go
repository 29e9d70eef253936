package helm

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// What the values give to the pods reaches them.
func TestOptions(t *testing.T) {
	content, err := os.ReadFile(chart + "/ci/all-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		ImagePullSecrets          []corev1.LocalObjectReference
		NodeSelector              map[string]string
		Tolerations               []corev1.Toleration
		Affinity                  *corev1.Affinity
		TopologySpreadConstraints []corev1.TopologySpreadConstraint
		PriorityClassName         string
		PodLabels                 map[string]string
		PodAnnotations            map[string]string
		ExtraArgs                 []string
		ExtraEnv                  []corev1.EnvVar
		Service                   struct {
			Port            int32
			SessionAffinity corev1.ServiceAffinity
			Annotations     map[string]string
		}
		ServiceAccount struct{ Name string }
		ServiceMonitor struct{ Labels map[string]string }
	}
	if err := yaml.Unmarshal(content, &values); err != nil {
		t.Fatal(err)
	}
	m := render(t, variants["all"]...)
	pod, c, service := m.pod.Spec, m.container(t), m.services[0]
	delete(m.pod.Annotations, "checksum/config")
	for name, pair := range map[string][2]any{
		"imagePullSecrets":          {values.ImagePullSecrets, pod.ImagePullSecrets},
		"nodeSelector":              {values.NodeSelector, pod.NodeSelector},
		"tolerations":               {values.Tolerations, pod.Tolerations},
		"affinity":                  {values.Affinity, pod.Affinity},
		"topologySpreadConstraints": {values.TopologySpreadConstraints, pod.TopologySpreadConstraints},
		"priorityClassName":         {values.PriorityClassName, pod.PriorityClassName},
		"podAnnotations":            {values.PodAnnotations, m.pod.Annotations},
		"podLabels":                 {values.PodLabels["team"], m.pod.Labels["team"]},
		"extraArgs":                 {values.ExtraArgs, c.Args[2:]},
		"extraEnv":                  {values.ExtraEnv, c.Env},
		"image.pullPolicy":          {corev1.PullAlways, c.ImagePullPolicy},
		"service.port":              {values.Service.Port, service.Spec.Ports[0].Port},
		"service.sessionAffinity":   {values.Service.SessionAffinity, service.Spec.SessionAffinity},
		"service.annotations":       {values.Service.Annotations, service.Annotations},
		"serviceAccount.name":       {values.ServiceAccount.Name, m.serviceAccount.Name},
		"serviceMonitor.labels":     {values.ServiceMonitor.Labels["release"], m.serviceMonitor.Labels["release"]},
		"prometheusRule.labels":     {values.ServiceMonitor.Labels["release"], m.prometheusRule.Labels["release"]},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
	}
}

// Nothing but scrapes comes in, and nothing but names and vendors is reached.
func TestNetworkPolicy(t *testing.T) {
	spec := render(t, variants["all"]...).networkPolicy.Spec
	port := func(p intstr.IntOrString, protocol corev1.Protocol) networkingv1.NetworkPolicyPort {
		return networkingv1.NetworkPolicyPort{Port: &p, Protocol: &protocol}
	}
	tcp, udp := corev1.ProtocolTCP, corev1.ProtocolUDP
	wantTypes := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	if diff := cmp.Diff(wantTypes, spec.PolicyTypes); diff != "" {
		t.Errorf("the types differ (-want +got):\n%s", diff)
	}
	wantEgress := []networkingv1.NetworkPolicyEgressRule{
		{Ports: []networkingv1.NetworkPolicyPort{port(intstr.FromInt32(53), udp), port(intstr.FromInt32(53), tcp)}},
		{Ports: []networkingv1.NetworkPolicyPort{port(intstr.FromInt32(443), tcp)}},
		{Ports: []networkingv1.NetworkPolicyPort{port(intstr.FromInt32(3128), tcp)}},
	}
	if diff := cmp.Diff(wantEgress, spec.Egress); diff != "" {
		t.Errorf("what leaves differs (-want +got):\n%s", diff)
	}
	// The node of a pod probes its health from an address that no rule can name.
	wantIngress := []networkingv1.NetworkPolicyIngressRule{
		{Ports: []networkingv1.NetworkPolicyPort{port(intstr.FromString("http"), tcp)}, From: []networkingv1.NetworkPolicyPeer{
			{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "monitoring"}}},
		}},
		{Ports: []networkingv1.NetworkPolicyPort{port(intstr.FromString("health"), tcp)}},
	}
	if diff := cmp.Diff(wantIngress, spec.Ingress); diff != "" {
		t.Errorf("what comes in differs (-want +got):\n%s", diff)
	}
}
