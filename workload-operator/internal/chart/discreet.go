// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplaneio/crossplane/shared/fault"
)

const (
	// maxMessage is how much is told of an error.
	maxMessage = 700
	// maxScanned is how much of an error is looked through for values. Who writes a
	// chart and its values could have us look for ever otherwise, and a piece of a
	// longer one may end in the middle of a value.
	maxScanned = 4 << 10
	tooLong    = "the error has more than 4 KiB and is not told: render the chart with `helm template`, or apply the object yourself, to see it"
)

// discreet returns an error about a chart without the values that it was given.
func discreet(err error, values []byte) error {
	told, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	return fault.New(told.Class, told.Reason, "%s", NewCensor(values).Discreet(told.Error()))
}

// Censor knows the values that a chart was given, and keeps them out of messages.
type Censor struct {
	secrets []string
}

// NewCensor returns one that knows the texts and numbers among values in JSON.
func NewCensor(values []byte) *Censor { return &Censor{secrets: secretsIn(values)} }

// Discreet returns a message, in one line and bounded, with every value left out of
// it, as it is or in base64. Templates and API servers quote what they were given.
func (c *Censor) Discreet(message string) string {
	if len(message) > maxScanned {
		return tooLong
	}
	for _, secret := range c.secrets {
		message = without(message, secret)
	}
	message = strings.Join(strings.Fields(strings.ToValidUTF8(message, "")), " ")
	if len(message) > maxMessage { // the cause stands at the end
		message = strings.ToValidUTF8(message[:maxMessage/3], "") + " ... " + strings.ToValidUTF8(message[len(message)-maxMessage/3*2:], "")
	}
	return message
}

const leftOut = "***"

// without leaves a value out of a message. A short one is left out where it stands
// alone: "a" is in most words.
func without(message, value string) string {
	const short = 4
	switch {
	case !strings.Contains(message, value):
		return message
	case len(value) >= short:
		return strings.ReplaceAll(message, value, leftOut)
	}
	return regexp.MustCompile(`(^|\W)`+regexp.QuoteMeta(value)+`(\W|$)`).ReplaceAllString(message, "${1}"+leftOut+"${2}")
}

// secretsIn returns the texts and numbers in values, in all the ways in which a
// message may quote them, the longest first.
func secretsIn(values []byte) []string {
	var all any
	if json.Unmarshal(values, &all) != nil {
		return nil
	}
	var found []string
	each(all, func(leaf string) {
		inQuotes := strconv.Quote(leaf)
		found = append(found, leaf, base64.StdEncoding.EncodeToString([]byte(leaf)), inQuotes[1:len(inQuotes)-1])
		for line := range strings.Lines(leaf) {
			found = append(found, strings.TrimSpace(line))
		}
	})
	found = slices.DeleteFunc(found, func(s string) bool { return s == "" })
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(found)
}

// each calls f with every text and number in a value.
func each(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			each(inner, f)
		}
	case []any:
		for _, inner := range v {
			each(inner, f)
		}
	case string:
		f(v)
	case float64:
		f(strconv.FormatFloat(v, 'f', -1, 64))
	}
}
