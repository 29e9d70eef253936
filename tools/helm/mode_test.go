package helm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
)

const (
	configFile = "--config.file=/etc/license_exporter/license_exporter.yml"
	health     = "--web.health-listen-address=:10191"
	atStart    = "--no-scrape.at-start"
)

// One pod, never two at a time, shows all facts.
func TestSingle(t *testing.T) {
	m := render(t, "--set=serviceMonitor.enabled=true")
	if d := m.deployment.Spec; *d.Replicas != 1 || d.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Errorf("%d replicas, replaced by %s", *d.Replicas, d.Strategy.Type)
	}
	if diff := cmp.Diff([]string{configFile, health}, m.container(t).Args); diff != "" {
		t.Errorf("the flags differ (-want +got):\n%s", diff)
	}
	instance := "test-license-exporter"
	want := []monitoringv1.Endpoint{{
		Port: "http", Path: "/metrics", Interval: "1m", ScrapeTimeout: "30s",
		RelabelConfigs: []monitoringv1.RelabelConfig{
			{Action: "labeldrop", Regex: "pod"},
			{TargetLabel: "instance", Replacement: &instance},
		},
	}}
	if diff := cmp.Diff(want, m.serviceMonitor.Spec.Endpoints); diff != "" {
		t.Errorf("the endpoints differ (-want +got):\n%s", diff)
	}
}

// Several pods behind the Service, scraped through it.
func TestSharded(t *testing.T) {
	m := render(t, variants["sharded"]...)
	if n := *m.deployment.Spec.Replicas; n != 3 {
		t.Errorf("%d replicas", n)
	}
	if diff := cmp.Diff([]string{configFile, health, atStart}, m.container(t).Args); diff != "" {
		t.Errorf("the flags differ (-want +got):\n%s", diff)
	}
	if path := m.serviceMonitor.Spec.Endpoints[0].Path; path != "/metrics/exporter" {
		t.Errorf("the pods' own metrics are scraped from %s", path)
	}
	job, interval, timeout, refresh := "license_exporter", monitoringv1.Duration("5m"), monitoringv1.Duration("30s"), monitoringv1.Duration("1m")
	want := monitoringv1alpha1.ScrapeConfigSpec{
		JobName: &job, ScrapeInterval: &interval, ScrapeTimeout: &timeout,
		HTTPSDConfigs: []monitoringv1alpha1.HTTPSDConfig{
			{URL: "http://test-license-exporter.monitoring.svc:10190/sd", RefreshInterval: &refresh},
		},
		RelabelConfigs: []monitoringv1.RelabelConfig{{SourceLabels: []monitoringv1.LabelName{"instance"}, TargetLabel: "__tmp_hash"}},
	}
	if diff := cmp.Diff(want, m.scrapeConfig.Spec); diff != "" {
		t.Errorf("the ScrapeConfig differs (-want +got):\n%s", diff)
	}
	if key := m.serviceMonitor.Spec.JobLabel; m.services[0].Labels[key] != job {
		t.Errorf("the pods' own metrics have the job %q", m.services[0].Labels[key])
	}
}

// Several pods, each with its share of the organizations. The address that an
// organization is sent to must be a pod's name.
func TestPods(t *testing.T) {
	m := render(t, variants["pods"]...)
	s := m.statefulSet
	headless := m.services[1]
	if *s.Spec.Replicas != 2 || s.Spec.ServiceName != headless.Name || headless.Spec.ClusterIP != "None" || m.services[0].Spec.ClusterIP != "" {
		t.Errorf("%d replicas, named by %q; services %+v", *s.Spec.Replicas, s.Spec.ServiceName, m.services)
	}
	if args := m.container(t).Args; args[len(args)-1] != atStart {
		t.Errorf("the flags are %v", args)
	}
	address := s.Name + "-${1}." + headless.Name + ".monitoring.svc:10190"
	want := []monitoringv1.RelabelConfig{
		{SourceLabels: []monitoringv1.LabelName{"instance"}, TargetLabel: "__tmp_hash"},
		{SourceLabels: []monitoringv1.LabelName{"instance"}, TargetLabel: "__tmp_pod", Action: "hashmod", Modulus: 2},
		{SourceLabels: []monitoringv1.LabelName{"__tmp_pod"}, TargetLabel: "__address__", Replacement: &address},
	}
	if diff := cmp.Diff(want, m.scrapeConfig.Spec.RelabelConfigs); diff != "" {
		t.Errorf("the rules differ (-want +got):\n%s", diff)
	}
}
