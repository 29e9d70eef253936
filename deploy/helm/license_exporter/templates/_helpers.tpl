{{/* The name of all objects: the release's, which ends with license-exporter. */}}
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

{{/* True, or empty, as templates have it. */}}
{{- define "license_exporter.sharded" -}}
{{- if eq .Values.mode "sharded" }}true{{ end -}}
{{- end -}}

{{/* True where Prometheus gives each organization to one pod. */}}
{{- define "license_exporter.perPod" -}}
{{- if and (eq .Values.mode "sharded") (eq .Values.sharded.targets "pods") }}true{{ end -}}
{{- end -}}

{{- define "license_exporter.config" -}}
{{- include "license_exporter.refuseSecrets" (dict "path" "config" "value" .Values.config) -}}
{{ .Values.config | toYaml }}
{{- end -}}

{{/* Fails where a map or list holds what belongs into a Secret. These are all such keys of an http_client_config. */}}
{{- define "license_exporter.refuseSecrets" -}}
{{- $secrets := list "credentials" "password" "client_secret" "client_certificate_key" "bearer_token" "key" "secrets" "proxy_connect_header" -}}
{{- range $key, $value := .value -}}
{{- $path := printf "%s.%v" $.path $key -}}
{{- if or (has $key $secrets) (and (eq (toString $key) "proxy_url") (contains "@" $value)) -}}
{{- fail (printf "%s is a secret, and a ConfigMap is no place for it; put it into the Secret of credentials.existingSecret, and name its file, such as credentials_file: /run/secrets/NAME" $path) -}}
{{- end -}}
{{- if or (kindIs "map" $value) (kindIs "slice" $value) -}}
{{- include "license_exporter.refuseSecrets" (dict "path" $path "value" $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
