// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart/charttest"
)

// place is a server of a test, which remembers who came with which credentials.
type place struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string
}

func serve(t *testing.T, start func(http.Handler) *httptest.Server, h http.HandlerFunc) *place {
	t.Helper()
	p := &place{}
	p.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		p.mu.Lock()
		p.seen = append(p.seen, r.URL.Path+" "+user)
		p.mu.Unlock()
		h(w, r)
	}))
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(p.Close)
	return p
}

// visits are the paths that were asked for, with the names of who did.
func (p *place) visits() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.seen, ",")
}

// repository is a source that leads to a server.
func repository(at string, change ...func(*workload.RepositorySource)) chart.Source {
	s := chart.Source{Name: "charts", Username: charttest.Username, Password: charttest.Password}
	s.Repository = &workload.RepositorySource{URL: at, ServerAccess: workload.ServerAccess{PlainHTTP: true}}
	for _, f := range change {
		f(s.Repository)
	}
	return s
}

// index is one that says where the chart is.
func index(place string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "entries: {it: [{version: 1.0.0, urls: ['%s']}]}", place)
	}
}

func trust(servers ...*place) func(*workload.RepositorySource) {
	return func(s *workload.RepositorySource) {
		for _, p := range servers {
			s.CABundle += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw}))
		}
	}
}

// TestFetch: both kinds of servers give out what was put there.
func TestFetch(t *testing.T) {
	t.Parallel()
	packed := charttest.Files{"Chart.yaml": about}.Pack("it")
	server := charttest.Serve(t, "it", "1.0.0", packed)
	registry := chart.Source{Name: "charts", Username: charttest.Username, Password: charttest.Password}
	registry.OCI = &workload.OCISource{URL: server.OCI, ServerAccess: workload.ServerAccess{PlainHTTP: true}}
	for name, source := range map[string]chart.Source{"repository": repository(server.Repository), "registry": registry} {
		t.Run(name, func(t *testing.T) {
			got, err := source.Fetch(t.Context(), "it", "1.0.0")
			if err != nil || !bytes.Equal(got, packed) {
				t.Errorf("another chart came back: %v", err)
			}
			_, err = source.Fetch(t.Context(), "it", "2.0.0")
			says(t, err, workload.ReasonChartMissing, "source charts has no chart it in version 2.0.0")
			_, err = source.Fetch(t.Context(), "other", "1.0.0")
			says(t, err, workload.ReasonChartMissing, "no chart other")
			source.Password = "wrong"
			_, err = source.Fetch(t.Context(), "it", "1.0.0")
			says(t, err, workload.ReasonChartSourceInvalid, "refuses the credentials")
			source.Username, source.Password = "", ""
			_, err = source.Fetch(t.Context(), "it", "1.0.0")
			says(t, err, workload.ReasonChartSourceInvalid, "refuses the credentials")
		})
	}
}

// TestWhereAnIndexMayLead: not to files, not to other servers, unless an
// administrator says so; and the credentials go nowhere else.
func TestWhereAnIndexMayLead(t *testing.T) {
	t.Parallel()
	hit := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("packed")) }
	secure, plain := serve(t, httptest.NewTLSServer, hit), serve(t, httptest.NewServer, hit)
	var leads string
	var redirect bool
	home := serve(t, httptest.NewTLSServer, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "index.yaml") && redirect:
			index("it.tgz")(w, r)
		case strings.HasSuffix(r.URL.Path, "index.yaml"):
			index(leads)(w, r)
		case redirect:
			http.Redirect(w, r, leads, http.StatusFound)
		default:
			hit(w, r)
		}
	})
	other := strings.TrimPrefix(secure.URL, "https://")
	for _, tc := range []struct {
		name, leads string
		redirect    bool
		from        []string
		says        string // empty: it comes
	}{
		{"relative", "it.tgz", false, nil, ""},
		{"up, on the same server", "../it.tgz", false, nil, ""},
		{"absolute, the same server", home.URL + "/elsewhere/it.tgz", false, nil, ""},
		{"a file", "file:///etc/passwd", false, nil, "leads to file://"},
		{"another server", secure.URL + "/it.tgz", false, nil, "which is not among spec.repository.alsoFrom"},
		{"another server without a scheme", "//" + other + "/it.tgz", false, nil, "which is not among"},
		{"another server, allowed", secure.URL + "/it.tgz", false, []string{other}, ""},
		{"another server, allowed, plain", plain.URL + "/it.tgz", false, []string{strings.TrimPrefix(plain.URL, "http://")}, "which is not among"},
		{"with a password", "https://a:b@" + other + "/it.tgz", false, []string{other}, "something that is no URL"},
		{"a redirect", secure.URL + "/it.tgz", true, nil, ""},
		{"a redirect to plain http", plain.URL + "/it.tgz", true, nil, "a server without TLS"},
	} {
		leads, redirect = tc.leads, tc.redirect
		source := repository(home.URL+"/charts", trust(home, secure), func(s *workload.RepositorySource) { s.PlainHTTP, s.AlsoFrom = false, tc.from })
		packed, err := source.Fetch(t.Context(), "it", "1.0.0")
		if tc.says != "" {
			says(t, err, workload.ReasonChartSourceInvalid, tc.says)
		} else if err != nil || string(packed) != "packed" {
			t.Errorf("%s: want it to come, got %v", tc.name, err)
		}
	}
	if got := secure.visits(); got != "/it.tgz ,/it.tgz " {
		t.Errorf("want two visits by nobody in particular: %q", got)
	}
	if got := plain.visits(); got != "" {
		t.Errorf("want no visit at all: %q", got)
	}
	if got := home.visits(); !strings.Contains(got, "/charts/index.yaml "+charttest.Username) {
		t.Errorf("want the credentials at home: %q", got)
	}
}

// TestServersThatMisbehave are told of, with who can act on it.
func TestServersThatMisbehave(t *testing.T) {
	t.Parallel()
	answer := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	endless := func(w http.ResponseWriter, r *http.Request) {
		for line := []byte(strings.Repeat("# much\n", 10000)); r.Context().Err() == nil; {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	}
	round := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	for name, tc := range map[string]struct {
		handle       http.HandlerFunc
		reason, says string
	}{
		"down":            {answer(http.StatusBadGateway, ""), workload.ReasonChartUnreachable, "source charts answers 502"},
		"busy":            {answer(http.StatusTooManyRequests, ""), workload.ReasonChartUnreachable, "429"},
		"no index":        {answer(http.StatusOK, "}{"), workload.ReasonChartSourceInvalid, "index.yaml can't be read"},
		"an empty one":    {answer(http.StatusOK, ""), workload.ReasonChartMissing, "no chart it"},
		"an endless one":  {endless, workload.ReasonChartTooLarge, "index.yaml has more than 16 MiB"},
		"round and round": {round, workload.ReasonChartUnreachable, "too many redirects"},
		"another chart": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("entries: {it: [{version: 1.0.0, urls: [it.tgz], digest: 00ff}]}"))
		}, workload.ReasonChartSourceInvalid, "the digests differ"},
		"an endless chart": {func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "index.yaml") {
				index("it.tgz")(w, r)
				return
			}
			endless(w, r)
		}, workload.ReasonChartTooLarge, "the packaged chart has more than 4 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := repository(serve(t, httptest.NewServer, tc.handle).URL).Fetch(t.Context(), "it", "1.0.0")
			says(t, err, tc.reason, tc.says)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, err := repository(gone.URL).Fetch(t.Context(), "it", "1.0.0")
	says(t, err, workload.ReasonChartUnreachable, "source charts does not answer: connection refused")
	if strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("it tells where the source is: %v", err)
	}
	unknown := serve(t, httptest.NewTLSServer, index("it.tgz"))
	_, err = repository(unknown.URL).Fetch(t.Context(), "it", "1.0.0")
	says(t, err, workload.ReasonChartUnreachable, "certificate")
	_, err = repository(unknown.URL, func(s *workload.RepositorySource) { s.CABundle = "none" }).Fetch(t.Context(), "it", "1.0.0")
	says(t, err, workload.ReasonChartSourceInvalid, "caBundle holds no certificate")
}

// TestPlainHTTP is spoken only where the source says so.
func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	p := serve(t, httptest.NewServer, index("it.tgz"))
	_, err := repository(p.URL, func(s *workload.RepositorySource) { s.PlainHTTP = false }).Fetch(t.Context(), "it", "1.0.0")
	says(t, err, workload.ReasonChartSourceInvalid, "without TLS")
	if p.visits() != "" {
		t.Errorf("it was asked: %s", p.visits())
	}
}
