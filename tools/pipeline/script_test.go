// SPDX-License-Identifier: Apache-2.0

package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A make that writes down what it was asked for and what it could have used, and fails if told so.
const fakeMake = `#!/usr/bin/env bash
echo "$1 cgo=${CGO_ENABLED-} require=${CROSSPLANE_REQUIRE_POSTGRES-} compiler=$(type -P gcc) initdb=$(type -P initdb) ci=$CI" >>"$LOG"
[ "$1" != "$FAIL" ]
`

const fakeTool = "#!/usr/bin/env bash\n"

func TestTheScriptRunsEachStepWhereItBelongs(t *testing.T) {
	log, out, err := runScript(t, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const bare, usual, postgres = " cgo=0 require= compiler= initdb= ci=true",
		" cgo= require= compiler=BIN/gcc initdb=BIN/initdb ci=true", " cgo= require=1 compiler=BIN/gcc initdb=BIN/initdb ci=true"
	want := []string{
		"verify" + usual, "lint" + usual, "vuln" + usual, "test" + bare, "demo" + bare, "demo" + bare, "demo" + bare, "demo" + bare,
		"test" + postgres, "demo" + postgres, "demo" + postgres, "e2e" + usual,
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if last := lastLine(out); !regexp.MustCompile(`^ci: ok in \d+ s: make verify \d+ s, .*make e2e \d+ s$`).MatchString(last) {
		t.Errorf("want a line that sums up the steps, got %q", last)
	}
}

func TestTheScriptStopsWhereAStepFails(t *testing.T) {
	log, out, err := runScript(t, "lint")
	if err == nil || len(log) != 2 {
		t.Errorf("want it to stop after the second step, got %v after %q", err, log)
	}
	if last := lastLine(out); !strings.HasPrefix(last, "ci: FAILED at 'make lint' after ") || !strings.Contains(last, "make verify") {
		t.Errorf("want a line that says where, got %q", last)
	}
}

// runScript runs the pipeline in a copy that holds nothing else, with a make that fails at a target.
func runScript(t *testing.T, fail string) (log []string, out string, err error) {
	t.Helper()
	root, bin := t.TempDir(), t.TempDir()
	for _, path := range []string{".ci/run", "tools/ci/bare", "tools/ci/with-postgres", "tools/ci/with-node"} {
		program(t, filepath.Join(root, path), read(t, path))
	}
	program(t, filepath.Join(bin, "make"), fakeMake)
	// The real go leaves a process behind that writes telemetry into the home directory.
	program(t, filepath.Join(bin, "go"), fakeTool)
	program(t, filepath.Join(bin, "gcc"), fakeTool)
	for _, tool := range []string{"initdb", "runc", "ip", "nft", "conntrack", "iptables", "ptp"} {
		program(t, filepath.Join(bin, tool), fakeTool)
	}
	// Where little more than Go is on the PATH this is not.
	program(t, filepath.Join(bin, "timeout"), "#!/usr/bin/env bash\nshift 2\nexec \"$@\"\n")
	file := filepath.Join(root, "log")

	cmd := exec.Command(filepath.Join(root, ".ci/run"))
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + root, "LOG=" + file, "FAIL=" + fail}
	raw, err := cmd.CombinedOutput()
	written, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Fatalf("%v\n%s", readErr, raw)
	}
	text := strings.ReplaceAll(strings.TrimSpace(string(written)), bin, "BIN")
	return strings.Split(text, "\n"), string(raw), err
}

func program(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}
