// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"context"
	"errors"
	"fmt"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const (
	crdKind = "CustomResourceDefinition"
	// servedWithin is how long the API server may take to serve what was defined.
	servedWithin = 60 * time.Second
	crdPollEvery = 50 * time.Millisecond
	// nudgeEvery is how often the API server is reminded of a definition that is to go.
	nudgeEvery = 2 * time.Second
)

// ErrTerminating says that a definition is still being removed: objects with finalizers are left.
var ErrTerminating = errors.New("the resource definition is still being removed")

// InstallCRDs installs the definitions found in files and folders, or brings them up to date, and
// returns once the API server serves them. A former one that is being removed is waited for.
func InstallCRDs(ctx context.Context, config *rest.Config, paths ...string) error {
	crds, direct, err := readCRDs(config, paths)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, servedWithin)
	defer cancel()
	if err := awaitRemoved(ctx, direct, crds); err != nil {
		return err
	}
	options := envtest.CRDInstallOptions{CRDs: crds, MaxTime: servedWithin, PollInterval: crdPollEvery}
	if _, err := envtest.InstallCRDs(config, options); err != nil {
		return fmt.Errorf("installing resource definitions: %w", err)
	}
	return nil
}

// RemoveCRDs deletes the definitions found in files and folders; those that are absent are no
// error. It does not wait: objects with finalizers keep their definition terminating.
func RemoveCRDs(ctx context.Context, config *rest.Config, paths ...string) error {
	crds, direct, err := readCRDs(config, paths)
	if err != nil {
		return err
	}
	for _, crd := range crds {
		if err := direct.Delete(ctx, crd); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("removing resource definition %s: %w", crd.Name, err)
		}
	}
	return nil
}

// AwaitCRDsRemoved returns once none of the definitions found in files and folders is there, and
// ErrTerminating where one stays for longer than ctx.
func AwaitCRDsRemoved(ctx context.Context, config *rest.Config, paths ...string) error {
	crds, direct, err := readCRDs(config, paths)
	if err != nil {
		return err
	}
	return awaitRemoved(ctx, direct, crds)
}

// readCRDs returns the definitions among the manifests, and a client that knows their kind.
func readCRDs(config *rest.Config, paths []string) ([]*apiextensionsv1.CustomResourceDefinition, client.Client, error) {
	scheme := runtime.NewScheme()
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return nil, nil, fmt.Errorf("adding %s to a scheme: %w", crdKind, err)
	}
	direct, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, nil, fmt.Errorf("making a client for resource definitions: %w", err)
	}
	objects, err := Read(paths...)
	if err != nil {
		return nil, nil, err
	}
	var crds []*apiextensionsv1.CustomResourceDefinition
	for _, object := range objects {
		if object.GetKind() != crdKind {
			continue
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, crd); err != nil {
			return nil, nil, fmt.Errorf("reading resource definition %s: %w", object.GetName(), err)
		}
		crds = append(crds, crd)
	}
	return crds, direct, nil
}

// awaitRemoved waits while former definitions are terminating: an update of one would be accepted
// and then go with it.
func awaitRemoved(ctx context.Context, from client.Client, crds []*apiextensionsv1.CustomResourceDefinition) error {
	for _, crd := range crds {
		if err := awaitRemovedOne(ctx, from, crd.Name); err != nil {
			return err
		}
	}
	return nil
}

// awaitRemovedOne waits for one, and has it not forgotten.
//
// Kubernetes removes the objects of a definition that was deleted just after it was made while
// their storage is still being set up. That fails, and where the next attempt begins before it has
// seen its own note of the failure, it gives up until the definition changes (v1.37). So it is
// changed.
func awaitRemovedOne(ctx context.Context, from client.Client, name string) error {
	nudged := time.Now()
	err := wait.PollUntilContextCancel(ctx, crdPollEvery, true, func(ctx context.Context) (bool, error) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		err := from.Get(ctx, client.ObjectKey{Name: name}, crd)
		if err == nil && crd.DeletionTimestamp != nil && time.Since(nudged) > nudgeEvery {
			nudged = time.Now()
			nudge := fmt.Appendf(nil, `{"metadata":{"annotations":{"nudged":%q}}}`, nudged.Format(time.RFC3339))
			err = from.Patch(ctx, crd, client.RawPatch(types.MergePatchType, nudge))
		}
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return err == nil && crd.DeletionTimestamp == nil, err
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("%s: %w", name, ErrTerminating)
	}
	if err != nil {
		return fmt.Errorf("looking for a former definition of %s: %w", name, err)
	}
	return nil
}
