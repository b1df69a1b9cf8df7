// SPDX-License-Identifier: Apache-2.0

package application

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
)

// +kubebuilder:rbac:groups=workload.crossplane.io,resources=chartsources,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get,roleName=workload-operator-tenants
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update;delete,namespace=crossplane-workload-charts
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;delete,namespace=crossplane-workload-connections

// DefaultChartNamespace is where what charts were rendered to is kept unless a flag
// says otherwise.
const DefaultChartNamespace = "crossplane-workload-charts"

// What a chart was rendered to is kept in a Secret, because there are passwords in
// it, in a namespace that holds nothing else and that nobody else may read.
const (
	keyObjects = "objects.json.gz"
	maxKept    = 900 << 10 // a Secret holds 1 MiB
)

func (r *Reconciler) keptAt(p *pass) client.ObjectKey {
	return client.ObjectKey{Namespace: r.ChartNamespace, Name: "chart-" + string(p.app.UID)}
}

// leftAt is where an older version, or one with another flag, has kept what the
// chart was rendered to; false where that is where it is kept now.
func (r *Reconciler) leftAt(p *pass) (client.ObjectKey, bool) {
	at := r.keptAt(p)
	at.Namespace = cmp.Or(p.app.Status.Chart.KeptIn, r.ConnectionNamespace)
	return at, at.Namespace != r.ChartNamespace
}

// relocate moves what the chart was rendered to from where it was left to where it
// is kept: to render it again would change its passwords.
func (r *Reconciler) relocate(ctx context.Context, p *pass) error {
	if p.app.Status.Chart == nil {
		return nil
	}
	from, left := r.leftAt(p)
	if !left {
		return nil
	}
	old := &corev1.Secret{}
	if err := r.Live.Get(ctx, from, old); err == nil {
		if err := r.put(ctx, p, old.Annotations[workload.AnnotationRendering], old.Data[keyObjects]); err != nil {
			return err
		}
		if err := r.drop(ctx, from); err != nil {
			return err
		}
	} else if !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		return fmt.Errorf("reading what the chart was rendered to: %w", err)
	}
	p.app.Status.Chart.KeptIn = r.ChartNamespace
	return nil
}

// recall returns what the chart was rendered to, if it was for just that.
func (r *Reconciler) recall(ctx context.Context, p *pass, id string) (chart.Rendering, error) {
	if known := p.app.Status.Chart; known == nil || known.Rendering != id {
		return nil, nil // it is on record before it is kept
	}
	secret := &corev1.Secret{}
	if err := r.Live.Get(ctx, r.keptAt(p), secret); client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading what the chart was rendered to: %w", err)
	}
	if secret.Annotations[workload.AnnotationRendering] != id {
		return nil, nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(secret.Data[keyObjects]))
	if err != nil {
		return nil, nil //nolint:nilerr // somebody else wrote it: it is rendered again
	}
	content, err := io.ReadAll(unzipped)
	var rendered chart.Rendering
	if err != nil || json.Unmarshal(content, &rendered) != nil {
		return nil, nil //nolint:nilerr // likewise
	}
	return rendered, nil
}

// put keeps what the chart was rendered to, in the place of what was kept before.
func (r *Reconciler) put(ctx context.Context, p *pass, id string, packed []byte) error {
	secret := &corev1.Secret{}
	err := r.Live.Get(ctx, r.keptAt(p), secret)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("reading what the chart was rendered to: %w", err)
	}
	absent := err != nil
	at := r.keptAt(p)
	secret.Namespace, secret.Name = at.Namespace, at.Name
	metav1.SetMetaDataLabel(&secret.ObjectMeta, workload.LabelApplicationUID, string(p.app.UID))
	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, workload.AnnotationApplication, p.app.Namespace+"/"+p.app.Name)
	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, workload.AnnotationRendering, id)
	secret.Data = map[string][]byte{keyObjects: packed}
	if absent {
		err = r.Kube.Create(ctx, secret)
	} else {
		err = r.Kube.Update(ctx, secret)
	}
	if err != nil {
		return fmt.Errorf("keeping what the chart was rendered to: %w", err)
	}
	return nil
}

func packedUp(rendered chart.Rendering) ([]byte, error) {
	content, err := json.Marshal(rendered)
	if err != nil {
		return nil, fmt.Errorf("writing what the chart was rendered to: %w", err)
	}
	out := &bytes.Buffer{}
	zipped := gzip.NewWriter(out)
	if _, err := zipped.Write(content); err != nil {
		return nil, fmt.Errorf("packing what the chart was rendered to: %w", err)
	}
	if err := zipped.Close(); err != nil {
		return nil, fmt.Errorf("packing what the chart was rendered to: %w", err)
	}
	if out.Len() > maxKept {
		return nil, fault.New(fault.Invalid, workload.ReasonChartTooLarge, "what it renders to has more than %d KiB when it is packed, and is not kept", maxKept>>10)
	}
	return out.Bytes(), nil
}

// discard lets go of what a chart was rendered to: it is on record until then.
func (r *Reconciler) discard(ctx context.Context, p *pass) error {
	if p.app.Status.Chart == nil {
		return nil
	}
	if err := r.drop(ctx, r.keptAt(p)); err != nil {
		return err
	}
	if at, left := r.leftAt(p); left {
		if err := r.drop(ctx, at); err != nil && !apierrors.IsForbidden(err) {
			return err
		}
	}
	p.app.Status.Chart = nil
	return nil
}

func (r *Reconciler) drop(ctx context.Context, at client.ObjectKey) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: at.Namespace, Name: at.Name}}
	if err := client.IgnoreNotFound(r.Kube.Delete(ctx, secret)); err != nil {
		return fmt.Errorf("deleting what the chart was rendered to: %w", err)
	}
	return nil
}
