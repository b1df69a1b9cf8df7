// SPDX-License-Identifier: Apache-2.0

package node

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ErrMissing says that programs are not installed that a node needs.
var ErrMissing = errors.New("programs are missing that a node needs")

// need is a program and the Debian package that has it.
type need struct{ program, pkg string }

// needs are the programs that a node takes from the machine. The rest is built.
func needs() []need {
	return []need{
		{"runc", "runc"}, {"ip", "iproute2"}, {"nft", "nftables"}, {"conntrack", "conntrack"}, {"iptables", "iptables"},
		{"ptp", "containernetworking-plugins"}, {"host-local", "containernetworking-plugins"}, {"loopback", "containernetworking-plugins"},
	}
}

// Packages are the Debian packages that a node needs.
func Packages() []string {
	var packages []string
	for _, n := range needs() {
		packages = append(packages, n.pkg)
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}

// Check returns ErrMissing, with what to install, if something is not there.
func Check() error {
	var missing []string
	for _, n := range needs() {
		if !installed(n.program) {
			missing = append(missing, n.program)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s. On Debian: apt-get install --no-install-recommends %s",
		ErrMissing, strings.Join(missing, ", "), strings.Join(Packages(), " "))
}

func installed(program string) bool {
	if _, err := exec.LookPath(program); err == nil {
		return true
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/lib/cni", "/opt/cni/bin"} {
		if _, err := os.Stat(filepath.Join(dir, program)); err == nil {
			return true
		}
	}
	return false
}
