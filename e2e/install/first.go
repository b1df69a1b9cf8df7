// SPDX-License-Identifier: Apache-2.0

package install

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// valuesFile is a file with values for a chart, written into the story's folder.
func (s *story) valuesFile(name, text string) (string, error) {
	path := filepath.Join(s.options.Dir, name+".yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("writing values: %w", err)
	}
	return path, nil
}

// coreValues let core serve the developer's namespace and no other.
const coreValues = `tenants: {namespaces: [` + tenant + `]}
`

// awsValues lead to the local cloud. Its databases have certificates of its own, and there is no
// metadata service that could have credentials.
func (s *story) awsValues() (string, error) {
	endpoint, err := s.endpoint(stack.LocalAWS)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`provider:
  create: true
  spec: {caBundle: {configMapRef: {name: rds-ca, key: ca.pem}}}
classes: {enabled: true}
pollInterval: %s
extraEnv:
- {name: AWS_ENDPOINT_URL, value: %q}
- {name: AWS_REGION, value: %s}
- {name: AWS_EC2_METADATA_DISABLED, value: "true"}
`, pollInterval, endpoint, stack.Region), nil
}

// installFirst installs core and one provider, and makes the credentials that the provider is told
// to use.
func installFirst(ctx context.Context, s *story) error {
	err := errors.Join(
		s.kubectl(ctx, "create", "namespace", tenant),
		s.kubectl(ctx, "create", "namespace", operators),
		s.kubectl(ctx, "label", "namespace", operators, "pod-security.kubernetes.io/enforce=restricted"),
		s.kubectl(ctx, "-n", operators, "create", "secret", "generic", "aws-credentials",
			"--from-literal=access_key_id="+iam.DefaultKeyID, "--from-literal=secret_access_key="+iam.DefaultSecret),
		s.kubectl(ctx, "-n", operators, "create", "configmap", "rds-ca", "--from-file=ca.pem="+s.stack.CloudDir(stack.LocalAWS)+"/ca.pem"),
	)
	if err != nil {
		return err
	}
	if err := s.installCore(ctx); err != nil {
		return err
	}
	if err := s.installAWS(ctx); err != nil {
		return err
	}
	return s.kubectl(ctx, "-n", operators, "get", "pods")
}

func (s *story) installCore(ctx context.Context, more ...string) error {
	return s.install(ctx, stack.CoreOperator, coreValues, more...)
}

func (s *story) installAWS(ctx context.Context, more ...string) error {
	values, err := s.awsValues()
	if err != nil {
		return err
	}
	if err := s.install(ctx, stack.AWSOperator, values, more...); err != nil {
		return err
	}
	return s.awsReady(ctx)
}

func (s *story) awsReady(ctx context.Context) error {
	return errors.Join(
		s.kubectl(ctx, "wait", "--for=condition=Ready", "awsprovider/aws", "--timeout=120s"),
		s.kubectl(ctx, "wait", "--for=condition=Ready", "resourceclasses", "--all", "--timeout=120s"),
	)
}

// install installs a chart, or brings its release to these values, and remembers how long that took
// the first time. A release has its operator's name, unless it was given another.
func (s *story) install(ctx context.Context, operator, values string, more ...string) error {
	chart, err := s.chart(operator)
	if err != nil {
		return err
	}
	file, err := s.valuesFile(operator, values)
	if err != nil {
		return err
	}
	began := time.Now()
	args := []string{"upgrade", "--install", s.releaseOf(operator), chart, "--values", file, "--wait", "--timeout=3m", "--hide-notes"}
	if err := s.helm(ctx, append(args, more...)...); err != nil {
		return err
	}
	s.once("install."+operator, time.Since(began).Seconds(), "s")
	return nil
}

// releaseOf is the name of an operator's release.
func (s *story) releaseOf(operator string) string { return cmp.Or(s.renamed[operator], operator) }

// checkPrograms asks the programs in the pods for their version, and looks at how they run.
func checkPrograms(ctx context.Context, s *story) error {
	for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
		said, err := s.query(ctx, "-n", operators, "exec", "deployment/"+operator, "--", "/"+operator, "--version")
		if err != nil {
			return err
		}
		chart, err := s.chart(operator)
		if err != nil {
			return err
		}
		version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(chart), operator+"-"), ".tgz")
		if want := operator + " v" + version; said != want {
			return fmt.Errorf("%w: %q, want %q", errOtherVersion, said, want)
		}
		fmt.Fprintln(s.out, "  "+said)
		user, err := s.query(ctx, "-n", operators, "exec", "deployment/"+operator, "--", "/"+operator, "--no-such-flag")
		if err == nil || !strings.Contains(err.Error(), "unknown flag") {
			return fmt.Errorf("%w: %s took a flag that it does not know: %s", errExpected, operator, user)
		}
	}
	return nil
}

var (
	errOtherVersion = errors.New("a program says another version than its chart")
	errNotRestored  = errors.New("the table is not what it was")
)

// orders is the claim whose database a client uses throughout, with its secret.
const (
	orders       = "mysqlinstance/orders"
	ordersSecret = "orders-db"
)

func claimAndLogIn(ctx context.Context, s *story) error {
	began := time.Now()
	err := errors.Join(
		s.kubectl(ctx, "-n", tenant, "apply", "-f", "orders.yaml"),
		s.kubectl(ctx, "-n", tenant, "wait", "--for=condition=Ready", orders, "--timeout=120s"),
	)
	if err != nil {
		return err
	}
	s.figure("claim.ready", time.Since(began).Seconds(), "s")
	err = errors.Join(
		s.kubectl(ctx, "-n", tenant, "get", "claims"),
		s.kubectl(ctx, "get", "managed"),
	)
	if err != nil {
		return err
	}
	return s.writeNote(ctx)
}

// writeNote logs in with nothing but the secret that the application would get, and leaves something
// in the database.
func (s *story) writeNote(ctx context.Context) error {
	return s.inDatabase(ctx, ordersSecret, func(ctx context.Context, db database) error {
		for _, statement := range []string{"CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(100))", "INSERT INTO notes VALUES (1, 'still here')"} {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

// noteIsThere logs in again and looks for it.
func (s *story) noteIsThere(ctx context.Context) error {
	return s.inDatabase(ctx, ordersSecret, func(ctx context.Context, db database) error {
		var text string
		if err := db.QueryRowContext(ctx, "SELECT text FROM notes WHERE id = 1").Scan(&text); err != nil || text != "still here" {
			return errors.Join(fmt.Errorf("%w: %q", errNotRestored, text), err)
		}
		return nil
	})
}

// inDatabase logs in with what a secret says.
func (s *story) inDatabase(ctx context.Context, secret string, use func(context.Context, database) error) error {
	conn, err := login.Read(ctx, s.stack.Client, tenant, secret)
	if err != nil {
		return err
	}
	db, err := conn.Open(ctx, conn[v1alpha1.KeyCA])
	if err != nil {
		return err
	}
	if err := errors.Join(use(ctx, db), db.Close()); err != nil {
		return fmt.Errorf("in the database: %w", err)
	}
	fmt.Fprintf(s.out, "  %s at %s: logged in as %s over TLS, verified by ca.crt\n",
		conn[v1alpha1.KeyType], conn[v1alpha1.KeyEndpoint], conn[v1alpha1.KeyUsername])
	return nil
}

// testReleases runs the tests that the charts come with.
func testReleases(ctx context.Context, s *story) error {
	for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
		if err := s.helm(ctx, "test", operator, "--timeout=2m"); err != nil {
			return err
		}
	}
	return nil
}
