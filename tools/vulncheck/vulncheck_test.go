// SPDX-License-Identifier: Apache-2.0

package vulncheck_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/tools/vulncheck"
)

// entry is against a function that reads our lists of mutants.
const entry = `{
  "schema_version": "1.3.1", "id": "GO-2026-0001", "summary": "planted", "details": "planted",
  "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z",
  "database_specific": {"url": "https://example.org/GO-2026-0001"},
  "affected": [{
    "package": {"name": "sigs.k8s.io/yaml", "ecosystem": "Go"},
    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
    "ecosystem_specific": {"imports": [{"path": "sigs.k8s.io/yaml", "symbols": ["UnmarshalStrict"]}]}
  }]
}`

func TestAPlantedEntryIsFound(t *testing.T) {
	var report bytes.Buffer
	err := scanner(t, "file://"+database(t), &report).Scan(t.Context(), "tools/mutants")
	if !errors.Is(err, vulncheck.ErrFound) || !strings.Contains(report.String(), "GO-2026-0001") {
		t.Errorf("want the planted entry in the report, got %v\n%s", err, &report)
	}
}

func TestADatabaseOutOfReachIsSaid(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer refusing.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, url := range map[string]string{"refused": refusing.URL, "gone": gone.URL} {
		t.Run(name, func(t *testing.T) {
			line, ok := vulncheck.Verdict(scanner(t, url, nil).Scan(t.Context(), "tools"))
			if !ok || !strings.HasPrefix(line, "vuln: NOT CHECKED") {
				t.Errorf("want NOT CHECKED and to go on, got %q, %v", line, ok)
			}
		})
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	line, ok := vulncheck.Verdict(scanner(t, "file:///no/such/folder", nil).Scan(t.Context(), "tools"))
	if ok || strings.Contains(line, "NOT CHECKED") {
		t.Errorf("want an error, got %q, %v", line, ok)
	}
}

func TestAFindingFails(t *testing.T) {
	if line, ok := vulncheck.Verdict(fmt.Errorf("shared: %w", vulncheck.ErrFound)); ok || !strings.Contains(line, "shared") {
		t.Errorf("want a failure that names the module, got %q, %v", line, ok)
	}
}

func scanner(t *testing.T, database string, out *bytes.Buffer) vulncheck.Scanner {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(root, ".cache", "bin", "govulncheck")
	if _, err := os.Stat(tool); err != nil {
		t.Fatal("run `make .cache/bin/govulncheck` first:", err)
	}
	return vulncheck.Scanner{Root: root, Tool: tool, Database: database, Out: out}
}

// database is a folder with one entry.
func database(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"index/db.json":        `{"modified": "2026-01-01T00:00:00Z"}`,
		"index/modules.json":   `[{"path": "sigs.k8s.io/yaml", "vulns": [{"id": "GO-2026-0001", "modified": "2026-01-01T00:00:00Z"}]}]`,
		"ID/GO-2026-0001.json": entry,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
