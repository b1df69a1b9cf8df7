// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"k8s.io/client-go/util/flowcontrol"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Bounds of what is spent on one cluster.
const (
	dialTimeout    = 3 * time.Second
	requestTimeout = 5 * time.Second  // of one request
	keepAlive      = 15 * time.Second // without an answer before a connection is asked whether it lives
	listTimeout    = 30 * time.Second // of a list that a watch begins with
	requestRate    = 200              // per second
	requestBurst   = 400
	passesAtOnce   = 4 // of applications on one target; the rest wait without holding anybody up
)

// Account is the name of the service account, and of its role binding, that an
// application's objects are applied as.
const Account = "crossplane-application"

// Connection is a way to one cluster. It is closed when its target goes or gets
// other credentials.
type Connection struct {
	// Digest of the kubeconfig that it was made of, but for the token.
	Digest string

	config *rest.Config
	wrap   transport.WrapperFunc
	base   *http.Transport
	typed  kubernetes.Interface // the operator's own identity
	looks  kubernetes.Interface // the same, beside the limit
	mapper meta.RESTMapper

	token   atomic.Pointer[string] // the one to use now; of connections that have one
	breaker breaker
	passes  chan struct{}
	watches *watches

	mu      sync.Mutex
	cluster string                       // its identity, once the target's look has found it good
	tenants map[string]dynamic.Interface // by namespace
}

// open prepares a connection; it talks to nobody. changed is told of every change
// of an object that a watch sees: the application's uid.
func open(config *rest.Config, digest string, wrap transport.WrapperFunc, changed func(applicationUID string)) (*Connection, error) {
	config = rest.CopyConfig(config)
	config.UserAgent = "crossplane-workload"
	config.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(requestRate, requestBurst)
	c := &Connection{Digest: digest, config: config, wrap: wrap, passes: make(chan struct{}, passesAtOnce), tenants: map[string]dynamic.Interface{}}
	c.renew(config.BearerToken)
	config.BearerToken = ""
	c.watches = newWatches(c, changed)
	if err := c.prepare(); err != nil {
		return nil, err
	}
	client, err := c.client(rest.ImpersonationConfig{}, false)
	if err != nil {
		return nil, err
	}
	looking, err := c.client(rest.ImpersonationConfig{}, true)
	if err != nil {
		return nil, err
	}
	unlimited := rest.CopyConfig(config)
	unlimited.RateLimiter = flowcontrol.NewFakeAlwaysRateLimiter()
	if c.looks, err = kubernetes.NewForConfigAndClient(unlimited, looking); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	if c.typed, err = kubernetes.NewForConfigAndClient(config, client); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	discovering := &http.Client{Transport: client.Transport, Timeout: requestTimeout}
	if c.mapper, err = apiutil.NewDynamicRESTMapper(config, discovering); err != nil {
		return nil, fmt.Errorf("making a mapper of kinds: %w", err)
	}
	return c, nil
}

// prepare makes the connection's own transport: client-go would keep one for ever for
// every dialer that it is given.
func (c *Connection) prepare() error {
	tls, err := rest.TLSConfigFor(c.config)
	if err != nil {
		return fmt.Errorf("preparing TLS: %w", err)
	}
	c.base = &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext,
		TLSClientConfig:     tls,
		TLSHandshakeTimeout: dialTimeout,
		ForceAttemptHTTP2:   true,
		IdleConnTimeout:     time.Minute,
		// A watch, too, is answered at once, by the headers.
		ResponseHeaderTimeout: 2 * requestTimeout,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: keepAlive, PingTimeout: requestTimeout},
	}
	if c.config.Proxy != nil {
		c.base.Proxy = c.config.Proxy
	}
	return nil
}

// client returns an HTTP client for an identity, over the one transport; one for
// looks, or one for everything else.
func (c *Connection) client(as rest.ImpersonationConfig, looks bool) (*http.Client, error) {
	config := rest.CopyConfig(c.config)
	config.Impersonate = as
	wrapped, err := rest.HTTPWrappersForConfig(config, c.base)
	if err != nil {
		return nil, fmt.Errorf("preparing credentials: %w", err)
	}
	if c.wrap != nil {
		wrapped = c.wrap(wrapped)
	}
	return &http.Client{Transport: c.breaker.watch(authenticated{c, wrapped}, looks)}, nil
}

// renew has the connection use another token from now on. What goes on, such as a
// watch, goes on with the one that it began with.
func (c *Connection) renew(token string) { c.token.Store(&token) }

// authenticated adds the token of the moment to requests.
type authenticated struct {
	connection *Connection
	next       http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (a authenticated) RoundTrip(r *http.Request) (*http.Response, error) {
	if token := *a.connection.token.Load(); token != "" {
		r = r.Clone(r.Context()) // a request is not a round tripper's to change
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return a.next.RoundTrip(r) //nolint:wrapcheck // as it says
}

// as returns a client of the account that applications have in a namespace there.
func (c *Connection) as(namespace string) (dynamic.Interface, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.tenants[namespace]; known != nil {
		return known, nil
	}
	// The API server adds a service account's groups by itself. Whoever names them has
	// to have the right to impersonate groups, of which some may do anything.
	client, err := c.client(rest.ImpersonationConfig{UserName: "system:serviceaccount:" + namespace + ":" + Account}, false)
	if err != nil {
		return nil, err
	}
	made, err := dynamic.NewForConfigAndClient(c.config, client)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	c.tenants[namespace] = made
	return made, nil
}

// Admit lets applications use the connection: it leads to the cluster of that
// identity. An empty one ends that.
func (c *Connection) Admit(clusterUID string) (news bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	news = c.cluster != clusterUID
	c.cluster = clusterUID
	return news
}

// Cluster is the identity of the cluster; empty while it is not known, or not good.
func (c *Connection) Cluster() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cluster
}

// Begin reports whether one more pass may use the connection now; who may has to
// call End.
func (c *Connection) Begin() bool {
	select {
	case c.passes <- struct{}{}:
		return true
	default:
		return false
	}
}

// End gives back what Begin took.
func (c *Connection) End() { <-c.passes }

// Usable reports whether the cluster answered when it was last asked, and does not
// keep anybody waiting.
func (c *Connection) Usable() bool { return c.breaker.closed() }

// Close ends the watches and the network connections.
func (c *Connection) Close() {
	c.watches.close()
	c.base.CloseIdleConnections()
}

// Kubernetes is a client of the operator's own identity there, for looks at the
// cluster: they don't stand in line behind applications, or a busy cluster would
// pass for a dead one. Whoever uses it bounds each request by Limited.
func (c *Connection) Kubernetes() kubernetes.Interface { return c.looks }

// Limited bounds one request.
func Limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, requestTimeout)
}
