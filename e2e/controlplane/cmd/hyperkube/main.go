// SPDX-License-Identifier: Apache-2.0

// Command hyperkube is etcd and every Kubernetes component in one program. Which one it is, its own
// name or its first argument says; "allinone" is a whole control plane in one process and "pki"
// makes the certificates for one.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // CronJobs name time zones, and the machine may have no list of them

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"github.com/crossplaneio/crossplane/e2e/controlplane/internal/parent"
	"github.com/crossplaneio/crossplane/e2e/controlplane/internal/pki"
)

// program runs with its arguments and returns its exit status. os.Args holds its name and the same
// arguments, for those that look there.
type program func(args []string) int

func programs() map[string]program {
	return map[string]program{
		"etcd":                    runEtcd,
		"kube-apiserver":          command(apiserver.NewAPIServerCommand),
		"kube-controller-manager": command(controllers.NewControllerManagerCommand),
		"kube-scheduler":          command(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
		"kube-proxy":              command(proxy.NewProxyCommand),
		"kubelet":                 command(func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }),
		"kubectl":                 runKubectl,
		"pki":                     own(pki.Command),
		"allinone":                own(allInOne),
	}
}

func main() {
	run, args := choose(os.Args)
	if run == nil {
		fmt.Fprintln(os.Stderr, "usage: hyperkube etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kube-proxy|kubelet|kubectl|pki|allinone [ARGUMENT...]")
		os.Exit(2)
	}
	os.Args = args
	if err := parent.Watch(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	os.Exit(run(args[1:]))
}

// choose finds the program by the name that this one was called by, else by the first argument. It
// returns the arguments with the program's name first.
func choose(args []string) (program, []string) {
	known := programs()
	name := filepath.Base(args[0])
	if run, found := known[name]; found {
		return run, append([]string{name}, args[1:]...)
	}
	if len(args) < 2 {
		return nil, nil
	}
	return known[strings.TrimSpace(args[1])], args[1:]
}

func command(build func() *cobra.Command) program {
	return func([]string) int { return cli.Run(build()) }
}

func own(run func(args []string) error) program {
	return func(args []string) int {
		if err := run(args); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			return 1
		}
		return 0
	}
}

func runEtcd([]string) int {
	etcdmain.Main(os.Args)
	return 0
}

func runKubectl([]string) int {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err) // prints it as kubectl does, and exits
	}
	return 0
}
