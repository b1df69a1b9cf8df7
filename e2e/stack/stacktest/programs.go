// SPDX-License-Identifier: Apache-2.0

// Package stacktest has programs that behave towards a stack as the operators and the local clouds
// do, and charts for them: tests of the stack need not wait for the real ones.
package stacktest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const headerWait = 5 * time.Second

var errRefused = errors.New("told to fail")

// Main makes the test binary one of the programs if it was called by such a name, and does not
// return then. TestMain calls it first.
func Main() {
	var run func([]string) error
	switch name := filepath.Base(os.Args[0]); {
	case strings.HasPrefix(name, "local-"):
		run = cloud
	case strings.HasSuffix(name, "-operator"):
		run = operator
	default:
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// cloud answers every request as a cloud answers a stranger.
func cloud(args []string) error {
	flags := flag.NewFlagSet("cloud", flag.ContinueOnError)
	listen := flags.String("listen", "", "")
	flags.String("state-dir", "", "")
	delay := flags.Duration("delay", 0, "")
	flags.String("control-plane", "", "")
	flags.String("also-at", "", "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	fmt.Fprintln(os.Stdout, "delay", *delay)
	return serve(*listen, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
}

// operator tells its flags and variables to its log, writes one object if it may, and is ready then.
func operator(args []string) error {
	flags := flag.NewFlagSet("operator", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "")
	namespace := flags.String("namespace", "", "")
	health := flags.String("health-probe-bind-address", "", "")
	fail := flags.Bool("fail", false, "")
	for _, ignored := range []string{
		"metrics-bind-address", "log-format", "identity", "connection-namespace", "chart-namespace", "poll-interval",
		"endpoint", "resource-manager-endpoint", "authority-host", "endpoint-ca-file",
	} {
		flags.String(ignored, "", "")
	}
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	fmt.Fprintln(os.Stdout, "flags", strings.Join(args, " "))
	fmt.Fprintln(os.Stdout, "variables", strings.Join(os.Environ(), " "))
	if *fail {
		return errRefused
	}
	if err := write(*kubeconfig, *namespace); err != nil {
		return err
	}
	return serve(*health, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
}

func write(kubeconfig, namespace string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading the kubeconfig: %w", err)
	}
	api, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	started := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "started-"}}
	if _, err := api.CoreV1().ConfigMaps(namespace).Create(context.Background(), started, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("writing an object: %w", err)
	}
	return nil
}

func serve(address string, handler http.Handler) error {
	server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: headerWait}
	return fmt.Errorf("serving: %w", server.ListenAndServe())
}
