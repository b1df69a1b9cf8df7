// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

const (
	// readable is how much of a claim's namespace and name is in the names of
	// what is made for it. With the two marks a name has at most 52 characters:
	// clouds take 63, and providers add some of their own.
	readable = 38
	// ofRole is how much of that is given to the role of a resource that is not
	// the primary one.
	ofRole = 13
	// markLength is the length of a mark, of five bits a character.
	markLength = 6
)

// objectName returns the name of what is made for a claim in one attempt under
// a role; the primary resource has none. It always gives the same name, and
// another for another claim, attempt or role. It holds a mark of the namespace,
// by which a snapshot of what was made can be told from that of another
// namespace.
func objectName(c claimapi.Claim, namespace types.UID, attempt int32, role string) string {
	room := readable
	if role != "" {
		room -= ofRole + 1
	}
	name := trim(c.GetNamespace()+"-"+c.GetName(), room)
	if role != "" {
		name += "-" + trim(role, ofRole)
	}
	return fmt.Sprintf("%s-%s-%s", name, mark(string(namespace)), mark(fmt.Sprintf("%s/%d/%s", c.GetUID(), attempt, role)))
}

// ofNamespace reports whether a cloud's name is that of something made for a
// claim in the namespace with this uid. Nobody chooses the uid of a namespace.
func ofNamespace(name string, namespace types.UID) bool {
	return strings.Contains(name, "-"+mark(string(namespace))+"-")
}

func trim(s string, length int) string {
	s = strings.ReplaceAll(s, ".", "-")
	if len(s) > length {
		s = s[:length]
	}
	return strings.Trim(s, "-")
}

// mark returns letters and digits that stand for s.
func mark(s string) string {
	sum := sha256.Sum256([]byte(s))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:markLength]
}
