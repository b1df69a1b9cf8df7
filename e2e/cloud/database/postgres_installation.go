// SPDX-License-Identifier: Apache-2.0

package database

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// ErrNoPostgres says that PostgreSQL's programs are not installed.
var ErrNoPostgres = errors.New("PostgreSQL is not installed: no initdb and postgres on the PATH or in /usr/lib/postgresql/*/bin")

// nobody is the user that PostgreSQL runs as where this process is root's,
// which PostgreSQL refuses to run as, and no user postgres exists.
const nobody = 65534

// postgresInstallation is PostgreSQL as it is installed on this machine.
type postgresInstallation struct {
	bin        string // folder of its programs; empty: there are none
	credential *syscall.Credential
	log        *slog.Logger

	mu       sync.Mutex
	dir      string // everything that it writes; made when first needed
	template string // a fresh data directory
	copies   int
}

func findPostgres(log *slog.Logger) *postgresInstallation {
	p := &postgresInstallation{bin: postgresPrograms(), log: log}
	if os.Geteuid() == 0 {
		p.credential = unprivileged()
	}
	return p
}

// postgresPrograms returns the folder that holds initdb and postgres.
func postgresPrograms() string {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is right
	slices.Sort(folders)
	slices.Reverse(folders)
	if found, err := exec.LookPath("initdb"); err == nil {
		folders = append([]string{filepath.Dir(found)}, folders...)
	}
	for _, folder := range folders {
		if executable(filepath.Join(folder, "initdb")) && executable(filepath.Join(folder, "postgres")) {
			return folder
		}
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func unprivileged() *syscall.Credential {
	c := &syscall.Credential{Uid: nobody, Gid: nobody}
	u, err := user.Lookup("postgres")
	if err != nil {
		return c
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	if errUID == nil && errGID == nil {
		c.Uid, c.Gid = uint32(uid), uint32(gid)
	}
	return c
}

// prepare makes what the first server needs. It is in the folder for temporary
// files because another user must reach it.
func (p *postgresInstallation) prepare() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bin == "" {
		return ErrNoPostgres
	}
	if p.template != "" {
		return nil
	}
	if p.dir == "" {
		dir, err := os.MkdirTemp("", "local-cloud-postgres-")
		if err != nil {
			return fmt.Errorf("making a folder for PostgreSQL: %w", err)
		}
		if err := p.give(dir); err != nil {
			return err
		}
		p.dir = dir
	}
	template := filepath.Join(p.dir, "template")
	if err := p.run(filepath.Join(p.bin, "initdb"), "-D", template, "-U", postgresAdmin,
		"-E", "UTF8", "--no-locale", "--auth=reject", "--wal-segsize=1", "--no-sync"); err != nil {
		return err
	}
	p.template = template
	return nil
}

// copy copies a data directory and returns where to.
func (p *postgresInstallation) copy(from, name string) (string, error) {
	p.mu.Lock()
	p.copies++
	to := filepath.Join(p.dir, filepath.Base(name)+"-"+strconv.Itoa(p.copies))
	p.mu.Unlock()
	if err := p.run("cp", "-a", from, to); err != nil {
		return "", errors.Join(err, os.RemoveAll(to))
	}
	return to, nil
}

// run runs a program to its end, as the user that PostgreSQL runs as.
func (p *postgresInstallation) run(program string, args ...string) error {
	cmd := p.command(program, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running %s: %w: %s", filepath.Base(program), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

func (p *postgresInstallation) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), program, args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.credential}
	return cmd
}

// write writes a file that only the user that PostgreSQL runs as can read.
func (p *postgresInstallation) write(path string, content []byte) error {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("writing a file for PostgreSQL: %w", err)
	}
	return p.give(path)
}

func (p *postgresInstallation) give(path string) error {
	if p.credential == nil {
		return nil
	}
	if err := os.Chown(path, int(p.credential.Uid), int(p.credential.Gid)); err != nil {
		return fmt.Errorf("giving PostgreSQL its files: %w", err)
	}
	return nil
}

// close removes everything that was written.
func (p *postgresInstallation) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir == "" {
		return nil
	}
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("removing PostgreSQL's files: %w", err)
	}
	return nil
}
