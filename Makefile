# Croft's commands. `make` alone prints them.

SITES ?= 2
NODES ?= 3
SANDBOX ?= .sandbox

export CROFT_CACHE ?= $(HOME)/.cache/croft

# What Debian has to give: QEMU and Chromium, what the guest's disk is made with, and what unpacks images.
PACKAGES = qemu-system-x86 qemu-utils ovmf chromium fonts-dejavu-core openssh-client e2fsprogs xz-utils zstd

.DEFAULT_GOAL := help
.PHONY: help
help: ## print the targets
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: packages sandbox ## run a hub and SITES sites of NODES nodes on loopback, and print where the page is
	bin/croft-sandbox run --build --sites=$(SITES) --nodes=$(NODES) --dir=$(SANDBOX)

.PHONY: clean-sandbox
clean-sandbox: ## forget the sandbox's data
	@if [ -x bin/croft-sandbox ]; then bin/croft-sandbox clean --dir=$(SANDBOX); else rm -rf $(SANDBOX); fi

.PHONY: test
test: packages programs check verify test-extension test-unit test-e2e ## everything that CI runs

# The linter's cache keeps absolute names of files: one that another clone filled, and that is gone since, makes the
# linter forget every nolint and every mark of generated code. So each clone has its own.
.PHONY: check
check: ## formatting and lint of the Go code
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "gofmt would change: $$unformatted"; exit 1; }
	@test/lint/build.sh
	GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint $(CROFT_CACHE)/bin/golangci-lint run --timeout=20m ./...

.PHONY: test-unit
test-unit: controlplane guests ## Go tests: pure ones, and those against a real API server
	go test $$(go list ./... | grep -v -e /test/e2e -e /test/rancher/)
	go -C test/prometheus test ./...

.PHONY: test-extension
test-extension: ## lint, types and specs of the page
	extension/scripts/lint.sh
	extension/scripts/typecheck.sh
	extension/scripts/test.sh

.PHONY: test-e2e
test-e2e: packages programs browser ## the whole sandbox, the browser included
	@test/prometheus/build.sh
	bin/croft-sandbox clean --dir=.sandbox-test
	bin/croft-sandbox run --sites=2 --nodes=3 --dir=.sandbox-test -- go test -count=1 -p=1 -timeout=30m ./test/e2e/...

# Sites of a sandbox without a hub; the test brings two hubs, the real Rancher and ours. In a network of its own, because
# Rancher wants addresses that a machine does not have.
.PHONY: test-rancher
test-rancher: PACKAGES = iproute2
test-rancher: packages controlplane build ## Croft beside the real Rancher; not part of `make test`: to build Rancher takes half an hour, once
	test/rancher/build.sh
	extension/scripts/extension.sh
	go test -c -o bin/peer.test ./test/rancher/peer
	rm -rf .sandbox-rancher
	test/rancher/alone.sh bin/croft-sandbox run --only=sites --sites=2 --nodes=1 --simulate --dir=.sandbox-rancher -- \
		bin/peer.test -test.v -test.timeout=30m

# One site of a sandbox without a hub, asked by Harvester's own client library.
.PHONY: test-clients
test-clients: PACKAGES := $(filter-out chromium fonts-dejavu-core,$(PACKAGES))
test-clients: packages controlplane build guests ## what Harvester's clients ask, with Harvester's own library, at a site; not part of `make test`: the first build takes some minutes
	test/clients/build.sh
	rm -rf .sandbox-clients
	bin/croft-sandbox run --only=sites --sites=1 --nodes=1 --dir=.sandbox-clients -- \
		$(CROFT_CACHE)/bin/clients.test -test.v -test.timeout=15m

# rancher-machine itself, with the node driver, at one site of a sandbox without a hub.
.PHONY: test-machine
test-machine: PACKAGES := $(filter-out chromium fonts-dejavu-core,$(PACKAGES)) debootstrap fdisk mtools syslinux syslinux-common
test-machine: packages controlplane build guests ## rancher-machine with the node driver at a site; not part of `make test`: the first build takes some minutes
	test/machine/build.sh
	test/guest/debian/build.sh
	rm -rf .sandbox-machine
	bin/croft-sandbox run --only=sites --sites=1 --nodes=1 --dir=.sandbox-machine -- \
		go -C test/machine test -count=1 -v -timeout=30m .

# A machine pool by Cluster API's own controllers, at one site of a sandbox whose machines are states only.
.PHONY: test-pool
test-pool: PACKAGES := $(filter-out chromium fonts-dejavu-core,$(PACKAGES))
test-pool: packages controlplane build guests ## a machine pool that scales by Cluster API; not part of `make test`: the first build takes some minutes
	test/machine/build.sh
	test/rancher/pool/build.sh
	rm -rf .sandbox-pool
	bin/croft-sandbox run --only=sites --sites=1 --nodes=1 --simulate --dir=.sandbox-pool -- \
		go test -count=1 -v -timeout=30m ./test/rancher/pool

# programs are all that a sandbox is made of: what is written in Go, the control
# plane first, because it takes longest; beside it the page, whose builder has
# use for one core only.
.PHONY: programs
programs:
	@$(MAKE) --no-print-directory -j2 gophers page

.PHONY: gophers
gophers:
	@$(MAKE) --no-print-directory controlplane
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory guests

.PHONY: build
build: sandbox croft driver ## Croft's own programs, into bin/

.PHONY: croft
croft:
	@mkdir -p bin
	go build -o bin/croft-backend ./backend
	go build -o bin/croft-fleet ./fleet
	go build -o bin/croft-site ./test/site

# driver is the node driver for the two kinds of machines that Rancher's jobs run on, each with its SHA-256. Nothing of this
# machine is in it: no path, no date, no version control, so that who builds the same commit gets the same sum.
.PHONY: driver
driver: ## the node driver, static and reproducible, with its sums, into bin/driver/
	@mkdir -p bin/driver
	@for arch in amd64 arm64; do \
		CGO_ENABLED=0 GOOS=linux GOARCH=$$arch GOAMD64=v1 GOARM64=v8.0 GOFLAGS= go build -trimpath -buildvcs=false -ldflags "-s -w -buildid=" \
			-o bin/driver/docker-machine-driver-croft-linux-$$arch ./fleet/driver/docker-machine-driver-croft || exit 1; \
	done
	@cd bin/driver && sha256sum docker-machine-driver-croft-linux-* >SHA256SUMS

# sandbox is the supervisor alone, which has the rest built in the order in which it is needed.
.PHONY: sandbox
sandbox:
	@mkdir -p bin
	go build -o bin/croft-sandbox ./test/sandbox

.PHONY: controlplane
controlplane: kubernetes kubevirt cdi ## the real control plane, once for each version, into the cache

.PHONY: kubernetes kubevirt cdi
kubernetes kubevirt cdi:
	@test/controlplane/build.sh $@

.PHONY: guests
guests: packages ## the tiny guest's disk image, into the cache
	@go run ./test/guest

.PHONY: page
page: ## the dashboard (once for each version, into the cache) and the extension
	@extension/scripts/dashboard.sh
	@extension/scripts/extension.sh

.PHONY: browser
browser:
	@cd test/e2e/browser && [ -d node_modules/playwright-core ] && [ -d node_modules/axe-core ] || npm ci --no-audit --no-fund --loglevel=error

.PHONY: packages
packages:
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	[ -z "$$missing" ] || { echo "installing" $$missing; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null \
	|| { echo "make: could not install" $$missing "(root and Debian's packages are needed)"; exit 1; }; }

.PHONY: generate
generate: ## rewrite everything that is generated
	go generate ./...

.PHONY: verify
verify: ## show that what is generated is as its sources say
	@state() { { git status --porcelain; git diff; } | sha256sum; }; before=$$(state); \
	$(MAKE) --no-print-directory generate && [ "$$before" = "$$(state)" ] \
	|| { git status --short; echo "make: what is generated was not up to date; commit what make generate has written"; exit 1; }
