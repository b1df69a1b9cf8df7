// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
)

// The store listens on sockets in the working folder: no port to choose, and nobody else can reach
// what the API server protects.
const (
	storeSocket = "etcd.sock"
	peerSocket  = "etcd-peer.sock"
	storeURL    = "unix://" + storeSocket
)

// startStore starts etcd, which need not survive the machine's end: nothing is synced to disk.
func startStore() (*embed.Etcd, error) {
	clients, peers := []url.URL{socket(storeSocket)}, []url.URL{socket(peerSocket)}
	config := embed.NewConfig()
	config.Dir = "etcd"
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	for _, stale := range []string{storeSocket, peerSocket} { // of a process that was killed
		if err := os.RemoveAll(stale); err != nil {
			return nil, fmt.Errorf("removing a stale socket: %w", err)
		}
	}
	started, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("starting etcd: %w", err)
	}
	select {
	case <-started.Server.ReadyNotify():
		return started, nil
	case err := <-started.Err():
		return nil, fmt.Errorf("waiting for etcd: %w", err)
	}
}

func socket(name string) url.URL {
	return url.URL{Scheme: "unix", Host: name}
}
