{{/* Every operator has one name, that of its chart: of its Lease, its roles, its account. */}}

{{- define "crossplane.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "crossplane.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{ include "crossplane.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: crossplane
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "crossplane.serviceAccount" -}}
{{ .Values.serviceAccount.name | default .Chart.Name }}
{{- end }}

{{- define "crossplane.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The namespace that generated manifests have for connection secrets; empty for an operator without. */}}
{{- define "crossplane.connections" -}}
{{ (.Values.connections | default dict).namespace | default "" }}
{{- end }}

{{/* The namespace that a generated manifest is for, by the one that it has. */}}
{{- define "crossplane.namespaceOf" -}}
{{- if eq .namespace "crossplane-system" -}}
{{ .root.Release.Namespace }}
{{- else if eq .namespace "crossplane-workload-charts" -}}
{{ (.root.Values.charts | default dict).namespace | default .namespace }}
{{- else -}}
{{ include "crossplane.connections" .root }}
{{- end }}
{{- end }}

{{/* Labels of pods that are not the operator's: its Service and its policies are not theirs. */}}
{{- define "crossplane.checkLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-check
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: crossplane
{{- end }}

{{/* A pod that ends once the operator is ready, by the operator's own program: its image has no other. */}}
{{- define "crossplane.check" -}}
automountServiceAccountToken: false
restartPolicy: Never
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 0 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 0 }}
{{- end }}
securityContext: {{ toYaml .Values.podSecurityContext | nindent 2 }}
containers:
- name: ready
  image: {{ include "crossplane.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [--await-ready, "http://{{ .Chart.Name }}.{{ .Release.Namespace }}:{{ .Values.healthPort }}/readyz"]
  securityContext: {{ toYaml .Values.securityContext | nindent 4 }}
  resources: {{ toYaml .Values.resources | nindent 4 }}
{{- end }}

{{/* What stays when the release goes: it says how the cloud's resources are looked after. */}}
{{- define "crossplane.keep" -}}
helm.sh/resource-policy: keep
{{- end }}

{{/*
Annotations of an object of a kind that the chart itself brings. Helm looks kinds up before it makes
anything, so the first installation makes such an object in a hook, once the operator is ready; from then
on it is an object of the release like any other.
*/}}
{{- define "crossplane.ownKind" -}}
{{- $context := index . 0 -}}
{{- $kind := index . 1 -}}
{{ include "crossplane.keep" $context }}
{{- if not ($context.Capabilities.APIVersions.Has $kind) }}
helm.sh/hook: post-install,post-upgrade
helm.sh/hook-weight: "10"
meta.helm.sh/release-name: {{ $context.Release.Name }}
meta.helm.sh/release-namespace: {{ $context.Release.Namespace }}
{{- end }}
{{- end }}
