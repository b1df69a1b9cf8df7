{{- define "crossplane.providerSpec" -}}
{{- if not .Values.provider.spec.credentials }}
credentials:
  source: Secret
  secretRef:
    name: {{ .Values.provider.secretName }}
{{- end }}
{{- end }}
