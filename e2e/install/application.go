// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

const application = "kubernetesapplication/counter"

var errOtherPassword = errors.New("the application has another password than the claim's secret")

// runApplication makes the node's cluster a target of its own control plane, and runs a program there
// that uses the database. It ends with the program gone.
func runApplication(ctx context.Context, s *story) error {
	if err := s.letIn(ctx); err != nil {
		return err
	}
	err := errors.Join(
		s.kubectl(ctx, "apply", "-f", s.example("target.yaml")),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "kubernetestarget/here", "--timeout=120s"),
		s.kubectl(ctx, "label", "namespace", tenant, "applications=allowed"),
		s.kubectl(ctx, "-n", tenant, "apply", "-f", "application.yaml"),
		s.kubectl(ctx, "-n", tenant, "wait", "--for=condition=Ready", application, "--timeout=120s"),
		s.kubectl(ctx, "-n", "shop-live", "get", "pods"),
		s.samePassword(ctx),
	)
	if err != nil {
		return err
	}
	if err := s.kubectl(ctx, "-n", tenant, "delete", application, "--timeout=120s"); err != nil {
		return err
	}
	left, err := s.names(ctx, "deployments,secrets", "--namespace=shop-live")
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%w: %q", errLeft, left)
	}
	return s.kubectl(ctx, "delete", "kubernetestarget/here", "--timeout=120s")
}

func (s *story) example(name string) string {
	return filepath.Join(s.options.Root, "examples", "workloads", name)
}

// letIn gives workload-operator an account on the cluster, and a kubeconfig for it, as
// docs/walkthroughs/your-own-cluster.md tells an administrator to.
func (s *story) letIn(ctx context.Context) error {
	const account = "crossplane-workload"
	err := errors.Join(
		s.kubectl(ctx, "apply", "-f", filepath.Join(s.options.Root, "charts", "workload-operator", "target", "rights.yaml")),
		s.kubectl(ctx, "-n", "kube-system", "create", "serviceaccount", account),
		s.kubectl(ctx, "create", "clusterrolebinding", account, "--clusterrole="+account, "--serviceaccount=kube-system:"+account),
	)
	if err != nil {
		return err
	}
	token, err := s.query(ctx, "-n", "kube-system", "create", "token", account, "--duration=24h")
	if err != nil {
		return err
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["here"] = &clientcmdapi.Cluster{Server: s.stack.Config.Host, CertificateAuthorityData: s.stack.Config.CAData}
	config.AuthInfos["operator"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["here"] = &clientcmdapi.Context{Cluster: "here", AuthInfo: "operator"}
	config.CurrentContext = "here"
	file := filepath.Join(s.options.Dir, "target.kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		return fmt.Errorf("writing a kubeconfig: %w", err)
	}
	err = s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "target-here", "--from-file=value="+file)
	return errors.Join(err, os.Remove(file))
}

// samePassword compares what the application got with what its developer would read.
func (s *story) samePassword(ctx context.Context) error {
	got, err := s.query(ctx, "-n", "shop-live", "get", "secret", "orders", "-o", "jsonpath={.data.DB_PASSWORD}")
	if err != nil {
		return err
	}
	want, err := s.query(ctx, "-n", tenant, "get", "secret", ordersSecret, "-o", "jsonpath={.data.password}")
	if err != nil {
		return err
	}
	if got == "" || strings.TrimSpace(got) != strings.TrimSpace(want) {
		return errOtherPassword
	}
	return nil
}
