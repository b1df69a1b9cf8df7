// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/crossplaneio/crossplane/aws-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/provider"
)

// +kubebuilder:rbac:groups=aws.crossplane.io,resources=providers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=aws.crossplane.io,resources=providers/status,verbs=patch
// +kubebuilder:rbac:groups=aws.crossplane.io,resources=providers/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets;configmaps,verbs=get;list;watch,namespace=crossplane-system

// ProviderKind returns the kind Provider.
func ProviderKind(accounts *Accounts) provider.Kind[*v1alpha1.Provider] {
	return provider.Kind[*v1alpha1.Provider]{
		New:     func() *v1alpha1.Provider { return &v1alpha1.Provider{} },
		Verify:  accounts.verify,
		Forget:  accounts.Forget,
		Sources: func(p *v1alpha1.Provider) provider.Sources { return needsOf(p).Sources() },
	}
}

// verify asks AWS whose p's credentials are. Every identity may ask that.
func (a *Accounts) verify(ctx context.Context, p *v1alpha1.Provider) (provider.Verified, error) {
	account, version, err := a.Refresh(ctx, p)
	if err != nil {
		return provider.Verified{}, err
	}
	asked := Client(account, account.region, func(c aws.Config) *sts.Client { return sts.NewFromConfig(c) })
	out, err := asked.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return provider.Verified{}, Classify(err)
	}
	account.identified(aws.ToString(out.Account))
	p.Status.Identity = &v1alpha1.Identity{
		Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), UserID: aws.ToString(out.UserId),
	}
	return provider.Verified{
		Summary: fmt.Sprintf("account %s as %s", aws.ToString(out.Account), aws.ToString(out.Arn)),
		Version: version,
	}, nil
}
