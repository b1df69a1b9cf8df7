// SPDX-License-Identifier: Apache-2.0

package node

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/node/sandbox"
)

// socket is where containerd is reached: the sandbox has /run to itself.
const socket = "/run/containerd/containerd.sock"

// configure writes the configuration of all parts.
func (n *Node) configure() error {
	values := strings.NewReplacer(
		"@dir@", n.options.Dir, "@pki@", n.options.Certificates, "@socket@", socket, "@name@", Name, "@outside@", Outside,
		"@group@", sandbox.Group(), "@sandbox@", n.options.Sandbox,
	)
	return errors.Join(
		n.write("containerd.toml", values.Replace(containerdConfig)),
		n.write(filepath.Join("cni", "10-pods.conflist"), values.Replace(networkConfig)),
		n.write("kubelet.yaml", values.Replace(kubeletConfig)),
		n.write("kube-proxy.yaml", values.Replace(proxyConfig)),
		n.write("resolv.conf", "nameserver 127.0.0.1\n"),
	)
}

// containerdConfig restricts scores for the out-of-memory killer because root in a container may not
// lower them.
const containerdConfig = `version = 3
root = "@dir@/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "@socket@"
[plugins.'io.containerd.internal.v1.opt']
  path = "@dir@/opt"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "@sandbox@"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["/usr/lib/cni", "/opt/cni/bin"]
  conf_dir = "@dir@/cni"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = false
`

// networkConfig gives each pod a cable of its own to the node. No firewall is needed: nobody else is
// on the network.
const networkConfig = `{"cniVersion": "1.0.0", "name": "pods", "plugins": [{
  "type": "ptp", "mtu": 1500, "ipMasq": false,
  "ipam": {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}
}]}
`

// kubeletConfig never evicts for want of disk or memory, which the machine has for other things too,
// and also starts where control groups are still of version 1.
const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: /@group@
containerRuntimeEndpoint: unix://@socket@
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: "@pki@/ca.crt"}}
authorization: {mode: Webhook}
clusterDNS: ["@outside@"]
clusterDomain: cluster.local
resolvConf: "@dir@/resolv.conf"
podLogsDir: "@dir@/pods"
failSwapOn: false
enforceNodeAllocatable: []
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
oomScoreAdj: 0
nodeStatusUpdateFrequency: 2s
`

// proxyConfig leaves the kernel's connection tracking as it is: it is the whole machine's.
const proxyConfig = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: "@pki@/proxy.kubeconfig"}
mode: nftables
clusterCIDR: 10.244.0.0/16
hostnameOverride: "@name@"
conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
oomScoreAdj: 0
`
