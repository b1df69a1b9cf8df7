// SPDX-License-Identifier: Apache-2.0

package container

import (
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
)

// roles are those of IAM that mean something in a cluster, and the ClusterRole that
// comes nearest to what they allow there. Managing clusters, which
// roles/container.clusterAdmin allows, is nothing that one does in one
// (https://cloud.google.com/iam/docs/roles-permissions/container).
//
//nolint:gochecknoglobals // a table
var roles = map[string]string{
	"roles/container.admin":     "cluster-admin",
	"roles/container.developer": "edit",
	"roles/container.viewer":    "view",
}

// groupOf is that of everybody who has a role.
func groupOf(role string) string { return "iam:" + role }

// grants give the roles their rights.
func grants() []kubernetes.Grant {
	var out []kubernetes.Grant
	for role, clusterRole := range roles {
		out = append(out, kubernetes.Grant{Name: "iam." + strings.TrimPrefix(role, "roles/"), Group: groupOf(role), Role: clusterRole})
	}
	return out
}

// authenticate says whose an access token is in a cluster.
func (s *Service) authenticate(c *cluster, token string) (kubernetes.User, bool) {
	caller, held, ok := s.identities.Holder(token, c.project)
	if !ok {
		return kubernetes.User{}, false
	}
	user := kubernetes.User{Name: caller, UID: caller}
	for _, role := range held {
		if roles[role] != "" {
			user.Groups = append(user.Groups, groupOf(role))
		}
		if role == "roles/container.admin" {
			user.Groups = append(user.Groups, "system:masters") // who administers does not depend on what is bound
		}
	}
	return user, true
}
