// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Render renders a chart in a process of its own. Its error is a *fault.Error
// where it is about the chart; the message has none of the values in it.
func Render(ctx context.Context, r Request) (Rendering, error) {
	if len(r.Values) > MaxValues {
		return nil, tooLarge("spec.chart.values has more than %d KiB", MaxValues>>10)
	}
	a, err := run(ctx, task{Render: &r})
	if err != nil {
		return nil, discreet(err, r.Values)
	}
	return a.Objects, nil
}

// maxAnswer is how much a child may say: its objects, and JSON around them.
const maxAnswer = maxRendered + maxRendered/4

// run has a child do a task: nothing of it is in arguments or the environment.
func run(ctx context.Context, t task) (answer, error) {
	self, err := os.Executable()
	if err != nil {
		return answer{}, fmt.Errorf("finding the program: %w", err)
	}
	asked, err := json.Marshal(t)
	if err != nil {
		return answer{}, fmt.Errorf("writing the task: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, renderTime+time.Second)
	defer cancel()
	said, complaint := &head{most: maxAnswer}, &head{most: 4 << 10}
	cmd := exec.CommandContext(ctx, self, command) //nolint:gosec // it is this program
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), said, complaint
	cmd.WaitDelay = time.Second
	asGroup(cmd)
	if err := cmd.Run(); err != nil {
		return answer{}, ended(ctx, err, complaint.kept.String())
	}
	var a answer
	if said.cut || json.Unmarshal(said.kept.Bytes(), &a) != nil {
		return answer{}, errChild
	}
	return a, a.err()
}

// ended says why a child gave no answer. What it complained of is Go's own account
// of its end, and not passed on.
func ended(ctx context.Context, err error, complaint string) error {
	exit, started := errors.AsType[*exec.ExitError](err)
	switch {
	case started && exit.ExitCode() == exitTime, errors.Is(ctx.Err(), context.DeadlineExceeded):
		return tooLarge("reading or rendering it took more than %s", renderTime)
	case ctx.Err() != nil:
		return fmt.Errorf("rendering: %w", ctx.Err())
	case started && exit.ExitCode() == exitMemory, started && exit.ExitCode() < 0,
		strings.Contains(complaint, "out of memory"), strings.Contains(complaint, "cannot allocate memory"), strings.Contains(complaint, "stack exceeds"):
		return tooLarge("reading or rendering it took more than %d MiB of memory", maxMemory>>20)
	}
	return fmt.Errorf("%w: %w", errChild, err)
}

// head keeps the beginning of what is written to it.
type head struct {
	kept bytes.Buffer
	most int
	cut  bool
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	rest := min(h.most-h.kept.Len(), len(p))
	h.cut = h.cut || rest < len(p)
	h.kept.Write(p[:rest])
	return len(p), nil
}
