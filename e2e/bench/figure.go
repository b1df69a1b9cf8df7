// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"fmt"
	"io"
)

// Figure is one result: a line of JSON.
type Figure struct {
	Name       string         `json:"name"`
	Value      float64        `json:"value"`
	Unit       string         `json:"unit"`
	Conditions map[string]any `json:"conditions"`
}

// Print writes the figure to out.
func (f Figure) Print(out io.Writer) error {
	line, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	return nil
}
