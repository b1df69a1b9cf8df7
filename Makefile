# What there is to do here; `make help` lists it. What takes more than a few lines is a program
# under tools/cmd, run from source.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := .cache/bin
MODULES := $(shell sed -n 's|^\t\./||p' go.work)
# The modules in tools/ and e2e/controlplane stand outside the workspace.
ALONE := GOWORK=off
# What Kubernetes is built from. Its program is little but Kubernetes' own code, which takes the
# linters a very long time to load.
CONTROLPLANE := e2e/controlplane
TOOL := $(ALONE) go run -C tools
ARGS ?=

# What images are tagged with unless told otherwise: what the charts in charts/ look for.
VERSION ?= 0.1.0-dev
ARCHS ?= $(shell go env GOHOSTARCH)
OPERATORS := $(filter %-operator,$(MODULES))
# As in images, see tools/images/compile.go.
TAGS := -tags grpcnotrace
# Those that `make e2e` upgrades from the version before.
UPGRADED := core-operator aws-operator
# What `make e2e` installs with.
HELM ?= $(BIN)/helm
# What a node is made of beside what Debian has, and only where there can be one.
CONTAINERD := v2.4.2
NODE := $(if $(filter 0,$(shell id -u)),$(BIN)/.containerd-$(CONTAINERD))

# Nothing here needs a C compiler.
export CGO_ENABLED := 0
# Where tests find an API server.
export KUBEBUILDER_ASSETS := $(CURDIR)/.cache/kubebuilder

# $(call each,command) runs it in every module, and fails at the end if it failed in one.
each = status=0; for module in $(MODULES); do echo "==> $$module"; (cd $$module && $(1)) || status=1; done; exit $$status

##@ Check

.PHONY: generate
generate: $(BIN)/controller-gen $(BIN)/crd-ref-docs ## Write deep copies, CRDs, RBAC, what charts share, and the references.
	@$(TOOL) ./cmd/generate

.PHONY: tidy
tidy: ## Bring the modules to the same versions, and their go.mod and go.sum in order.
	@for dir in tools tools/vuln; do (cd $$dir && $(ALONE) go mod tidy); done
	@$(TOOL) ./cmd/tidy

.PHONY: verify
verify: generate ## Check generated files, formatting, modules, the rules of the house, sign-offs.
	@$(TOOL) ./cmd/verify

.PHONY: lint
lint: $(BIN)/golangci-lint ## Run the linters over every module (ARGS=--fix repairs what can be).
	@echo "==> tools"; (cd tools && $(ALONE) ../$(BIN)/golangci-lint run $(ARGS) ./...)
	@echo "==> $(CONTROLPLANE)"; (cd $(CONTROLPLANE) && $(ALONE) ../../$(BIN)/golangci-lint run $(ARGS) ./internal/...)
	@$(call each,../$(BIN)/golangci-lint run $(ARGS) ./...)

.PHONY: vuln
vuln: $(BIN)/govulncheck ## Look dependencies up in the vulnerability database (VULNDB=file://... for another).
	@$(TOOL) ./cmd/vuln

.PHONY: dco
dco: ## Check that every commit is signed off.
	@$(TOOL) ./cmd/dco

##@ Test

# One call for all modules, three packages at a time: many tests wait for something. API servers
# spend a third of their time collecting garbage unless they are allowed some more memory. What
# debuggers need is left out of the test programs, which then take less than half the time to
# link; `make lint` vets.
QUICK := -vet=off -ldflags=-w -timeout 20m
.PHONY: test
test: control-plane programs $(BIN)/govulncheck $(BIN)/helm $(BIN)/helm3 ## Run all tests (ARGS=-count=1 and the like go to go test).
	@echo "==> tools"; $(ALONE) go test -C tools $(QUICK) $(ARGS) ./...
	@echo "==> $(CONTROLPLANE)"; $(ALONE) go test -C $(CONTROLPLANE) $(QUICK) $(ARGS) ./internal/...
	@GOGC=400 GOMEMLIMIT=700MiB go test -p 3 $(QUICK) $(ARGS) $(foreach module,$(MODULES),./$(module)/...)

.PHONY: cover
cover: control-plane ## Fail where tests cover less than 85 % of shared or core-operator.
	@$(TOOL) ./cmd/cover shared core-operator

.PHONY: mutants
mutants: control-plane $(BIN)/govulncheck ## Plant each fault of tools/mutants.yaml and expect its test to fail (ARGS=-only=... for some).
	@$(TOOL) ./cmd/mutants $(ARGS)

.PHONY: e2e
e2e: control-plane clouds $(BIN)/helm $(NODE) ## Install a release on a real node and live with it; as root (ARGS=-claims=20 takes fewer claims, HELM=PATH with another Helm).
	@$(TOOL) ./cmd/release -dirty -version v0.0.0-e2e -archs "$(ARCHS)" -out ../.cache/e2e/release
	@$(TOOL) ./cmd/images -version e2e -archs "$(ARCHS)" -out ../.cache/e2e/images e2e/cmd/pause
	@$(TOOL) ./cmd/before -archs "$(ARCHS)" $(UPGRADED)
	@go build -ldflags "-s -w" -o $(BIN)/e2e ./e2e/cmd/e2e
	@$(BIN)/e2e -helm $(HELM) $(ARGS)

##@ Run

.PHONY: demo
demo: control-plane programs ## Show claims become databases that a client logs in to (STAGE=database|clouds|clusters|placement, KEEP=1).
	@go run ./e2e/cmd/demo

.PHONY: up
up: control-plane programs ## Start the control plane, the local clouds and the operators.
	@go run ./e2e/cmd/stack up

.PHONY: down
down: ## End what `make up` started.
	@go run ./e2e/cmd/stack down

.PHONY: bench
bench: control-plane programs ## Measure; prints one line of JSON per figure.
	@go run ./e2e/cmd/bench

##@ Release

.PHONY: images
images: ## Build the operators' images as OCI archives in dist/images (VERSION=..., ARCHS="amd64 arm64").
	@$(TOOL) ./cmd/images -version $(VERSION) -archs "$(ARCHS)" $(OPERATORS)

.PHONY: push
push: ## Write the images in dist/images to a registry (REGISTRY=ghcr.io/you).
	@: $(or $(REGISTRY),$(error REGISTRY is not set))
	@$(TOOL) ./cmd/images -push $(REGISTRY) $(abspath $(wildcard dist/images/*.oci.tar))

.PHONY: release
release: $(BIN)/helm ## Build images, charts, bills of materials, notes and checksums in dist (VERSION=v0.1.0).
	@$(TOOL) ./cmd/release -version $(VERSION)

##@ Build

.PHONY: control-plane
control-plane: $(foreach name,etcd kube-apiserver kubectl,.cache/kubebuilder/$(name)) ## Build the Kubernetes control plane that tests run against.

.cache/kubebuilder/%: $(BIN)/hyperkube
	@mkdir -p $(@D) && ln -sfn ../bin/hyperkube $@

$(BIN)/hyperkube: e2e/controlplane/go.sum $(shell find e2e/controlplane -name '*.go' -not -name '*_test.go')
	@echo "building the Kubernetes control plane, about six minutes the first time" >&2
	@mkdir -p $(BIN)
	@$(ALONE) go build -C e2e/controlplane -trimpath -o $(CURDIR)/$@.new \
		-ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v1.37.1" ./cmd/hyperkube
	@mv $@.new $@ && touch $@

.PHONY: programs
programs: clouds ## Build the operators and the local clouds.
	@echo "building the operators, some minutes the first time" >&2
	@$(foreach name,$(OPERATORS),go build $(TAGS) -ldflags "-s -w" -o $(BIN)/$(name) ./$(name);)

.PHONY: clouds
clouds:
	@$(foreach dir,$(wildcard e2e/cmd/local-*),go build -ldflags "-s -w" -o $(BIN)/$(notdir $(dir)) ./$(dir);)

$(BIN)/controller-gen: PACKAGE := sigs.k8s.io/controller-tools/cmd/controller-gen
$(BIN)/crd-ref-docs: PACKAGE := github.com/elastic/crd-ref-docs
$(BIN)/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(BIN)/helm: PACKAGE := helm.sh/helm/v4/cmd/helm
$(BIN)/controller-gen $(BIN)/crd-ref-docs $(BIN)/golangci-lint $(BIN)/helm: tools/go.sum
	@echo "building $(@F)" >&2
	@mkdir -p $(BIN) && $(ALONE) go build -C tools -trimpath -ldflags "-s -w" -o $(CURDIR)/$@ $(PACKAGE)
	@touch $@

# What Helm's own releases tell the linker: without it charts would be rendered for Kubernetes 1.20.
$(BIN)/helm3: HELM3 := helm.sh/helm/v3
$(BIN)/helm3: tools/go.sum
	@echo "building $(@F)" >&2
	@mkdir -p $(BIN) && version=$$($(ALONE) go list -C tools -m -f '{{.Version}}' $(HELM3)) && \
		minor=$$($(ALONE) go list -C tools -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2) && \
		$(ALONE) go build -C tools -trimpath -ldflags "-s -w -X $(HELM3)/internal/version.version=$$version \
		$(foreach package,lint/rules chartutil,-X $(HELM3)/pkg/$(package).k8sVersionMajor=1 -X $(HELM3)/pkg/$(package).k8sVersionMinor=$$minor)" \
		-o $(CURDIR)/$@ $(HELM3)/cmd/helm
	@touch $@

$(BIN)/govulncheck: tools/vuln/go.sum
	@echo "building $(@F)" >&2
	@mkdir -p $(BIN) && $(ALONE) go build -C tools/vuln -trimpath -ldflags "-s -w" -o $(CURDIR)/$@ golang.org/x/vuln/cmd/govulncheck
	@touch $@

# Runtime, shim and client of containers.
$(BIN)/.containerd-$(CONTAINERD):
	@echo "building containerd, some minutes the first time" >&2
	@mkdir -p $(BIN)
	@$(ALONE) GOBIN=$(CURDIR)/$(BIN) go install -trimpath -ldflags "-s -w" \
		$(foreach name,containerd containerd-shim-runc-v2 ctr,github.com/containerd/containerd/v2/cmd/$(name)@$(CONTAINERD))
	@touch $@

.PHONY: clean
clean: ## Remove what was built. Ends a running stack first.
	@if [ -d .cache/stack ]; then $(MAKE) down; fi
	@rm -rf .cache dist

.PHONY: help
help: ## List what there is to do.
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
