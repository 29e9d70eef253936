{{- define "license_exporter.podSpec" -}}
serviceAccountName: {{ include "license_exporter.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
# Requests that have begun get 15 seconds to end.
terminationGracePeriodSeconds: 30
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65534
  runAsGroup: 65534
  fsGroup: 65534
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: license-exporter
    {{- include "license_exporter.container" . | nindent 4 }}
volumes:
  - name: config
    configMap:
      name: {{ include "license_exporter.fullname" . }}
  - name: credentials
    secret:
      secretName: {{ .Values.credentials.existingSecret }}
      defaultMode: 0440
{{- with .Values.webConfig }}
{{- if and .certificateSecret (not .existingSecret) }}
{{- fail "webConfig.certificateSecret needs webConfig.existingSecret, a Secret whose key web-config.yml names the files of the certificate" }}
{{- end }}
{{- if .existingSecret }}
  - name: web-config
    projected:
      defaultMode: 0440
      sources:
        - secret:
            name: {{ .existingSecret }}
        {{- with .certificateSecret }}
        - secret:
            name: {{ . }}
        {{- end }}
{{- end }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{- with get $.Values $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "license_exporter.container" -}}
{{- with .Values.image -}}
image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}"
imagePullPolicy: {{ .pullPolicy }}
{{- end }}
args:
  - --config.file=/etc/license_exporter/license_exporter.yml
  - --web.health-listen-address=:10191
  {{- if .Values.webConfig.existingSecret }}
  - --web.config.file=/etc/web-config/web-config.yml
  {{- end }}
  {{- if include "license_exporter.sharded" . }}
  - --no-scrape.at-start
  {{- end }}
  {{- with .Values.extraArgs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: http
    containerPort: 10190
    protocol: TCP
  # The health checks, without TLS and authentication.
  - name: health
    containerPort: 10191
    protocol: TCP
livenessProbe:
  httpGet:
    path: /-/healthy
    port: health
  periodSeconds: 30
  timeoutSeconds: 5
# Ready once every account has been tried, even if a vendor is down.
readinessProbe:
  httpGet:
    path: /-/ready
    port: health
  periodSeconds: 5
  timeoutSeconds: 5
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml .Values.resources | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /etc/license_exporter
    readOnly: true
  - name: credentials
    mountPath: /run/secrets
    readOnly: true
  {{- if .Values.webConfig.existingSecret }}
  - name: web-config
    mountPath: /etc/web-config
    readOnly: true
  {{- end }}
{{- end -}}
