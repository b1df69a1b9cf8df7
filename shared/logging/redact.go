// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// redacted stands where a secret was.
const redacted = "[redacted]"

// redact is the second line of defence: nobody logs a secret, and if somebody
// does by mistake, it is not written. It is a slog.HandlerOptions.ReplaceAttr.
func redact(_ []string, a slog.Attr) slog.Attr {
	if sensitive(a.Key) && a.Value.Kind() != slog.KindGroup {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, scrub(a.Value.String()))
	case slog.KindAny:
		return slog.Attr{Key: a.Key, Value: harmless(a.Value.Any())}
	default:
		return a
	}
}

// sensitive says by a key's name that its value is a secret. A key that names an
// object rather than a secret value ends otherwise: secretName, tokenFile.
func sensitive(key string) bool {
	key = strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(key))
	for _, end := range []string{
		"password", "passwordnext", "passwd", "secret", "token", "authorization", "credential", "credentials",
		"accesskey", "secretkey", "privatekey", "apikey", "kubeconfig",
	} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}

var (
	userInfo   = regexp.MustCompile(`(://[^/\s:@]*):[^/\s@]+@`)
	assignment = regexp.MustCompile(`(?i)\b([\w-]*(?:password|passwd|secret|token|signature|credential)=)[^\s&,;"]+`)
	bearer     = regexp.MustCompile(`(?i)\b(bearer )[\w.~+/=-]{8,}`)
)

// scrub removes from a text what looks like a secret: a password in a URI, an
// assignment to a key that says so, a bearer token.
func scrub(text string) string {
	text = userInfo.ReplaceAllString(text, "$1:"+redacted+"@")
	text = assignment.ReplaceAllString(text, "${1}"+redacted)
	return bearer.ReplaceAllString(text, "${1}"+redacted)
}

// harmless returns what may be written of a value of any type.
func harmless(v any) slog.Value {
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(scrub(v.Error()))
	case []byte:
		return slog.StringValue(fmt.Sprintf("%d bytes", len(v)))
	case *corev1.Secret:
		return slog.StringValue(v.GetNamespace() + "/" + v.GetName())
	case corev1.Secret:
		return slog.StringValue(v.Namespace + "/" + v.Name)
	}
	return structured(v)
}

// structured writes a value as JSON would and looks at every key in it.
func structured(v any) slog.Value {
	encoded, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(fmt.Sprintf("%T", v))
	}
	var plain any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		return slog.StringValue(fmt.Sprintf("%T", v))
	}
	return slog.AnyValue(walk(plain))
}

func walk(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if v[key] = walk(value); sensitive(key) {
				v[key] = redacted
			}
		}
	case []any:
		for i, value := range v {
			v[i] = walk(value)
		}
	case string:
		return scrub(v)
	}
	return v
}
