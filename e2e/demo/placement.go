// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Where developers work who do not say where anything shall be, and what they have.
const (
	shop, market = "shop", "market"
	store        = "kubernetesapplication/store"
	report       = "kubernetesapplication/report"
	orders       = "mysqlinstance/orders"
	catalog      = "postgresqlinstance/catalog"
	pool         = "clusterpool/large"
	poolClusters = "clusters" // the namespace of the pool's claims
)

var (
	errApart  = errors.New("the application and its databases are not side by side")
	errStays  = errors.New("it is where it was")
	errSilent = errors.New("the reason is not told")
)

// placement tells how it is decided where an application and all that it uses live.
func placement() stage {
	return stage{
		operators: []string{stack.CoreOperator, stack.AWSOperator, stack.GCPOperator, stack.AzureOperator, stack.WorkloadOperator},
		steps: []step{
			{"An administrator connects three clouds, each with a cluster, and offers databases wherever an application is", offerEverywhere},
			{"A developer writes an application with two databases, and nowhere says where", placeTogether},
			{"A client logs in to both, with what came beside the application", logInBeside},
			{"The cloud has no quota left: the next shop goes elsewhere, with all that it uses, and says why", placeElsewhere},
			{"What fits nowhere waits for a cluster that a pool makes", growPool},
			{"It is deleted, and the pool shrinks", shrinkPool},
			{"Everything is deleted, and nothing is left on any cloud", removePlacement},
		},
	}
}

func offerEverywhere(ctx context.Context, s *show) error {
	if err := connectThree(ctx, s); err != nil {
		return err
	}
	err := errors.Join(
		s.kubectl(ctx, "apply", "-f", "placement/classes.yaml"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclasses", "--all", "--timeout=60s"),
	)
	for _, p := range places() {
		err = errors.Join(err,
			s.kubectl(ctx, "create", "namespace", p.namespace),
			s.kubectl(ctx, "label", "namespace", p.namespace, "cloud="+p.provider),
			s.kubectl(ctx, "-n", p.namespace, "apply", "-f", "clusters/web.yaml"))
	}
	for _, p := range places() {
		err = errors.Join(err,
			s.kubectl(ctx, "-n", p.namespace, "wait", "--for=condition=Ready", webCluster, "--timeout=90s"),
			s.kubectl(ctx, "wait", "--for=create", "kubernetestarget/"+p.target(), "--timeout=60s"),
			s.kubectl(ctx, "patch", "kubernetestarget", p.target(), "--type=merge", "-p",
				`{"spec":{"allowedNamespaces":{"namespaces":["`+p.namespace+`","`+shop+`","`+market+`"]}}}`))
	}
	return errors.Join(err,
		s.kubectl(ctx, "patch", "kubernetestarget", "on-google.web", "--type=merge", "-p", `{"spec":{"network":{"egressCIDRs":["203.0.113.7/32"]}}}`),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "kubernetestargets", "--all", "--timeout=60s"),
		s.kubectl(ctx, "get", "kubernetestargets"),
	)
}

// open makes a namespace for developers, and their shop in it.
func (s *show) open(ctx context.Context, namespace string) error {
	return errors.Join(
		s.kubectl(ctx, "create", "namespace", namespace),
		s.kubectl(ctx, "label", "namespace", namespace, "cloud=any"),
		s.kubectl(ctx, "-n", namespace, "apply", "-f", "placement/store.yaml"),
		s.kubectl(ctx, "-n", namespace, "wait", "--for=condition=Ready", store, "--timeout=90s"),
		s.kubectl(ctx, "-n", namespace, "get", "kubernetesapplications"),
		s.kubectl(ctx, "-n", namespace, "get", "claims"),
	)
}

func placeTogether(ctx context.Context, s *show) error {
	if err := s.open(ctx, shop); err != nil {
		return err
	}
	at, err := s.together(ctx, shop)
	if err != nil {
		return err
	}
	if at != "aws us-east-1" {
		return fmt.Errorf("%w: the classes of AWS come first, and it is at %s", errApart, at)
	}
	return s.kubectl(ctx, "-n", shop, "get", store, "-o", `jsonpath={range .status.placement.terms[*]}{.name}{" "}{.value}{"\n"}{end}`)
}

// together returns the provider and region of a shop, which are those of both of its
// databases.
func (s *show) together(ctx context.Context, namespace string) (string, error) {
	places := map[string]string{}
	for what, path := range map[string]string{store: ".status.placement.location", orders: ".status.location", catalog: ".status.location"} {
		at, err := s.query(ctx, "-n", namespace, "get", what, "-o", "jsonpath={"+path+".provider} {"+path+".region}")
		if err != nil {
			return "", err
		}
		places[what] = at
	}
	if places[store] == "" || places[store] != places[orders] || places[store] != places[catalog] {
		return "", fmt.Errorf("%w: %v", errApart, places)
	}
	fmt.Fprintf(s.out, "  the application, its MySQL and its PostgreSQL are all at %s\n", places[store])
	return places[store], nil
}

func logInBeside(ctx context.Context, s *show) error {
	for _, secret := range []string{"orders-db", "catalog-db"} {
		conn, err := login.Read(ctx, s.stack.Client, shop, secret)
		if err != nil {
			return err
		}
		if _, err := s.enter(ctx, stack.LocalAWS, secret, conn); err != nil {
			return err
		}
	}
	return nil
}

func placeElsewhere(ctx context.Context, s *show) error {
	s.sayf("AWS lets this account have three databases, and it has two: one of the next two would fit.")
	full := local.Settings{Quotas: map[string]int{"rds:instances": 3}}
	if _, err := s.control[stack.LocalAWS].Settings(ctx, full); err != nil {
		return fmt.Errorf("set the quota: %w", err)
	}
	if err := s.open(ctx, market); err != nil {
		return err
	}
	at, err := s.together(ctx, market)
	if err != nil {
		return err
	}
	if strings.HasPrefix(at, "aws") {
		return fmt.Errorf("%w: %s", errStays, at)
	}
	failed, err := s.query(ctx, "-n", market, "get", orders, catalog, "-o", "jsonpath={.items[*].status.failedAttempts[*].reason}")
	if err != nil || !strings.Contains(failed, v1alpha1.ReasonQuotaExceeded) {
		return errors.Join(fmt.Errorf("%w: failed attempts: %q", errSilent, failed), err)
	}
	return errors.Join(
		s.kubectl(ctx, "-n", market, "get", orders, catalog, "-o", `jsonpath={range .items[*]}{.metadata.name}{" "}{.status.failedAttempts}{"\n"}{end}`),
		s.kubectl(ctx, "-n", market, "events", "--for", store),
	)
}

func growPool(ctx context.Context, s *show) error {
	err := errors.Join(
		s.kubectl(ctx, "create", "namespace", poolClusters),
		s.kubectl(ctx, "apply", "-f", "placement/pool.yaml"),
		s.kubectl(ctx, "-n", shop, "apply", "-f", "placement/report.yaml"),
		s.awaitField(ctx, `.status.conditions[?(@.type=="Scheduled")].reason`, "ClusterComing", "-n", shop, report),
		s.kubectl(ctx, "-n", shop, "get", report, "-o", `jsonpath={.status.conditions[?(@.type=="Scheduled")].message}{"\n"}`),
		s.kubectl(ctx, "get", pool),
		s.kubectl(ctx, "-n", shop, "wait", "--for=condition=Ready", report, "--timeout=90s"),
		s.kubectl(ctx, "-n", shop, "get", report),
		s.kubectl(ctx, "-n", poolClusters, "get", "claims"),
		s.kubectl(ctx, "get", pool),
	)
	if err != nil {
		return err
	}
	at, err := s.query(ctx, "-n", shop, "get", report, "-o", "jsonpath={.status.placement.target}")
	if err != nil || !strings.HasPrefix(at, poolClusters+".") {
		return errors.Join(fmt.Errorf("%w: it is on %s", errApart, at), err)
	}
	return nil
}

func shrinkPool(ctx context.Context, s *show) error {
	return errors.Join(
		s.kubectl(ctx, "-n", shop, "delete", report, "--timeout=60s"),
		s.awaitField(ctx, ".status.replicas", "0", pool),
		s.kubectl(ctx, "get", pool),
		s.kubectl(ctx, "-n", poolClusters, "get", "claims"),
	)
}

func removePlacement(ctx context.Context, s *show) error {
	err := errors.Join(
		s.kubectl(ctx, "delete", "namespace", shop, market, "--timeout=120s"),
		s.kubectl(ctx, "delete", "-f", "placement/pool.yaml", "--timeout=60s"),
		s.kubectl(ctx, "delete", "namespace", poolClusters, "--timeout=60s"),
	)
	for _, p := range places() {
		err = errors.Join(err, s.kubectl(ctx, "-n", p.namespace, "delete", webCluster, "--timeout=90s"))
	}
	for _, p := range places() {
		err = errors.Join(err, s.kubectl(ctx, "delete", "-f", "clusters/"+p.provider+".yaml", "--timeout=60s"))
	}
	err = errors.Join(err, s.kubectl(ctx, "get", "managed"), s.kubectl(ctx, "get", "kubernetestargets"))
	for _, p := range places() {
		err = errors.Join(err, s.showLedger(ctx, p.cloud))
	}
	return err
}
