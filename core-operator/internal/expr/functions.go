// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// functions are those that neither CEL nor Kubernetes brings along.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("urlEscape", cel.Overload("urlEscape_string",
			[]*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(ofString(urlEscape)))),
		cel.Function("base64.encode", cel.Overload("base64_encode_string",
			[]*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(ofString(encode)))),
		cel.Function("toJson", cel.Overload("toJson_dyn",
			[]*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(toJSON))),
	}
}

func ofString(f func(string) string) func(ref.Val) ref.Val {
	return func(arg ref.Val) ref.Val {
		s, ok := arg.Value().(string)
		if !ok {
			return types.MaybeNoSuchOverloadErr(arg)
		}
		return types.String(f(s))
	}
}

// urlEscape escapes for every part of a URL: a space becomes %20, which a query
// and a path both understand.
func urlEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func toJSON(arg ref.Val) ref.Val {
	value, _, err := Native(arg)
	if err != nil {
		return types.WrapErr(err)
	}
	var text bytes.Buffer
	to := json.NewEncoder(&text)
	to.SetEscapeHTML(false)
	if err := to.Encode(value); err != nil {
		return types.WrapErr(err)
	}
	return types.String(bytes.TrimSpace(text.Bytes()))
}
