// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Bounds of a fetch.
const (
	fetchTime    = 30 * time.Second
	dialTime     = 5 * time.Second
	maxRedirects = 5
)

// Source is a server that charts come from.
type Source struct {
	v1alpha1.ChartSourceSpec

	// Name of the ChartSource, for messages.
	Name string
	// Username and Password; empty for nobody in particular.
	Username, Password string
}

// Fetch returns the packaged chart of that name and version. Its error is a
// *fault.Error.
func (s Source) Fetch(ctx context.Context, name, version string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	if s.OCI != nil {
		return s.pull(ctx, name, version)
	}
	return s.download(ctx, name, version)
}

// wrong says what keeps everybody from using the source.
func (s Source) wrong(format string, args ...any) error {
	return fault.New(fault.Permission, v1alpha1.ReasonChartSourceInvalid, "source %s: %w", s.Name, fmt.Errorf(format, args...)) //nolint:err113 // for people
}

// unreachable tells that the source gave no answer, and not where it is.
func (s Source) unreachable(err error) error {
	if told, ok := errors.AsType[*fault.Error](err); ok {
		return told
	}
	return fault.New(fault.Transient, v1alpha1.ReasonChartUnreachable, "source %s does not answer: %s", s.Name, fault.RootCause(err))
}

func (s Source) none(name, version string) error {
	return missing("source %s has no chart %s in version %s", s.Name, name, version)
}

// answered turns an answer other than OK into an error.
func (s Source) answered(status int, name, version string) error {
	switch status {
	case http.StatusOK:
		return nil
	case http.StatusNotFound, http.StatusGone:
		return s.none(name, version)
	case http.StatusUnauthorized, http.StatusForbidden:
		return s.wrong("it refuses the credentials, or has no chart %s for them", name)
	}
	return fault.New(fault.Transient, v1alpha1.ReasonChartUnreachable, "source %s answers %d %s", s.Name, status, http.StatusText(status))
}

// client returns an HTTP client for the server at home, and for where it sends us.
func (s Source) client(home *url.URL, access v1alpha1.ServerAccess) (*http.Client, error) {
	var roots *x509.CertPool
	if access.CABundle != "" {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(access.CABundle)) {
			return nil, s.wrong("caBundle holds no certificate")
		}
	}
	g := guard{source: s, home: home, plain: access.PlainHTTP}
	g.base = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTime,
		ResponseHeaderTimeout:  fetchTime / 2,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true,
	}
	return &http.Client{Transport: g, CheckRedirect: g.redirect}, nil
}

// guard keeps requests where they may go.
type guard struct {
	source Source
	home   *url.URL
	plain  bool
	base   *http.Transport
}

// RoundTrip implements http.RoundTripper: it refuses plain http to any server but
// the source's own, where that is allowed.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && (!g.plain || !sameOrigin(r.URL, g.home)) {
		return nil, g.source.wrong("it leads to a server without TLS")
	}
	return g.base.RoundTrip(r) //nolint:wrapcheck // it is one
}

var errRedirects = errors.New("too many redirects")

// redirect follows to other servers, without the credentials.
func (g guard) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	if !sameOrigin(r.URL, via[0].URL) {
		r.Header.Del("Authorization")
		r.Header.Del("Cookie")
	}
	return nil
}

// dial connects to the source's own server wherever it is, and to others only
// where they are no servers of this machine, unless it is one itself, or its
// cloud's metadata.
func (g guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTime}
	host, _, err := net.SplitHostPort(address)
	if err == nil && host != g.home.Hostname() {
		d.Control = g.refuseLocal
	}
	return d.DialContext(ctx, network, address) //nolint:wrapcheck // it is one
}

func (g guard) refuseLocal(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil || local(host) && (!loopback(host) || !loopback(g.home.Hostname())) {
		return g.source.wrong("it leads to an address of this machine")
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	return ip.Unmap().IsLoopback()
}

func local(host string) bool {
	if loopback(host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap()
	return ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast()
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// readAll reads what a server sends, up to so many bytes.
func (s Source) readAll(in io.Reader, most int64, what string) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil:
		return nil, s.unreachable(err)
	case int64(len(content)) > most:
		return nil, tooLarge("%s has more than %d MiB", what, most>>20)
	}
	return content, nil
}
