// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
)

// cloud is a local cloud: a program that is one, and how its operator finds it.
type cloud struct {
	// name of the process, for example local-aws.
	name string
	// title for people.
	title string
	// secure says that it is served over TLS.
	secure bool
	// args and env lead its operator to it, and to nothing else: there is no
	// metadata service that could have credentials for it.
	args, env func(s *Stack) []string
}

func clouds() []cloud {
	return []cloud{
		{name: LocalAWS, title: "local AWS", env: func(s *Stack) []string {
			return []string{"AWS_ENDPOINT_URL=" + s.CloudURL(LocalAWS), "AWS_REGION=" + Region, "AWS_EC2_METADATA_DISABLED=true"}
		}},
		{name: LocalGCP, title: "local Google Cloud", args: func(s *Stack) []string {
			return []string{"--endpoint", s.CloudURL(LocalGCP)}
		}},
		{name: LocalAzure, title: "local Azure", secure: true, args: func(s *Stack) []string {
			url := s.CloudURL(LocalAzure)
			return []string{"--resource-manager-endpoint", url, "--authority-host", url, "--endpoint-ca-file", filepath.Join(s.CloudDir(LocalAzure), "ca.pem")}
		}},
	}
}

func cloudNamed(name string) (cloud, bool) {
	all := clouds()
	i := slices.IndexFunc(all, func(c cloud) bool { return c.name == name })
	if i < 0 {
		return cloud{}, false
	}
	return all[i], true
}

// clouds are those of the stack's operators, and those that were asked for
// beside them.
func (o Options) clouds() []cloud {
	if o.Beside != nil {
		return nil
	}
	return slices.DeleteFunc(clouds(), func(c cloud) bool {
		return !slices.Contains(o.Clouds, c.name) && !slices.ContainsFunc(operators(), func(op operator) bool {
			return op.cloud == c.name && slices.Contains(o.Operators, op.name)
		})
	})
}

func (s *Stack) startCloud(c cloud) error {
	s.progressf("starting the %s", c.title)
	return s.launchProcess(c.name, []string{
		"--listen", s.state.address(c.name),
		"--state-dir", s.CloudDir(c.name),
		"--delay", s.options.CloudDelay.String(),
		"--control-plane", filepath.Join(s.options.Bin, hyperkube),
		"--also-at", s.options.Address,
	}, nil)
}

// awaitCloud returns once the cloud answers: that it refuses a stranger is an answer too, and so
// is a certificate that nobody here knows.
func (s *Stack) awaitCloud(ctx context.Context, c cloud) error {
	err := s.running[c.name].AwaitReady(ctx, func(ctx context.Context) bool {
		return listens(ctx, s.state.address(c.name))
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.title, err)
	}
	s.progressf("%s ready at %s", c.title, s.CloudURL(c.name))
	return nil
}

// Clouds returns the names of the local clouds that the stack was started with, or uses.
func (s *Stack) Clouds() []string {
	if s.options.Beside != nil {
		return s.options.Beside.Clouds()
	}
	var names []string
	for _, c := range s.options.clouds() {
		names = append(names, c.name)
	}
	return names
}

// CloudURL returns the endpoint of a local cloud.
func (s *Stack) CloudURL(name string) string {
	if s.options.Beside != nil {
		return s.options.Beside.CloudURL(name)
	}
	scheme := "http://"
	if c, _ := cloudNamed(name); c.secure {
		scheme = "https://"
	}
	return scheme + s.state.address(name)
}

// Control returns a client that controls a local cloud.
func (s *Stack) Control(name string) (*control.Client, error) {
	if c, _ := cloudNamed(name); !c.secure {
		return control.New(s.CloudURL(name)), nil
	}
	ca, err := os.ReadFile(filepath.Join(s.CloudDir(name), "ca.pem"))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of a cloud: %w", err)
	}
	return control.Trusting(s.CloudURL(name), ca), nil
}

// CloudDir returns the folder that a local cloud writes its certificates to.
func (s *Stack) CloudDir(name string) string {
	if s.options.Beside != nil {
		return s.options.Beside.CloudDir(name)
	}
	return s.layout.data(name)
}
