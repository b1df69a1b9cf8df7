{{- define "crossplane.notes" -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is in namespace {{ .Release.Namespace }}, {{ .Values.replicas }} of it, of which one works at a time.

  kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ .Chart.Name }}
  helm test {{ .Release.Name }} -n {{ .Release.Namespace }}
{{- if not .Values.crds.install }}

Its resource definitions are not part of this release (crds.install=false). It waits for them.
{{- end }}
{{- with .Values.provider }}
{{- $kind := printf "%s.crossplane.io/v1alpha1/Provider" (trimSuffix "-operator" $.Chart.Name) }}
{{- if and .create (hasPrefix "v3." $.Capabilities.HelmVersion.Version) (not ($.Capabilities.APIVersions.Has $kind)) }}

NEXT, with Helm 3: run helm upgrade once more with the same values. It makes the Provider part of the release, and leaves it as it
is, whatever the values say. Upgrades after that one change it.
{{- end }}
{{- end }}
{{- end }}

{{- define "crossplane.notes.tenants" -}}
{{- if .Values.tenants.all }}
It may read and write secrets by name in every namespace (tenants.all=true).
{{- else if .Values.tenants.namespaces }}
It may read and write secrets by name in the namespaces {{ join ", " .Values.tenants.namespaces }}, and in no other tenant's.
{{- else }}
NEXT: it serves nobody yet. Say for which namespaces it may read and write secrets:

  helm upgrade {{ .Release.Name }} CHART -n {{ .Release.Namespace }} --reuse-values --set 'tenants.namespaces={shop}'

or tenants.all=true for all of them.
{{- end }}
{{- end }}

{{- define "crossplane.notes.classes" -}}
{{- if and .Values.classes.enabled (not (.Capabilities.APIVersions.Has "core.crossplane.io/v1alpha1/ResourceClass")) }}
The ready-made classes are NOT there: core-operator, whose kind they are, is not installed. Once it is, run helm upgrade.
{{- else if .Values.classes.enabled }}
Ready-made classes:

  kubectl get resourceclasses
{{- else }}
To have ready-made classes: --set classes.enabled=true. Your own: examples/ in the repository.
{{- end }}
{{- end }}
