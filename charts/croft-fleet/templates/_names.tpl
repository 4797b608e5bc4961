{{- define "croft-fleet.labels" -}}
app.kubernetes.io/part-of: croft
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "croft-fleet.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* The program looks for Rancher's secret in this namespace, and Rancher for the page: both know its name. */}}
{{- define "croft-fleet.namespace" -}}
{{- if ne .Release.Namespace "croft-system" -}}
{{- fail "install croft-fleet into the namespace croft-system: helm install --namespace croft-system --create-namespace" -}}
{{- end -}}
{{ .Release.Namespace }}
{{- end }}

{{- define "croft-fleet.probe" -}}
path: {{ index . 1 }}
{{- if (index . 0).Values.standalone.enabled }}
port: https
scheme: HTTPS
{{- else }}
port: extension
{{- end }}
{{- end }}
