// SPDX-License-Identifier: Apache-2.0

package application

import (
	"errors"
	"fmt"
	"sync"
	"time"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// kitchen bounds what is spent on rendering. What it knows saves work; nothing is
// lost with it.
type kitchen struct {
	mu     sync.Mutex
	busy   int
	faults map[string]spoilt
}

// spoilt is a chart that did not render, or a source that did not answer.
type spoilt struct {
	err   *fault.Error
	until time.Time
}

// errFull says that as many charts are prepared as may be at once.
var errFull = fmt.Errorf("as many charts are rendered as may be: %w", errBusy)

const (
	atOnce     = 2    // charts that are fetched and rendered
	maxSpoilt  = 1000 // that are known
	spoiltTime = 10 * time.Minute
	silentTime = 15 * time.Second // of a source that did not answer
)

// begin reports whether one more chart may be rendered now; who may has to call
// end. Nobody waits for it: whoever has no chart is served meanwhile.
func (k *kitchen) begin() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy >= atOnce {
		return false
	}
	k.busy++
	return true
}

func (k *kitchen) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy--
}

// spoil takes note that a chart does not render, or that a source does not answer,
// so that what takes all the time that it gets does not get it again and again. It
// returns err.
func (k *kitchen) spoil(which string, err error) error {
	told, ok := errors.AsType[*fault.Error](err)
	lasting := spoiltTime
	switch {
	case ok && told.Reason == workload.ReasonChartUnreachable:
		lasting = silentTime
	case !ok || !told.Terminal():
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.faults == nil || len(k.faults) >= maxSpoilt {
		k.faults = map[string]spoilt{}
	}
	k.faults[which] = spoilt{err: told, until: time.Now().Add(lasting)}
	return err
}

// spoilt returns why a chart did not render, or a source not answer, a while ago.
func (k *kitchen) spoilt(which string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, ok := k.faults[which]; ok && time.Now().Before(known.until) {
		return known.err
	}
	return nil
}
