// SPDX-License-Identifier: Apache-2.0

package signoff_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/tools/signoff"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

func TestMissing(t *testing.T) {
	tests := map[string]struct {
		messages []string
		want     []string
	}{
		"signed": {
			messages: []string{"one\n\nSigned-off-by: A Person <a@example.org>", "two\n\nWhy.\n\nSigned-off-by: B <b@example.org>\nReviewed-by: C"},
		},
		"one of two unsigned": {
			messages: []string{"one\n\nSigned-off-by: A <a@example.org>", "two"},
			want:     []string{"two"},
		},
		"no address":      {messages: []string{"one\n\nSigned-off-by: A Person"}, want: []string{"one"}},
		"no name":         {messages: []string{"one\n\nSigned-off-by: <a@example.org>"}, want: []string{"one"}},
		"only spoken of":  {messages: []string{"one\n\nIt needs a Signed-off-by: A <a@example.org> line"}, want: []string{"one"}},
		"another trailer": {messages: []string{"one\n\nAcked-by: A <a@example.org>"}, want: []string{"one"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := repository(t)
			for _, message := range test.messages {
				git(t, root, "commit", "-q", "--allow-empty", "-m", message)
			}
			missing, total, err := signoff.Missing(t.Context(), root)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, commit := range missing {
				got = append(got, commit.Subject)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || total != len(test.messages) {
				t.Errorf("%d commits, unsigned (-want +got):\n%s", total, diff)
			}
		})
	}
}

func TestMergesNeedNoSignOff(t *testing.T) {
	root := repository(t)
	git(t, root, "commit", "-q", "--allow-empty", "-s", "-m", "one")
	git(t, root, "checkout", "-q", "-b", "side")
	git(t, root, "commit", "-q", "--allow-empty", "-m", "unsigned on a branch")
	git(t, root, "checkout", "-q", "main")
	git(t, root, "merge", "-q", "--no-ff", "-m", "the merge itself", "side")

	missing, _, err := signoff.Missing(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) != 1 || missing[0].Subject != "unsigned on a branch" {
		t.Errorf("want only the commit on the branch, got %v", missing)
	}
}

func TestAFolderWithoutHistoryIsAnError(t *testing.T) {
	if _, _, err := signoff.Missing(t.Context(), repository(t)); err == nil {
		t.Error("want an error where there is no commit")
	}
}

// repository is an empty one, out of reach of the settings of whoever runs the test.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "A Person", "GIT_AUTHOR_EMAIL": "a@example.org",
		"GIT_COMMITTER_NAME": "A Person", "GIT_COMMITTER_EMAIL": "a@example.org",
	} {
		t.Setenv(name, value)
	}
	git(t, root, "init", "-q", "-b", "main")
	return root
}

func git(t *testing.T, root string, args ...string) {
	t.Helper()
	if _, err := workspace.Run(t.Context(), root, nil, "git", args...); err != nil {
		t.Fatal(err)
	}
}
