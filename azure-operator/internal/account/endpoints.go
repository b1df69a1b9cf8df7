// SPDX-License-Identifier: Apache-2.0

package account

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/spf13/pflag"
)

// callTimeout is how long Azure may take to answer a call.
const callTimeout = 60 * time.Second

// Endpoints are where Azure is. Only whoever runs the operator says so.
type Endpoints struct {
	ResourceManager string // URL
	Audience        string // of the tokens that the Resource Manager accepts
	Authority       string // URL of the identity platform
	CAFile          string // PEM; certificates to trust besides the system's
}

// Public returns the endpoints of Azure's public cloud.
func Public() Endpoints {
	c := cloud.AzurePublic.Services[cloud.ResourceManager]
	return Endpoints{ResourceManager: c.Endpoint, Audience: c.Audience, Authority: cloud.AzurePublic.ActiveDirectoryAuthorityHost}
}

// Flags adds the flags that say otherwise.
func (e *Endpoints) Flags(f *pflag.FlagSet) {
	f.StringVar(&e.ResourceManager, "resource-manager-endpoint", e.ResourceManager, "URL of Azure Resource Manager, of a sovereign cloud or an emulator")
	f.StringVar(&e.Audience, "resource-manager-audience", e.Audience, "audience of the tokens that Azure Resource Manager accepts")
	f.StringVar(&e.Authority, "authority-host", e.Authority, "URL of the Microsoft identity platform; it is spoken to over TLS only")
	f.StringVar(&e.CAFile, "endpoint-ca-file", "", "file with certificates, as PEM, to verify these endpoints with besides those of the system")
}

var errNoCertificate = errors.New("it holds no certificate")

// options are what all clients have in common.
func (e *Endpoints) options() (policy.ClientOptions, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // it is one
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if e.CAFile != "" {
		roots, err := trusting(e.CAFile)
		if err != nil {
			return policy.ClientOptions{}, err
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	return policy.ClientOptions{
		Transport: &http.Client{Transport: transport, Timeout: callTimeout},
		Retry:     policy.RetryOptions{MaxRetries: -1},
		Cloud: cloud.Configuration{
			ActiveDirectoryAuthorityHost: e.Authority,
			Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: e.ResourceManager, Audience: e.Audience},
			},
		},
	}, nil
}

func trusting(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file) //nolint:gosec // G304: named by whoever runs the operator
	if err != nil {
		return nil, fmt.Errorf("reading --endpoint-ca-file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("reading --endpoint-ca-file %s: %w", file, errNoCertificate)
	}
	return roots, nil
}

// elsewhere reports whether the identity platform is none that the SDK knows:
// then there is nobody to ask whether it is genuine.
func (e *Endpoints) elsewhere() bool {
	for _, known := range []cloud.Configuration{cloud.AzurePublic, cloud.AzureGovernment, cloud.AzureChina} {
		if e.Authority == known.ActiveDirectoryAuthorityHost {
			return false
		}
	}
	return true
}
