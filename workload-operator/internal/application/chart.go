// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// source finds the source of the application's chart, and sees that the
// application may use it.
func (r *Reconciler) source(ctx context.Context, p *pass) error {
	want := p.app.Spec.Chart
	if want == nil {
		return nil
	}
	s := &workload.ChartSource{}
	err := r.Kube.Get(ctx, client.ObjectKey{Name: want.SourceRef.Name}, s)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("reading source %s: %w", want.SourceRef.Name, err)
	}
	allowed := err == nil
	if allowed {
		if allowed, err = r.allows(ctx, s.Spec.AllowedNamespaces, p.app.Namespace); err != nil {
			return err
		}
	}
	switch {
	case !allowed: // in the same words, as with targets
		return fault.New(fault.Permission, workload.ReasonChartForbidden, "there is no source %s of charts for applications of namespace %s", want.SourceRef.Name, p.app.Namespace)
	case s.Spec.ConfigMap != nil && want.ConfigMapRef == nil:
		return fault.New(fault.Invalid, workload.ReasonChartInvalid, "source %s is of ConfigMaps: say which in spec.chart.configMapRef", s.Name)
	case s.Spec.ConfigMap == nil && want.ConfigMapRef != nil:
		return fault.New(fault.Invalid, workload.ReasonChartInvalid, "source %s is none of ConfigMaps: leave spec.chart.configMapRef out", s.Name)
	}
	p.source = s
	return nil
}

// unfold makes the application's chart objects that shall be on the target: those
// that it was rendered to before, or, the first time for what is asked for now, by
// rendering it.
func (r *Reconciler) unfold(ctx context.Context, p *pass) error {
	if p.app.Spec.Chart == nil {
		return r.discard(ctx, p)
	}
	id, err := p.rendering()
	if err != nil {
		return err
	}
	if err := r.relocate(ctx, p); err != nil {
		return err
	}
	rendered, err := r.recall(ctx, p, id)
	if err != nil {
		return err
	}
	if rendered == nil {
		if rendered, err = r.renderAnew(ctx, p, id); err != nil {
			return err
		}
	}
	p.charted, err = p.decode(rendered)
	return err
}

// minor is the part of a version of Kubernetes by which charts differ.
var minor = regexp.MustCompile(`^v?(\d+\.\d+)`)

// rendering says in brief for what the chart is to be rendered: what makes it
// differ, and no more. A patch of Kubernetes is no reason to change passwords.
func (p *pass) rendering() (string, error) {
	version := minor.FindStringSubmatch(p.target.Status.Version)
	if version == nil {
		return "", errBusy // the target was not looked at yet
	}
	content, err := json.Marshal([]any{p.source.Name, p.app.Spec.Chart, p.release(), p.namespace, version[1]})
	if err != nil {
		return "", fmt.Errorf("writing what is to be rendered: %w", err)
	}
	return remote.Digest(content), nil
}

func (p *pass) release() string {
	if name := p.app.Spec.Chart.ReleaseName; name != "" {
		return name
	}
	return p.app.Name
}

func (p *pass) values() []byte {
	if c := p.app.Spec.Chart; c != nil && c.Values != nil {
		return c.Values.Raw
	}
	return nil
}

// renderAnew fetches the chart, renders it, and keeps what comes out of it. That it
// is kept is on record before it is, so that it goes with the application.
func (r *Reconciler) renderAnew(ctx context.Context, p *pass, id string) (rendered chart.Rendering, err error) {
	var kept []byte
	digest, err := r.order(ctx, p, id, func(packed []byte) error {
		rendered, kept, err = r.cook(ctx, p, packed)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := r.keep(ctx, p); err != nil {
		return nil, err
	}
	want := p.app.Spec.Chart
	p.app.Status.Chart = &workload.ChartInUse{Name: want.Name, Version: want.Version, Digest: digest, Rendering: id, KeptIn: r.ChartNamespace}
	if err := r.write(ctx, p); err != nil {
		return nil, err
	}
	return rendered, r.put(ctx, p, id, kept)
}

// order fetches the chart and has it prepared, if the kitchen has room and does not
// know that nothing comes of it. It returns the digest of the packaged chart.
func (r *Reconciler) order(ctx context.Context, p *pass, id string, prepare func(packed []byte) error) (digest string, err error) {
	if !r.kitchen.begin() {
		return "", errFull
	}
	defer r.kitchen.end()
	from := "source/" + p.source.Name
	if err := r.kitchen.spoilt(from); err != nil {
		return "", err
	}
	packed, err := r.fetch(ctx, p)
	if err != nil {
		return "", r.notNow(ctx, r.silent(from, err))
	}
	sum := sha256.Sum256(packed)
	digest = hex.EncodeToString(sum[:])
	if err := r.kitchen.spoilt(id + digest); err != nil {
		return "", err
	}
	if err := prepare(packed); err != nil {
		return "", r.notNow(ctx, r.kitchen.spoil(id+digest, err))
	}
	return digest, nil
}

// cook renders a packaged chart for the target, and packs what comes out of it to be
// kept.
func (r *Reconciler) cook(ctx context.Context, p *pass, packed []byte) (rendered chart.Rendering, kept []byte, err error) {
	versions, err := p.connection.APIVersions(ctx)
	if err != nil {
		return nil, nil, toldOf(p.target.Name, err)
	}
	if rendered, err = r.render(ctx, p, packed, cluster{version: p.target.Status.Version, apis: versions}); err != nil {
		return nil, nil, err
	}
	kept, err = packedUp(rendered)
	return rendered, kept, err
}

// silent takes note of a source that does not answer. What else is wrong with it is
// about one chart.
func (r *Reconciler) silent(from string, err error) error {
	if told, ok := errors.AsType[*fault.Error](err); ok && told.Reason == workload.ReasonChartUnreachable {
		return r.kitchen.spoil(from, err)
	}
	return err
}

// notNow makes an error nobody's business that is about the end of our own process.
func (r *Reconciler) notNow(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errBusy
	}
	return err
}

// fetch returns the packaged chart.
func (r *Reconciler) fetch(ctx context.Context, p *pass) ([]byte, error) {
	want := p.app.Spec.Chart
	if want.ConfigMapRef != nil {
		return r.unpackaged(ctx, p)
	}
	s := chart.Source{ChartSourceSpec: p.source.Spec, Name: p.source.Name}
	var access *workload.ServerAccess
	if s.OCI != nil {
		access = &s.OCI.ServerAccess
	} else {
		access = &s.Repository.ServerAccess
	}
	if ref := access.CredentialsSecretRef; ref != nil {
		secret := &corev1.Secret{}
		err := r.Live.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: ref.Name}, secret)
		if client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("reading the credentials of source %s: %w", s.Name, err)
		}
		s.Username, s.Password = string(secret.Data["username"]), string(secret.Data["password"])
		if err != nil || s.Username == "" || s.Password == "" {
			return nil, fault.New(fault.Permission, workload.ReasonChartSourceInvalid, "source %s: there is no secret for it with username and password", s.Name)
		}
	}
	return s.Fetch(ctx, want.Name, want.Version)
}

// unpackaged returns the packaged chart that a ConfigMap of the tenant's holds.
func (r *Reconciler) unpackaged(ctx context.Context, p *pass) ([]byte, error) {
	ref := p.app.Spec.Chart.ConfigMapRef
	m := &corev1.ConfigMap{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: p.app.Namespace, Name: ref.Name}, m)
	if apierrors.IsForbidden(err) {
		return nil, notServed("ConfigMap", ref.Name)
	}
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading the chart of application %s/%s: %w", p.app.Namespace, p.app.Name, err)
	}
	packed, there := m.BinaryData[ref.Key]
	if err != nil || !there {
		return nil, fault.New(fault.Dependency, workload.ReasonChartMissing, "there is no key %s in binaryData of a ConfigMap %s in namespace %s", ref.Key, ref.Name, p.app.Namespace)
	}
	return packed, nil
}

// cluster is what a chart is rendered for.
type cluster struct {
	version  string
	apis     []string
	supposed bool // it is not known yet which one it will be
}

// render renders a packaged chart.
func (r *Reconciler) render(ctx context.Context, p *pass, packed []byte, on cluster) (chart.Rendering, error) {
	f := r.Render
	if f == nil {
		f = chart.Render
	}
	want := p.app.Spec.Chart
	return f(ctx, chart.Request{
		Archive: packed, Name: want.Name, Version: want.Version, Release: p.release(), Namespace: p.namespace, Values: p.values(), Hooks: want.Hooks,
		KubeVersion: on.version, APIVersions: on.apis, Supposed: on.supposed,
	})
}

var errTwice = errors.New("it is made twice")

// decode returns the objects of a rendering, if somebody could apply them.
func (p *pass) decode(rendered chart.Rendering) ([]*unstructured.Unstructured, error) {
	seen := map[string]bool{}
	for _, u := range p.manifests {
		seen[identity(u, p.namespace)] = true
	}
	objects := make([]*unstructured.Unstructured, 0, len(rendered))
	for _, raw := range rendered {
		u, wrong := read(raw)
		if id := identity(u, p.namespace); wrong == "" && seen[id] {
			wrong = errTwice.Error()
		} else {
			seen[id] = true
		}
		if wrong != "" {
			return nil, fault.New(fault.Invalid, workload.ReasonChartInvalid, "chart %s renders to an object that can't be applied: %s: %s",
				p.app.Spec.Chart.Name, title(workload.ObjectStatus{Kind: u.GetKind(), Name: u.GetName()}), wrong)
		}
		objects = append(objects, u)
	}
	return objects, nil
}
