// SPDX-License-Identifier: Apache-2.0

package managed_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Widget is a kind made up for these tests. One type serves two kinds: Widget,
// whose name we choose and which has a password and holds data, and Gadget,
// whose name the cloud assigns.
type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   WidgetSpec   `json:"spec"`
	Status WidgetStatus `json:"status,omitempty"`
}

type WidgetSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`
	ForProvider          WidgetParameters `json:"forProvider"`
}

type WidgetParameters struct {
	Size   int    `json:"size"`
	Colour string `json:"colour,omitempty"`
	Base   string `json:"base,omitempty"`
	BaseOf string `json:"baseRef,omitempty"`
}

type WidgetStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`
	AtProvider             struct {
		Size int `json:"size,omitempty"`
	} `json:"atProvider,omitempty"`
}

type Gadget struct{ Widget }

type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Widget `json:"items"`
}

type GadgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Gadget `json:"items"`
}

func (w *Widget) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &w.Spec.ManagedSpec, &w.Status.ManagedStatus
}

func (w *Widget) copy() Widget {
	out := *w
	out.ObjectMeta = *w.ObjectMeta.DeepCopy()
	w.Spec.ManagedSpec.DeepCopyInto(&out.Spec.ManagedSpec)
	w.Status.ManagedStatus.DeepCopyInto(&out.Status.ManagedStatus)
	return out
}

func (w *Widget) DeepCopyObject() runtime.Object     { out := w.copy(); return &out }
func (g *Gadget) DeepCopyObject() runtime.Object     { return &Gadget{g.copy()} }
func (l *WidgetList) DeepCopyObject() runtime.Object { out := *l; return &out }
func (l *GadgetList) DeepCopyObject() runtime.Object { out := *l; return &out }

var groupVersion = schema.GroupVersion{Group: "test.example.org", Version: "v1alpha1"}

func addToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(groupVersion, &Widget{}, &WidgetList{}, &Gadget{}, &GadgetList{})
	metav1.AddToGroupVersion(s, groupVersion)
	return nil
}

// thing is what the made-up cloud has.
type thing struct {
	name, colour, password, pending string
	refused                         string // why the last password was not set
	size, wanted                    int
	state                           managed.State
	tags                            map[string]string
}

// cloud is a made-up cloud. It takes until Settle for what it is asked to do.
type cloud struct {
	mu        sync.Mutex
	things    map[string]*thing
	assigns   bool // names, and remembers tokens
	tokens    map[string]string
	mutations int
	refuses   int // so many passwords are accepted and not set
}

var (
	errTaken = errors.New("name taken")
	errBusy  = errors.New("busy")
)

func classify(err error) error {
	switch {
	case errors.Is(err, errTaken):
		return &fault.Error{Class: fault.Exists, Err: err}
	case errors.Is(err, errBusy):
		return &fault.Error{Class: fault.Conflict, Err: err}
	default:
		return err
	}
}

func (c *cloud) find(id managed.Identity, name string) *thing {
	if name != "" || !c.assigns {
		return c.things[name]
	}
	for _, t := range c.things {
		if id.OwnerOf(t.tags) == managed.Ours {
			return t
		}
	}
	return nil
}

func (c *cloud) observe(id managed.Identity, name string) *thing {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.find(id, name)
	if t == nil {
		return nil
	}
	seen := *t
	seen.tags = maps.Clone(t.tags)
	return &seen
}

func (c *cloud) create(in managed.Intent, p WidgetParameters) (*thing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := in.Name
	if c.assigns {
		if made := c.tokens[in.Token]; made != "" && c.things[made] != nil {
			return c.things[made], nil
		}
		name = fmt.Sprintf("id-%d", c.mutations)
		c.tokens[in.Token] = name
	}
	if c.things[name] != nil {
		return nil, errTaken
	}
	c.mutations++
	t := &thing{name: name, colour: p.Colour, password: in.Password, size: p.Size, wanted: p.Size, state: managed.Creating, tags: maps.Clone(in.Tags)}
	c.things[name] = t
	seen := *t
	return &seen, nil
}

func (c *cloud) change(name string, change func(*thing)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.things[name]
	if t == nil || t.state != managed.Available {
		return errBusy
	}
	c.mutations++
	change(t)
	return nil
}

func (c *cloud) Settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, t := range c.things {
		if t.state == managed.Deleting {
			delete(c.things, name)
			continue
		}
		t.state, t.size = managed.Available, t.wanted
		if t.pending != "" && c.refuses > 0 {
			c.refuses--
			t.pending, t.refused = "", "no"
		}
		if t.pending != "" {
			t.password, t.pending, t.refused = t.pending, "", ""
		}
	}
}

func (c *cloud) Names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.things))
}

func (c *cloud) Tags(name string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.things[name].tags)
}

func (c *cloud) Mutations() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mutations
}

func (c *cloud) Plant(name string, tags map[string]string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.things[name] = &thing{name: name, colour: "red", size: 3, wanted: 3, state: managed.Available, tags: maps.Clone(tags), password: "theirs"}
	return name
}

func (c *cloud) Vanish(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.things, name)
}

func (c *cloud) Drift(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.things[name].size, c.things[name].wanted = 99, 99
}

func (c *cloud) Drifted(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.things[name].size == 99
}

func (c *cloud) size(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.things[name].size
}

type passwords struct{ *cloud }

func (c passwords) Password(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.things[name].password
}

// external is the kind's side: what a provider would write.
type external[MR managed.Resource] struct {
	cloud  *cloud
	widget func(MR) *Widget
}

func (e external[MR]) Observe(_ context.Context, mr MR, id managed.Identity) (*thing, error) {
	return e.cloud.observe(id, managed.ExternalName(mr)), nil
}

func (e external[MR]) Assess(mr MR, t *thing) managed.Assessment {
	w := e.widget(mr)
	w.Status.AtProvider.Size = t.size
	a := managed.Assessment{Name: t.name, Tags: t.tags, State: t.state, Message: "the cloud says " + string(t.state),
		Busy: t.size != t.wanted, PasswordPending: t.pending != "", PasswordFailed: t.refused, Connection: map[string]string{v1alpha1.KeyHost: t.name + ".example.org"},
		Location: &v1alpha1.Location{Provider: "test", Region: "here"}}
	if w.Spec.ForProvider.Size != t.wanted {
		a.Drift = []string{"size"}
	}
	if w.Spec.ForProvider.Colour != t.colour {
		a.Fixed = []string{"colour (" + t.colour + " → " + w.Spec.ForProvider.Colour + ")"}
	}
	return a
}

func (e external[MR]) Create(_ context.Context, mr MR, in managed.Intent) (*thing, error) {
	return e.cloud.create(in, e.widget(mr).Spec.ForProvider)
}

func (e external[MR]) Update(_ context.Context, mr MR, t *thing) error {
	return e.cloud.change(t.name, func(t *thing) { t.wanted = e.widget(mr).Spec.ForProvider.Size })
}

func (e external[MR]) Delete(_ context.Context, _ MR, t *thing) error {
	return e.cloud.change(t.name, func(t *thing) { t.state = managed.Deleting })
}

func (e external[MR]) Adopt(_ context.Context, _ MR, t *thing, tags map[string]string) error {
	return e.cloud.change(t.name, func(t *thing) {
		if t.tags == nil {
			t.tags = map[string]string{}
		}
		maps.Copy(t.tags, tags)
	})
}

func (e external[MR]) SetPassword(_ context.Context, _ MR, t *thing, password string) error {
	return e.cloud.change(t.name, func(t *thing) { t.pending, t.refused = password, "" })
}

func widgets(c *cloud) managed.Kind[*Widget, thing] {
	return managed.Kind[*Widget, thing]{
		New: func() *Widget { return &Widget{} }, Classify: classify, HoldsData: true,
		Password: &managed.Password[*Widget]{Length: 24}, Settle: 30 * time.Second,
		Connect: func(context.Context, *Widget) (managed.External[*Widget, thing], error) {
			return external[*Widget]{c, func(w *Widget) *Widget { return w }}, nil
		},
	}
}

func gadgets(c *cloud) managed.Kind[*Gadget, thing] {
	return managed.Kind[*Gadget, thing]{
		New: func() *Gadget { return &Gadget{} }, Classify: classify, Naming: managed.Assigned, Settle: 30 * time.Second,
		References: []managed.ReferenceField[*Gadget]{{
			Field: "baseRef", To: groupVersion.WithKind("Widget"),
			Names: func(g *Gadget) []string {
				if g.Spec.ForProvider.BaseOf == "" {
					return nil
				}
				return []string{g.Spec.ForProvider.BaseOf}
			},
			Resolve: func(g *Gadget, names []string) { g.Spec.ForProvider.Base = names[0] },
		}},
		Connect: func(context.Context, *Gadget) (managed.External[*Gadget, thing], error) {
			return external[*Gadget]{c, func(g *Gadget) *Widget { return &g.Widget }}, nil
		},
	}
}

// valid is for how long credentials are good: as long as EKS's.
const valid = 15 * time.Minute

// issuer is the side of a kind whose credentials expire.
type issuer struct{ external[*Gadget] }

func (issuer) Issue(_ context.Context, g *Gadget, connection map[string]string, now time.Time) (managed.Issued, error) {
	end := now.Add(valid)
	token := fmt.Sprintf("%s at %s until %d", managed.ExternalName(g), connection[v1alpha1.KeyHost], end.Unix())
	return managed.Issued{Secret: map[string][]byte{v1alpha1.KeyToken: []byte(token)}, Expires: end}, nil
}

// tokens is a cloud that lets clients in with what an issuer issued.
type tokens struct{ *cloud }

func (tokens) Accepts(name string, details map[string][]byte, now time.Time) bool {
	var of, at string
	var end int64
	_, err := fmt.Sscanf(string(details[v1alpha1.KeyToken]), "%s at %s until %d", &of, &at, &end)
	return err == nil && of == name && at == name+".example.org" && now.Unix() < end
}

// tickets are gadgets with credentials that expire.
func tickets(c *cloud) managed.Kind[*Gadget, thing] {
	kind := gadgets(c)
	kind.Connect = func(context.Context, *Gadget) (managed.External[*Gadget, thing], error) {
		return issuer{external[*Gadget]{c, func(g *Gadget) *Widget { return &g.Widget }}}, nil
	}
	return kind
}
