// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// settleEvery is how often Settle looks whether the log still grows.
const settleEvery = 20 * time.Millisecond

// Log is an API server's audit log, written by Policy.
type Log struct {
	path string
}

// Mark is a place in the log: what was asked before it is not counted.
type Mark int64

// Open returns the log in a file. The file appears with the first request.
func Open(path string) Log {
	return Log{path: path}
}

// Mark returns the end of the log as it is now.
func (l Log) Mark() (Mark, error) {
	info, err := os.Stat(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("marking the audit log: %w", err)
	}
	return Mark(info.Size()), nil
}

// Since returns the requests recorded after a mark. A request is recorded just after it
// was answered: call Settle before to have those that were answered a moment ago.
func (l Log) Since(mark Mark) (Requests, error) {
	content, err := l.read(mark)
	if err != nil {
		return nil, err
	}
	var requests Requests
	for line := range bytes.Lines(content) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // it is being written
		}
		request, err := parse(line)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	return requests, nil
}

// Settle returns once nothing was recorded for a while.
func (l Log) Settle(ctx context.Context, quiet time.Duration) error {
	last, err := l.Mark()
	if err != nil {
		return err
	}
	for since := time.Now(); time.Since(since) < quiet; {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the audit log to settle: %w", ctx.Err())
		case <-time.After(settleEvery):
		}
		now, err := l.Mark()
		if err != nil {
			return err
		}
		if now != last {
			last, since = now, time.Now()
		}
	}
	return nil
}

// read returns the log's whole lines after a mark. A line that was half written when the mark was
// made belongs to the time before it.
func (l Log) read(mark Mark) ([]byte, error) {
	file, err := os.Open(filepath.Clean(l.path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	start := max(0, int64(mark)-1)
	content, err := io.ReadAll(io.NewSectionReader(file, start, 1<<62-start))
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	if mark == 0 {
		return content, nil
	}
	_, after, _ := bytes.Cut(content, []byte("\n"))
	return after, nil
}

// event is what is read of the API server's record.
type event struct {
	Verb         string    `json:"verb"`
	User         user      `json:"user"`
	Impersonated user      `json:"impersonatedUser"`
	Object       object    `json:"objectRef"`
	Response     status    `json:"responseStatus"`
	Received     time.Time `json:"requestReceivedTimestamp"`
	Notes        notes     `json:"annotations"`
}

type user struct {
	Name string `json:"username"`
}

type object struct {
	Group       string `json:"apiGroup"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
}

type notes struct {
	Decision string `json:"authorization.k8s.io/decision"`
}

type status struct {
	Code int `json:"code"`
}

func parse(line []byte) (Request, error) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return Request{}, fmt.Errorf("reading a line of the audit log: %w", err)
	}
	return Request{
		User: cmp.Or(e.Impersonated.Name, e.User.Name), Verb: e.Verb,
		Group: e.Object.Group, Resource: e.Object.Resource, Subresource: e.Object.Subresource,
		Namespace: e.Object.Namespace, Name: e.Object.Name,
		Code: e.Response.Code, Time: e.Received, Forbidden: e.Notes.Decision == "forbid",
	}, nil
}
