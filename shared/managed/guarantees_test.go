// SPDX-License-Identifier: Apache-2.0

package managed_test

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// operator is one that makes a pass over one object when it is told to.
type operator[MR managed.Resource] struct {
	t     *testing.T
	clock *clocktesting.FakePassiveClock
	r     *managed.Reconciler[MR, thing]
	mr    MR
}

func newOperator[MR managed.Resource](t *testing.T, kind managed.Kind[MR, thing], mr MR) *operator[MR] {
	t.Helper()
	clock := clocktesting.NewFakePassiveClock(time.Now())
	env := managed.Env{Kube: cluster.Client, Live: cluster.Client, Clock: clock, Operator: "test-operator", Hub: "hub-1", ConnectionNamespace: "default"}
	if err := cluster.Client.Create(t.Context(), mr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		if cluster.Client.Get(ctx, client.ObjectKeyFromObject(mr), mr) != nil {
			return
		}
		mr.SetFinalizers(nil)
		_ = cluster.Client.Update(ctx, mr)
		_ = cluster.Client.Delete(ctx, mr)
	})
	return &operator[MR]{t, clock, managed.NewReconciler(kind, env), mr}
}

// pass makes a pass over the object as it is in the API, after some time.
func (o *operator[MR]) pass(after time.Duration) MR {
	o.t.Helper()
	o.clock.SetTime(o.clock.Now().Add(after))
	if err := cluster.Client.Get(o.t.Context(), client.ObjectKeyFromObject(o.mr), o.mr); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.r.Reconcile(o.t.Context(), o.mr); err != nil {
		o.t.Fatal(err)
	}
	if err := cluster.Client.Get(o.t.Context(), client.ObjectKeyFromObject(o.mr), o.mr); err != nil {
		o.t.Fatal(err)
	}
	return o.mr
}

// reload returns the object as it is in the API.
func (o *operator[MR]) reload() MR {
	o.t.Helper()
	if err := cluster.Client.Get(o.t.Context(), client.ObjectKeyFromObject(o.mr), o.mr); err != nil {
		o.t.Fatal(err)
	}
	return o.mr
}

func widget(name string) *Widget {
	return &Widget{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: WidgetSpec{ForProvider: WidgetParameters{Size: 3, Colour: "red"}}}
}

// TestPasswordIsPromotedWhenApplied shows that clients are not given a password
// that the cloud has accepted and not applied, even long after.
func TestPasswordIsPromotedWhenApplied(t *testing.T) {
	c := newCloud(false)
	o := newOperator(t, widgets(c), widget("slow-rotation"))
	o.pass(0)
	c.Settle()
	o.pass(time.Minute)
	_, status := o.mr.Managed()
	secret := &corev1.Secret{}
	published := func() string {
		key := client.ObjectKey{Namespace: status.ConnectionSecretRef.Namespace, Name: status.ConnectionSecretRef.Name}
		if err := cluster.Client.Get(t.Context(), key, secret); err != nil {
			t.Fatal(err)
		}
		return string(secret.Data[v1alpha1.KeyPassword])
	}
	old := published()
	o.mr.Annotations[v1alpha1.AnnotationRotatePasswordRequestedAt] = "now"
	if err := cluster.Client.Update(t.Context(), o.mr); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		o.pass(time.Hour)
	}
	if got := published(); got != old {
		t.Fatal("clients were given a password that does not let them in yet")
	}
	c.Settle()
	o.pass(time.Hour)
	if got := published(); got == old || got != (passwords{c}).Password(managed.ExternalName(o.mr)) {
		t.Error("applied by the cloud, and not given to clients")
	}
}

// TestAPasswordThatFailedIsSentAgain shows that clients are never given a password
// that the cloud accepted and then could not set.
func TestAPasswordThatFailedIsSentAgain(t *testing.T) {
	c := newCloud(false)
	o := newOperator(t, widgets(c), widget("failed-rotation"))
	o.pass(0)
	c.Settle()
	o.pass(time.Minute)
	name := managed.ExternalName(o.mr)
	old := (passwords{c}).Password(name)
	o.mr.Annotations[v1alpha1.AnnotationRotatePasswordRequestedAt] = "now"
	if err := cluster.Client.Update(t.Context(), o.mr); err != nil {
		t.Fatal(err)
	}
	c.refuses = 2
	for range 3 {
		o.pass(time.Hour)
		if _, status := o.mr.Managed(); status.LastHandledRotationAt != "" {
			t.Fatal("called done before it is")
		}
		c.Settle()
	}
	o.pass(time.Hour)
	_, status := o.mr.Managed()
	if now := (passwords{c}).Password(name); now == old || status.LastHandledRotationAt != "now" {
		t.Errorf("not rotated: %q", status.LastHandledRotationAt)
	}
}

// TestUnseenIsNotMadeTwice shows that where the cloud assigns names, nothing is
// asked for again while the outcome of a call is unknown.
func TestUnseenIsNotMadeTwice(t *testing.T) {
	c := newCloud(true)
	kind := gadgets(c)
	connect := kind.Connect
	lost := true
	kind.Connect = func(ctx context.Context, g *Gadget) (managed.External[*Gadget, thing], error) {
		ext, err := connect(ctx, g)
		return forgetful{ext, &lost, c}, err
	}
	o := newOperator(t, kind, &Gadget{*widget("unseen")})
	o.pass(0)
	o.pass(10 * time.Second)
	if n := c.Mutations(); n != 1 {
		t.Fatalf("asked for %d times while the outcome was unknown", n)
	}
	lost = false
	if o.pass(time.Minute); len(c.Names()) != 1 || managed.ExternalName(o.mr) != c.Names()[0] {
		t.Errorf("found: %q, want the one of %v", managed.ExternalName(o.mr), c.Names())
	}
}

// forgetful loses the answers of creations and knows no tokens; while lost is
// set it does not see what there is.
type forgetful struct {
	managed.External[*Gadget, thing]
	lost  *bool
	cloud *cloud
}

var errLost = errors.New("no answer")

func (f forgetful) Observe(ctx context.Context, g *Gadget, id managed.Identity) (*thing, error) {
	if *f.lost {
		return nil, nil // as a cloud that is only eventually consistent
	}
	return f.External.Observe(ctx, g, id)
}

func (f forgetful) Create(ctx context.Context, g *Gadget, in managed.Intent) (*thing, error) {
	clear(f.cloud.tokens)
	if _, err := f.External.Create(ctx, g, in); err != nil {
		return nil, err
	}
	return nil, &fault.Error{Class: fault.Transient, Err: errLost}
}

// TestWhatIsFoundByItsNatureIsAdopted shows that a resource which was found without
// an external name gets one when it is adopted: the cloud's.
func TestWhatIsFoundByItsNatureIsAdopted(t *testing.T) {
	c := newCloud(true)
	c.Plant("id-7", nil)
	c.Settle()
	kind := gadgets(c)
	connect := kind.Connect
	kind.Connect = func(ctx context.Context, g *Gadget) (managed.External[*Gadget, thing], error) {
		ext, err := connect(ctx, g)
		return alike{ext, c}, err
	}
	w := widget("alike")
	w.Annotations = map[string]string{v1alpha1.AnnotationImport: v1alpha1.ImportAdopt}
	o := newOperator(t, kind, &Gadget{*w})
	o.pass(0)
	o.pass(time.Minute)
	if mr := o.reload(); managed.ExternalName(mr) != "id-7" || !meta.IsStatusConditionTrue(mr.Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("external name %q, conditions %+v", managed.ExternalName(mr), mr.Status.Conditions)
	}
}

// alike sees the one thing there is where none is ours.
type alike struct {
	managed.External[*Gadget, thing]
	cloud *cloud
}

func (a alike) Observe(ctx context.Context, g *Gadget, id managed.Identity) (*thing, error) {
	if managed.ExternalName(g) != "" {
		return a.External.Observe(ctx, g, id)
	}
	return a.cloud.observe(id, a.cloud.Names()[0]), nil
}

func (a alike) Adopt(ctx context.Context, g *Gadget, t *thing, tags map[string]string) error {
	return external[*Gadget]{cloud: a.cloud}.Adopt(ctx, g, t, tags)
}

// TestStaleObjectIsNotCreatedFor shows that an object which changed since it was
// read, or is gone, leads to no call that changes anything.
func TestStaleObjectIsNotCreatedFor(t *testing.T) {
	for name, meanwhile := range map[string]func(t *testing.T, w *Widget){
		"Changed": func(t *testing.T, w *Widget) {
			t.Helper()
			w.Labels = map[string]string{"changed": "yes"}
			if err := cluster.Client.Update(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		},
		"Gone": func(t *testing.T, w *Widget) {
			t.Helper()
			if err := cluster.Client.Delete(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(false)
			o := newOperator(t, widgets(c), &Widget{ObjectMeta: metav1.ObjectMeta{GenerateName: "stale-"}})
			read := o.mr.copy()
			meanwhile(t, o.mr)
			if _, err := o.r.Reconcile(t.Context(), &read); err != nil {
				t.Fatal(err)
			}
			if n := c.Mutations(); n != 0 {
				t.Errorf("%d calls for an object that is not what it was", n)
			}
		})
	}
}

// TestTrouble shows what is said of troubles on our side of the cloud.
func TestTrouble(t *testing.T) {
	for name, tc := range map[string]struct {
		edit   func(*Widget)
		kind   func(*managed.Kind[*Widget, thing])
		reason string
	}{
		"ProviderMissing": {
			kind: func(k *managed.Kind[*Widget, thing]) {
				k.Connect = func(context.Context, *Widget) (managed.External[*Widget, thing], error) {
					return nil, fault.New(fault.Dependency, v1alpha1.ReasonProviderNotFound, "there is no Provider %q", "aws")
				}
			}, reason: v1alpha1.ReasonProviderNotFound,
		},
		"NameInvalid": {
			edit: func(w *Widget) { w.Annotations = map[string]string{v1alpha1.AnnotationExternalName: "../../other"} },
			kind: func(k *managed.Kind[*Widget, thing]) {
				k.ValidName = func(string) error { return errTaken }
			}, reason: v1alpha1.ReasonInvalidExternalName,
		},
		"ObservesNothing": {
			edit:   func(w *Widget) { w.Spec.ManagementPolicy = v1alpha1.ManagementObserveOnly },
			reason: v1alpha1.ReasonExternalNotFound,
		},
		"AdoptsNothing": {
			edit: func(w *Widget) {
				w.Annotations = map[string]string{v1alpha1.AnnotationExternalName: "nothing", v1alpha1.AnnotationImport: v1alpha1.ImportAdopt}
			}, reason: v1alpha1.ReasonExternalNotFound,
		},
		"ImmutableFieldChanged": {
			edit: func(w *Widget) { w.Annotations = map[string]string{v1alpha1.AnnotationExternalName: "blue"} },
			kind: func(k *managed.Kind[*Widget, thing]) {
				connect := k.Connect
				k.Connect = func(ctx context.Context, w *Widget) (managed.External[*Widget, thing], error) {
					ext, err := connect(ctx, w)
					return recoloured{ext}, err
				}
			}, reason: v1alpha1.ReasonImmutableFieldChanged,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(false)
			kind, mr := widgets(c), widget("")
			mr.GenerateName = "trouble-"
			if tc.edit != nil {
				tc.edit(mr)
			}
			if tc.kind != nil {
				tc.kind(&kind)
			}
			o := newOperator(t, kind, mr)
			o.pass(0)
			c.Settle()
			o.pass(time.Minute)
			_, status := o.mr.Managed()
			got := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionSynced)
			if got == nil || got.Reason != tc.reason || got.Message == "" {
				t.Errorf("Synced: got %+v, want %s", got, tc.reason)
			}
		})
	}
}

// recoloured is a cloud in which the widget has another colour than asked for.
type recoloured struct {
	managed.External[*Widget, thing]
}

func (r recoloured) Assess(w *Widget, t *thing) managed.Assessment {
	other := *t
	other.colour = "blue"
	return r.External.Assess(w, &other)
}
