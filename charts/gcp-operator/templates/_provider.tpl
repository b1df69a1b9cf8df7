{{- define "crossplane.providerSpec" -}}
projectID: {{ required "provider.projectID: give the ID of the project" .Values.provider.projectID }}
{{- if not .Values.provider.spec.credentials }}
credentials:
  source: Secret
  secretRef:
    name: {{ .Values.provider.secretName }}
    key: {{ .Values.provider.secretKey }}
{{- end }}
{{- end }}
