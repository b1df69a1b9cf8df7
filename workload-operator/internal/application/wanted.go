// SPDX-License-Identifier: Apache-2.0

package application

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// wanted is an object that shall be on the target.
type wanted struct {
	key    remote.Key
	object *unstructured.Unstructured
	digest string // of what it shall be
	refuse string // why it is not even tried
}

// want completes an object: whose it is, and in which namespace.
func (p *pass) want(t *remote.Tenant, u *unstructured.Unstructured) (wanted, error) {
	u = u.DeepCopy()
	namespaced, err := t.Namespaced(u.GroupVersionKind())
	unknown := errors.Is(err, remote.ErrNoKind)
	if err != nil && !unknown {
		return wanted{}, fmt.Errorf("looking up the kinds of the target: %w", err)
	}
	w := wanted{object: u}
	switch given := u.GetNamespace(); {
	case unknown:
		w.refuse = fmt.Sprintf("the target has no kind %s in %s", u.GetKind(), u.GetAPIVersion())
	case namespaced && given == "":
		u.SetNamespace(p.namespace)
	case namespaced && given != p.namespace:
		w.refuse = fmt.Sprintf("it names namespace %s, and this application's objects go to %s", given, p.namespace)
	case !namespaced && given != "":
		w.refuse = fmt.Sprintf("it names namespace %s, and a %s has none", given, u.GetKind())
	}
	p.sign(u)
	if stamp := p.restart(u); stamp != "" {
		annotateTemplate(u, stamp)
	}
	content, err := json.Marshal(u.Object)
	if err != nil {
		return wanted{}, fmt.Errorf("writing %s %s: %w", u.GetKind(), u.GetName(), err)
	}
	w.key, w.digest = remote.KeyOf(u), cmp.Or(p.digestOf(u), remote.Digest(content))
	return w, nil
}

// sign says on an object whose it is.
func (p *pass) sign(u *unstructured.Unstructured) {
	labels, annotations := u.GetLabels(), u.GetAnnotations()
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	labels[v1alpha1.LabelApplicationUID] = string(p.app.UID)
	annotations[v1alpha1.AnnotationApplication] = p.app.Namespace + "/" + p.app.Name
	u.SetLabels(labels)
	u.SetAnnotations(annotations)
}

// restart returns what the pods of a workload are stamped with, so that they are
// replaced when it changes; empty for other objects.
func (p *pass) restart(u *unstructured.Unstructured) string {
	switch u.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet":
		if u.GroupVersionKind().Group == "apps" {
			return p.restartedFor
		}
	}
	return ""
}

func annotateTemplate(u *unstructured.Unstructured, stamp string) {
	// A manifest without a template is refused by the target, in better words.
	_ = unstructured.SetNestedField(u.Object, stamp, "spec", "template", "metadata", "annotations", v1alpha1.AnnotationRestartedFor)
}

// entryOf returns what the status says of an object.
func entryOf(target string, k remote.Key) v1alpha1.ObjectStatus {
	apiVersion, kind := k.ToAPIVersionAndKind()
	return v1alpha1.ObjectStatus{
		Target: target, APIVersion: apiVersion, Kind: kind, Namespace: k.Namespace, Name: k.Name, State: v1alpha1.ObjectPending,
	}
}

func keyOf(e v1alpha1.ObjectStatus) remote.Key {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(e.APIVersion)
	u.SetKind(e.Kind)
	u.SetNamespace(e.Namespace)
	u.SetName(e.Name)
	return remote.KeyOf(u)
}

// same reports whether two entries are of one object, whatever the version of
// its kind.
func same(a, b v1alpha1.ObjectStatus) bool {
	x, y := keyOf(a), keyOf(b)
	return a.Target == b.Target && x.GroupKind() == y.GroupKind() && x.Namespace == y.Namespace && x.Name == y.Name
}

// title names an object for people.
func title(e v1alpha1.ObjectStatus) string { return strings.TrimSpace(e.Kind + " " + e.Name) }
