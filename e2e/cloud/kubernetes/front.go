// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reviews is the path below which API servers ask about tokens.
const reviews = "/reviews/"

// mostReview is more than any question about a token has, in bytes.
const mostReview = 1 << 20

// front is where API servers ask whose a token is.
type front struct {
	address string
	server  *http.Server
}

func listen(authenticate func(id, token string) (User, bool)) (*front, error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for token reviews: %w", err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answerReview(w, r, authenticate) })
	f := &front{address: l.Addr().String(), server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}}
	go func() { _ = f.server.Serve(l) }() // it ends when it is closed
	return f, nil
}

func (f *front) url(id string) string { return "http://" + f.address + reviews + id }

func (f *front) close() error {
	if err := f.server.Close(); err != nil {
		return fmt.Errorf("ending token reviews: %w", err)
	}
	return nil
}

func answerReview(w http.ResponseWriter, r *http.Request, authenticate func(id, token string) (User, bool)) {
	var review authenticationv1.TokenReview
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostReview)).Decode(&review); err != nil {
		http.Error(w, "no token review", http.StatusBadRequest)
		return
	}
	user, ok := authenticate(strings.TrimPrefix(r.URL.Path, reviews), review.Spec.Token)
	answer := authenticationv1.TokenReview{TypeMeta: metav1.TypeMeta{APIVersion: authenticationv1.SchemeGroupVersion.String(), Kind: "TokenReview"}}
	if ok {
		answer.Status = authenticationv1.TokenReviewStatus{Authenticated: true, User: user.info()}
	}
	w.Header().Set("Content-Type", "application/json")
	// An API server that has gone away is no fault of ours.
	_ = json.NewEncoder(w).Encode(answer) //nolint:errchkjson // it can always be written
}

func (u User) info() authenticationv1.UserInfo {
	extra := make(map[string]authenticationv1.ExtraValue, len(u.Extra))
	for key, values := range u.Extra {
		extra[key] = values
	}
	return authenticationv1.UserInfo{Username: u.Name, UID: u.UID, Groups: u.Groups, Extra: extra}
}

// webhookConfig is a kubeconfig, which is how an API server is told of a webhook.
func webhookConfig(url string) []byte {
	return []byte(`apiVersion: v1
kind: Config
clusters: [{name: cloud, cluster: {server: "` + url + `"}}]
users: [{name: apiserver, user: {}}]
contexts: [{name: cloud, context: {cluster: cloud, user: apiserver}}]
current-context: cloud
`)
}
