// SPDX-License-Identifier: Apache-2.0

package parent_test

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/e2e/controlplane/internal/parent"
)

const patience = time.Minute // of a machine that is busy

// TestMain makes the test binary a program that watches another one where a test asks for it.
func TestMain(m *testing.M) {
	if os.Getenv(parent.Variable) == "" {
		os.Exit(m.Run())
	}
	if err := parent.Watch(); err != nil {
		os.Exit(2)
	}
	time.Sleep(time.Minute)
}

func watcher(t *testing.T, value string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), parent.Variable+"="+value)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return command
}

func status(command *exec.Cmd) int {
	_ = command.Wait()
	return command.ProcessState.ExitCode()
}

func TestEndsWithTheWatchedProcess(t *testing.T) {
	watched := exec.CommandContext(t.Context(), "sleep", "60")
	if err := watched.Start(); err != nil {
		t.Fatal(err)
	}
	watching := watcher(t, strconv.Itoa(watched.Process.Pid))
	ended := make(chan int)
	go func() { ended <- status(watching) }()
	select {
	case <-ended:
		t.Fatal("it ended before the watched process")
	case <-time.After(200 * time.Millisecond):
	}
	if err := watched.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if got := <-ended; got != 1 { // a signal would give -1
		t.Errorf("status %d", got)
	}
	_ = watched.Wait()
}

func TestRefusesWhatIsNoProcess(t *testing.T) {
	for name, value := range map[string]string{"no number": "me", "nobody": "4194305"} {
		t.Run(name, func(t *testing.T) {
			if got := status(watcher(t, value)); got != 2 {
				t.Errorf("status %d", got)
			}
		})
	}
}

func TestWatchesNobodyUnlessTold(t *testing.T) {
	if err := parent.Watch(); err != nil {
		t.Error(err)
	}
}
