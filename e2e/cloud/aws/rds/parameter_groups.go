// SPDX-License-Identifier: Apache-2.0

package rds

// parameterGroupFor returns the group of that name, or the default one.
func (r *region) parameterGroupFor(d *description, name string) ([]parameterGroupInUse, error) {
	v, err := findVersion(d.Engine, d.EngineVersion)
	if err != nil {
		return nil, err
	}
	fallback := "default." + v.family()
	if name != "" && name != fallback {
		return nil, notFound("DBParameterGroupNotFound", "DBParameterGroup not found: %s", name)
	}
	return []parameterGroupInUse{{DBParameterGroupName: fallback, ParameterApplyStatus: "in-sync"}}, nil
}
