// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// actAsProgram makes the test's own binary the program.
const actAsProgram = "LOCAL_AWS_TEST_ACT_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(actAsProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestDatabasesEndWithTheProgram starts a PostgreSQL and ends the program in
// order and by force: neither way leaves a process behind.
func TestDatabasesEndWithTheProgram(t *testing.T) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) == 0 {
		if os.Getenv("CROSSPLANE_REQUIRE_POSTGRES") != "" {
			t.Fatal("PostgreSQL is not installed")
		}
		t.Skip("PostgreSQL is not installed")
	}
	for name, signal := range map[string]os.Signal{"in order": syscall.SIGTERM, "by force": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			check(t, os.Chmod(temp, 0o755))
			check(t, os.Chmod(filepath.Dir(temp), 0o755))
			program, url := launch(t, temp)
			login(t, url)
			data := filepath.Join(temp, "local-cloud-postgres-")
			if len(processes(data)) == 0 {
				t.Fatal("no PostgreSQL runs")
			}
			check(t, program.Process.Signal(signal))
			_ = program.Wait() // how it ended was ours to say
			for range 100 {
				if len(processes(data)) == 0 {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			if left := processes(data); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if left, _ := filepath.Glob(data + "*"); signal == syscall.SIGTERM && len(left) > 0 {
				t.Errorf("files are left behind: %v", left)
			}
		})
	}
}

// launch starts the program and returns it with its URL.
func launch(t *testing.T, temp string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "--delay", "0s", "--log-level", "warn")
	cmd.Env = append(os.Environ(), actAsProgram+"=1", "TMPDIR="+temp)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	check(t, err)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return cmd, strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
}

// login makes a PostgreSQL instance and logs in to it.
func login(t *testing.T, url string) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", url)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDLOCAL")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secretlocal")
	c, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRegion("us-east-1"))
	check(t, err)
	client := rds.NewFromConfig(c)
	_, err = client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: new("db"), DBInstanceClass: new("db.t4g.small"), Engine: new("postgres"), AllocatedStorage: new(int32(20)),
		MasterUsername: new("postgres"), MasterUserPassword: new("correct-horse"),
	})
	check(t, err)
	out, err := client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
	check(t, err)
	at := out.DBInstances[0].Endpoint
	db, err := sql.Open("pgx", fmt.Sprintf("host=%s port=%d user=postgres password=correct-horse dbname=postgres sslmode=require", *at.Address, *at.Port))
	check(t, err)
	defer func() { _ = db.Close() }()
	check(t, db.PingContext(t.Context()))
}

// processes returns the command lines of processes that mention text.
func processes(text string) []string {
	var out []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(text)) && !bytes.Contains(line, []byte("initdb")) {
			out = append(out, string(bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
		}
	}
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
