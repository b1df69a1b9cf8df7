// SPDX-License-Identifier: Apache-2.0

// Command stack brings a whole stack up in the background, and down again:
//
//	stack up      start the control plane, the local clouds and the operators
//	stack down    end exactly those
//	stack status  say what runs
//
// The last line that "up" prints sets KUBECONFIG; all else goes to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// upWithin is how long all of it may take to become ready.
const upWithin = 5 * time.Minute

var (
	errUsage  = errors.New("usage: stack up|down|status [FLAG...]")
	errPartly = errors.New("the stack is up in part")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "stack:", err)
		os.Exit(1)
	}
}

// command is one call of this program.
type command struct {
	options     stack.Options
	out, errOut io.Writer
}

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	c, err := parse(args[1:], out, errOut)
	if err != nil {
		return err
	}
	unlock, err := lock(c.options.Dir + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	switch args[0] {
	case "up":
		return c.up(ctx)
	case "down":
		return c.down()
	case "status":
		return c.status()
	default:
		return errUsage
	}
}

func parse(args []string, out, errOut io.Writer) (command, error) {
	root, err := kubetest.Root()
	if err != nil {
		return command{}, err
	}
	c := command{options: stack.Options{Root: root, Detach: true, Progress: errOut}, out: out, errOut: errOut}
	flags := flag.NewFlagSet("stack", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&c.options.Dir, "dir", filepath.Join(root, ".cache", "stack"), "folder of the stack")
	flags.StringVar(&c.options.Bin, "bin", filepath.Join(root, ".cache", "bin"), "folder of the programs")
	operators := flags.String("operators", strings.Join(stack.Operators(), ","), "operators to start, and with them their clouds")
	flags.DurationVar(&c.options.CloudDelay, "cloud-delay", 2*time.Second, "how long a local cloud takes to create, change and delete")
	flags.DurationVar(&c.options.PollInterval, "poll-interval", 10*time.Second, "how often operators look at a resource at rest")
	if err := flags.Parse(args); err != nil {
		return command{}, fmt.Errorf("reading the flags: %w", err)
	}
	c.options.Operators = strings.Split(*operators, ",")
	c.options.Dir, err = filepath.Abs(c.options.Dir)
	if err != nil {
		return command{}, fmt.Errorf("making a path absolute: %w", err)
	}
	return c, nil
}

// up starts the stack unless it is up. One of which nothing runs any more, as after the machine was
// started again, makes way for a new one.
func (c command) up(ctx context.Context) error {
	former, err := stack.Open(c.options.Dir)
	switch {
	case errors.Is(err, stack.ErrNotUp):
		return c.start(ctx)
	case err != nil:
		return err
	}
	dead := ended(former)
	switch len(dead) {
	case 0:
		fmt.Fprintln(c.errOut, "the stack is up already; `make down` ends it")
		c.tell(former)
		return nil
	case len(former.Processes()):
		return errors.Join(former.Down(), c.start(ctx))
	default:
		return fmt.Errorf("%w: %s ended by itself (see %s); `make down` ends the rest", errPartly, dead[0], former.Log(dead[0]))
	}
}

func (c command) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, upWithin)
	defer cancel()
	started, err := stack.Up(ctx, c.options)
	if err != nil {
		return err
	}
	c.tell(started)
	return nil
}

// tell says how to use the stack. The last line alone is for a shell to evaluate.
func (c command) tell(up *stack.Stack) {
	fmt.Fprintf(c.errOut, "without a kubectl of your own, use %s; logs are in %s\n", up.Kubectl(), filepath.Dir(up.Log("")))
	fmt.Fprintf(c.out, "export KUBECONFIG=%s\n", up.Kubeconfig())
}

func (c command) down() error {
	running, err := stack.Open(c.options.Dir)
	if errors.Is(err, stack.ErrNotUp) {
		fmt.Fprintln(c.errOut, "the stack is not up")
		return nil
	}
	if err != nil {
		return err
	}
	if err := running.Down(); err != nil {
		return err
	}
	fmt.Fprintln(c.errOut, "the stack is down")
	return nil
}

func (c command) status() error {
	opened, err := stack.Open(c.options.Dir)
	if err != nil {
		return err
	}
	for _, process := range opened.Processes() {
		state := "ended"
		if process.Alive {
			state = "running"
		}
		fmt.Fprintf(c.out, "%-16s %-8s pid %d\n", process.Name, state, process.PID)
	}
	return nil
}

// ended returns the processes that ended by themselves.
func ended(s *stack.Stack) []string {
	var names []string
	for _, process := range s.Processes() {
		if !process.Alive {
			names = append(names, process.Name)
		}
	}
	return names
}

// lock lets one call at a time work on a stack.
func lock(path string) (func(), error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of a lock: %w", err)
	}
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), file.Close())
	}
	return func() { _ = file.Close() }, nil // which unlocks it
}
