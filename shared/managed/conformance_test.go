// SPDX-License-Identifier: Apache-2.0

package managed_test

import (
	"os"
	"testing"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return addToScheme(c.Scheme)
	}, "shared/managed/testdata/crds"))
}

func newCloud(assigns bool) *cloud {
	return &cloud{things: map[string]*thing{}, assigns: assigns, tokens: map[string]string{}}
}

func TestChosenNames(t *testing.T) {
	managedtest.Thorough(t, cluster, func(*testing.T) managedtest.Subject[*Widget, thing] {
		c := newCloud(false)
		return managedtest.Subject[*Widget, thing]{
			Kind: widgets(c), Cloud: passwords{c},
			Object: func() *Widget {
				return &Widget{Spec: WidgetSpec{ForProvider: WidgetParameters{Size: 3, Colour: "red"}}}
			},
			Change:  func(w *Widget) { w.Spec.ForProvider.Size = 4 },
			Changed: func(name string) bool { return c.size(name) == 4 },
		}
	})
}

func TestAssignedNames(t *testing.T) {
	managedtest.Thorough(t, cluster, func(*testing.T) managedtest.Subject[*Gadget, thing] {
		c := newCloud(true)
		return managedtest.Subject[*Gadget, thing]{
			Kind: gadgets(c), Cloud: c,
			Object: func() *Gadget {
				return &Gadget{Widget{Spec: WidgetSpec{ForProvider: WidgetParameters{Size: 3, Colour: "red"}}}}
			},
			Change:  func(g *Gadget) { g.Spec.ForProvider.Size = 4 },
			Changed: func(name string) bool { return c.size(name) == 4 },
		}
	})
}

func TestCredentialsThatExpire(t *testing.T) {
	managedtest.Conformance(t, cluster, func(*testing.T) managedtest.Subject[*Gadget, thing] {
		c := newCloud(true)
		return managedtest.Subject[*Gadget, thing]{
			Kind: tickets(c), Cloud: tokens{c}, Steps: 1,
			Object: func() *Gadget {
				return &Gadget{Widget{Spec: WidgetSpec{ForProvider: WidgetParameters{Size: 3, Colour: "red"}}}}
			},
		}
	})
}
