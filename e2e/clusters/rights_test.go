// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// used are the rights that the operators of any story have made use of.
var used sync.Map

// skipped is whether a story could not be played, for want of a Kubernetes to run.
var skipped atomic.Bool

func TestMain(m *testing.M) {
	code := m.Run()
	if allPlayed := flag.Lookup("test.run").Value.String() == "" && !skipped.Load(); allPlayed {
		if err := promised(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// promised returns an error where a right is not used that rights.txt says is used here.
// The stories of e2e/lifecycle have no clusters, and count on it.
func promised() error {
	text, err := os.ReadFile("rights.txt")
	if err != nil {
		return err
	}
	var unused []string
	for right := range strings.Lines(string(text)) {
		if _, ok := used.Load(strings.TrimSpace(right)); !ok {
			unused = append(unused, right)
		}
	}
	if len(unused) > 0 {
		return fmt.Errorf("rights.txt says of these that the stories use them, and none did:\n%s", strings.Join(unused, ""))
	}
	return nil
}

// account looks back at a story: nothing was refused for want of a right.
func account(t *testing.T, s *stack.Stack) {
	t.Helper()
	asked, err := s.Asked(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Error(err)
	}
	for _, r := range asked {
		if r.Forbidden {
			t.Error("forbidden: ", r)
		}
	}
	rights, err := s.Rights()
	if err != nil {
		t.Error(err)
	}
	unused := map[stack.Right]bool{}
	for _, r := range stack.Unused(rights, asked) {
		unused[r] = true
	}
	for _, r := range rights {
		if !unused[r] {
			used.Store(r.String(), true)
		}
	}
}
