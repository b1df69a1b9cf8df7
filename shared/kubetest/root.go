// SPDX-License-Identifier: Apache-2.0

package kubetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNoControlPlane says that the programs of a Kubernetes API are not there yet.
var ErrNoControlPlane = errors.New("no Kubernetes control plane: run `make test` once: it builds the control plane")

var errNoRoot = errors.New("no go.work here or in any folder above")

// Root returns the repository's root: the nearest folder that has a go.work, from the working
// folder up.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository's root: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.work")) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("finding the repository's root: %w", errNoRoot)
		}
	}
}

// Paths makes paths that are relative to the repository's root absolute.
func Paths(relative ...string) ([]string, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	absolute := make([]string, len(relative))
	for i, path := range relative {
		absolute[i] = path
		if !filepath.IsAbs(path) {
			absolute[i] = filepath.Join(root, path)
		}
	}
	return absolute, nil
}

// Hyperkube returns the path of the program that holds every Kubernetes component.
func Hyperkube() (string, error) {
	paths, err := Paths(".cache/bin/hyperkube")
	if err != nil {
		return "", err
	}
	if !exists(paths[0]) {
		return "", fmt.Errorf("looking for %s: %w", paths[0], ErrNoControlPlane)
	}
	return paths[0], nil
}

// assets returns the folder that has etcd and kube-apiserver: what KUBEBUILDER_ASSETS says, else
// the repository's own.
func assets() (string, error) {
	dir := os.Getenv("KUBEBUILDER_ASSETS")
	if dir == "" {
		paths, err := Paths(".cache/kubebuilder")
		if err != nil {
			return "", err
		}
		dir = paths[0]
	}
	if !exists(filepath.Join(dir, "kube-apiserver")) || !exists(filepath.Join(dir, "etcd")) {
		return "", fmt.Errorf("looking for etcd and kube-apiserver in %s: %w", dir, ErrNoControlPlane)
	}
	return dir, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
