// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
)

// unpack returns the files of a packaged chart, if they are nothing but files in
// one folder.
func unpack(packed []byte) ([]*archive.BufferedFile, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, invalid("it is no packaged chart: %w", err)
	}
	rest := &io.LimitedReader{R: unzipped, N: maxUnpacked}
	entries := tar.NewReader(rest)
	var files []*archive.BufferedFile
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) && rest.N > 0 {
			return files, nil
		}
		var file *archive.BufferedFile
		if err == nil {
			file, err = unpackOne(entries, header)
		}
		switch {
		case rest.N <= 0 || len(files) > maxFiles:
			return nil, tooLarge("unpacked, it has more than %d MiB or %d files", maxUnpacked>>20, maxFiles)
		case err != nil:
			return nil, invalid("it can't be unpacked: %w", err)
		case file != nil:
			files = append(files, file)
		}
	}
}

var (
	errLink    = errors.New("it holds a link or a device")
	errOutside = errors.New("it holds a file outside of its folder")
)

// unpackOne returns the file that an entry holds, if it holds one.
func unpackOne(in io.Reader, header *tar.Header) (*archive.BufferedFile, error) {
	switch header.Typeflag {
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return nil, nil //nolint:nilnil // neither a file nor wrong
	case tar.TypeReg:
	default:
		return nil, errLink
	}
	_, name, inFolder := strings.Cut(header.Name, "/")
	if !inFolder || strings.ContainsAny(header.Name, "\\:") || path.IsAbs(header.Name) || strings.HasPrefix(path.Clean(header.Name), "..") || path.Clean(name) != name || strings.HasPrefix(name, "..") {
		return nil, errOutside
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what was being done
	}
	return &archive.BufferedFile{Name: name, Data: data}, nil
}
