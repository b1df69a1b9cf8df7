// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/crossplaneio/crossplane/aws-operator/internal/tagging"
)

func tagMap(list []types.Tag) map[string]string {
	return tagging.Map(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

func tagList(tags map[string]string) []types.Tag {
	return tagging.List(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}
