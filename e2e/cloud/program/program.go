// SPDX-License-Identifier: Apache-2.0

// Package program is what the programs of all local clouds have in common: flags,
// a log, one line when the cloud is ready, and an end in order.
package program

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// errNotLoopback keeps a cloud that anybody can control off the network.
var errNotLoopback = errors.New("the address is not a loopback address")

// goodbye is how long calls may take to end once the server has to.
const goodbye = 3 * time.Second

// Options are how a local cloud starts.
type Options struct {
	// StateDir is a folder for certificates and for the data of databases that
	// keep files.
	StateDir string
	// ControlPlane is a program that holds every Kubernetes component. Where it is
	// empty, clusters have no API server.
	ControlPlane string
	// AlsoAt are more addresses that lead to it, where somebody passes on what comes
	// there: a certificate of its own holds them.
	AlsoAt []string
	// Settings are those at the start and after each reset.
	Settings local.Settings
	// Log gets one line per call, at debug level, and what goes wrong.
	Log *slog.Logger
}

// Cloud is a local cloud that is served. Close ends the databases that it runs;
// nothing may be served afterwards.
type Cloud interface {
	http.Handler
	io.Closer
}

// Secure is a cloud that is served over TLS.
type Secure interface {
	Cloud
	TLS() *tls.Config
}

// Program is the program of one local cloud.
type Program struct {
	// Name of the program, for example local-aws.
	Name string
	// New makes the cloud.
	New func(o Options) (Cloud, error)
}

// Main runs the program until a signal ends it.
func (p Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		os.Exit(1)
	}
}

type config struct {
	listen   string
	stateDir string
	plane    string
	alsoAt   string
	delay    time.Duration
	level    slog.Level
}

func (p Program) parse(args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:0", "loopback address and port to serve at; port 0 takes a free one")
	flags.StringVar(&c.stateDir, "state-dir", "", "folder that gets ca.pem, which clients of databases verify them with")
	flags.StringVar(&c.plane, "control-plane", "", "program that holds every Kubernetes component, for the API servers of clusters; empty: they have none")
	flags.StringVar(&c.alsoAt, "also-at", "", "one more address that leads here, for the certificate of a cloud that has one")
	flags.DurationVar(&c.delay, "delay", 2*time.Second, "how long creating, changing and deleting take")
	flags.TextVar(&c.level, "log-level", slog.LevelInfo, "debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return c, fmt.Errorf("reading the flags: %w", err)
	}
	return c, nil
}

// Run serves the cloud until ctx ends. When it is ready it writes one line to
// stdout, "listening on URL".
func (p Program) Run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := p.parse(args, stderr)
	if err != nil {
		return err
	}
	var alsoAt []string
	if c.alsoAt != "" {
		alsoAt = append(alsoAt, c.alsoAt)
	}
	cloud, err := p.New(Options{
		StateDir: c.stateDir, ControlPlane: c.plane, AlsoAt: alsoAt,
		Settings: local.Settings{Delays: map[string]local.Duration{local.DefaultDelay: local.Duration(c.delay)}},
		Log:      slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.level})),
	})
	if err != nil {
		return fmt.Errorf("making the cloud: %w", err)
	}
	return errors.Join(serve(ctx, c.listen, cloud, stdout), cloud.Close())
}

func serve(ctx context.Context, address string, cloud Cloud, stdout io.Writer) error {
	if err := checkLoopback(address); err != nil {
		return err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	scheme := "http"
	if secure, ok := cloud.(Secure); ok {
		l, scheme = tls.NewListener(l, secure.TLS()), "https"
	}
	server := &http.Server{Handler: cloud, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stdout, "listening on %s://%s\n", scheme, l.Addr())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return fmt.Errorf("ending: %w", errors.Join(err, server.Close()))
	}
	return nil
}

func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("reading --listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%w: %q", errNotLoopback, address)
	}
	return nil
}
