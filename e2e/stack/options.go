// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/go-logr/logr"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// Options say what a stack consists of and how it behaves.
type Options struct {
	// Dir is the folder for everything that the stack keeps; Down removes it.
	Dir string
	// Root is the repository's root, where the charts are. Empty: found from the working folder.
	Root string
	// Bin is the folder of the programs. Empty: .cache/bin under the root.
	Bin string
	// Operators are those to install and start, by name.
	Operators []string
	// Clouds are local clouds to start beside those of the operators, by name.
	Clouds []string
	// Beside is another stack of this process, whose local clouds are used in place of any of its own. The
	// other one has to outlive this one.
	Beside *Stack
	// CloudDelay is how long a local cloud takes to create, change and delete.
	CloudDelay time.Duration
	// PollInterval is how often operators look at a resource at rest. 0: each kind's own.
	PollInterval time.Duration
	// AuditReads has the API server record what operators read, beside what everybody writes.
	AuditReads bool
	// Address is where nodes reach the API server and, if somebody passes that on to loopback, the
	// local clouds. Empty: there are no nodes.
	Address string
	// Detach lets the processes outlive this one.
	Detach bool
	// Args are more arguments for a process, by its name.
	Args map[string][]string
	// Env are more variables, NAME=VALUE, for a process, by its name.
	Env map[string][]string
	// Progress gets a line for each step. Nil: nobody is told.
	Progress io.Writer
}

var errNoDir = errors.New("a stack needs a folder")

// complete fills in what was left open and makes paths absolute: a stack may be opened again from
// another folder.
func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, errNoDir
	}
	if o.Root == "" {
		root, err := kubetest.Root()
		if err != nil {
			return o, fmt.Errorf("completing the options: %w", err)
		}
		o.Root = root
	}
	if o.Bin == "" {
		o.Bin = filepath.Join(o.Root, ".cache", "bin")
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	for _, path := range []*string{&o.Dir, &o.Root, &o.Bin} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return o, fmt.Errorf("making a path absolute: %w", err)
		}
		*path = absolute
	}
	quiet()
	return o, o.check()
}

// quiet tells the client library that nobody wants its logs, before it complains that nobody has
// said so. A program that has set a logger keeps it.
func quiet() {
	ctrllog.SetLogger(logr.Discard())
}

// check tells what is missing before anything is started.
func (o Options) check() error {
	var missing []error
	programs := []string{hyperkube}
	for _, c := range o.clouds() {
		programs = append(programs, c.name)
	}
	for _, name := range append(programs, o.Operators...) {
		if _, err := os.Stat(filepath.Join(o.Bin, name)); err != nil {
			missing = append(missing, fmt.Errorf("%w: %s is not in %s", ErrNotBuilt, name, o.Bin))
		}
	}
	for _, name := range o.Operators {
		if _, err := operatorNamed(name); err != nil {
			missing = append(missing, err)
		}
	}
	return errors.Join(missing...)
}

// readers are the users whose reads are recorded. Where the stack starts no operators, any may be
// running elsewhere.
func (o Options) readers() []string {
	names := o.Operators
	if len(names) == 0 {
		names = Operators()
	}
	var users []string
	for _, name := range names {
		if o.AuditReads {
			users = append(users, User(name))
		}
	}
	return users
}
