// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/crossplaneio/crossplane/e2e/backup"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/node"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

// connections is the namespace for the AWS operator's connection secrets.
const connections = "crossplane-aws-connections"

var (
	errNoCommand = errors.New("the claim does not say how to bind it again")
	errNotMarked = errors.New("the new control plane did not mark each resource as its own, once, and do nothing else")
)

// restoreElsewhere loses the control plane and brings its backup to another one, which has another
// identity, as docs/operations/recovery.md tells an administrator to.
func restoreElsewhere(ctx context.Context, s *story) error {
	saved, err := backup.Take(ctx, s.stack.Client)
	if err != nil {
		return fmt.Errorf("before the loss: %w", err)
	}
	fmt.Fprintf(s.out, "  %d objects are in the backup\n", len(saved))
	if s.former, err = s.query(ctx, "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"); err != nil {
		return err
	}
	if err := s.move(ctx); err != nil {
		return err
	}
	return s.onlyMarks(ctx, saved, func(ctx context.Context) error {
		return inTurn(ctx, s.recover(saved), s.bindAgain, s.awsReady, s.allReady, s.lookedAt, s.noteIsThere)
	})
}

// move starts another control plane, and lets the node be one of its cluster. The operators of the first
// one end: nobody starts them again.
func (s *story) move(ctx context.Context) error {
	other, err := stack.Up(ctx, stack.Options{
		Dir: filepath.Join(s.options.Dir, "other"), Root: s.options.Root, Beside: s.stack, Address: node.Outside, AuditReads: true, Progress: s.out,
	})
	if err != nil {
		return fmt.Errorf("starting another control plane: %w", err)
	}
	if err := s.node.Stop(); err != nil {
		return fmt.Errorf("taking the node away: %w", err)
	}
	for _, operator := range stack.Operators() {
		pids, err := processes(operator)
		if err != nil {
			return err
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				return fmt.Errorf("killing %s: %w", operator, err)
			}
		}
	}
	s.first, s.stack, s.kubeconfig = s.stack, other, other.Kubeconfig()
	return errors.Join(s.serveNames(ctx), s.node.Rejoin(ctx, other.Certificates(), other.Client))
}

// recover installs the operators, brings the backup back, and has the releases have their usual values.
func (s *story) recover(saved backup.Backup) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		return inTurn(ctx, s.prepare(saved), s.installSuccessors, s.restore(saved), s.completeSuccessors)
	}
}

// prepare makes the namespaces, and what the operators need before they are installed.
func (s *story) prepare(saved backup.Backup) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		return errors.Join(
			s.kubectl(ctx, "create", "namespace", tenant),
			s.kubectl(ctx, "create", "namespace", operators),
			saved.Of("Secret", "ConfigMap").In(operators).Restore(ctx, s.stack.Client),
		)
	}
}

// installSuccessors installs the operators without what the charts make beside them: that is in the
// backup.
func (s *story) installSuccessors(ctx context.Context) error {
	return errors.Join(
		s.installCore(ctx), s.install(ctx, stack.WorkloadOperator, coreValues),
		s.releaseProviders(ctx, "--set", "formerHubs={"+s.former+"},provider.create=false,classes.enabled=false"),
	)
}

// completeSuccessors gives the releases their usual values.
func (s *story) completeSuccessors(ctx context.Context) error {
	return s.releaseProviders(ctx, "--set", "formerHubs={"+s.former+"}")
}

func (s *story) releaseProviders(ctx context.Context, more ...string) error {
	values, err := s.awsValues()
	if err != nil {
		return err
	}
	return errors.Join(s.install(ctx, stack.AWSOperator, values, more...), s.releaseGoogle(ctx, more...), s.releaseAzure(ctx, more...))
}

func (s *story) restore(saved backup.Backup) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if err := saved.Restore(ctx, s.stack.Client); err != nil {
			return fmt.Errorf("bringing the backup back: %w", err)
		}
		return nil
	}
}

// onlyMarks does something, and fails unless each managed resource that was saved is changed in its cloud
// once, as it is when it is marked, and nothing else happens there.
func (s *story) onlyMarks(ctx context.Context, saved backup.Backup, do func(ctx context.Context) error) error {
	before := map[string]int{}
	for _, cloud := range s.stack.Clouds() {
		entries, err := s.ledger(ctx, cloud, 0)
		if err != nil {
			return err
		}
		before[cloud] = entries[len(entries)-1].Seq
	}
	if err := do(ctx); err != nil {
		return err
	}
	for _, cloud := range s.stack.Clouds() {
		entries, err := s.ledger(ctx, cloud, before[cloud])
		if err != nil {
			return err
		}
		if err := judgeMarks(entries, managedIn(saved, cloud)); err != nil {
			return fmt.Errorf("%s: %w", cloud, err)
		}
		fmt.Fprintf(s.out, "  %s: %d resources have the mark of the new control plane, and nothing else has changed\n", cloud, len(entries))
	}
	return nil
}

func (s *story) ledger(ctx context.Context, cloud string, since int) ([]local.Entry, error) {
	client, err := s.stack.Control(cloud)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", cloud, err)
	}
	entries, err := client.Ledger(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger of %s: %w", cloud, err)
	}
	return entries, nil
}

// managedIn counts the managed resources of a cloud, whose groups are SERVICE.CLOUD.crossplane.io.
func managedIn(saved backup.Backup, cloud string) int {
	count := 0
	for _, object := range saved {
		if strings.HasSuffix(object.GroupVersionKind().Group, "."+strings.TrimPrefix(cloud, "local-")+".crossplane.io") {
			count++
		}
	}
	return count
}

func judgeMarks(entries []local.Entry, want int) error {
	marked := map[string]bool{}
	for _, e := range entries {
		marked[e.Kind+" "+e.ID] = e.Action == local.Updated
		if e.Action != local.Updated {
			return fmt.Errorf("%w: %s", errNotMarked, entriesOf([]local.Entry{e}))
		}
	}
	if len(marked) != want || len(entries) != want {
		return fmt.Errorf("%w: %d resources, %d were changed, %d times: %s", errNotMarked, want, len(marked), len(entries), entriesOf(entries))
	}
	return nil
}

// whatClaimsSay lists the messages of all claims that are not ready, and commands picks what each of
// them tells an administrator to type: as in docs/operations/recovery.md.
const (
	whatClaimsSay = `kubectl get claims --all-namespaces -o jsonpath='{range .items[*]}{.status.conditions[?(@.reason=="RestoreNeeded")].message}{"\n"}{end}'`
	commands      = `sed -n 's/.*To bind it again: \(.*\)\. To start with.*/\1/p'`
)

// bindAgain types what claims say. One may need a moment until its resource has said what it offers.
func (s *story) bindAgain(ctx context.Context) error {
	names, err := s.names(ctx, "claims", "--all-namespaces")
	if err != nil {
		return err
	}
	err = await(ctx, "each claim says how to bind it", func(ctx context.Context) (bool, error) {
		said, err := s.run(ctx, "sh", "-c", whatClaimsSay+" | "+commands)
		if found := strings.Count(said, "\n"); err == nil && found < len(names) {
			return false, fmt.Errorf("%w: %d of %d do", errNoCommand, found, len(names))
		}
		return err == nil, err
	})
	if err != nil {
		return err
	}
	typed := whatClaimsSay + " | " + commands + " | sh"
	fmt.Fprintf(s.out, "$ %s\n", typed)
	_, err = s.run(ctx, "sh", "-c", typed)
	return err
}

// deleteAll is the end of the developer's claims, and then of the releases.
func deleteAll(ctx context.Context, s *story) error {
	if err := s.kubectl(ctx, "-n", tenant, "delete", "mysqlinstances", "--all", "--timeout=120s"); err != nil {
		return err
	}
	if err := s.nothingLeft(ctx); err != nil {
		return err
	}
	var failures []error
	for _, operator := range stack.Operators() {
		failures = append(failures, s.helm(ctx, "uninstall", s.releaseOf(operator), "--wait", "--timeout=3m"))
	}
	return errors.Join(failures...)
}
