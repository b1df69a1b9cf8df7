// SPDX-License-Identifier: Apache-2.0

// Package install does what a user does with a release: installs it with Helm on a real node, claims
// a database and logs in to it, and then what happens to an installation in its life: more operators,
// a death, a drain, an upgrade, an uninstallation, a restore. Of what exists in the cloud, nothing may
// change by any of that.
package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options say what to install.
type Options struct {
	// Root is the repository's root.
	Root string
	// Release is the folder with the release's images and charts.
	Release string
	// Before is the folder with images and charts of the version that is upgraded from. Where there is
	// none, the release is upgraded to an edited copy of itself.
	Before string
	// Pause is the OCI archive of the image that holds pods' namespaces.
	Pause string
	// Helm is the program. Empty: .cache/bin/helm under the root.
	Helm string
	// Dir is the folder for everything that is kept while it runs, and for logs.
	Dir string
	// Claims is how many claims live through an upgrade and the rest. 0: 100.
	Claims int
	// Out gets what a person sees.
	Out io.Writer
}

// stepWithin bounds each step: one that hangs is worse than one that fails.
const stepWithin = 6 * time.Minute

const defaultClaims = 100

// complete fills in what was left open and makes paths absolute: programs are run in another folder.
func (o *Options) complete() error {
	if o.Helm == "" {
		o.Helm = filepath.Join(o.Root, ".cache", "bin", "helm")
	}
	for _, path := range []*string{&o.Root, &o.Release, &o.Before, &o.Pause, &o.Helm, &o.Dir} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("making a path absolute: %w", err)
		}
		*path = absolute
	}
	return nil
}

// step is one part of the story.
type step struct {
	title string
	tell  func(ctx context.Context, s *story) error
}

func steps() []step {
	return []step{
		{"A user installs core and the operator for AWS", installFirst},
		{"A developer claims a database, and a client logs in to it", claimAndLogIn},
		{"More claims, which are to live through all that follows", claimMore},
		{"An upgrade with other definitions, templates and values, and back again", upgradeAndBack},
		{"The programs are what the release says", checkPrograms},
		{"The release's own tests pass", testReleases},
		{"Operators at rest", weigh},
		{"Operators for other clouds and for workloads are added", installMore},
		{"They are at rest, too", weighOthers},
		{"An application runs on the node, with its database's secret", runApplication},
		{"From here on, what operators ask of the API server is judged", watchRights},
		{"Who works dies, and work goes on", killLeaders},
		{"A node is drained", drain},
		{"No operator was refused anything for want of a right", judgeRights},
		{"Releases are uninstalled in every order that matters, and installed again", uninstallInOrders},
		{"The cluster is lost, and another one takes its place", restoreElsewhere},
		{"The developer deletes the claims, and nothing is left", deleteAll},
	}
}

// Run tells the story in a sandbox. It fails where a step does not hold.
func Run(ctx context.Context, o Options) error {
	if o.Claims == 0 {
		o.Claims = defaultClaims
	}
	if err := o.complete(); err != nil {
		return err
	}
	if err := os.RemoveAll(o.Dir); err != nil {
		return fmt.Errorf("removing what an earlier run left: %w", err)
	}
	s := &story{options: o, out: o.Out, began: time.Now(), installed: o.Release}
	if s.hasBefore() {
		s.installed = o.Before
	}
	err := s.begin(ctx)
	if err == nil {
		err = s.tellAll(ctx)
	}
	if err != nil {
		s.showWhy(ctx)
	}
	err = errors.Join(err, s.end())
	if err == nil {
		s.showFigures()
		s.sayf("Every step held. %.0f seconds.", time.Since(s.began).Seconds())
	}
	return err
}

func (s *story) tellAll(ctx context.Context) error {
	for i, step := range steps() {
		fmt.Fprintf(s.out, "\n%d. %s\n", i+1, step.title)
		began := time.Now()
		if err := s.tellOne(ctx, step); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
		fmt.Fprintf(s.out, "  (%.0f s)\n", time.Since(began).Seconds())
	}
	return nil
}

var errStepTooLong = errors.New("the step took too long")

func (s *story) tellOne(ctx context.Context, step step) error {
	limited, cancel := context.WithTimeoutCause(ctx, stepWithin, errStepTooLong)
	defer cancel()
	if err := step.tell(limited, s); err != nil {
		if limited.Err() != nil {
			err = errors.Join(context.Cause(limited), err)
		}
		return err
	}
	return s.node.Alive()
}
