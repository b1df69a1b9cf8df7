// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "github.com/crossplaneio/crossplane/shared/managed"
	_ "golang.org/x/oauth2/google"
	_ "google.golang.org/api/cloudresourcemanager/v3"
	_ "google.golang.org/api/compute/v1"
	_ "google.golang.org/api/servicenetworking/v1"
	_ "google.golang.org/api/sqladmin/v1"
)

func main() {}
