// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/crossplaneio/crossplane/shared/operator"
)

func TestArgumentsThatCannotBeUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"unknown flag":     {[]string{"--colour", "red"}, "unknown flag: --colour"},
		"not a flag":       {[]string{"--namespace", "x", "run"}, `"run" is not a flag`},
		"log level":        {[]string{"--namespace", "x", "--log-level", "loud"}, "give debug, info, warn or error"},
		"log format":       {[]string{"--namespace", "x", "--log-format", "xml"}, "give json or text"},
		"nobody at work":   {[]string{"--namespace", "x", "--max-concurrent", "0"}, "give 1 or more"},
		"negative":         {[]string{"--namespace", "x", "--qps", "-1"}, "can't be negative"},
		"negative limit":   {[]string{"--namespace", "x", "--memory-limit", "-1"}, "can't be negative"},
		"no namespace":     {nil, "give --namespace"},
		"unreadable value": {[]string{"--poll-interval", "soon"}, "invalid duration"},
	} {
		t.Run(name, func(t *testing.T) {
			err := operator.RunWith(t.Context(), tc.args, io.Discard, io.Discard, operator.Options{Name: name})
			if !errors.Is(err, operator.ErrUsage) {
				t.Errorf("error %v, want ErrUsage", err)
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q, want it to say %q", err, tc.want)
			}
		})
	}
}

func TestVersionAndHelp(t *testing.T) {
	out := &bytes.Buffer{}
	o := operator.Options{Name: "test-operator", Version: "v1.2.3", Flags: func(f *pflag.FlagSet) { f.String("own", "", "a flag of its own") }}
	if err := operator.RunWith(t.Context(), []string{"--version"}, out, io.Discard, o); err != nil || out.String() != "test-operator v1.2.3\n" {
		t.Errorf("--version: %q, %v", out, err)
	}
	out.Reset()
	o.MaxConcurrent = 123
	if err := operator.RunWith(t.Context(), []string{"--help"}, out, io.Discard, o); !errors.Is(err, pflag.ErrHelp) {
		t.Errorf("--help: %v, want ErrHelp", err)
	}
	if !strings.Contains(out.String(), "objects of one kind worked on at a time (default 123)") {
		t.Errorf("--help does not have the operator's own default: %s", out)
	}
	for _, flag := range []string{
		"--kubeconfig", "--namespace", "--connection-namespace", "--metrics-bind-address", "--health-probe-bind-address", "--log-level",
		"--log-format", "--poll-interval", "--former-hubs", "--leader-elect", "--identity", "--qps", "--burst", "--max-concurrent", "--memory-limit", "--version", "--await-ready", "--own",
	} {
		if !strings.Contains(out.String(), flag+" ") {
			t.Errorf("--help does not name %s", flag)
		}
	}
}

func TestAPIServerThatCannotBeFound(t *testing.T) {
	args := []string{"--namespace", "x", "--kubeconfig", t.TempDir() + "/none"}
	err := operator.RunWith(t.Context(), args, io.Discard, io.Discard, operator.Options{Name: "test-operator"})
	if err == nil || errors.Is(err, operator.ErrUsage) || !strings.Contains(err.Error(), "finding the API server") {
		t.Errorf("error %v, want one that says that the API server can't be found", err)
	}
}
