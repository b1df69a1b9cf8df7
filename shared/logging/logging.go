// SPDX-License-Identifier: Apache-2.0

// Package logging sets up what an operator logs: log/slog beneath, logr above
// for controller-runtime and klog for client-go. A line tells of a change; a
// quiet poll writes none. Libraries tell of their own business at level debug,
// and repeat themselves no more than every ten minutes.
package logging

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// Format of log lines.
type Format string

// The formats.
const (
	JSON Format = "json" // one object a line, for collectors
	Text Format = "text" // key=value, for people
)

// ErrUnknown says that a level or a format is none of those there are.
var ErrUnknown = errors.New("unknown")

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(name)); f {
	case JSON, Text:
		return f, nil
	default:
		return "", fmt.Errorf("log format %q: %w: give json or text", name, ErrUnknown)
	}
}

// ParseLevel returns the level of that name.
func ParseLevel(name string) (slog.Level, error) {
	switch strings.ToLower(name) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	default:
		return 0, fmt.Errorf("log level %q: %w: give debug, info, warn or error", name, ErrUnknown)
	}
}

// New returns a logger that writes lines from level up to w, without secrets as
// far as they can be recognised.
func New(w io.Writer, format Format, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if level > slog.LevelDebug {
		options.ReplaceAttr = brief
	}
	if format == JSON {
		return slog.New(newQuiet(slog.NewJSONHandler(w, options)))
	}
	return slog.New(newQuiet(slog.NewTextHandler(w, options)))
}

// brief leaves out what controller-runtime adds to each line and only its
// developers need, and redacts the rest.
func brief(groups []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case "controllerGroup", "controllerKind", passID:
		return slog.Attr{}
	case "namespace":
		if a.Value.String() == "" {
			return slog.Attr{}
		}
	}
	return redact(groups, a)
}

// Install makes logger that of the process: of controller-runtime, client-go and
// log/slog itself. It returns it as controller-runtime wants it.
func Install(logger *slog.Logger) logr.Logger {
	log := logr.FromSlogHandler(logger.Handler())
	slog.SetDefault(logger)
	ctrl.SetLogger(log)
	klog.SetLoggerWithOptions(log, klog.ContextualLogger(true))
	return log
}
