// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

// installMore adds the other operators to an installation that works.
func installMore(ctx context.Context, s *story) error {
	return s.untouched(ctx, "adding operators", func(ctx context.Context) error {
		return errors.Join(s.installGoogle(ctx), s.installAzure(ctx), s.installWorkloads(ctx))
	})
}

// releaseGoogle installs the operator, or brings its release to the usual values and more.
func (s *story) releaseGoogle(ctx context.Context, more ...string) error {
	endpoint, err := s.endpoint(stack.LocalGCP)
	if err != nil {
		return err
	}
	return s.install(ctx, stack.GCPOperator, fmt.Sprintf(`provider: {create: true, projectID: local-project}
classes: {enabled: true, default: false}
extraArgs: ["--endpoint=%s"]
`, endpoint), more...)
}

func (s *story) installGoogle(ctx context.Context) error {
	key := filepath.Join(s.stack.CloudDir(stack.LocalGCP), gcp.KeyFile)
	if err := s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "gcp-credentials", "--from-file=key.json="+key); err != nil {
		return err
	}
	return errors.Join(
		s.releaseGoogle(ctx),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "gcpprovider/gcp", "--timeout=120s"),
		s.helm(ctx, "test", stack.GCPOperator, "--timeout=2m"),
		s.claimFrom(ctx, "gcp"),
	)
}

// releaseAzure lets the operator trust the local cloud's certificate as one would a proxy's.
func (s *story) releaseAzure(ctx context.Context, more ...string) error {
	endpoint, err := s.endpoint(stack.LocalAzure)
	if err != nil {
		return err
	}
	return s.install(ctx, stack.AzureOperator, fmt.Sprintf(`provider:
  create: true
  subscriptionID: %s
  tenantID: %s
  clientID: %s
  spec: {caBundle: {configMapRef: {name: local-ca, key: ca.pem}}}
classes: {enabled: true, default: false}
extraCA: {configMap: local-ca}
extraArgs: ["--resource-manager-endpoint=%[4]s", "--authority-host=%[4]s"]
`, azure.DefaultSubscription, entra.DefaultTenant, entra.DefaultClient, endpoint), more...)
}

func (s *story) installAzure(ctx context.Context) error {
	err := errors.Join(
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "azure-credentials", "--from-literal=clientSecret="+entra.DefaultSecret),
		s.kubectl(ctx, "-n", operators, "create", "configmap", "local-ca", "--from-file=ca.pem="+s.stack.CloudDir(stack.LocalAzure)+"/ca.pem"),
	)
	if err != nil {
		return err
	}
	return errors.Join(
		s.releaseAzure(ctx),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "azureprovider/azure", "--timeout=120s"),
		s.helm(ctx, "test", stack.AzureOperator, "--timeout=2m"),
		s.claimFrom(ctx, "azure"),
	)
}

// claimFrom claims a database of one cloud, and logs in.
func (s *story) claimFrom(ctx context.Context, cloud string) error {
	s.elsewhere++
	class := "mysql-" + cloud
	err := errors.Join(
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclass/"+class, "--timeout=120s"),
		s.claim(ctx, strings.Replace(fmt.Sprintf(oneMore, "from-"+cloud), "spec:\n", "spec:\n  classRef: {name: "+class+"}\n", 1)),
	)
	if err != nil {
		return err
	}
	return s.inDatabase(ctx, "from-"+cloud+"-db", func(context.Context, database) error { return nil })
}

func (s *story) installWorkloads(ctx context.Context) error {
	if err := s.install(ctx, stack.WorkloadOperator, coreValues); err != nil {
		return err
	}
	return s.helm(ctx, "test", stack.WorkloadOperator, "--timeout=2m")
}
