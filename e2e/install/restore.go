// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// connections is the namespace for the AWS operator's connection secrets.
const connections = "crossplane-aws-connections"

var errNoCommand = errors.New("the claim does not say how to bind it again")

// saved is what a backup of the control plane has to hold, in the order in which it is brought back.
// Secrets of claims are not in it: core writes them again.
func saved() []client.ObjectList {
	kinds := []schema.GroupVersionKind{
		{Group: "apps", Version: "v1", Kind: "ControllerRevisionList"},
		{Version: "v1", Kind: "SecretList"},
		{Group: "database.aws.crossplane.io", Version: "v1alpha1", Kind: "RDSInstanceList"},
		{Group: "database.crossplane.io", Version: "v1alpha1", Kind: "MySQLInstanceList"},
	}
	lists := make([]client.ObjectList, len(kinds))
	for i, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		lists[i] = list
	}
	return lists
}

// restoreElsewhere keeps what users made, loses the control plane's memory of it, and brings it back
// under new uids, as a restore into an empty cluster does.
func restoreElsewhere(ctx context.Context, s *story) error {
	return s.untouched(ctx, "the loss and the restore", func(ctx context.Context) error {
		backup, err := s.backup(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  %d objects are in the backup\n", len(backup))
		if err := s.lose(ctx, backup); err != nil {
			return err
		}
		if err := errors.Join(s.kubectl(ctx, "create", "namespace", tenant), s.installCore(ctx), s.installAWS(ctx)); err != nil {
			return err
		}
		for _, object := range backup {
			if err := s.stack.Client.Create(ctx, object.DeepCopy()); err != nil {
				return fmt.Errorf("restoring %s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
		if err := s.bindAgain(ctx); err != nil {
			return err
		}
		return errors.Join(s.allReady(ctx), s.lookedAt(ctx), s.noteIsThere(ctx))
	})
}

// backup reads what has to be kept, without what belongs to the old control plane.
func (s *story) backup(ctx context.Context) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, list := range saved() {
		if err := s.stack.Client.List(ctx, list); err != nil {
			return nil, fmt.Errorf("backing up: %w", err)
		}
		found, _ := list.(*unstructured.UnstructuredList)
		for i := range found.Items {
			if object := &found.Items[i]; isSaved(object) {
				all = append(all, bare(object))
			}
		}
	}
	return all, nil
}

// isSaved leaves out what is others': Helm's secrets, and those of claims.
func isSaved(object *unstructured.Unstructured) bool {
	switch object.GetKind() {
	case "Secret":
		return object.GetNamespace() == connections
	case "ControllerRevision":
		return object.GetNamespace() == operators
	}
	return true
}

func bare(object *unstructured.Unstructured) *unstructured.Unstructured {
	kept := object.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "ownerReferences"} {
		unstructured.RemoveNestedField(kept.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(kept.Object, "status")
	return kept
}

// lose takes the operators away and then every object and definition, past all finalizers: nobody is
// left who could delete anything in the cloud.
func (s *story) lose(ctx context.Context, backup []*unstructured.Unstructured) error {
	for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
		if err := s.helm(ctx, "uninstall", operator, "--wait", "--timeout=3m"); err != nil {
			return err
		}
	}
	for _, object := range backup {
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
		if err := s.stack.Client.Patch(ctx, object.DeepCopy(), patch); err != nil {
			return fmt.Errorf("losing %s: %w", object.GetName(), err)
		}
		if err := s.stack.Client.Delete(ctx, object.DeepCopy()); err != nil {
			return fmt.Errorf("losing %s: %w", object.GetName(), err)
		}
	}
	// What the charts make anew is not in the backup.
	names, err := s.names(ctx, "awsproviders,resourceclasses")
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := s.query(ctx, "patch", name, "--type=merge", "-p", `{"metadata":{"finalizers":null}}`); err != nil {
			return err
		}
	}
	definitions, err := s.names(ctx, "customresourcedefinitions", "-l", "crossplane.io/operator in (core-operator, aws-operator)")
	if err != nil {
		return err
	}
	return errors.Join(
		s.kubectl(ctx, "delete", "namespace", tenant, connections, "--timeout=120s"),
		s.kubectl(ctx, append([]string{"delete", "--timeout=120s"}, definitions...)...),
	)
}

// command is what a claim tells an administrator to type.
var command = regexp.MustCompile(`To bind it again: (kubectl patch .*}')`)

// bindAgain types what each claim says. A claim may need a moment until its resource has said what it
// offers.
func (s *story) bindAgain(ctx context.Context) error {
	names, err := s.names(ctx, "mysqlinstances", "--namespace="+tenant)
	if err != nil {
		return err
	}
	for i, name := range names {
		var typed string
		err := await(ctx, name+" says how to bind it", func(ctx context.Context) (bool, error) {
			message, err := s.query(ctx, "-n", tenant, "get", name, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].message}`)
			if err != nil {
				return false, err
			}
			found := command.FindStringSubmatch(message)
			if found == nil {
				return false, fmt.Errorf("%s: %w: %s", name, errNoCommand, message)
			}
			typed = found[1]
			return true, nil
		})
		if err != nil {
			return err
		}
		if i == 0 {
			fmt.Fprintf(s.out, "$ %s\n", typed)
		}
		if _, err := s.run(ctx, "sh", "-c", typed); err != nil {
			return err
		}
	}
	return nil
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
		failures = append(failures, s.helm(ctx, "uninstall", operator, "--wait", "--timeout=3m"))
	}
	return errors.Join(failures...)
}
