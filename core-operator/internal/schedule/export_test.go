// SPDX-License-Identifier: Apache-2.0

package schedule

// Begun reports whether the scheduler decides.
func (s *Scheduler) Begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}
