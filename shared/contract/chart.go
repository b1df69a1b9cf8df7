// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	kubejson "k8s.io/apimachinery/pkg/util/json"
)

// Chart is which chart an application has, and all that is kept of what its spec says
// of it: its values can be large.
type Chart struct {
	// Digest is that of spec.chart, as ChartDigest tells it.
	Digest string
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Chart) UnmarshalJSON(content []byte) error {
	c.Digest = ChartDigest(content)
	return nil
}

// ChartDigest tells one spec.chart, in JSON, from another: source, name, version, values
// and whatever else it says. In which order it says so, and how its numbers are written,
// makes no difference: who writes an estimate and who reads it come by it on different
// ways.
func ChartDigest(chart []byte) string {
	var all any
	if err := kubejson.Unmarshal(chart, &all); err == nil {
		if sorted, err := json.Marshal(all); err == nil {
			chart = sorted
		}
	}
	sum := sha256.Sum256(chart)
	return hex.EncodeToString(sum[:16])
}
