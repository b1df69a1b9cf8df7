// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

// The requests that most tests are about.
type (
	createInput = rds.CreateDBInstanceInput
	modifyInput = rds.ModifyDBInstanceInput
	deleteInput = rds.DeleteDBInstanceInput
)

// world is a local AWS, its control and the SDK's own clients of it.
type world struct {
	*control.Client

	url string
	rds *rds.Client
	ec2 *ec2.Client
	sts *sts.Client
	iam *iamsdk.Client
	eks *eks.Client
}

// start serves a local AWS in which everything is done at once.
func start(t *testing.T) *world {
	t.Helper()
	return startWith(t, program.Options{})
}

func startWith(t *testing.T, o program.Options) *world {
	t.Helper()
	cloud, err := aws.New(o)
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
	w.login(t, "us-east-1", iam.DefaultKeyID, iam.DefaultSecret, "")
	return w
}

// login makes the clients use an access key, as an operator would: with
// AWS_ENDPOINT_URL and nothing else. They repeat a call where the connection
// broke, and no other.
func (w *world) login(t *testing.T, region, id, secret, token string) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", w.url)
	c, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(region), config.WithRetryer(onlyConnections),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret, token)))
	if err != nil {
		t.Fatal(err)
	}
	w.rds, w.ec2, w.sts = rds.NewFromConfig(c), ec2.NewFromConfig(c), sts.NewFromConfig(c)
	w.iam, w.eks = iamsdk.NewFromConfig(c), eks.NewFromConfig(c)
}

// onlyConnections repeats what AWS did not refuse: on a busy machine the SDK can
// break its own connection, see latency.
func onlyConnections() sdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
	})
}

// once makes a call that is not repeated.
func once(o *rds.Options) { o.Retryer = sdk.NopRetryer{} }

// newInstance asks for a small MySQL.
func newInstance(name string) *createInput {
	return &createInput{
		DBInstanceIdentifier: &name, DBInstanceClass: new("db.t4g.small"), Engine: new("mysql"),
		AllocatedStorage: new(int32(20)), EngineVersion: new("8.4"), DBName: new("app"),
		MasterUsername: new("root"), MasterUserPassword: new("correct-horse"),
	}
}

// create makes a small MySQL, changed as the test wants.
func (w *world) create(t *testing.T, name string, changes ...func(*createInput)) types.DBInstance {
	t.Helper()
	in := newInstance(name)
	for _, change := range changes {
		change(in)
	}
	return *must(w.rds.CreateDBInstance(t.Context(), in))(t).DBInstance
}

// get returns the one instance of that name.
func (w *world) get(t *testing.T, name string) types.DBInstance {
	t.Helper()
	return must(w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name}))(t).DBInstances[0]
}

func (w *world) status(t *testing.T, name string) string {
	t.Helper()
	return sdk.ToString(w.get(t, name).DBInstanceStatus)
}

func (w *world) modify(t *testing.T, in *modifyInput) types.DBInstance {
	t.Helper()
	return *must(w.rds.ModifyDBInstance(t.Context(), in))(t).DBInstance
}

func (w *world) delete(t *testing.T, name string) {
	t.Helper()
	must(w.rds.DeleteDBInstance(t.Context(), &deleteInput{DBInstanceIdentifier: &name, SkipFinalSnapshot: new(true)}))(t)
}

// slow makes everything take so long that only advance lets it end.
func (w *world) slow(t *testing.T) {
	t.Helper()
	w.settings(t, local.Settings{Delays: map[string]local.Duration{
		local.DefaultDelay: local.Duration(time.Hour), string(local.Backup): 0, string(local.Optimize): 0,
	}})
}

func (w *world) advance(t *testing.T) {
	t.Helper()
	check(t, w.Advance(t.Context(), time.Hour))
}

func (w *world) settings(t *testing.T, s local.Settings) {
	t.Helper()
	must(w.Settings(t.Context(), s))(t)
}

func (w *world) fault(t *testing.T, r local.Rule) {
	t.Helper()
	must(w.AddFault(t.Context(), r))(t)
}

// wantCode checks that err is the service's refusal of that code, or nil where
// the code is empty.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refusal smithy.APIError
	switch {
	case code == "" && err != nil:
		t.Errorf("got error %v, want none", err)
	case code != "" && (!errors.As(err, &refusal) || refusal.ErrorCode() != code):
		t.Errorf("got error %v, want %s", err, code)
	}
}

// must ends the test if there is an error: must(f())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
