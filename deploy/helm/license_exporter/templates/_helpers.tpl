{{/* The name of all objects: that of the release, ending with license-exporter. */}}
{{- define "license_exporter.fullname" -}}
{{- if contains "license-exporter" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-license-exporter" (.Release.Name | trunc 35 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "license_exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "license_exporter.labels" -}}
{{ include "license_exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "license_exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "license_exporter.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* True, or empty, since templates return text. */}}
{{- define "license_exporter.sharded" -}}
{{- if eq .Values.mode "sharded" }}true{{ end -}}
{{- end -}}

{{/* True if Prometheus assigns each organization to one pod. */}}
{{- define "license_exporter.perPod" -}}
{{- if and (eq .Values.mode "sharded") (eq .Values.sharded.targets "pods") }}true{{ end -}}
{{- end -}}

{{- define "license_exporter.config" -}}
{{- range $i, $account := .Values.config.accounts -}}
{{- include "license_exporter.refuseSecrets" (dict "path" (printf "config.accounts.%d" $i) "value" (omit $account "labels")) -}}
{{- end -}}
{{ .Values.config | toYaml }}
{{- end -}}

{{/* Fails if an account contains what belongs in a Secret. The list has all such keys of http_client_config. */}}
{{- define "license_exporter.refuseSecrets" -}}
{{- $secrets := list "credentials" "password" "client_secret" "client_certificate_key" "bearer_token" "key" "secrets" "proxy_connect_header" -}}
{{- range $key, $value := .value -}}
{{- $path := printf "%s.%v" $.path $key -}}
{{- if or (has $key $secrets) (and (eq (toString $key) "proxy_url") (contains "@" (toString $value))) (and (kindIs "string" $value) (regexMatch "://[^/]*@" $value)) -}}
{{- fail (printf "%s is a secret and must not be in a ConfigMap. Put it into the Secret that credentials.existingSecret names, and set the key for a file, such as credentials_file: /run/secrets/NAME" $path) -}}
{{- end -}}
{{- if or (kindIs "map" $value) (kindIs "slice" $value) -}}
{{- include "license_exporter.refuseSecrets" (dict "path" $path "value" $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The address of the Service, without the port. */}}
{{- define "license_exporter.host" -}}
{{- printf "%s.%s.svc" (include "license_exporter.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/* http or https, from values with the key scheme. */}}
{{- define "license_exporter.scheme" -}}
{{- .values.scheme | default (ternary "https" "http" (not (empty .root.Values.webConfig.existingSecret))) -}}
{{- end -}}

{{/* How Prometheus connects: the keys of a ServiceMonitor and a ScrapeConfig that are the same. */}}
{{- define "license_exporter.client" -}}
{{- $client := dict -}}
{{- range $key := list "tlsConfig" "basicAuth" "authorization" -}}
{{- with get $.values $key -}}
{{- $_ := set $client $key . -}}
{{- end -}}
{{- end -}}
{{- if eq (include "license_exporter.scheme" .) "https" -}}
{{- $_ := set $client "tlsConfig" (merge (dict) (default (dict) .values.tlsConfig) (dict "serverName" (include "license_exporter.host" .root))) -}}
{{- end -}}
{{- with $client -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
