{{- define "type" }}
### {{ .Name }}

{{ .Doc }}
{{ if .IsAlias }}
Written as: {{ markdownRenderTypeLink .UnderlyingType }}.{{ range .Validation }} {{ . }}.{{ end }}
{{ end }}
{{- if .Members }}
| field | type | required | meaning | bounds |
|---|---|---|---|---|
{{- if .GVK }}
| `apiVersion` | string | yes | `{{ .GVK.Group }}/{{ .GVK.Version }}` | |
| `kind` | string | yes | `{{ .GVK.Kind }}` | |
{{- end }}
{{- range .Members }}
{{ template "member" . }}
{{- end }}
{{ end }}
{{- if .EnumValues }}
| value | meaning |
|---|---|
{{- range .EnumValues }}
| `{{ .Name }}` | {{ markdownRenderFieldDoc .Doc }} |
{{- end }}
{{ end }}
{{- end -}}

{{- /* What Kubernetes fills in, and the state that an object starts with, need no more words. */ -}}
{{- define "member" }}
{{- $optional := false }}
{{- range .Validation }}{{ if hasPrefix "Optional" . }}{{ $optional = true }}{{ end }}{{ end -}}
| `{{ .Name }}` | {{ markdownRenderType .Type }} | {{ if or $optional (eq .Name "metadata" "status") }}no{{ else }}yes{{ end }} |
{{- if eq .Name "metadata" }} As of every object.{{ else }} {{ markdownRenderFieldDoc .Doc }}{{ end }} |
{{- range .Validation }}{{ if not (or (hasPrefix "Optional" .) (hasPrefix "Required" .)) }} {{ markdownRenderFieldDoc . }}<br />{{ end }}{{ end }}
{{- if and .Default (ne .Name "status") }} Default: {{ markdownRenderDefault .Default }}{{ end }} |
{{- end -}}
