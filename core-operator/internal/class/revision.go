// SPDX-License-Identifier: Apache-2.0

package class

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

// Errors of Revisions.
var (
	// ErrNoRevision says that there is no revision of that name.
	ErrNoRevision = errors.New("no such class revision")
	// ErrNotARevision says that a ControllerRevision holds no class.
	ErrNotARevision = errors.New("this ControllerRevision holds no class")
	// ErrRevisionTooLarge says that a class has more than a revision can hold.
	ErrRevisionTooLarge = errors.New("the class is too large to keep")
)

const (
	// labelClass on a revision holds a hash of the name of its class: names can
	// be longer than labels.
	labelClass = "crossplane.io/class-revision-of"
	// maxRevision bounds what a revision holds, in bytes.
	maxRevision = 512 << 10
	// hashLength is the length of the hash in a revision's name.
	hashLength = 10
)

// snapshot is all that templates and claims see of a class.
type snapshot struct {
	Name        string                         `json:"name"`
	Labels      map[string]string              `json:"labels,omitempty"`
	Annotations map[string]string              `json:"annotations,omitempty"`
	Spec        corev1alpha1.ResourceClassSpec `json:"spec"`
}

// What Revisions need to do, in core's own namespace:
//
// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=get;create,namespace=crossplane-system

// Revisions keeps classes as they were when a claim first used them, as
// ControllerRevisions in one namespace. What a revision holds never changes,
// and nothing deletes it: not even its class, since claims may still use it.
type Revisions struct {
	// Reader reads from the API server itself: a cached one would watch.
	Reader client.Reader
	// Writer creates revisions.
	Writer client.Writer
	// Namespace of the revisions: core's own.
	Namespace string
}

// RevisionName returns the name under which a class is kept as it is now:
// <class>-<hash of all that templates and claims see of it>.
func RevisionName(class *corev1alpha1.ResourceClass) string {
	content, err := snapshotOf(class)
	if err != nil {
		return ""
	}
	return revisionName(class.Name, content)
}

func revisionName(class string, content []byte) string {
	sum := sha256.Sum256(content)
	return class + "-" + hex.EncodeToString(sum[:])[:hashLength]
}

// snapshotOf returns the class as it is kept.
func snapshotOf(class *corev1alpha1.ResourceClass) ([]byte, error) {
	s := snapshot{Name: class.Name, Labels: class.Labels, Annotations: copied(class.Annotations), Spec: class.Spec}
	delete(s.Annotations, corev1.LastAppliedConfigAnnotation)
	content, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing class %s: %w", class.Name, err)
	}
	return canonical(content)
}

// canonical returns JSON with all fields in the order of their names, so that
// the same content has the same hash, also after a backup was restored.
func canonical(content []byte) ([]byte, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotARevision, err)
	}
	sorted, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotARevision, err)
	}
	return sorted, nil
}

// Record keeps class as it is now, unless it is kept already, and returns the
// name of the revision.
func (r *Revisions) Record(ctx context.Context, class *corev1alpha1.ResourceClass) (string, error) {
	content, err := snapshotOf(class)
	if err != nil {
		return "", err
	}
	if len(content) > maxRevision {
		return "", fmt.Errorf("%w: it has %d bytes, and can have %d", ErrRevisionTooLarge, len(content), maxRevision)
	}
	sum := sha256.Sum256([]byte(class.Name))
	revision := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.Namespace, Name: revisionName(class.Name, content),
			Labels: map[string]string{labelClass: hex.EncodeToString(sum[:8])},
		},
		Data:     runtime.RawExtension{Raw: content},
		Revision: class.Generation,
	}
	err = r.Writer.Create(ctx, revision)
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return "", fmt.Errorf("keeping a revision of class %s: %w", class.Name, err)
	}
	return revision.Name, nil
}

// Load returns a class as it was kept, with name, labels, annotations and spec;
// ErrNoRevision if there is no such revision.
func (r *Revisions) Load(ctx context.Context, name string) (*corev1alpha1.ResourceClass, error) {
	revision := &appsv1.ControllerRevision{}
	err := r.Reader.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: name}, revision)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("%s: %w", name, ErrNoRevision)
	}
	if err != nil {
		return nil, fmt.Errorf("reading class revision %s: %w", name, err)
	}
	class, err := read(revision.Data.Raw, name)
	if err != nil {
		return nil, fmt.Errorf("reading class revision %s: %w", name, err)
	}
	class.Generation = revision.Revision
	return class, nil
}

// read returns the class that content holds, if that is what name says.
func read(content []byte, name string) (*corev1alpha1.ResourceClass, error) {
	sorted, err := canonical(content)
	if err != nil {
		return nil, err
	}
	var s snapshot
	if err := json.Unmarshal(sorted, &s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotARevision, err)
	}
	if s.Name == "" || revisionName(s.Name, sorted) != name {
		return nil, ErrNotARevision
	}
	return &corev1alpha1.ResourceClass{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name, Labels: s.Labels, Annotations: s.Annotations},
		Spec:       s.Spec,
	}, nil
}
