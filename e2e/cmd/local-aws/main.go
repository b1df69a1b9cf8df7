// SPDX-License-Identifier: Apache-2.0

// Command local-aws serves a local AWS: RDS, EC2 and STS for the real SDK, with
// real databases behind RDS's endpoints. When it is ready it prints one line,
// "listening on http://ADDRESS:PORT". SIGTERM ends it and its databases.
package main

import (
	"context"
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

	"github.com/crossplaneio/crossplane/e2e/cloud/aws"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// errNotLoopback keeps a cloud that anybody can control off the network.
var errNotLoopback = errors.New("the address is not a loopback address")

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

// goodbye is how long calls may take to end once the server has to.
const goodbye = 3 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "local-aws:", err)
		os.Exit(1)
	}
}

type config struct {
	listen   string
	stateDir string
	delay    time.Duration
	level    slog.Level
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("local-aws", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:0", "loopback address and port to serve at; port 0 takes a free one")
	flags.StringVar(&c.stateDir, "state-dir", "", "folder that gets ca.pem, which clients of databases verify them with")
	flags.DurationVar(&c.delay, "delay", 2*time.Second, "how long creating, changing and deleting take")
	flags.TextVar(&c.level, "log-level", slog.LevelInfo, "debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return c, fmt.Errorf("reading the flags: %w", err)
	}
	return c, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	cloud, err := aws.New(aws.Options{
		StateDir: c.stateDir,
		Settings: local.Settings{Delays: map[string]local.Duration{local.DefaultDelay: local.Duration(c.delay)}},
		Log:      slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.level})),
	})
	if err != nil {
		return fmt.Errorf("making the cloud: %w", err)
	}
	return errors.Join(serve(ctx, c.listen, cloud, stdout), cloud.Close())
}

func serve(ctx context.Context, address string, handler http.Handler, stdout io.Writer) error {
	if err := checkLoopback(address); err != nil {
		return err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stdout, "listening on http://%s\n", l.Addr())
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
