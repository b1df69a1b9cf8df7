// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"

	"github.com/crossplaneio/crossplane/shared/metrics"
)

// Calls a second, and at once, that an account's identity makes to one service
// in one region. AWS refuses more than about this from an account as a whole;
// the operator is not its only user.
const (
	callsPerSecond = 50
	callsAtOnce    = 200
)

// limits holds one limiter for each service and region of an account.
type limits struct {
	mu sync.Mutex
	of map[string]*rate.Limiter
}

func (l *limits) wait(ctx context.Context, service, region string) error {
	if err := l.limiter(service + "/" + region).Wait(ctx); err != nil {
		return fmt.Errorf("waiting for a turn to call %s: %w", service, err)
	}
	return nil
}

func (l *limits) limiter(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]*rate.Limiter{}
	}
	if l.of[key] == nil {
		l.of[key] = rate.NewLimiter(callsPerSecond, callsAtOnce)
	}
	return l.of[key]
}

// counted counts every attempt of every call that the SDK sends.
func counted(stack *middleware.Stack) error {
	count := middleware.FinalizeMiddlewareFunc("CountCalls", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
		middleware.FinalizeOutput, middleware.Metadata, error,
	) {
		begun := time.Now()
		out, meta, err := next.HandleFinalize(ctx, in)
		metrics.CloudCall("aws", awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), time.Since(begun), Classify(err))
		return out, meta, err //nolint:wrapcheck // a middleware hands on what it gets
	})
	if err := stack.Finalize.Insert(count, "Retry", middleware.After); err != nil {
		return fmt.Errorf("adding the count of calls: %w", err)
	}
	return nil
}

// limited makes every call wait for its turn.
func limited(l *limits) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		wait := middleware.InitializeMiddlewareFunc("WaitForTurn", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			middleware.InitializeOutput, middleware.Metadata, error,
		) {
			if err := l.wait(ctx, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetRegion(ctx)); err != nil {
				return middleware.InitializeOutput{}, middleware.Metadata{}, err
			}
			return next.HandleInitialize(ctx, in) //nolint:wrapcheck // a middleware hands on what it gets
		})
		if err := stack.Initialize.Add(wait, middleware.After); err != nil {
			return fmt.Errorf("adding the limit of calls: %w", err)
		}
		return nil
	}
}
