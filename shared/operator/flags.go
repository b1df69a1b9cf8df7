// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/crossplaneio/crossplane/shared/logging"
)

// ErrUsage says that an operator was called with arguments that it can't use.
var ErrUsage = errors.New("usage")

// defaultConcurrency is how many objects of a kind are worked on at a time: passes
// spend their time waiting for the cloud.
const defaultConcurrency = 10

// flags are those that every operator has.
type flags struct {
	kubeconfig          string
	namespace           string
	connectionNamespace string
	metrics, health     string
	logLevel, logFormat string
	poll                time.Duration
	formerHubs          []string
	leaderElect         bool
	identity            string
	qps                 float32
	burst               int
	concurrency         int
	memoryLimit         int64
	version             bool
	awaitReady          string

	level  slog.Level
	format logging.Format
}

// parse reads args. Asked for help it writes it to out and returns pflag.ErrHelp.
func parse(args []string, out io.Writer, o Options) (*flags, error) {
	f := &flags{}
	set := pflag.NewFlagSet(o.Name, pflag.ContinueOnError)
	set.SetOutput(out)
	set.SortFlags = false
	f.define(set, o)
	if o.Flags != nil {
		o.Flags(set)
	}
	if err := set.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return nil, err //nolint:wrapcheck // not an error
		}
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if set.NArg() > 0 {
		return nil, fmt.Errorf("%w: %q is not a flag", ErrUsage, set.Arg(0))
	}
	return f, f.complete()
}

func (f *flags) define(set *pflag.FlagSet, o Options) {
	cloud := strings.TrimSuffix(o.Name, "-operator")
	set.StringVar(&f.kubeconfig, "kubeconfig", "", "kubeconfig file (default: the pod's own account, else what kubectl would use)")
	set.StringVar(&f.namespace, "namespace", "", "namespace of the operator, of its credentials and of its Lease (default: the pod's own)")
	set.StringVar(&f.connectionNamespace, "connection-namespace", "crossplane-"+cloud+"-connections", "namespace for connection secrets")
	set.StringVar(&f.metrics, "metrics-bind-address", ":8080", "address to serve metrics on over plain HTTP; 0 to serve none")
	set.StringVar(&f.health, "health-probe-bind-address", ":8081", "address to serve /healthz and /readyz on; 0 to serve none")
	set.StringVar(&f.logLevel, "log-level", "info", "debug, info, warn or error")
	set.StringVar(&f.logFormat, "log-format", "json", "json or text")
	set.DurationVar(&f.poll, "poll-interval", 0, "how often a resource at rest is looked at (default: each kind's own)")
	set.StringSliceVar(&f.formerHubs, "former-hubs", nil, "control planes that this one takes the place of, each by the uid of its namespace kube-system: "+
		"what restored objects had there is taken over")
	set.BoolVar(&f.leaderElect, "leader-elect", true, "hold the Lease "+o.Name+" while working; without it core takes the operator for absent")
	set.StringVar(&f.identity, "identity", "", "holder of the Lease, for example the pod's uid; a process that comes back under the same identity takes over "+
		"at once, so never give it to two that run together (default: host name and a random part)")
	set.Float32Var(&f.qps, "qps", 0, "requests per second to the API server at most; 0: as many as its own fairness allows")
	set.IntVar(&f.burst, "burst", 0, "requests that may exceed --qps for a moment (default: twice --qps)")
	set.IntVar(&f.concurrency, "max-concurrent", cmp.Or(o.MaxConcurrent, defaultConcurrency), "objects of one kind worked on at a time")
	set.Int64Var(&f.memoryLimit, "memory-limit", 0, "bytes of memory that the container may have: garbage is collected more often before it takes "+
		"nine tenths of them (0: none; GOMEMLIMIT prevails)")
	set.BoolVar(&f.version, "version", false, "print the version and end")
	set.StringVar(&f.awaitReady, "await-ready", "", "URL of a running operator's /readyz: wait until it is ready, for four minutes at most, and end")
}

// complete checks the flags and fills in what depends on the surroundings.
func (f *flags) complete() error {
	var errs [2]error
	f.level, errs[0] = logging.ParseLevel(f.logLevel)
	f.format, errs[1] = logging.ParseFormat(f.logFormat)
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	switch {
	case f.concurrency < 1:
		return fmt.Errorf("%w: --max-concurrent %d: give 1 or more", ErrUsage, f.concurrency)
	case f.qps < 0 || f.burst < 0 || f.poll < 0 || f.memoryLimit < 0:
		return fmt.Errorf("%w: --qps, --burst, --poll-interval and --memory-limit can't be negative", ErrUsage)
	case f.version, f.awaitReady != "":
		return nil
	}
	if f.namespace == "" {
		f.namespace = podNamespace()
	}
	if f.namespace == "" {
		return fmt.Errorf("%w: give --namespace: this is not a pod, whose own it could be", ErrUsage)
	}
	if f.burst == 0 {
		f.burst = max(1, int(2*f.qps))
	}
	return nil
}

// podNamespace returns the namespace of the pod that this process runs in; empty
// if there is none.
func podNamespace() string {
	name, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}
