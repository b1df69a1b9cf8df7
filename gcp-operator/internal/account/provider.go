// SPDX-License-Identifier: Apache-2.0

package account

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/api/cloudresourcemanager/v3"

	"github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/provider"
)

// +kubebuilder:rbac:groups=gcp.crossplane.io,resources=providers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=gcp.crossplane.io,resources=providers/status,verbs=patch
// +kubebuilder:rbac:groups=gcp.crossplane.io,resources=providers/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch,namespace=crossplane-system
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=list;watch,namespace=crossplane-system

// ProviderKind returns the kind Provider.
func ProviderKind(accounts *Accounts) provider.Kind[*v1alpha1.Provider] {
	return provider.Kind[*v1alpha1.Provider]{
		New:     func() *v1alpha1.Provider { return &v1alpha1.Provider{} },
		Verify:  accounts.verify,
		Forget:  accounts.Forget,
		Sources: func(p *v1alpha1.Provider) provider.Sources { return needsOf(p).Sources() },
	}
}

// verify asks Google Cloud for the project. It takes the permission
// resourcemanager.projects.get, which every role that the operator's work takes
// contains (roles/cloudsql.admin, roles/compute.networkAdmin), and tells the
// project's number, which private connections need. The address of the service
// account is known from its key or the spec; only an injected identity has to be
// asked for it.
func (a *Accounts) verify(ctx context.Context, p *v1alpha1.Provider) (provider.Verified, error) {
	account, version, err := a.Refresh(ctx, p)
	if err != nil {
		return provider.Verified{}, err
	}
	project, err := Do(ctx, "projects.get", func(ctx context.Context) (*cloudresourcemanager.Project, error) {
		return account.Projects.Projects.Get("projects/" + account.Project).Context(ctx).Do()
	})
	if err != nil {
		return provider.Verified{}, unseen(account.Project, err)
	}
	id := &v1alpha1.Identity{ProjectID: project.ProjectId, ProjectNumber: strings.TrimPrefix(project.Name, "projects/"), Email: account.Email}
	if p.Spec.Credentials.Source == v1alpha1.CredentialsInjected {
		if id.Email, err = a.emailOf(ctx, account); err != nil {
			return provider.Verified{}, err
		}
	}
	account.identified(*id)
	p.Status.Identity = id
	who := cmp.Or(id.Email, "a federated identity")
	return provider.Verified{Summary: fmt.Sprintf("project %s (%s) as %s", id.ProjectID, id.ProjectNumber, who), Version: version}, nil
}

// unseen says what it means that the project can't be seen: Google does not
// tell a project that is not there from one that the identity may not see.
func unseen(project string, err error) error {
	f := fault.Of(Classify(err))
	switch {
	case f.Reason == contract.ReasonCredentialsRefused || f.Code == "SERVICE_DISABLED" || f.Code == "accessNotConfigured":
		return f
	case f.Class == fault.Permission, f.Class == fault.Gone:
		return &fault.Error{
			Class: fault.Permission, Code: f.Code,
			Err: fault.Said("", fmt.Sprintf("there is no project %s, or the identity may not see it: it needs the permission resourcemanager.projects.get there", project)),
		}
	}
	return f
}

// emailOf asks whose the account's access tokens are.
func (a *Accounts) emailOf(ctx context.Context, account *Account) (string, error) {
	token, err := account.tokens.token()
	if err != nil {
		return "", err
	}
	form := url.Values{"access_token": {token.AccessToken}}
	request, err := http.NewRequestWithContext(named(ctx, "tokeninfo"), http.MethodPost, a.Endpoints.tokenInfo(), bytes.NewBufferString(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("asking whose the token is: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := account.client("oauth2", http.DefaultTransport).Do(request)
	if err != nil {
		return "", Classify(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	var said struct {
		Email string `json:"email"`
	}
	if err := json.NewDecoder(response.Body).Decode(&said); err != nil {
		return "", nil // It is for people only: an identity without an address works as well.
	}
	return said.Email, nil
}
