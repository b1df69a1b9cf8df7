// SPDX-License-Identifier: Apache-2.0

// Package vulncheck looks the dependencies that our code calls up in a vulnerability database.
package vulncheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// Public is the Go project's database.
const Public = "https://vuln.go.dev"

// ErrUnreachable says that the database could not be asked, so that nothing was checked.
var ErrUnreachable = errors.New("vulnerability database out of reach")

// ErrFound says that a module calls something vulnerable; the report says what.
var ErrFound = errors.New("vulnerabilities found")

// foundStatus is govulncheck's exit status where it found something.
const foundStatus = 3

// A Scanner runs govulncheck over modules of the repository at Root.
type Scanner struct {
	Root     string
	Tool     string // govulncheck
	Database string // the URL of the database, http(s) or file
	Out      io.Writer
}

// Scan looks at the modules in dirs, all of them even if one has a finding. Where the database
// is out of reach it looks at none.
func (s Scanner) Scan(ctx context.Context, dirs ...string) error {
	if err := reach(ctx, s.Database); err != nil {
		return err
	}
	var found error
	for _, dir := range dirs {
		if !workspace.HasGo(filepath.Join(s.Root, dir)) {
			continue
		}
		fmt.Fprintf(s.Out, "vuln: %s\n", dir)
		if err := s.module(ctx, dir); err != nil {
			found = errors.Join(found, fmt.Errorf("%s: %w", dir, err))
		}
	}
	return found
}

func (s Scanner) module(ctx context.Context, dir string) error {
	err := workspace.Stream(ctx, s.Out, filepath.Join(s.Root, dir), workspace.Env(s.Root, dir),
		s.Tool, "-db", s.Database, "./...")
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) && exit.ExitCode() == foundStatus {
		return ErrFound
	}
	return err
}

// Verdict puts the outcome of a scan into a line or two and tells whether it is good enough to go on:
// it is where nothing could be checked, which is said aloud.
func Verdict(err error) (text string, ok bool) {
	switch {
	case err == nil:
		return "vuln: nothing found", true
	case errors.Is(err, ErrUnreachable):
		return "vuln: NOT CHECKED\nvuln: " + err.Error(), true
	}
	return "vuln: " + err.Error(), false
}

// reach asks for the database's own description. A folder that is not there is a mistake of
// whoever named it, and not a network that is down.
func reach(ctx context.Context, database string) error {
	location, err := url.Parse(database)
	if err != nil {
		return fmt.Errorf("reading the database's address: %w", err)
	}
	if location.Scheme == "file" {
		if _, err := os.Stat(location.Path); err != nil {
			return fmt.Errorf("opening the database: %w", err)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location.JoinPath("index/db.json.gz").String(), nil)
	if err != nil {
		return fmt.Errorf("reading the database's address: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s answers %s", ErrUnreachable, database, answer.Status)
	}
	return nil
}
