// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/node"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/e2e/typed"
)

var (
	errNoLeader = errors.New("nobody holds the Lease")
	errNotHeld  = errors.New("the drain was not held up by the PodDisruptionBudget")
)

// leader returns the pod that holds an operator's Lease. The holder is the pod's uid.
func (s *story) leader(ctx context.Context, operator string) (pod string, err error) {
	lease := &coordinationv1.Lease{}
	if err := s.stack.Client.Get(ctx, client.ObjectKey{Namespace: operators, Name: operator}, lease); err != nil {
		return "", fmt.Errorf("reading the Lease: %w", err)
	}
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		return "", fmt.Errorf("%s: %w", operator, errNoLeader)
	}
	return s.query(ctx, "-n", operators, "get", "pods", "-l", "app.kubernetes.io/name="+operator,
		"-o", `jsonpath={.items[?(@.metadata.uid=="`+*lease.Spec.HolderIdentity+`")].metadata.name}`)
}

// killLeaders deletes the pods that work, and sees that the others take over; then it kills all of
// them, who can't say goodbye to the Lease.
func killLeaders(ctx context.Context, s *story) error {
	was := map[string]string{}
	began := time.Now()
	for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
		pod, err := s.leader(ctx, operator)
		if err != nil {
			return err
		}
		was[operator] = pod
		if err := s.kubectl(ctx, "-n", operators, "delete", "pod", pod, "--force", "--grace-period=0", "--wait=false"); err != nil {
			return err
		}
	}
	for operator, old := range was {
		err := await(ctx, "another pod of "+operator+" works", func(ctx context.Context) (bool, error) {
			pod, err := s.leader(ctx, operator)
			return pod != "" && pod != old, err
		})
		if err != nil {
			return err
		}
	}
	took := time.Since(began).Seconds()
	fmt.Fprintf(s.out, "  after %.0f s others work\n", took)
	s.figure("leader.takeover", took, "s")
	if err := errors.Join(s.claimOne(ctx, "after-a-death"), s.rolledOut(ctx, stack.CoreOperator, stack.AWSOperator)); err != nil {
		return err
	}
	return s.killAll(ctx)
}

// killAll is what a machine without memory left does. Kubelet starts the containers again.
func (s *story) killAll(ctx context.Context) error {
	began := time.Now()
	for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
		pids, err := processes(operator)
		if err != nil {
			return err
		}
		if len(pids) != 2 {
			return fmt.Errorf("%w: %d processes of %s", errOtherNumber, len(pids), operator)
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				return fmt.Errorf("killing %s: %w", operator, err)
			}
		}
		fmt.Fprintf(s.out, "  both pods of %s are killed\n", operator)
	}
	if err := s.claimOne(ctx, "after-the-death-of-all"); err != nil {
		return err
	}
	s.figure("killed.claim.ready", time.Since(began).Seconds(), "s")
	return errors.Join(
		s.rolledOut(ctx, stack.CoreOperator, stack.AWSOperator),
		s.kubectl(ctx, "-n", operators, "get", "pods"),
	)
}

func (s *story) rolledOut(ctx context.Context, names ...string) error {
	for _, operator := range names {
		if err := s.kubectl(ctx, "-n", operators, "rollout", "status", "deployment/"+operator, "--timeout=120s"); err != nil {
			return err
		}
	}
	return nil
}

// pick returns the first line of a text that has a word.
func pick(text, word string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// drain drains the only node. Of each operator one pod goes and finds no other place; the other is
// what the budget keeps, and it works on. When the node is back, so are all.
func drain(ctx context.Context, s *story) error {
	args := []string{"drain", node.Name, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=20s"}
	fmt.Fprintf(s.out, "$ kubectl %s\n", typed.Args(args))
	_, err := s.query(ctx, args...)
	if err == nil {
		return errNotHeld
	}
	if !strings.Contains(err.Error(), "Cannot evict pod as it would violate the pod's disruption budget") {
		return err
	}
	fmt.Fprintln(s.out, "  "+pick(err.Error(), "disruption budget"))
	for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
		running, err := s.names(ctx, "pods", "--namespace="+operators, "-l", "app.kubernetes.io/name="+operator, "--field-selector=status.phase=Running")
		if err != nil {
			return err
		}
		if got := len(running); got != 1 {
			return fmt.Errorf("%w: %d pods of %s run, want 1", errNotHeld, got, operator)
		}
	}
	return errors.Join(
		s.claimOne(ctx, "during-a-drain"),
		s.kubectl(ctx, "uncordon", node.Name),
		s.rolledOut(ctx, stack.CoreOperator, stack.AWSOperator),
		s.kubectl(ctx, "-n", operators, "get", "pods"),
	)
}
