// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	gcpiam "github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// What the developer's claims and application are called, on every cloud.
const (
	webCluster  = "kubernetescluster/web"
	blog        = "mysqlinstance/blog"
	wordpress   = "kubernetesapplication/wordpress"
	application = "wordpress"
	// wordpressFile is where the manifests are looked for from.
	wordpressFile = "../../../examples/workloads/wordpress.yaml"
)

var (
	errOldPassword = errors.New("the pods still have the old password")
	errNoAddress   = errors.New("the service has no address")
)

// clusters tells how an application comes to run on claimed clusters.
func clusters() stage {
	return stage{
		operators: []string{stack.CoreOperator, stack.AWSOperator, stack.GCPOperator, stack.AzureOperator, stack.WorkloadOperator},
		steps: []step{
			{"An administrator connects three clouds, and says how claims for clusters and databases are satisfied", connectThree},
			{"A developer claims a cluster and a database, and writes what is to run: the same on each cloud", claimClusters},
			{"WordPress runs, on a real API server of each cloud, with its database", runWordPress},
			{"A client logs in with just the environment that the pod was given", logInAsPod},
			{"The network path was opened to that cluster, and to nobody else", showPath},
			{"A new password arrives where WordPress runs", rotateThere},
			{"A database in use is not deleted", keepInUse},
			{"Everything is deleted, in order, and nothing is left on any cloud", removeClusters},
		},
	}
}

func connectThree(ctx context.Context, s *show) error {
	err := errors.Join(
		awsCredentials(ctx, s),
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "azure-credentials", "--from-literal=clientSecret="+entra.DefaultSecret),
		s.kubectl(ctx, "-n", operators, "create", "configmap", "azure-ca", "--from-file=ca.pem="+s.stack.CloudDir(stack.LocalAzure)+"/ca.pem"),
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "gcp-credentials",
			"--from-file=key.json="+filepath.Join(s.stack.CloudDir(stack.LocalGCP), gcp.KeyFile)),
	)
	err = errors.Join(err, s.identities(ctx))
	for _, p := range places() {
		err = errors.Join(err, s.kubectl(ctx, "apply", "-f", "clusters/"+p.provider+".yaml"))
	}
	return errors.Join(err,
		s.kubectl(ctx, "wait", "--for=condition=Ready", "awsprovider/aws", "gcpprovider/gcp", "azureprovider/azure", "--timeout=60s"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclasses", "--all", "--timeout=60s"),
		s.kubectl(ctx, "get", "resourceclasses"),
	)
}

// identities makes, in the clouds, those whose tokens developers get: they may edit
// what runs on clusters, and do nothing else. AWS's is a role, which needs none.
func (s *show) identities(ctx context.Context) error {
	const secret = "localdevelopers"
	return errors.Join(
		s.control[stack.LocalGCP].Ask(ctx, "keys", gcpiam.Change{
			Email: "developers@local-project.iam.gserviceaccount.com", Roles: &[]string{"roles/container.developer"},
		}),
		s.control[stack.LocalAzure].Ask(ctx, "keys", entra.Change{
			ID: "00000000-0000-0000-0000-00000000000c", Secret: new(secret), Roles: &[]string{"Azure Kubernetes Service RBAC Writer"},
		}),
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "azure-developers", "--from-literal=clientSecret="+secret),
	)
}

func claimClusters(ctx context.Context, s *show) error {
	var err error
	for _, p := range places() {
		err = errors.Join(err,
			s.kubectl(ctx, "create", "namespace", p.namespace),
			s.kubectl(ctx, "label", "namespace", p.namespace, "cloud="+p.provider),
			s.kubectl(ctx, "-n", p.namespace, "apply", "-f", "clusters/web.yaml", "-f", wordpressFile),
			s.kubectl(ctx, "-n", p.namespace, "patch", wordpress, "--type=merge", "-p", `{"spec":{"targetRef":{"name":"`+p.target()+`"}}}`))
	}
	for _, p := range places() {
		err = errors.Join(err, s.kubectl(ctx, "-n", p.namespace, "wait", "--for=condition=Ready", webCluster, blog, "--timeout=90s"))
	}
	return errors.Join(err, s.kubectl(ctx, "get", "claims", "-A"), s.kubectl(ctx, "get", "managed"))
}

// target is the name of the target that the cluster claimed there becomes.
func (p place) target() string { return p.namespace + ".web" }

func runWordPress(ctx context.Context, s *show) error {
	s.sayf("What runs on Google Cloud reaches the Internet by a gateway that an administrator made, at this address:")
	err := s.kubectl(ctx, "patch", "kubernetestarget", "on-google.web", "--type=merge", "-p", `{"spec":{"network":{"egressCIDRs":["203.0.113.7/32"]}}}`)
	for _, p := range places() {
		err = errors.Join(err, s.kubectl(ctx, "-n", p.namespace, "wait", "--for=condition=Ready", wordpress, "--timeout=90s"))
	}
	err = errors.Join(err, s.kubectl(ctx, "get", "kubernetestargets"), s.kubectl(ctx, "get", "kubernetesapplications", "-A"))
	if err != nil {
		return err
	}
	for _, p := range places() {
		file, err := s.kubeconfig(ctx, p)
		if err != nil {
			return err
		}
		s.sayf("On %s, as whoever has the claim's secret %s:", p.provider, "web-cluster")
		err = errors.Join(
			s.kubectl(ctx, "--kubeconfig", file, "auth", "whoami"),
			s.kubectl(ctx, "--kubeconfig", file, "-n", p.namespace, "get", "deployments,pods,services,persistentvolumeclaims,secrets"),
		)
		if err != nil {
			return err
		}
		address, err := s.query(ctx, "-n", p.namespace, "get", wordpress, "-o", `jsonpath={.status.objects[?(@.kind=="Service")].address}`)
		if err != nil || address == "" {
			return errors.Join(errNoAddress, err)
		}
		fmt.Fprintf(s.out, "  the address of the Service, back here on the application: %s\n", address)
	}
	return nil
}

func logInAsPod(ctx context.Context, s *show) error {
	for _, p := range places() {
		env, err := s.podEnvironment(ctx, p)
		if err != nil {
			return err
		}
		if err := s.firstLogin(ctx, env.connection()); err != nil {
			return fmt.Errorf("on %s: %w", p.provider, err)
		}
	}
	return nil
}

func rotateThere(ctx context.Context, s *show) error {
	before := map[string]environment{}
	for _, p := range places() {
		env, err := s.podEnvironment(ctx, p)
		if err != nil {
			return err
		}
		before[p.provider] = env
		if err := s.kubectl(ctx, "-n", p.namespace, "annotate", blog, v1alpha1.AnnotationRotatePasswordRequestedAt+"=today"); err != nil {
			return err
		}
	}
	began := time.Now()
	for _, p := range places() {
		if err := s.awaitRotated(ctx, p, before[p.provider]); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  on %s a new pod logs in with the new password, after %.0f s at most\n", p.provider, time.Since(began).Seconds())
		old := before[p.provider].connection()
		if db, err := old.Open(ctx, old[v1alpha1.KeyCA]); err == nil {
			return errors.Join(fmt.Errorf("%w: with the old password", errLetIn), db.Close())
		}
	}
	return nil
}

// awaitRotated waits until another pod than before logs in with another password.
func (s *show) awaitRotated(ctx context.Context, p place, before environment) error {
	return await(ctx, "WordPress on "+p.provider+" has the new password", func(ctx context.Context) (bool, error) {
		now, err := s.podEnvironment(ctx, p)
		if err != nil {
			return false, err
		}
		if now.values["WORDPRESS_DB_PASSWORD"] == before.values["WORDPRESS_DB_PASSWORD"] || now.pod == before.pod {
			return false, errOldPassword
		}
		db, err := now.connection().Open(ctx, now.values[v1alpha1.KeyCA])
		if err != nil {
			return false, err
		}
		return true, db.Close()
	})
}

func keepInUse(ctx context.Context, s *show) error {
	p := places()[0]
	return errors.Join(
		s.kubectl(ctx, "-n", p.namespace, "delete", blog, "--wait=false"),
		s.awaitField(ctx, `.status.conditions[?(@.type=="Ready")].reason`, v1alpha1.ReasonInUse, "-n", p.namespace, blog),
		s.kubectl(ctx, "-n", p.namespace, "get", blog, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].message}{"\n"}`),
	)
}

func removeClusters(ctx context.Context, s *show) error {
	var err error
	for _, p := range places() {
		err = errors.Join(err, s.kubectl(ctx, "-n", p.namespace, "delete", wordpress, webCluster, blog, "--ignore-not-found", "--wait=false"))
	}
	for _, p := range places() {
		err = errors.Join(err,
			s.kubectl(ctx, "-n", p.namespace, "wait", "--for=delete", wordpress, "--timeout=90s"), s.awaitClosed(ctx, p),
			s.kubectl(ctx, "-n", p.namespace, "wait", "--for=delete", webCluster, blog, "--timeout=90s"))
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
