// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/crossplaneio/crossplane/aws-operator/internal/tagging"
)

type tagAPI interface {
	AddTagsToResource(context.Context, *rds.AddTagsToResourceInput, ...func(*rds.Options)) (*rds.AddTagsToResourceOutput, error)
}

func addTags(ctx context.Context, api tagAPI, arn *string, tags map[string]string) error {
	if len(tags) == 0 {
		return nil
	}
	_, err := api.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{ResourceName: arn, Tags: tagList(tags)})
	return err
}

func tagMap(list []types.Tag) map[string]string {
	return tagging.Map(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

func tagList(tags map[string]string) []types.Tag {
	return tagging.List(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}
