{{- define "glyph.labels" -}}
app.kubernetes.io/name: glyph
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
