// SPDX-License-Identifier: Apache-2.0

package application

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// projection is a secret for the target, made of the details of a claim.
type projection struct {
	secret *unstructured.Unstructured
	digest string // of which content it is; says nothing about it
}

// gather sees that every claim that the application uses can be used, and reads
// the connection details that go to the target. They are not kept.
func (r *Reconciler) gather(ctx context.Context, p *pass) error {
	claims := make([]*contract.Claim, len(p.app.Spec.Uses))
	for i, use := range p.app.Spec.Uses {
		claim, err := r.bound(p.app.Namespace, use)
		if err == nil {
			err = p.settled(use, claim)
		}
		if err != nil {
			return err
		}
		claims[i] = claim
	}
	content := []byte(p.app.UID)
	for i, use := range p.app.Spec.Uses {
		if use.Secret == nil {
			continue
		}
		details, err := r.details(ctx, p, use, claims[i])
		if err != nil {
			return err
		}
		made := project(use.Secret, claims[i], details.all)
		p.projected = append(p.projected, made)
		if use.Secret.RestartOnChange {
			content = append(content, flat(details.lasting)...)
			p.restartedFor = remote.Digest(content)
		}
	}
	return nil
}

// bound returns a claim that can be used, or says why it can't.
func (r *Reconciler) bound(namespace string, use workload.Use) (*contract.Claim, error) {
	which := use.Kind + " " + use.Name
	claim, err := r.Claims.Get(use.Group, use.Kind, namespace, use.Name)
	switch {
	case errors.Is(err, contract.ErrNotSynced):
		return nil, errBusy
	case errors.Is(err, contract.ErrAmbiguous):
		return nil, fault.New(fault.Invalid, workload.ReasonClaimMissing, "several groups have a kind %s: say which in the group of uses", use.Kind)
	case err != nil:
		return nil, fault.New(fault.Dependency, workload.ReasonClaimMissing, "there is no kind %s of claims", use.Kind)
	case claim == nil:
		return nil, fault.New(fault.Dependency, workload.ReasonClaimMissing, "there is no %s in namespace %s", which, namespace)
	case claim.DeletionTimestamp != nil:
		return nil, fault.New(fault.Dependency, workload.ReasonClaimNotReady, "%s is being deleted", which)
	case !claim.Bound():
		ready := claim.Ready()
		return nil, fault.New(fault.Dependency, workload.ReasonClaimNotReady, "%s is not ready: %s: %s", which, ready.Reason, ready.Message)
	}
	return claim, nil
}

// settled sees that a claim is where it was decided that it shall be: one that is
// Bound elsewhere is about to go, or the decision about to be taken again.
func (p *pass) settled(use workload.Use, claim *contract.Claim) error {
	if p.app.Status.Placement == nil {
		return nil
	}
	for _, placed := range p.app.Status.Placement.Claims {
		at := claim.Status.Location
		if placed.UID != claim.UID || placed.Location == nil || at == nil || at.Provider == placed.Location.Provider && at.Region == placed.Location.Region {
			continue
		}
		return fault.New(fault.Dependency, workload.ReasonClaimNotReady, "%s %s is in %s %s, and is to be in %s %s",
			use.Kind, use.Name, at.Provider, at.Region, placed.Location.Provider, placed.Location.Region)
	}
	return nil
}

// details are the connection details of a claim under the keys that the
// application wants them under.
type details struct {
	all     map[string][]byte
	lasting map[string][]byte // those that are not merely renewed
}

// details reads the connection details of a claim.
func (r *Reconciler) details(ctx context.Context, p *pass, use workload.Use, claim *contract.Claim) (details, error) {
	secret := &corev1.Secret{}
	name := client.ObjectKey{Namespace: p.app.Namespace, Name: claim.Status.Binding.Name}
	if err := r.Live.Get(ctx, name, secret); apierrors.IsForbidden(err) {
		return details{}, notServed("secret", name.Name)
	} else if client.IgnoreNotFound(err) != nil {
		return details{}, fmt.Errorf("reading secret %s: %w", name, err)
	} else if err != nil || !ownedBy(secret, claim) {
		return details{}, fault.New(fault.Dependency, workload.ReasonClaimNotReady, "the secret %s of %s %s is not there", name.Name, use.Kind, use.Name)
	}
	d := details{all: map[string][]byte{}, lasting: map[string][]byte{}}
	for _, k := range keysOf(use.Secret, secret.Data) {
		value, there := secret.Data[k.Key]
		if !there {
			return details{}, fault.New(fault.Invalid, workload.ReasonClaimNotReady, "%s %s has no connection detail %s", use.Kind, use.Name, k.Key)
		}
		d.all[k.As] = value
		if !renewed(k.Key, secret.Data) {
			d.lasting[k.As] = value
		}
	}
	return d, nil
}

// notServed is the error for something in the application's namespace that the
// operator may not read.
func notServed(kind, name string) error {
	return fault.New(fault.Permission, workload.ReasonSecretForbidden,
		"workload-operator may not read %s %s: add the namespace to tenants.namespaces of its chart", kind, name)
}

// keysOf returns which connection details are wanted, and under which key.
func keysOf(as *workload.ProjectedSecret, data map[string][]byte) []workload.ProjectedKey {
	if len(as.Keys) > 0 {
		return as.Keys
	}
	keys := make([]workload.ProjectedKey, 0, len(data))
	for key := range data {
		keys = append(keys, workload.ProjectedKey{Key: key, As: key})
	}
	return keys
}

// renewed reports whether a connection detail changes again and again by itself:
// a client library reads a token anew, and what it replaces stays good for a while.
func renewed(key string, data map[string][]byte) bool {
	_, expires := data[v1alpha1.KeyExpiresAt]
	return expires && slices.Contains([]string{v1alpha1.KeyToken, v1alpha1.KeyKubeconfig, v1alpha1.KeyExpiresAt}, key)
}

// ownedBy reports whether a secret was made for a claim: no name that somebody
// writes into a status makes us read another one.
func ownedBy(secret *corev1.Secret, claim *contract.Claim) bool {
	return slices.ContainsFunc(secret.OwnerReferences, func(o metav1.OwnerReference) bool { return o.UID == claim.UID })
}

// project makes the secret for the target. Its digest follows from which claim it
// is of, in which revision, and from the keys.
func project(as *workload.ProjectedSecret, claim *contract.Claim, content map[string][]byte) projection {
	data := map[string]any{}
	for key, value := range content {
		data[key] = base64.StdEncoding.EncodeToString(value)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"data": data}}
	u.SetAPIVersion("v1")
	u.SetKind("Secret")
	u.SetName(as.Name)
	asked, _ := json.Marshal(as)
	return projection{secret: u, digest: remote.Digest(fmt.Appendf(nil, "%s/%d/%s", claim.UID, claim.Status.Binding.Revision, asked))}
}

// flat writes details in one order.
func flat(content map[string][]byte) []byte {
	var out bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(content)) {
		fmt.Fprintf(&out, "%q=%q\n", key, content[key])
	}
	return out.Bytes()
}

// withSecrets adds the projected secrets to the objects, in the order in which
// all are applied.
func (p *pass) withSecrets(objects []*unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	names := map[string]bool{}
	for _, u := range objects {
		names[identity(u, p.namespace)] = true
	}
	for _, made := range p.projected {
		id := identity(made.secret, p.namespace)
		if names[id] {
			return nil, fault.New(fault.Invalid, workload.ReasonManifestInvalid, "the secret %s of uses is among the manifests, or in uses twice", made.secret.GetName())
		}
		names[id] = true
		objects = append(objects, made.secret)
	}
	sortByRank(objects)
	return objects, nil
}

// digestOf returns the digest of a projected secret; empty for other objects.
func (p *pass) digestOf(u *unstructured.Unstructured) string {
	for _, made := range p.projected {
		if u.GetKind() == "Secret" && u.GroupVersionKind().Group == "" && u.GetName() == made.secret.GetName() {
			return made.digest
		}
	}
	return ""
}

// claimsOf returns the claims that an application uses, for the index.
func claimsOf(o client.Object) []string {
	app, ok := o.(*workload.KubernetesApplication)
	if !ok {
		return nil
	}
	keys := make([]string, 0, len(app.Spec.Uses))
	for _, use := range app.Spec.Uses {
		keys = append(keys, claimKey(use.Kind, use.Name))
	}
	return keys
}

func claimKey(kind, name string) string { return kind + "/" + name }
