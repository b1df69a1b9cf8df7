// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// What core writes itself is no news to it; what anybody else writes to it is.
func TestWhatIsNews(t *testing.T) {
	t.Parallel()
	own := map[string]string{claimapi.AnnotationIdentity: "shop/orders/1"}
	cases := map[string]struct {
		old, now metav1.ObjectMeta
		status   func(*claimapi.Status)
		want     bool
	}{
		"nothing":              {old: metav1.ObjectMeta{Annotations: own}, now: metav1.ObjectMeta{Annotations: own}},
		"core's identity":      {now: metav1.ObjectMeta{Annotations: own}},
		"core's finalizer":     {now: metav1.ObjectMeta{Finalizers: []string{claimapi.FinalizerClaim}}},
		"core's status":        {status: func(s *claimapi.Status) { s.Attempt = 2 }},
		"a label":              {now: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}}},
		"the spec":             {now: metav1.ObjectMeta{Generation: 2}, want: true},
		"a new password":       {now: metav1.ObjectMeta{Annotations: map[string]string{v1alpha1.AnnotationRotatePasswordRequestedAt: "now"}}, want: true},
		"a new start":          {old: metav1.ObjectMeta{Annotations: own}, want: true},
		"a request taken back": {old: metav1.ObjectMeta{Annotations: map[string]string{v1alpha1.AnnotationClassRevision: "x"}}, want: true},
		"an identity of another": {
			old: metav1.ObjectMeta{Annotations: own}, now: metav1.ObjectMeta{Annotations: map[string]string{claimapi.AnnotationIdentity: "shop/orders/2"}},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, now := &database.MySQLInstance{ObjectMeta: test.old}, &database.MySQLInstance{ObjectMeta: test.now}
			if test.status != nil {
				test.status(&now.Status.Status)
			}
			if got := spoken().Update(event.UpdateEvent{ObjectOld: old, ObjectNew: now}); got != test.want {
				t.Errorf("news: %t, want %t", got, test.want)
			}
		})
	}
}
