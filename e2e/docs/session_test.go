// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func session(t *testing.T) Session {
	t.Helper()
	return Session{Dir: t.TempDir(), Env: []string{"PATH=" + os.Getenv("PATH")}, Timeout: 30 * time.Second}
}

func TestRun(t *testing.T) {
	cases := map[string]struct {
		fences []string
		says   string
		fails  int // number of the fence, from 1; 0: none
	}{
		"variables last":            {[]string{"export A=one\n", "echo \"$A\" two\n"}, "one two\n", 0},
		"so does the folder":        {[]string{"mkdir x && cd x\n", "basename \"$PWD\"\n"}, "x\n", 0},
		"a command that fails":      {[]string{"true\n", "false\necho not reached\n", "echo nor this\n"}, "", 2},
		"in the middle of a pipe":   {[]string{"false | cat\n"}, "", 1},
		"a variable that is unset":  {[]string{"echo $NOTHING\n"}, "NOTHING: unbound variable", 1},
		"failure that is wanted":    {[]string{"! false\n"}, "", 0},
		"success that is not":       {[]string{"! true\n"}, "", 1},
		"a file in the text":        {[]string{"cat <<EOF\nin it\nEOF\n"}, "in it\n", 0},
		"nothing reads what's next": {[]string{"cat\n", "echo next\n"}, "next\n", 0},
		"what is said on error":     {[]string{"echo oops >&2; false\n"}, "oops\n", 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			fences := make([]Fence, len(tc.fences))
			for i, text := range tc.fences {
				fences[i] = Fence{Line: i + 1, Text: text}
			}
			said, err := session(t).Run(t.Context(), "README.md", fences)
			failure, failed := errors.AsType[*FenceError](err)
			if !strings.Contains(said, tc.says) || strings.Contains(said, "not reached") || strings.Contains(said, "@@@") {
				t.Errorf("said %q, want %q", said, tc.says)
			}
			if failed != (tc.fails > 0) || failed && (failure.Fence.Line != tc.fails || !strings.Contains(failure.Output, tc.says)) {
				t.Errorf("got %v, want fence %d to fail", err, tc.fails)
			}
		})
	}
}

func TestRunEndsInTime(t *testing.T) {
	s := session(t)
	s.Timeout = 200 * time.Millisecond
	began := time.Now()
	_, err := s.Run(t.Context(), "README.md", []Fence{{Text: "sleep 60 &\nsleep 60\n"}})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 30*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
}

func TestMirror(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	for _, path := range []string{".git/config", ".cache/bin/kubectl", ".cache/stack/pids", "examples/a.yaml", "README.md"} {
		file := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(path), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Mirror(root, dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		".cache/bin/kubectl": true, "examples/a.yaml": true, "README.md": true, ".cache/stack/pids": false, ".git/config": false,
	} {
		if _, err := os.Stat(filepath.Join(dir, path)); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}
