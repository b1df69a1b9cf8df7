// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
)

// Connections are the connections to all targets, by name. They are a cache: each
// is made again from its target's kubeconfig. No lock is held over a request.
type Connections struct {
	// Wrap sees every request to a target and its answer. Optional.
	Wrap transport.WrapperFunc

	mu      sync.Mutex
	known   map[string]*Connection
	changed func(applicationUID string)
	ready   func(target string)
	turned  func(target string)
}

// NewConnections returns none yet.
func NewConnections() *Connections {
	return &Connections{known: map[string]*Connection{}, changed: func(string) {}, ready: func(string) {}, turned: func(string) {}}
}

// OnChange has f called, with an application's uid, whenever a watch sees an
// object of it change. To be called before the first connection is made.
func (c *Connections) OnChange(f func(applicationUID string)) { c.changed = f }

// OnReady has f called with a target's name whenever applications can use the
// connection to it from now on. To be called before the first connection is made.
func (c *Connections) OnReady(f func(target string)) { c.ready = f }

// OnTurn has f called with a target's name whenever something other than a look
// shows that its cluster has begun or ceased to answer. To be called before the
// first connection is made.
func (c *Connections) OnTurn(f func(target string)) { c.turned = f }

// Get returns the connection to a target; nil if there is none that leads to the
// cluster of that identity.
func (c *Connections) Get(target, clusterUID string) *Connection {
	known := c.get(target)
	if known == nil || clusterUID == "" || known.Cluster() != clusterUID {
		return nil
	}
	return known
}

func (c *Connections) get(target string) *Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[target]
}

// Admit lets applications use the connection to a target.
func (c *Connections) Admit(target, clusterUID string) {
	if known := c.get(target); known != nil && known.Admit(clusterUID) && clusterUID != "" {
		c.ready(target)
	}
}

// For returns a connection to the target by that kubeconfig: the one that is
// there, or a new one in its place.
func (c *Connections) For(target string, kubeconfig []byte) (*Connection, error) {
	config, err := ParseKubeconfig(kubeconfig)
	if err != nil {
		c.Drop(target)
		return nil, err
	}
	digest := digestOf(config)
	if known := c.get(target); known != nil && known.Digest == digest {
		known.renew(config.BearerToken) // a renewed token is no reason to begin again
		return known, nil
	}
	made, err := open(config, digest, c.Wrap, c.changed)
	if err != nil {
		c.Drop(target)
		return nil, malformed("certificates and keys can't be used")
	}
	made.breaker.turned = func() { c.turned(target) }
	c.put(target, made)
	return made, nil
}

// Drop closes the connection to a target, if there is one.
func (c *Connections) Drop(target string) { c.put(target, nil) }

func (c *Connections) put(target string, now *Connection) {
	c.mu.Lock()
	before := c.known[target]
	if c.known[target] = now; now == nil {
		delete(c.known, target)
	}
	c.mu.Unlock()
	if before != nil {
		before.Close()
	}
}

// Start implements manager.Runnable: it closes all connections when ctx ends.
func (c *Connections) Start(ctx context.Context) error {
	<-ctx.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	for target, known := range c.known {
		known.Close()
		delete(c.known, target)
	}
	return nil
}

// Forget ends the watches of an application on every target.
func (c *Connections) Forget(applicationUID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range c.known {
		known.watches.forget(applicationUID)
	}
}

// digestOf stands for how a cluster is reached and as whom, the token left out: who
// that is of is seen when the target is looked at.
func digestOf(config *rest.Config) string {
	parts := [][]byte{
		[]byte(config.Host), []byte(config.ServerName), config.CAData, config.CertData, config.KeyData, []byte(strconv.FormatBool(config.BearerToken != "")),
	}
	if config.Proxy != nil {
		if proxy, err := config.Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "proxied.invalid"}}); err == nil && proxy != nil {
			parts = append(parts, []byte(proxy.String()))
		}
	}
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
