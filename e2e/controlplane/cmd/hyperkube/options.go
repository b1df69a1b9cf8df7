// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
)

// options say how to run a control plane in one process.
type options struct {
	dir         string
	port        int
	bind        string
	advertise   string
	serviceCIDR string
	podCIDR     string
	auditPolicy string
	auditLog    string
	scheduler   bool

	// More arguments for a component; they override those given here.
	apiServerArgs, controllerArgs, schedulerArgs list
}

var (
	errNoDir    = errors.New("-dir is missing")
	errAuditOne = errors.New("-audit-policy and -audit-log need each other")
)

// list is a flag that may be given many times.
type list []string

// String returns the values as they would be given to one flag.
func (l *list) String() string {
	return strings.Join(*l, " ")
}

// Set adds a value.
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("allinone", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "folder for data and certificates")
	flags.IntVar(&o.port, "port", 6443, "port of the API server")
	flags.StringVar(&o.bind, "bind", "127.0.0.1", "address that the API server listens on")
	flags.StringVar(&o.advertise, "advertise", "", "address at which nodes reach the API server (empty: there are no nodes)")
	flags.StringVar(&o.serviceCIDR, "service-cidr", "10.96.0.0/16", "addresses of Services")
	flags.StringVar(&o.podCIDR, "pod-cidr", "10.244.0.0/16", "addresses of pods")
	flags.StringVar(&o.auditPolicy, "audit-policy", "", "file that says which requests are recorded")
	flags.StringVar(&o.auditLog, "audit-log", "", "file that requests are recorded in")
	flags.BoolVar(&o.scheduler, "scheduler", true, "run the scheduler")
	flags.Var(&o.apiServerArgs, "apiserver-arg", "one more argument for kube-apiserver (repeatable)")
	flags.Var(&o.controllerArgs, "controller-manager-arg", "one more argument for kube-controller-manager (repeatable)")
	flags.Var(&o.schedulerArgs, "scheduler-arg", "one more argument for kube-scheduler (repeatable)")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	return o, o.complete()
}

// complete makes paths absolute: the process changes its working folder.
func (o *options) complete() error {
	if o.dir == "" {
		return errNoDir
	}
	if (o.auditPolicy == "") != (o.auditLog == "") {
		return errAuditOne
	}
	for _, path := range []*string{&o.dir, &o.auditPolicy, &o.auditLog} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("making a path absolute: %w", err)
		}
		*path = absolute
	}
	return nil
}

// pki returns the path of a file among the certificates.
func (o *options) pki(name string) string {
	return filepath.Join(o.dir, "pki", name)
}

// server returns the API server's URL for its clients.
func (o *options) server() string {
	host := "127.0.0.1"
	if o.advertise != "" {
		host = o.advertise
	}
	return fmt.Sprintf("https://%s:%d", host, o.port)
}
