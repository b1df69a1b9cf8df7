// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const secret = "hunter2-hunter2"

func TestSecretsAreNotWritten(t *testing.T) {
	t.Parallel()
	type login struct{ User, Password string }
	for name, log := range map[string]func(*slog.Logger){
		"password":             func(l *slog.Logger) { l.Info("x", "password", secret) },
		"capitals and dashes":  func(l *slog.Logger) { l.Info("x", "Master-User_Password", secret) },
		"the next password":    func(l *slog.Logger) { l.Info("x", "password-next", secret) },
		"secret key":           func(l *slog.Logger) { l.Info("x", "aws_secret_access_key", secret) },
		"token":                func(l *slog.Logger) { l.Info("x", "sessionToken", secret) },
		"authorization":        func(l *slog.Logger) { l.Info("x", "Authorization", secret) },
		"bound to the logger":  func(l *slog.Logger) { l.With("token", secret).Info("x") },
		"in a group":           func(l *slog.Logger) { l.Info("x", slog.Group("login", "password", secret)) },
		"in a struct":          func(l *slog.Logger) { l.Info("x", "login", login{User: "admin", Password: secret}) },
		"in a map in a list":   func(l *slog.Logger) { l.Info("x", "logins", []any{map[string]string{"password": secret}}) },
		"bytes":                func(l *slog.Logger) { l.Info("x", "data", []byte(secret)) },
		"a Secret":             func(l *slog.Logger) { l.Info("x", "object", kubeSecret()) },
		"a Secret's value":     func(l *slog.Logger) { l.Info("x", "object", *kubeSecret()) },
		"a URI":                func(l *slog.Logger) { l.Info("x", "uri", "mysql://admin:"+secret+"@host:3306/db") },
		"a URI in the message": func(l *slog.Logger) { l.Info("dialling mysql://admin:" + secret + "@host") },
		"a URI in an error":    func(l *slog.Logger) { l.Info("x", "err", errors.New("dial mysql://admin:"+secret+"@host: refused")) },
		"a signed URL":         func(l *slog.Logger) { l.Info("x", "url", "https://s3/?a=b&X-Amz-Signature="+secret+"&c=d") },
		"a bearer token":       func(l *slog.Logger) { l.Info("x", "header", "Bearer "+secret) },
		"through logr":         func(l *slog.Logger) { logr.FromSlogHandler(l.Handler()).Info("x", "password", secret) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []Format{JSON, Text} {
				out := &bytes.Buffer{}
				log(New(out, format, slog.LevelInfo))
				if strings.Contains(out.String(), secret) {
					t.Errorf("the secret is in the line: %s", out)
				}
				if out.Len() == 0 {
					t.Error("no line was written")
				}
			}
		})
	}
}

func TestWhatIsNotSecretIsWritten(t *testing.T) {
	t.Parallel()
	type size struct{ Class string }
	for name, tc := range map[string]struct {
		log  func(*slog.Logger)
		want string
	}{
		"a secret's name": {func(l *slog.Logger) { l.Info("x", "secretName", "db-conn") }, "db-conn"},
		"a number":        {func(l *slog.Logger) { l.Info("x", "port", 3306) }, "3306"},
		"an error":        {func(l *slog.Logger) { l.Info("x", "err", errors.New("no such secret: db")) }, "no such secret: db"},
		"a struct":        {func(l *slog.Logger) { l.Info("x", "size", size{"small"}) }, "small"},
		"a URI":           {func(l *slog.Logger) { l.Info("x", "uri", "https://host:6443/path") }, "https://host:6443/path"},
		"nothing":         {func(l *slog.Logger) { l.Info("x", "err", error(nil)) }, "err"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := &bytes.Buffer{}
			tc.log(New(out, Text, slog.LevelInfo))
			if !strings.Contains(out.String(), tc.want) {
				t.Errorf("%q is not in the line: %s", tc.want, out)
			}
		})
	}
}

func TestLinesAreBriefUnlessSomebodyDebugs(t *testing.T) {
	t.Parallel()
	pass := []any{"controllerKind", "RDSInstance", "namespace", "", "name", "db", "reconcileID", "7d1b"}
	for level, want := range map[slog.Level]string{
		slog.LevelInfo:  "msg=ready name=db\n",
		slog.LevelDebug: "msg=ready controllerKind=RDSInstance namespace=\"\" name=db reconcileID=7d1b\n",
	} {
		out := &bytes.Buffer{}
		New(out, Text, level).With(pass...).Info("ready")
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("level %s: %q, want it to end with %q", level, out, want)
		}
	}
	out := &bytes.Buffer{}
	New(out, Text, slog.LevelInfo).Info("ready", "namespace", "shop")
	if !strings.Contains(out.String(), "namespace=shop") {
		t.Errorf("the namespace is not in the line: %q", out)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]slog.Level{"debug": slog.LevelDebug, "INFO": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError} {
		if got, err := ParseLevel(name); err != nil || got != want {
			t.Errorf("level %s: %v, %v", name, got, err)
		}
	}
	if _, err := ParseLevel("loud"); !errors.Is(err, ErrUnknown) {
		t.Errorf("level loud: %v, want ErrUnknown", err)
	}
	if got, err := ParseFormat("JSON"); err != nil || got != JSON {
		t.Errorf("format JSON: %v, %v", got, err)
	}
	if _, err := ParseFormat("xml"); !errors.Is(err, ErrUnknown) {
		t.Errorf("format xml: %v, want ErrUnknown", err)
	}
}

func kubeSecret() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "crossplane-system", Name: "aws"},
		StringData: map[string]string{"anything": secret},
	}
}
