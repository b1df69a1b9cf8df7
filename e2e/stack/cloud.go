// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
)

func (s *Stack) startCloud() error {
	s.progressf("starting the local AWS")
	return s.launchProcess(LocalAWS, []string{
		"--listen", s.state.address(LocalAWS),
		"--state-dir", s.CloudDir(),
		"--delay", s.options.CloudDelay.String(),
	}, nil)
}

// awaitCloud returns once the cloud answers: that it refuses an unsigned request is an answer too.
func (s *Stack) awaitCloud(ctx context.Context) error {
	err := s.running[LocalAWS].AwaitReady(ctx, func(ctx context.Context) bool {
		return answers(ctx, s.CloudURL(), 0)
	})
	if err != nil {
		return fmt.Errorf("local AWS: %w", err)
	}
	s.progressf("local AWS ready at %s", s.CloudURL())
	return nil
}
