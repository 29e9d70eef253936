package helm

import (
	"path"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// account is what of an account names files.
type account struct {
	HTTPClientConfig struct {
		Authorization struct {
			CredentialsFile string `json:"credentials_file"`
		}
		OAuth2 struct {
			ClientSecretFile string `json:"client_secret_file"`
		}
	} `json:"http_client_config"`
}

// The files that the configuration names come from the Secret, and from there alone.
func TestCredentialsComeFromTheSecret(t *testing.T) {
	eachVariant(t, func(t *testing.T, m *manifests) {
		var config struct{ Accounts []account }
		if err := yaml.Unmarshal([]byte(m.configMap.Data["license_exporter.yml"]), &config); err != nil {
			t.Fatal(err)
		}
		if len(config.Accounts) == 0 {
			t.Error("no accounts")
		}
		mounts := map[string]string{} // directory by volume
		for _, mount := range m.container(t).VolumeMounts {
			mounts[mount.Name] = mount.MountPath
		}
		var secret, configuration string
		for _, v := range m.pod.Spec.Volumes {
			switch {
			case v.Secret != nil:
				secret = mounts[v.Name]
				if want := []string{"license-exporter", "vendors"}; !slices.Contains(want, v.Secret.SecretName) || *v.Secret.DefaultMode != 0o440 {
					t.Errorf("Secret %s with mode %o", v.Secret.SecretName, *v.Secret.DefaultMode)
				}
			case v.ConfigMap != nil && v.ConfigMap.Name == m.configMap.Name:
				configuration = mounts[v.Name]
			}
		}
		for _, a := range config.Accounts {
			file := a.HTTPClientConfig.Authorization.CredentialsFile + a.HTTPClientConfig.OAuth2.ClientSecretFile
			if path.Dir(file) != secret {
				t.Errorf("the credential is in %q, the Secret in %q", file, secret)
			}
		}
		if arg := m.container(t).Args[0]; arg != "--config.file="+configuration+"/license_exporter.yml" {
			t.Errorf("the ConfigMap is in %q, %s", configuration, arg)
		}
	})
}

// What would end badly is refused before it reaches a cluster.
func TestRefuses(t *testing.T) {
	const (
		file    = "config.accounts[0].http_client_config.authorization.credentials_file=/run/secrets/a"
		client  = "config.accounts[0].http_client_config."
		account = "config.accounts[0].name=a,config.accounts[0].vendor=meraki,"
		secret  = " is a secret and must not be in a ConfigMap. Put it into the Secret that credentials.existingSecret names"
		path    = "config.accounts.0.http_client_config."
	)
	for name, test := range map[string]struct{ set, want string }{
		"API key":             {account + client + "authorization.credentials=hunter2", path + "authorization.credentials" + secret},
		"password":            {account + client + "basic_auth.password=hunter2", path + "basic_auth.password" + secret},
		"client secret":       {account + client + "oauth2.client_secret=hunter2", path + "oauth2.client_secret" + secret},
		"certificate key":     {account + client + "oauth2.client_certificate_key=hunter2", path + "oauth2.client_certificate_key" + secret},
		"bearer token":        {account + client + "bearer_token=hunter2", path + "bearer_token" + secret},
		"TLS key":             {account + client + "oauth2.tls_config.key=hunter2", path + "oauth2.tls_config.key" + secret},
		"header":              {account + client + "http_headers.X-Key.secrets[0]=hunter2", path + "http_headers.X-Key.secrets" + secret},
		"proxy header":        {account + client + "proxy_connect_header.A[0]=hunter2", path + "proxy_connect_header" + secret},
		"proxy password":      {account + client + "proxy_url=http://me:hunter2@proxy", path + "proxy_url" + secret},
		"second account":      {account + file + ",config.accounts[1].name=b,config.accounts[1].vendor=meraki,config.accounts[1].http_client_config.bearer_token=hunter2", "config.accounts.1.http_client_config.bearer_token" + secret},
		"number as id":        {account + file + ",config.accounts[0].organizations.include[0]=2930418", "'/config/accounts/0/organizations/include/0': got number, want string"},
		"no accounts":         {"config.accounts=null", "'/config': missing property 'accounts'"},
		"no Secret":           {"credentials.existingSecret=", "'/credentials/existingSecret': minLength: got 0, want 1"},
		"unknown mode":        {"mode=many", "'/mode': value must be one of 'single', 'sharded'"},
		"unknown value":       {"replicas=3", "additional properties 'replicas' not allowed"},
		"no replicas":         {"sharded.replicas=0", "'/sharded/replicas': minimum: got 0, want 1"},
		"no duration":         {"serviceMonitor.interval=soon", "'/serviceMonitor/interval': 'soon' does not match pattern"},
		"targets of a single": {"scrapeConfig.enabled=true", "scrapeConfig is for mode sharded; in mode single, serviceMonitor scrapes all facts"},
		"rules that are none": {"prometheusRule.enabled=true,prometheusRule.rules.a=text", "prometheusRule.rules.a has no groups"},
		"unknown threshold":   {"prometheusRule.thresholds.notice=45", "'/prometheusRule/thresholds': additional properties 'notice' not allowed"},
		"threshold of days":   {"prometheusRule.thresholds.notice_days=45d", "'/prometheusRule/thresholds/notice_days': got string, want number"},
		"negative threshold":  {"prometheusRule.thresholds.notice_days=-1", "'/prometheusRule/thresholds/notice_days': minimum: got -1, want 0"},
		"no label":            {"prometheusRule.externalLabels[0]=data-center", "'/prometheusRule/externalLabels/0': 'data-center' does not match pattern"},
		"no runbooks":         {"prometheusRule.runbookURL=runbooks", "'/prometheusRule/runbookURL': 'runbooks' does not match pattern"},
		"threshold of none":   {"prometheusRule.enabled=true,prometheusRule.thresholds.notice_days=45,prometheusRule.rules.a=groups: [{name: a}]", "the rules have no license_threshold:notice_days, which prometheusRule.thresholds sets"},
	} {
		t.Run(name, func(t *testing.T) {
			output, err := template(t, "--set="+test.set)
			if err == nil {
				t.Fatalf("it renders:\n%s", output)
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}
