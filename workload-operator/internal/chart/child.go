// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/crossplaneio/crossplane/shared/fault"
)

// command is the argument by which the program starts itself to read what a
// stranger wrote.
const command = "render-chart"

// Bounds of the process that does it.
const (
	renderTime = 20 * time.Second
	softMemory = 192 << 20 // from here on it spends its time collecting garbage
	maxMemory  = 384 << 20 // here it ends
	hardMemory = 768 << 20 // of address space that it can write to: more is not even promised
)

// The exit codes of that process, beside those of Go's own.
const (
	exitNoAnswer = 3
	exitMemory   = 4
	exitTime     = 5
)

// task is what it is asked: one of the two.
type task struct {
	Render *Request    `json:"render,omitempty"`
	Look   *indexQuery `json:"look,omitempty"`
}

// answer is what it says. Faults are told by their parts.
type answer struct {
	Objects Rendering   `json:"objects,omitempty"`
	Entry   *indexEntry `json:"entry,omitempty"`
	Class   fault.Class `json:"class,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Message string      `json:"message,omitempty"`
}

// IsChild reports whether arguments ask for that process.
func IsChild(args []string) bool { return len(args) == 2 && args[1] == command }

// Child is that process: it reads a task from in, and writes an answer to out. It
// returns the exit code; exit ends the process before, if it takes too much.
func Child(in io.Reader, out io.Writer, exit func(code int)) int {
	confine()
	debug.SetMemoryLimit(softMemory)
	go watch(exit)
	t := task{}
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return exitNoAnswer
	}
	if err := json.NewEncoder(out).Encode(t.do(context.Background())); err != nil {
		return exitNoAnswer
	}
	return 0
}

// watch ends the process when it has taken too much memory or time. What renders
// does not get to prevent that: templates run no code of their own.
func watch(exit func(code int)) {
	const often = 10 * time.Millisecond
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	end := time.Now().Add(renderTime)
	for ; ; time.Sleep(often) {
		metrics.Read(sample)
		switch {
		case sample[0].Value.Uint64()-sample[1].Value.Uint64() > maxMemory:
			exit(exitMemory)
		case time.Now().After(end):
			exit(exitTime)
		}
	}
}

func (t task) do(ctx context.Context) answer {
	var a answer
	err := errors.New("no task") //nolint:err113 // a mistake in code
	switch {
	case t.Render != nil:
		a.Objects, err = render(ctx, *t.Render)
	case t.Look != nil:
		a.Entry, err = t.Look.look()
	}
	if err == nil {
		return a
	}
	a = answer{Reason: noAnswer, Message: err.Error()}
	if told, ok := errors.AsType[*fault.Error](err); ok {
		a.Class, a.Reason = told.Class, told.Reason
	}
	return a
}

// noAnswer is the reason of what is wrong with ourselves.
const noAnswer = "NoAnswer"

var errChild = errors.New("the process that reads charts did not do its work")

// err returns the fault that an answer tells of.
func (a answer) err() error {
	switch a.Reason {
	case "":
		return nil
	case noAnswer:
		return fmt.Errorf("%w: %s", errChild, a.Message)
	}
	return fault.New(a.Class, a.Reason, "%s", a.Message)
}
