{{- define "gvList" -}}
# API reference

This page follows from the types in the code; change those and run `make generate`.
{{ range . }}
- {{ markdownRenderGVLink . }}
{{- end }}
{{ range . }}
{{ template "group" . }}
{{ end }}
{{- $seen := dict -}}
{{- range . }}{{ range .SortedTypes }}{{ $_ := set $seen (printf "%s.%s" .Package .Name) true }}{{ end }}{{ end -}}

## Types that several operators share
{{ range . }}{{ range .SortedTypes }}{{ range .Members }}
{{ template "shared" dict "type" .Type "seen" $seen }}
{{ end }}{{ end }}{{ end }}
{{- end -}}

{{- define "group" }}
## {{ .GroupVersionString }}

{{ .Doc }}
{{ range .SortedTypes }}
{{ if markdownShouldRenderType . }}{{ template "type" . }}{{ end }}
{{ end }}
{{- end -}}

{{- /* Types of other packages of ours are not in any group: each is shown once, where a field leads to it. */ -}}
{{- define "shared" }}
{{- $type := .type }}{{ $seen := .seen }}
{{- if $type }}
{{- $name := printf "%s.%s" $type.Package $type.Name }}
{{- template "shared" dict "type" $type.UnderlyingType "seen" $seen }}
{{- template "shared" dict "type" $type.ValueType "seen" $seen }}
{{- if and (hasPrefix "github.com/crossplaneio/" $type.Package) (not (hasKey $seen $name)) }}
{{- $_ := set $seen $name true }}
{{ template "type" $type }}
{{- range $type.Members }}
{{ template "shared" dict "type" .Type "seen" $seen }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
