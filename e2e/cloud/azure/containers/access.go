// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
)

// audience is the application that tokens for clusters are for, "Azure Kubernetes
// Service AAD Server": https://azure.github.io/kubelogin/concepts/aks.html
const audience = "6dae42f8-4368-4678-94ff-3960e28e3630"

// administrators is the group that may do everything.
const administrators = "system:masters"

// roleOf returns the ClusterRole whose rights an Azure role gives, of
// https://learn.microsoft.com/azure/aks/manage-azure-rbac
func roleOf(azure string) (string, bool) {
	role, ok := map[string]string{
		entra.ClusterAdmin: "cluster-admin", "Azure Kubernetes Service RBAC Admin": "admin",
		"Azure Kubernetes Service RBAC Writer": "edit", "Azure Kubernetes Service RBAC Reader": "view",
	}[azure]
	return role, ok
}

// authenticate says whose a token is in a cluster. Tokens of Microsoft Entra are
// for all clusters; the local account's is for one.
func (s *Service) authenticate(r *arm.Resource, token string) (kubernetes.User, bool) {
	if localAccounts(r) && token == own(r).static {
		return kubernetes.User{Name: "masterclient", Groups: []string{administrators}}, true
	}
	app, ok := s.directory.Holder(token, audience)
	if !ok || !integrated(r) || !sameTenant(r, app) {
		return kubernetes.User{}, false
	}
	user := kubernetes.User{Name: app.Object, UID: app.Object, Groups: []string{groupOf(app)}, Extra: map[string][]string{"oid": {app.Object}}}
	if azureRBAC(r) && slices.Contains(app.Roles, entra.ClusterAdmin) {
		user.Groups = append(user.Groups, administrators)
	}
	return user, true
}

func flag(r *arm.Resource, keys ...string) bool {
	on, _ := arm.Value(r.Body, append([]string{"properties"}, keys...)...).(bool)
	return on
}

func localAccounts(r *arm.Resource) bool { return !flag(r, "disableLocalAccounts") }
func integrated(r *arm.Resource) bool    { return flag(r, "aadProfile", "managed") }
func azureRBAC(r *arm.Resource) bool {
	return integrated(r) && flag(r, "aadProfile", "enableAzureRBAC")
}

func sameTenant(r *arm.Resource, app entra.Application) bool {
	tenant := arm.Text(r.Body, "properties", "aadProfile", "tenantID")
	return tenant == "" && strings.EqualFold(app.Tenant, entra.DefaultTenant) || strings.EqualFold(tenant, app.Tenant)
}

// groupOf is the group that an identity is alone in; its rights are the group's.
func groupOf(app entra.Application) string { return "azure:" + app.Object }

// grants are what the roles of all identities give in a cluster.
func (s *Service) grants(r *arm.Resource) []kubernetes.Grant {
	if !azureRBAC(r) {
		return nil
	}
	var out []kubernetes.Grant
	for _, app := range s.directory.List() {
		for _, azure := range app.Roles {
			if role, known := roleOf(azure); known {
				out = append(out, kubernetes.Grant{Name: "azure." + app.Object + "." + role, Group: groupOf(app), Role: role})
			}
		}
	}
	return out
}

// userCredential is a kubeconfig that logs people in by a program on their machine;
// where there is no Microsoft Entra, the local account's.
func (s *Service) userCredential(c *arm.Call, r *arm.Resource) (any, error) {
	if !integrated(r) {
		return s.adminCredential(c, r)
	}
	exec := "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: kubelogin, interactiveMode: IfAvailable, " +
		"args: [get-token, --login, devicecode, --server-id, " + audience + "]}"
	return credential(r, "clusterUser", exec)
}

func (s *Service) adminCredential(_ *arm.Call, r *arm.Resource) (any, error) {
	if !localAccounts(r) {
		return nil, refuse("Getting static credential is not allowed because this cluster is set to disable local accounts.")
	}
	return credential(r, "clusterAdmin", "token: "+own(r).static)
}

func credential(r *arm.Resource, name, user string) (any, error) {
	o := own(r)
	if !o.serving || o.err != nil {
		return nil, refuse("The managed cluster %s has no API server yet.", r.ID.Name())
	}
	who := name + "_" + r.ID.Group + "_" + r.ID.Name()
	config := `apiVersion: v1
kind: Config
clusters: [{name: ` + r.ID.Name() + `, cluster: {server: "` + o.at.URL + `", certificate-authority-data: ` + base64.StdEncoding.EncodeToString(o.at.CA) + `}}]
users: [{name: ` + who + `, user: {` + user + `}}]
contexts: [{name: ` + r.ID.Name() + `, context: {cluster: ` + r.ID.Name() + `, user: ` + who + `}}]
current-context: ` + r.ID.Name() + `
`
	return arm.Body{"kubeconfigs": []arm.Body{{"name": name, "value": base64.StdEncoding.EncodeToString([]byte(config))}}}, nil
}
