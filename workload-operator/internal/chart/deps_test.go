// SPDX-License-Identifier: Apache-2.0

package chart_test

import _ "github.com/google/go-containerregistry/pkg/registry"
