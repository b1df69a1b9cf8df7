// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strconv"
)

// issuer signs service account tokens.
const issuer = "https://kubernetes.default.svc.cluster.local"

func (o *options) apiServerArguments() []string {
	return slices.Concat([]string{
		"--etcd-servers=" + storeURL,
		"--secure-port=" + strconv.Itoa(o.port), "--bind-address=" + o.bind,
		"--service-cluster-ip-range=" + o.serviceCIDR,
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--enable-aggregator-routing=true",
	}, o.identityArguments(), o.endpointArguments(), o.auditArguments(), o.apiServerArgs)
}

// identityArguments say who the API server is, and whom it believes.
func (o *options) identityArguments() []string {
	return []string{
		"--client-ca-file=" + o.pki("ca.crt"),
		"--tls-cert-file=" + o.pki("apiserver.crt"), "--tls-private-key-file=" + o.pki("apiserver.key"),
		"--service-account-key-file=" + o.pki("sa.pub"), "--service-account-signing-key-file=" + o.pki("sa.key"),
		"--service-account-issuer=" + issuer, "--api-audiences=" + issuer,
		"--requestheader-client-ca-file=" + o.pki("front-proxy-ca.crt"), "--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + o.pki("front-proxy-client.crt"), "--proxy-client-key-file=" + o.pki("front-proxy-client.key"),
		"--kubelet-client-certificate=" + o.pki("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + o.pki("apiserver-kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP,Hostname",
	}
}

// endpointArguments say where pods find the API server. Without an address for them the Service
// "kubernetes" has no endpoints, since loopback may not be one.
func (o *options) endpointArguments() []string {
	if o.advertise != "" {
		return []string{"--advertise-address=" + o.advertise}
	}
	return []string{"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"}
}

// auditArguments keep the whole record in one file, unbuffered, so that it can be counted.
func (o *options) auditArguments() []string {
	if o.auditLog == "" {
		return nil
	}
	return []string{
		"--audit-policy-file=" + o.auditPolicy, "--audit-log-path=" + o.auditLog,
		"--audit-log-mode=blocking", "--audit-log-maxsize=100000",
	}
}

func (o *options) controllerArguments() []string {
	return slices.Concat([]string{
		"--kubeconfig=" + o.pki("kcm.kubeconfig"), "--leader-elect=false", "--secure-port=0",
		"--service-account-private-key-file=" + o.pki("sa.key"), "--root-ca-file=" + o.pki("ca.crt"),
		"--use-service-account-credentials=true",
		"--cluster-signing-cert-file=" + o.pki("ca.crt"), "--cluster-signing-key-file=" + o.pki("ca.key"),
		"--allocate-node-cidrs=true", "--cluster-cidr=" + o.podCIDR, "--service-cluster-ip-range=" + o.serviceCIDR,
		"--kube-api-qps=200", "--kube-api-burst=400",
	}, o.controllerArgs)
}

func (o *options) schedulerArguments() []string {
	return slices.Concat([]string{
		"--kubeconfig=" + o.pki("scheduler.kubeconfig"), "--leader-elect=false", "--secure-port=0",
		"--kube-api-qps=200", "--kube-api-burst=400",
	}, o.schedulerArgs)
}
