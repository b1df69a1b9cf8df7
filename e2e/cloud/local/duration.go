// SPDX-License-Identifier: Apache-2.0

package local

import (
	"fmt"
	"time"
)

// Duration is a time.Duration that JSON writes as "2s".
type Duration time.Duration

// MarshalText writes the duration as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText reads what time.ParseDuration accepts.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("parsing a duration: %w", err)
	}
	*d = Duration(parsed)
	return nil
}
