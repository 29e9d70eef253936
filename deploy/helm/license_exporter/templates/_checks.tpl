{{/* Fails if values do not fit together, which values.schema.json cannot express. */}}
{{- define "license_exporter.check" -}}
{{- $name := include "license_exporter.fullname" . -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" $name) -}}
{{- fail (printf "%s cannot be the name of a Service. Choose a release name that begins with a letter and contains only letters, digits and hyphens" $name) -}}
{{- end -}}
{{- if regexMatch "[:@][^/]*$" .Values.image.repository -}}
{{- fail "image.repository contains a tag or a digest. Set image.tag or image.digest instead" -}}
{{- end -}}
{{- $perPod := include "license_exporter.perPod" . | not | not -}}
{{- $refused := $perPod | ternary "Recreate" "OnDelete" -}}
{{- if eq (get (default (dict) .Values.strategy) "type" | default "") $refused -}}
{{- fail (printf "strategy.type: a %s has no %s. Use RollingUpdate or %s" ($perPod | ternary "StatefulSet" "Deployment") $refused ($perPod | ternary "OnDelete" "Recreate")) -}}
{{- end -}}
{{- range $label := list "app.kubernetes.io/name" "app.kubernetes.io/instance" -}}
{{- if hasKey (default (dict) $.Values.podLabels) $label -}}
{{- fail (printf "podLabels: the chart sets %s. Leave it out" $label) -}}
{{- end -}}
{{- end -}}
{{- $names := dict -}}
{{- range .Values.config.accounts -}}
{{- if hasKey $names .name -}}
{{- fail (printf "config.accounts: the name %s occurs more than once" .name) -}}
{{- end -}}
{{- $_ := set $names .name true -}}
{{- end -}}
{{- include "license_exporter.checkArgs" . -}}
{{- include "license_exporter.checkScrape" (dict "root" . "name" "serviceMonitor" "values" .Values.serviceMonitor) -}}
{{- include "license_exporter.checkScrape" (dict "root" . "name" "scrapeConfig" "values" .Values.scrapeConfig) -}}
{{- if and .Values.dashboards.enabled .Values.dashboards.grafanaOperator.enabled -}}
{{- fail "dashboards.enabled and dashboards.grafanaOperator.enabled: set only one, since Grafana would load each dashboard twice" -}}
{{- end -}}
{{- end -}}

{{/* The flags that the chart sets, or that would move the exporter away from where the chart expects it. */}}
{{- define "license_exporter.checkArgs" -}}
{{- $instead := dict
  "config.file" "Use the value config"
  "web.config.file" "Use webConfig.existingSecret"
  "web.health-listen-address" "The probes need the port that the chart sets"
  "web.listen-address" "The Service needs port 10190. Its own port is service.port"
  "web.systemd-socket" "The Service needs port 10190"
  "web.telemetry-path" "The ServiceMonitor needs /metrics"
  "check" "It ends the exporter. Run it with kubectl exec"
  "demo" "The chart sets --config.file, which excludes it"
  "help" "It ends the exporter"
  "version" "It ends the exporter" -}}
{{- if include "license_exporter.sharded" . -}}
{{- $_ := set $instead "scrape.at-start" "Mode sharded sets --no-scrape.at-start" -}}
{{- end -}}
{{- range .Values.extraArgs -}}
{{- $flag := . | trimPrefix "--" | trimPrefix "no-" | regexFind "^[^= ]*" -}}
{{- with get $instead $flag -}}
{{- fail (printf "extraArgs cannot contain --%s. %s" $flag .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What Prometheus or its operator would refuse or ignore. */}}
{{- define "license_exporter.checkScrape" -}}
{{- if .values.enabled -}}
{{- if and .values.basicAuth .values.authorization -}}
{{- fail (printf "%s.basicAuth and %s.authorization: set only one" .name .name) -}}
{{- end -}}
{{- if and .values.tlsConfig (eq (include "license_exporter.scheme" .) "http") -}}
{{- fail (printf "%s.tlsConfig is set, but Prometheus would scrape with http. Set webConfig.existingSecret, or %s.scheme: https if a proxy serves TLS" .name .name) -}}
{{- end -}}
{{- $interval := include "license_exporter.milliseconds" .values.interval | int64 -}}
{{- if and $interval (gt (include "license_exporter.milliseconds" .values.scrapeTimeout | int64) $interval) -}}
{{- fail (printf "%s.scrapeTimeout: %s is more than the interval of %s" .name .values.scrapeTimeout .values.interval) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The milliseconds of a duration of Prometheus, such as 1m30s. */}}
{{- define "license_exporter.milliseconds" -}}
{{- $unit := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+[a-z]+" (default "" .) -1 -}}
{{- $sum = add $sum (mul (regexFind "[0-9]+" . | int64) (get $unit (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}
