// SPDX-License-Identifier: Apache-2.0

package database

import (
	"net/http"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Control adds to what a local cloud can be asked what there is to know of its
// databases: which there are, and the certificate that verifies them.
func (s *Servers) Control(mux *http.ServeMux) {
	mux.HandleFunc("GET "+local.ControlPath+"databases", func(w http.ResponseWriter, _ *http.Request) {
		local.WriteJSON(w, http.StatusOK, s.Status())
	})
	mux.HandleFunc("GET "+local.ControlPath+"ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		// A client that has gone away is no fault of ours.
		_, _ = w.Write(s.CA())
	})
}
