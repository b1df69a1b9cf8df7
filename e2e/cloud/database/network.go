// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// errNoNetwork says that as many clouds run as there are networks.
var errNoNetwork = errors.New("no network of 127.0.0.0/8 left for databases")

// network is one of the networks 127.x.0.0/16, which no other cloud on this
// machine has: databases of several clouds can then use the same port, and no
// client gets to another one's.
type network struct {
	number byte // x
	held   net.Listener
}

// claimNetwork takes one that nobody has. The mark is a socket in the abstract
// namespace, which ends with the process, however that ends; like addresses of
// loopback, those are a network namespace's own.
func claimNetwork() (network, error) {
	var config net.ListenConfig
	const first, last = 1, 254
	for _, i := range rand.Perm(last - first + 1) { //nolint:gosec // G404: not a secret
		number := byte(first + i) //nolint:gosec // G115: at most last
		held, err := config.Listen(context.Background(), "unix", fmt.Sprintf("@local-cloud-databases-127.%d", number))
		if err == nil {
			return network{number: number, held: held}, nil
		}
	}
	return network{}, errNoNetwork
}

func (n network) release() { _ = n.held.Close() } // nothing to lose
