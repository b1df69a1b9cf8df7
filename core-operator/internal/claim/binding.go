// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// annotationBindingRevision on a claim's connection secret holds the number of
// its content.
const annotationBindingRevision = "crossplane.io/binding-revision"

// revisionOf returns the number of the content that was published last: what the
// secret says, or what the claim says where the secret is gone.
func (p *pass) revisionOf(s *corev1.Secret) int64 {
	var recorded int64
	if p.status.Binding != nil {
		recorded = p.status.Binding.Revision
	}
	if s == nil {
		return recorded
	}
	return max(recorded, revisionOn(s))
}

func revisionOn(s *corev1.Secret) int64 {
	n, err := strconv.ParseInt(s.Annotations[annotationBindingRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func number(s *corev1.Secret, revision int64) {
	annotations := maps.Clone(s.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[annotationBindingRevision] = strconv.FormatInt(revision, 10)
	s.Annotations = annotations
}
