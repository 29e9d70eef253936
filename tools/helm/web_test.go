package helm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Both Secrets are mounted where --web.config.file is.
func TestWebConfig(t *testing.T) {
	m := render(t, variants["tls"]...)
	mode := int32(0o440)
	secret := func(name string) corev1.VolumeProjection {
		return corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: name}}}
	}
	want := corev1.Volume{Name: "web-config", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: &mode, Sources: []corev1.VolumeProjection{secret("license-exporter-web"), secret("license-exporter-tls")},
	}}}
	if diff := cmp.Diff(want, m.pod.Spec.Volumes[2]); diff != "" {
		t.Errorf("the volume differs (-want +got):\n%s", diff)
	}
	c := m.container(t)
	wantMount := corev1.VolumeMount{Name: "web-config", MountPath: "/etc/web-config", ReadOnly: true}
	if diff := cmp.Diff(wantMount, c.VolumeMounts[2]); diff != "" {
		t.Errorf("the mount differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{configFile, health, "--web.config.file=/etc/web-config/web-config.yml"}, c.Args); diff != "" {
		t.Errorf("the flags differ (-want +got):\n%s", diff)
	}
}

func key(name, key string) corev1.SecretKeySelector {
	return corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
}

// Prometheus verifies the certificate by the name of the Service, also if it scrapes pods.
func TestServiceMonitorWithTLS(t *testing.T) {
	got := render(t, variants["tls"]...).serviceMonitor.Spec.Endpoints[0]
	ca, host, instance, https := key("license-exporter-tls", "ca.crt"), "test-license-exporter.monitoring.svc", "test-license-exporter", monitoringv1.Scheme("https")
	want := monitoringv1.Endpoint{
		Port: "http", Path: "/metrics", Interval: "1m", ScrapeTimeout: "30s", Scheme: &https,
		RelabelConfigs: []monitoringv1.RelabelConfig{{Action: "labeldrop", Regex: "pod"}, {TargetLabel: "instance", Replacement: &instance}},
	}
	want.TLSConfig = &monitoringv1.TLSConfig{SafeTLSConfig: monitoringv1.SafeTLSConfig{
		CA: monitoringv1.SecretOrConfigMap{Secret: &ca}, ServerName: &host,
	}}
	want.BasicAuth = &monitoringv1.BasicAuth{
		Username: key("license-exporter-scrape", "user"), Password: key("license-exporter-scrape", "password"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the endpoint differs (-want +got):\n%s", diff)
	}
	// A password without TLS, and a name of the certificate that the values give.
	got = render(t, append(variants["tls"], "--set=serviceMonitor.scheme=http,serviceMonitor.tlsConfig=null")...).serviceMonitor.Spec.Endpoints[0]
	if got.Scheme != nil || got.TLSConfig != nil || got.BasicAuth == nil {
		t.Errorf("with scheme http, the endpoint is %+v", got)
	}
	got = render(t, append(variants["tls"], "--set=serviceMonitor.tlsConfig.serverName=example.com")...).serviceMonitor.Spec.Endpoints[0]
	if *got.TLSConfig.ServerName != "example.com" {
		t.Errorf("the certificate is to be for %s", *got.TLSConfig.ServerName)
	}
}

// Discovery needs the same as scrapes.
func TestScrapeConfigWithTLS(t *testing.T) {
	m := render(t, variants["sharded-tls"]...)
	spec := m.scrapeConfig.Spec
	token, host, insecure := key("license-exporter-scrape", "token"), "test-license-exporter.monitoring.svc", true
	wantTLS := &monitoringv1.SafeTLSConfig{InsecureSkipVerify: &insecure, ServerName: &host}
	wantAuthorization := &monitoringv1.SafeAuthorization{Credentials: &token}
	discovery := spec.HTTPSDConfigs[0]
	if spec.Scheme == nil || *spec.Scheme != "HTTPS" || discovery.URL != "https://test-license-exporter.monitoring.svc:10190/sd" {
		t.Errorf("the scheme is %v, discovery at %s", spec.Scheme, discovery.URL)
	}
	for name, pair := range map[string][2]any{
		"scrapes' TLS": {wantTLS, spec.TLSConfig}, "discovery's TLS": {wantTLS, discovery.TLSConfig},
		"scrapes' token": {wantAuthorization, spec.Authorization}, "discovery's token": {wantAuthorization, discovery.Authorization},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
	}
	m = render(t, append(variants["sharded"], "--set=scrapeConfig.basicAuth.username.name=a,scrapeConfig.basicAuth.username.key=user,scrapeConfig.basicAuth.password.name=a,scrapeConfig.basicAuth.password.key=password")...)
	want := &monitoringv1.BasicAuth{Username: key("a", "user"), Password: key("a", "password")}
	for _, got := range []*monitoringv1.BasicAuth{m.scrapeConfig.Spec.BasicAuth, m.scrapeConfig.Spec.HTTPSDConfigs[0].BasicAuth} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the password differs (-want +got):\n%s", diff)
		}
	}
}

// Only a single pod is stopped before its successor starts, unless the values say otherwise.
func TestStrategy(t *testing.T) {
	const rolling = "--set=strategy.type=RollingUpdate,strategy.rollingUpdate.maxUnavailable=0"
	for name, test := range map[string]struct {
		args []string
		want appsv1.DeploymentStrategyType
	}{
		"single":           {nil, appsv1.RecreateDeploymentStrategyType},
		"single, rolling":  {[]string{rolling}, appsv1.RollingUpdateDeploymentStrategyType},
		"sharded":          {variants["sharded"], ""},
		"sharded, rolling": {append(variants["sharded"], rolling), appsv1.RollingUpdateDeploymentStrategyType},
	} {
		got := render(t, test.args...).deployment.Spec.Strategy
		if got.Type != test.want || (got.RollingUpdate != nil) != (test.want == appsv1.RollingUpdateDeploymentStrategyType) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := render(t, append(variants["pods"], "--set=strategy.type=OnDelete")...).statefulSet.Spec.UpdateStrategy.Type; got != appsv1.OnDeleteStatefulSetStrategyType {
		t.Errorf("pods: %s", got)
	}
}
