// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Keys of connection details. Those of managed resources and those of the
// secret that a claim gets have the same names and meaning on every cloud.
const (
	KeyType     = "type"     // what it is: mysql, postgresql, ... (servicebinding.io)
	KeyProvider = "provider" // where it comes from: aws, gcp, azure, ... (servicebinding.io)
	KeyHost     = "host"     // host name or IP address
	KeyPort     = "port"     // decimal
	KeyEndpoint = "endpoint" // host:port
	KeyURI      = "uri"      // with user name and password, percent-encoded
	KeyUsername = "username"
	KeyPassword = "password"
	KeyDatabase = "database"
	KeyRegion   = "region"
	KeyTLS      = "tls"    // "true" where the server speaks TLS and clients should verify it
	KeyCA       = "ca.crt" // PEM: the certificates to verify the server with

	// Of Kubernetes clusters.
	KeyKubeconfig = "value"      // a whole kubeconfig, under the key that Cluster API uses
	KeyToken      = "token"      // bearer token
	KeyExpiresAt  = "expires-at" // RFC 3339: when token and kubeconfig end; they are replaced before

	// KeyOperatorKubeconfig is, on a managed resource's own secret only, the
	// kubeconfig of those who put applications on the cluster: of an identity that
	// may make namespaces, accounts and role bindings there, and impersonate those
	// accounts. Whoever claims the cluster gets another.
	KeyOperatorKubeconfig = "operator-kubeconfig"

	// KeyPasswordNext is, on a managed resource's own secret only, a password
	// that the cloud was or will be asked to set and has not confirmed yet.
	KeyPasswordNext = "password-next"
)
