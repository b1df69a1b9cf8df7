// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

func options(t *testing.T) controlplane.Options {
	t.Helper()
	binary, err := kubetest.Hyperkube()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return controlplane.Options{Binary: binary, Dir: filepath.Join(dir, "plane"), AuditLog: filepath.Join(dir, "audit.log")}
}

func started(t *testing.T, o controlplane.Options) (*controlplane.ControlPlane, kubernetes.Interface) {
	t.Helper()
	plane, err := controlplane.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Kill(); err != nil {
			t.Error(err)
		}
	})
	api, err := kubernetes.NewForConfig(plane.Config)
	if err != nil {
		t.Fatal(err)
	}
	return plane, api
}

func TestDataSurviveAStop(t *testing.T) {
	o := options(t)
	plane, api := started(t, o)
	mine := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "mine"}}
	if _, err := api.CoreV1().ConfigMaps("default").Create(t.Context(), mine, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := plane.Stop(time.Minute); err != nil {
		t.Fatal(err)
	}

	requests, err := audit.Open(o.AuditLog).Since(0)
	if err != nil {
		t.Fatal(err)
	}
	ofMine := requests.Where(func(r audit.Request) bool { return r.Name == "mine" && r.User == "kubernetes-admin" })
	if len(ofMine) != 1 || ofMine[0].Verb != "create" || ofMine[0].Resource != "configmaps" {
		t.Errorf("recorded: %v", ofMine)
	}

	// Elsewhere: the kubeconfig has to follow.
	moved, api := started(t, o)
	if moved.Port == plane.Port {
		t.Logf("by chance the same port, %d", moved.Port)
	}
	if _, err := api.CoreV1().ConfigMaps("default").Get(t.Context(), "mine", metav1.GetOptions{}); err != nil {
		t.Errorf("after it was started again: %v", err)
	}
}

func TestArgumentThatTheAPIServerRefuses(t *testing.T) {
	o := options(t)
	o.APIServerArgs = []string{"--no-such-flag"}
	var last *process.Process
	o.Started = func(p *process.Process) error {
		last = p
		return nil
	}
	_, err := controlplane.Start(t.Context(), o)
	if !errors.Is(err, process.ErrEnded) || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("got %v", err)
	}
	if last == nil || last.Alive() {
		t.Error("the process was not told of, or runs on")
	}
}

func TestPortThatIsTaken(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	o := options(t)
	address, _ := listener.Addr().(*net.TCPAddr)
	o.Port = address.Port
	_, err = controlplane.Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v", err)
	}
}

func TestStartedIsHeeded(t *testing.T) {
	o := options(t)
	o.Port = 1 // it is not waited for
	refusal := errors.New("not wanted")
	var refused *process.Process
	o.Started = func(p *process.Process) error {
		refused = p
		return refusal
	}
	if _, err := controlplane.Start(t.Context(), o); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	if refused.Alive() {
		t.Error("it runs on")
	}
}

func TestFreePorts(t *testing.T) {
	ports, err := controlplane.FreePorts(t.Context(), 20)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ports)
	if got := len(slices.Compact(ports)); got != 20 {
		t.Errorf("%d different ports of 20", got)
	}
	for _, port := range ports {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		_ = listener.Close()
	}
}
