// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var (
	errOtherKeys  = errors.New("the secrets of two clouds differ in their keys")
	errOtherCloud = errors.New("the database is not where it should be")
)

// place is one cloud of the show, and the namespace whose claims it satisfies.
type place struct{ cloud, provider, namespace string }

func places() []place {
	return []place{{stack.LocalAWS, "aws", "on-aws"}, {stack.LocalGCP, "gcp", "on-google"}, {stack.LocalAzure, "azure", "on-azure"}}
}

// anywhere is the namespace of a claim that any cloud may satisfy.
const anywhere = "anywhere"

// clouds tells how the same claims become databases on three clouds.
func clouds() stage {
	return stage{
		operators: []string{stack.CoreOperator, stack.AWSOperator, stack.AzureOperator},
		clouds:    []string{stack.LocalGCP},
		steps: []step{
			{"An administrator connects an AWS account and an Azure subscription", connectAccounts},
			{"Classes for three clouds; the operator of one of them is not installed", classesOfClouds},
			{"The operator for Google Cloud is installed, and its classes heal", installGoogle},
			{"The same two claims, on three clouds", claimEverywhere},
			{"The same client logs in to all of them", logInEverywhere},
			{"AWS has no quota left, and the next cloud takes over", takeOver},
			{"The developers delete their claims, and nothing is left on any cloud", removeEverything},
		},
	}
}

func connectAccounts(ctx context.Context, s *show) error {
	return errors.Join(
		awsCredentials(ctx, s),
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "azure-credentials", "--from-literal=clientSecret="+entra.DefaultSecret),
		s.kubectl(ctx, "-n", operators, "create", "configmap", "azure-ca", "--from-file=ca.pem="+s.stack.CloudDir(stack.LocalAzure)+"/ca.pem"),
		s.kubectl(ctx, "apply", "-f", "clouds/accounts.yaml"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "awsprovider/aws", "azureprovider/azure", "resourcegroups.resources.azure.crossplane.io/databases", "--timeout=60s"),
		s.kubectl(ctx, "get", "awsprovider,azureprovider"),
	)
}

func classesOfClouds(ctx context.Context, s *show) error {
	return errors.Join(
		s.kubectl(ctx, "apply", "-f", "clouds/classes.yaml"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclass/mysql-aws", "resourceclass/postgresql-aws",
			"resourceclass/mysql-azure", "resourceclass/postgresql-azure", "--timeout=60s"),
		s.awaitField(ctx, `.status.conditions[?(@.type=="Available")].reason`, "OperatorNotInstalled", "resourceclass", "mysql-gcp"),
		s.kubectl(ctx, "get", "resourceclasses"),
	)
}

// installGoogle does what installing the operator's chart does.
func installGoogle(ctx context.Context, s *show) error {
	if err := errors.Join(s.stack.Install(ctx, stack.GCPOperator), s.stack.Start(ctx, stack.GCPOperator)); err != nil {
		return fmt.Errorf("install the operator: %w", err)
	}
	return errors.Join(
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "gcp-credentials",
			"--from-file=key.json="+filepath.Join(s.stack.CloudDir(stack.LocalGCP), gcp.KeyFile)),
		s.kubectl(ctx, "apply", "-f", "clouds/google.yaml"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "gcpprovider/gcp", "--timeout=60s"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclasses", "--all", "--timeout=60s"),
		s.kubectl(ctx, "get", "resourceclasses"),
	)
}

func claimEverywhere(ctx context.Context, s *show) error {
	var err error
	for _, p := range places() {
		err = errors.Join(err,
			s.kubectl(ctx, "create", "namespace", p.namespace),
			s.kubectl(ctx, "label", "namespace", p.namespace, "cloud="+p.provider))
		for _, c := range claims() {
			err = errors.Join(err, s.kubectl(ctx, "-n", p.namespace, "apply", "-f", c.file))
		}
	}
	for _, p := range places() {
		for _, c := range claims() {
			err = errors.Join(err, s.kubectl(ctx, "-n", p.namespace, "wait", "--for=condition=Ready", c.object(), "--timeout=60s"))
		}
	}
	return errors.Join(err, s.kubectl(ctx, "get", "claims", "-A"), s.kubectl(ctx, "get", "managed"))
}

// logInEverywhere logs in to each database with what its secret says, and
// compares the secrets.
func logInEverywhere(ctx context.Context, s *show) error {
	for _, c := range claims() {
		var keys []string
		for _, p := range places() {
			conn, err := login.Read(ctx, s.stack.Client, p.namespace, c.secret)
			if err != nil {
				return err
			}
			if conn[v1alpha1.KeyProvider] != p.provider {
				return fmt.Errorf("%w: %s of %s is on %s", errOtherCloud, c.name, p.namespace, conn[v1alpha1.KeyProvider])
			}
			if _, err := s.enter(ctx, p.cloud, c.name+" of "+p.namespace, conn); err != nil {
				return err
			}
			now := slices.Sorted(maps.Keys(conn))
			if keys != nil && !slices.Equal(keys, now) {
				return fmt.Errorf("%w: %v and %v", errOtherKeys, keys, now)
			}
			keys = now
		}
		fmt.Fprintf(s.out, "  the secrets for %s have the same keys on all clouds: %s\n", c.name, strings.Join(keys, ", "))
	}
	return nil
}

// takeOver uses up the quota of the cloud that comes first for a claim.
func takeOver(ctx context.Context, s *show) error {
	s.sayf("AWS lets this account have two databases, and it has two.")
	full := local.Settings{Quotas: map[string]int{"rds:instances": 2}}
	if _, err := s.control[stack.LocalAWS].Settings(ctx, full); err != nil {
		return fmt.Errorf("set the quota: %w", err)
	}
	const carts = "mysqlinstance/carts"
	err := errors.Join(
		s.kubectl(ctx, "create", "namespace", anywhere),
		s.kubectl(ctx, "label", "namespace", anywhere, "cloud=any"),
		s.kubectl(ctx, "-n", anywhere, "apply", "-f", "clouds/anywhere.yaml"),
		s.kubectl(ctx, "-n", anywhere, "wait", "--for=condition=Ready", carts, "--timeout=60s"),
		s.kubectl(ctx, "-n", anywhere, "get", "claims"),
		s.kubectl(ctx, "-n", anywhere, "get", carts, "-o", "jsonpath={.status.failedAttempts}{\"\\n\"}"),
		s.kubectl(ctx, "-n", anywhere, "events", "--for", carts),
	)
	if err != nil {
		return err
	}
	conn, err := login.Read(ctx, s.stack.Client, anywhere, "carts-db")
	if err != nil {
		return err
	}
	if conn[v1alpha1.KeyProvider] != "gcp" {
		return fmt.Errorf("%w: carts is on %s", errOtherCloud, conn[v1alpha1.KeyProvider])
	}
	return s.firstLogin(ctx, conn)
}

func removeEverything(ctx context.Context, s *show) error {
	var namespaces []string
	for _, p := range places() {
		namespaces = append(namespaces, p.namespace)
	}
	err := s.kubectl(ctx, append([]string{"delete", "namespace", anywhere, "--timeout=90s"}, namespaces...)...)
	err = errors.Join(err,
		s.kubectl(ctx, "delete", "resourcegroups.resources.azure.crossplane.io", "databases", "--timeout=60s"),
		s.kubectl(ctx, "get", "managed"))
	for _, p := range places() {
		err = errors.Join(err, s.showLedger(ctx, p.cloud))
	}
	return err
}
