// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

const (
	namespace = "shop"
	operators = "crossplane-system"
)

// requirePostgres makes a login that is skipped a failure.
const requirePostgres = "CROSSPLANE_REQUIRE_POSTGRES"

var (
	errNoPostgres = errors.New("PostgreSQL is not installed, and " + requirePostgres + " asks for it")
	errLetIn      = errors.New("the client was let in, and should not have been")
	errNotEmpty   = errors.New("something is left in the cloud")
	errDataLost   = errors.New("the table is not what it was")
)

// claim is one of the developer's claims and how the show names it.
type claim struct{ resource, name, secret, file string }

// object is the claim as kubectl names it.
func (c claim) object() string { return c.resource + "/" + c.name }

func claims() []claim {
	return []claim{
		{"mysqlinstance", "orders", "orders-db", "mysql.yaml"},
		{"postgresqlinstance", "stock", "stock-db", "postgresql.yaml"},
	}
}

// database tells how a claim becomes a database that a client logs in to.
func database() stage {
	return stage{operators: []string{stack.CoreOperator, stack.AWSOperator}, steps: []step{
		{"An administrator connects an AWS account", connectAccount},
		{"An administrator writes classes: how claims are satisfied", writeClasses},
		{"A developer claims a database", writeClaims},
		{"A client logs in with the secret that the application would get", logIn},
		{"The developer asks for more storage", grow},
		{"The developer asks for a new password", rotate},
		{"Someone changes the instance behind our back, and it is put right", repair},
		{"The developer deletes the claims, and nothing is left", removeAll},
	}}
}

// awsCredentials makes what a Provider for AWS refers to.
func awsCredentials(ctx context.Context, s *show) error {
	return errors.Join(
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "aws-credentials",
			"--from-literal=access_key_id="+iam.DefaultKeyID, "--from-literal=secret_access_key="+iam.DefaultSecret),
		s.kubectl(ctx, "-n", operators, "create", "configmap", "rds-ca", "--from-file=ca.pem="+s.stack.CloudDir(stack.LocalAWS)+"/ca.pem"),
	)
}

func connectAccount(ctx context.Context, s *show) error {
	return errors.Join(
		awsCredentials(ctx, s),
		s.kubectl(ctx, "apply", "-f", "provider.yaml"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "awsprovider/aws", "--timeout=60s"),
		s.kubectl(ctx, "get", "awsprovider"),
	)
}

func writeClasses(ctx context.Context, s *show) error {
	return errors.Join(
		s.kubectl(ctx, "apply", "-f", "classes.yaml"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclasses", "--all", "--timeout=60s"),
		s.kubectl(ctx, "get", "resourceclasses"),
	)
}

func writeClaims(ctx context.Context, s *show) error {
	err := s.kubectl(ctx, "create", "namespace", namespace)
	for _, c := range claims() {
		err = errors.Join(err, s.kubectl(ctx, "-n", namespace, "apply", "-f", c.file))
	}
	err = errors.Join(err, s.kubectl(ctx, "-n", namespace, "get", "claims"), s.kubectl(ctx, "get", "managed"))
	for _, c := range claims() {
		err = errors.Join(err, s.kubectl(ctx, "-n", namespace, "wait", "--for=condition=Ready", c.object(), "--timeout=60s"))
	}
	return errors.Join(err,
		s.kubectl(ctx, "-n", namespace, "get", "claims"),
		s.kubectl(ctx, "get", "managed"),
		s.kubectl(ctx, "-n", namespace, "get", "secrets"))
}

func logIn(ctx context.Context, s *show) error {
	for _, c := range claims() {
		conn, err := login.Read(ctx, s.stack.Client, namespace, c.secret)
		if err != nil {
			return err
		}
		s.seen[c.name] = conn
		closed, err := s.enter(ctx, stack.LocalAWS, c.name, conn)
		if err != nil {
			return err
		}
		if closed {
			s.closed = append(s.closed, c.name)
		}
	}
	return nil
}

// enter logs in to one database of a cloud for the first time, unless there is no
// program here to run it with: then it is closed.
func (s *show) enter(ctx context.Context, cloud, name string, conn login.Connection) (closed bool, err error) {
	err = s.firstLogin(ctx, conn)
	if err == nil {
		return false, nil
	}
	why, unasked := s.closedBecause(ctx, cloud, conn)
	if why == "" {
		return false, fmt.Errorf("%s: %w", name, errors.Join(err, unasked))
	}
	if os.Getenv(requirePostgres) != "" {
		return false, fmt.Errorf("%w: %s", errNoPostgres, why)
	}
	fmt.Fprintf(s.out, "  nobody can log in to %s, which is %s: %s\n", name, conn[v1alpha1.KeyType], why)
	return true, nil
}

// closedBecause says why nobody can log in to a database, where the local cloud
// has no program to run it with.
func (s *show) closedBecause(ctx context.Context, cloud string, conn login.Connection) (string, error) {
	databases, err := s.control[cloud].Databases(ctx)
	if err != nil {
		return "", fmt.Errorf("ask which databases there are: %w", err)
	}
	for _, d := range databases {
		if !d.Running && net.JoinHostPort(d.Address, strconv.Itoa(int(d.Port))) == conn[v1alpha1.KeyEndpoint] {
			return d.Why, nil
		}
	}
	return "", nil
}

// firstLogin logs in, writes something down, and is turned away by its own
// caution where the certificate is another's.
func (s *show) firstLogin(ctx context.Context, conn login.Connection) error {
	db, err := conn.Open(ctx, conn[v1alpha1.KeyCA])
	if err != nil {
		return err
	}
	for _, statement := range []string{"CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(100))", "INSERT INTO notes VALUES (1, 'still here')"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, errors.Join(err, db.Close()))
		}
	}
	fmt.Fprintf(s.out, "  %s at %s: logged in as %s over TLS, verified by ca.crt; made a table\n",
		conn[v1alpha1.KeyType], conn[v1alpha1.KeyEndpoint], conn[v1alpha1.KeyUsername])
	other, err := login.AnotherAuthority()
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if wrong, err := conn.Open(ctx, other); err == nil {
		return errors.Join(errLetIn, wrong.Close(), db.Close())
	}
	fmt.Fprintln(s.out, "  with another authority's certificate in place of ca.crt: refused, as it must be")
	return db.Close() //nolint:wrapcheck // says it all
}

// stillThere checks that a client with the present secret finds what it wrote.
func (s *show) stillThere(ctx context.Context, c claim) error {
	if slices.Contains(s.closed, c.name) {
		return nil
	}
	conn, err := login.Read(ctx, s.stack.Client, namespace, c.secret)
	if err != nil {
		return err
	}
	db, err := conn.Open(ctx, conn[v1alpha1.KeyCA])
	if err != nil {
		return err
	}
	var text string
	if err := db.QueryRowContext(ctx, "SELECT text FROM notes WHERE id = 1").Scan(&text); err != nil || text != "still here" {
		return errors.Join(fmt.Errorf("%w: %q", errDataLost, text), err, db.Close())
	}
	fmt.Fprintf(s.out, "  %s: logged in again, the table is there\n", conn[v1alpha1.KeyType])
	return db.Close() //nolint:wrapcheck // says it all
}

// resource returns the name of the managed resource of a claim.
func (s *show) resource(ctx context.Context, c claim) (string, error) {
	return s.query(ctx, "-n", namespace, "get", c.object(), "-o", "jsonpath={.status.resourceRef.name}")
}

// awaitField waits until a field of an object has a value.
func (s *show) awaitField(ctx context.Context, path, want string, object ...string) error {
	return await(ctx, fmt.Sprintf("%s of %s is %s", path, strings.Join(object, " "), want), func(ctx context.Context) (bool, error) {
		got, err := s.query(ctx, append([]string{"get", "-o", "jsonpath={" + path + "}"}, object...)...)
		return got == want, err
	})
}

func grow(ctx context.Context, s *show) error {
	for _, c := range claims() {
		if err := s.kubectl(ctx, "-n", namespace, "patch", c.object(), "--type=merge", "-p", `{"spec":{"storageGiB":40}}`); err != nil {
			return err
		}
	}
	for _, c := range claims() {
		db, err := s.resource(ctx, c)
		if err != nil {
			return err
		}
		err = errors.Join(
			s.awaitField(ctx, ".status.atProvider.allocatedStorageGiB", "40", "rdsinstance", db),
			s.kubectl(ctx, "get", "rdsinstance", db, "-o", "custom-columns=NAME:.metadata.name,STORAGE:.status.atProvider.allocatedStorageGiB"),
			s.stillThere(ctx, c),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func rotate(ctx context.Context, s *show) error {
	for _, c := range claims() {
		if err := s.kubectl(ctx, "-n", namespace, "annotate", c.object(), v1alpha1.AnnotationRotatePasswordRequestedAt+"=today"); err != nil {
			return err
		}
	}
	for _, c := range claims() {
		if err := s.awaitField(ctx, ".status.lastHandledRotationAt", "today", "-n", namespace, c.object()); err != nil {
			return err
		}
		if slices.Contains(s.closed, c.name) {
			continue
		}
		old := s.seen[c.name]
		if db, err := old.Open(ctx, old[v1alpha1.KeyCA]); err == nil {
			return errors.Join(fmt.Errorf("%w: %s with the old password", errLetIn, c.name), db.Close())
		}
		fmt.Fprintf(s.out, "  %s with the old password: refused\n", c.name)
		if err := s.stillThere(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func repair(ctx context.Context, s *show) error {
	c := claims()[0]
	db, err := s.resource(ctx, c)
	if err != nil {
		return err
	}
	name, err := s.query(ctx, "get", "rdsinstance", db, "-o", `jsonpath={.metadata.annotations.crossplane\.io/external-name}`)
	if err != nil {
		return err
	}
	s.sayf("In the cloud, someone makes %s a db.m7g.large. A database at rest is looked at every %s.", name, PollInterval)
	target := local.Target{Kind: "DBInstance", ID: name}
	if err := s.control[stack.LocalAWS].Change(ctx, target, map[string]any{"DBInstanceClass": "db.m7g.large"}); err != nil {
		return fmt.Errorf("change the instance: %w", err)
	}
	return errors.Join(
		s.awaitField(ctx, ".status.drift[0]", "class", "rdsinstance", db),
		s.kubectl(ctx, "get", "rdsinstance", db, "-o", "custom-columns=NAME:.metadata.name,DRIFT:.status.drift,CLASS:.status.atProvider.class"),
		s.awaitField(ctx, ".status.atProvider.class", "db.t4g.small", "rdsinstance", db),
		s.awaitField(ctx, ".status.drift", "", "rdsinstance", db),
		s.kubectl(ctx, "get", "rdsinstance", db, "-o", "custom-columns=NAME:.metadata.name,DRIFT:.status.drift,CLASS:.status.atProvider.class"),
		s.stillThere(ctx, c),
	)
}

func removeAll(ctx context.Context, s *show) error {
	var err error
	for _, c := range claims() {
		err = errors.Join(err, s.kubectl(ctx, "-n", namespace, "delete", c.object(), "--timeout=90s"))
	}
	err = errors.Join(err, s.kubectl(ctx, "get", "managed"), s.kubectl(ctx, "-n", namespace, "get", "secrets"))
	if err != nil {
		return err
	}
	return s.showLedger(ctx, stack.LocalAWS)
}

// showLedger shows all that was ever made and deleted in a cloud, and fails if
// anything is left.
func (s *show) showLedger(ctx context.Context, cloud string) error {
	entries, err := s.control[cloud].Ledger(ctx, 0)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	fmt.Fprintf(s.out, "  The ledger of %s:\n", cloud)
	for _, e := range entries {
		fmt.Fprintf(s.out, "    %-7s %-12s %s\n", e.Action, e.Kind, e.ID)
	}
	live, err := s.control[cloud].Live(ctx)
	if err != nil {
		return fmt.Errorf("ask what there is: %w", err)
	}
	if len(live) > 0 {
		return fmt.Errorf("%w: %v", errNotEmpty, live)
	}
	fmt.Fprintln(s.out, "  What there is in the cloud now: nothing")
	return nil
}
