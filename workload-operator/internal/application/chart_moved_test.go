// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// pause has the operator leave an application alone, and returns once it does.
func (s *scene) pause(a *workload.KubernetesApplication, on bool) {
	s.Helper()
	s.edit(a, func(a *workload.KubernetesApplication) {
		metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.AnnotationPaused, fmt.Sprint(on))
	})
	if on {
		s.says(a, v1alpha1.ConditionSynced, v1alpha1.ReasonPaused, "")
	}
}

// age makes of what is kept of an application's chart what an older version has left:
// in the namespace of connection secrets, with nothing said of where it is. Whatever
// remains here is overtaken, and says so.
func (s *scene) age(a *workload.KubernetesApplication, remains bool) {
	s.Helper()
	kept := s.keptIn(charts, a)
	if len(kept) != 1 || a.Status.Chart.KeptIn != charts {
		s.Fatalf("want it kept in %s: %d, %+v", charts, len(kept), a.Status.Chart)
	}
	old := kept[0].DeepCopy()
	old.ResourceVersion, old.UID, old.Namespace = "", "", keeping
	s.must(hub.Client.Create(s.ctx, old))
	if remains {
		kept[0].Annotations[workload.AnnotationRendering], kept[0].Data = "another", nil
		s.must(hub.Client.Update(s.ctx, &kept[0]))
	} else {
		s.must(hub.Client.Delete(s.ctx, &kept[0]))
	}
	s.eventually(func() error {
		s.get(a)
		a.Status.Chart.KeptIn = ""
		return hub.Client.Status().Update(s.ctx, a, client.FieldOwner(account))
	})
}

// TestChartOfAnOlderVersion: what an older version has kept beside connection secrets,
// where core may read, is taken from there: it is not rendered again, and nothing of
// it stays there.
func TestChartOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	for name, remains := range map[string]bool{"after an upgrade": false, "after a way back and forth": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.packed(shop())
			a := s.app("blog", nil, charted(s.source(ofConfigMaps), ""))
			s.ready(a)
			first := s.password()
			s.pause(a, true)
			s.age(a, remains)
			s.pause(a, false)
			s.eventually(func() error {
				s.get(a)
				if here, there := len(s.keptIn(charts, a)), len(s.keptIn(keeping, a)); here != 1 || there != 0 || a.Status.Chart.KeptIn != charts {
					return fmt.Errorf("%d are kept here and %d there; %+v", here, there, a.Status.Chart)
				}
				return nil
			})
			s.ready(a)
			if again, n := s.password(), rendered.count(s.namespace); again != first || n != 1 {
				t.Errorf("want one rendering and the same password: %d, %t", n, again == first)
			}
			s.edit(a, func(a *workload.KubernetesApplication) {
				metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.AnnotationReconcileRequestedAt, time.Now().String())
			})
			s.ready(a)
			s.remove(a)
			s.gone(hub, a)
			s.nothingKept(a)
		})
	}
}

// TestChartOfAnOlderVersionGoes: an application that is deleted before it was looked at
// again leaves nothing where an older version kept its chart.
func TestChartOfAnOlderVersionGoes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.packed(shop())
	a := s.app("blog", nil, charted(s.source(ofConfigMaps), ""))
	s.ready(a)
	s.pause(a, true)
	s.age(a, true)
	s.remove(a)
	s.pause(a, false)
	s.gone(hub, a)
	s.nothingKept(a)
}
