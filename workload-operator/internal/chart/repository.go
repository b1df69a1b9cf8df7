// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// indexEntry is what an index.yaml says of one version of a chart.
type indexEntry struct {
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`
}

// indexQuery looks for a chart in an index.yaml, which may be large and is not to
// be trusted: it is read where charts are.
type indexQuery struct {
	Index   []byte `json:"index"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// look returns the entry of that version; nil where there is none.
func (q indexQuery) look() (*indexEntry, error) {
	var index struct {
		Entries map[string][]indexEntry `json:"entries"`
	}
	if err := yaml.Unmarshal(q.Index, &index); err != nil {
		return nil, fault.New(fault.Permission, v1alpha1.ReasonChartSourceInvalid, "the source's index.yaml can't be read: %s", unquoted(err))
	}
	for _, e := range index.Entries[q.Name] {
		if e.Version == q.Version && len(e.URLs) > 0 {
			return &e, nil
		}
	}
	return nil, nil //nolint:nilnil // absence is an answer
}

// download fetches a chart from a repository.
func (s Source) download(ctx context.Context, name, version string) ([]byte, error) {
	home, err := url.Parse(strings.TrimSuffix(s.Repository.URL, "/") + "/index.yaml")
	if err != nil {
		return nil, s.wrong("its URL is none")
	}
	client, err := s.client(home, s.Repository.ServerAccess)
	if err != nil {
		return nil, err
	}
	index, err := s.get(ctx, client, home, home, maxIndex, name, version)
	if err != nil {
		return nil, err
	}
	found, err := run(ctx, task{Look: &indexQuery{Index: index, Name: name, Version: version}})
	if err != nil {
		return nil, err
	}
	if found.Entry == nil {
		return nil, s.none(name, version)
	}
	where, err := s.within(home, found.Entry.URLs[0])
	if err != nil {
		return nil, err
	}
	packed, err := s.get(ctx, client, home, where, maxArchive, name, version)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(packed); found.Entry.Digest != "" && !strings.EqualFold(strings.TrimPrefix(found.Entry.Digest, "sha256:"), hex.EncodeToString(sum[:])) {
		return nil, s.wrong("chart %s is not what its index.yaml says: the digests differ", name)
	}
	return packed, nil
}

// within returns the place that an index names, if charts may come from there.
func (s Source) within(home *url.URL, place string) (*url.URL, error) {
	u, err := home.Parse(place)
	switch {
	case err != nil || u.User != nil:
		return nil, s.wrong("its index.yaml leads to something that is no URL")
	case sameOrigin(u, home), u.Scheme == "https" && slices.Contains(s.Repository.AlsoFrom, u.Host):
		return u, nil
	}
	return nil, s.wrong("its index.yaml leads to %s://%s, which is not among spec.repository.alsoFrom", u.Scheme, u.Host)
}

// get reads what is at a URL, with the credentials where it is the source's own
// server.
func (s Source) get(ctx context.Context, client *http.Client, home, u *url.URL, most int64, name, version string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking for it: %w", err)
	}
	if s.Username != "" && sameOrigin(u, home) {
		r.SetBasicAuth(s.Username, s.Password)
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, s.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := s.answered(response.StatusCode, name, version); err != nil {
		return nil, err
	}
	what := "the packaged chart"
	if u == home {
		what = "index.yaml"
	}
	return s.readAll(response.Body, most, what)
}
