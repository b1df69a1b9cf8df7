// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// world is a local AWS, its control and the SDK's own clients of it.
type world struct {
	*control.Client

	url    string
	config sdk.Config
	rds    *rds.Client
	sts    *sts.Client
}

// start serves a local AWS in which everything is done at once.
func start(t *testing.T) *world {
	t.Helper()
	cloud, err := aws.New(aws.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(cloud)
	t.Cleanup(func() {
		server.Close()
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{Client: control.New(server.URL), url: server.URL}
	w.login(t, iam.DefaultKeyID, iam.DefaultSecret, "")
	return w
}

// login makes the clients use an access key.
func (w *world) login(t *testing.T, id, secret, token string) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", w.url)
	c, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("us-east-1"), config.WithRetryMaxAttempts(1),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret, token)))
	if err != nil {
		t.Fatal(err)
	}
	w.config, w.rds, w.sts = c, rds.NewFromConfig(c), sts.NewFromConfig(c)
}

// create makes an instance of the engine, changed as the test wants.
func (w *world) create(t *testing.T, name string, change func(*rds.CreateDBInstanceInput)) types.DBInstance {
	t.Helper()
	in := mysqlInstance(name)
	if change != nil {
		change(in)
	}
	out, err := w.rds.CreateDBInstance(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.DBInstance
}

func mysqlInstance(name string) *rds.CreateDBInstanceInput {
	return &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: &name, DBInstanceClass: sdk.String("db.t4g.small"), Engine: sdk.String("mysql"),
		AllocatedStorage: sdk.Int32(20), EngineVersion: sdk.String("8.4"), DBName: sdk.String("app"),
		MasterUsername: sdk.String("root"), MasterUserPassword: sdk.String("correct-horse"),
	}
}

// get returns the one instance of that name.
func (w *world) get(t *testing.T, name string) types.DBInstance {
	t.Helper()
	out, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.DBInstances[0]
}

func (w *world) settings(t *testing.T, s local.Settings) {
	t.Helper()
	if _, err := w.Settings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func (w *world) fault(t *testing.T, r local.Rule) {
	t.Helper()
	if _, err := w.AddFault(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// wantCode checks that err is the service's refusal of that code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	refusal := smithy.APIError(nil)
	if !errors.As(err, &refusal) || refusal.ErrorCode() != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}

// eventually waits for something that needs real time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 100 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var _ = context.Background
