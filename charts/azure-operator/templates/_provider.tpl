{{- define "crossplane.providerSpec" -}}
subscriptionID: {{ required "provider.subscriptionID: give the id of the subscription" .Values.provider.subscriptionID }}
tenantID: {{ required "provider.tenantID: give the id of the directory" .Values.provider.tenantID }}
{{- if not .Values.provider.spec.credentials }}
credentials:
  source: Secret
  clientID: {{ required "provider.clientID: give the id of the application whose secret it is" .Values.provider.clientID }}
  secretRef:
    name: {{ .Values.provider.secretName }}
    key: {{ .Values.provider.secretKey }}
{{- end }}
{{- end }}
