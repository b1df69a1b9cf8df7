// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// ByCode turns a list of a cloud's codes for each class round: the class of each
// code.
func ByCode(codes map[Class][]string) map[string]Class {
	m := map[string]Class{}
	for class, list := range codes {
		for _, code := range list {
			m[code] = class
		}
	}
	return m
}

// Said returns an error that says what a cloud said to an operation, which may be
// empty.
func Said(operation, message string) error {
	if operation == "" {
		return errors.New(message) //nolint:err113 // the message is for a person; identity is class and code
	}
	return fmt.Errorf("%s: %s", operation, message) //nolint:err113 // likewise
}

// Unreachable tells in the same words each time why a call to cloud got no answer.
func Unreachable(cloud string, err error) string {
	where := cloud
	if u, ok := errors.AsType[*url.Error](err); ok {
		if parsed, bad := url.Parse(u.URL); bad == nil {
			where = parsed.Scheme + "://" + parsed.Host
		}
		err = u.Err
	}
	return "no answer from " + where + ": " + RootCause(err)
}

// RootCause returns the innermost reason of an error. It leaves out addresses: a
// local port is another one each time.
func RootCause(err error) string {
	var timeout net.Error
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "it took too long"
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// RetryAfter is how long an answer asks to wait, in whole seconds; 0 if it does
// not say.
func RetryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
