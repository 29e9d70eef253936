# Only Go, make and git are needed; `make image` takes buildah or docker, `make lint` and `make demo` curl, `make e2e` Chromium
# and Alertmanager too, `make rules-cost` Alertmanager.
SHELL := /bin/sh

VERSION := $(shell cat VERSION)
VAR     := -X github.com/prometheus/common/version
# From git if there is some, so that the same commit always gives the same binary.
GIT     = $(shell git $(1) 2>/dev/null)
BRANCH  = $(call GIT,rev-parse --abbrev-ref HEAD)
LDFLAGS = -s -w $(VAR).Version=$(VERSION) $(VAR).Revision=$(call GIT,rev-parse --short=12 HEAD) \
	$(VAR).Branch=$(BRANCH) \
	$(VAR).BuildDate=$(call GIT,log -1 --format=%cd --date=format:%Y%m%d-%H:%M:%S)

# Developer tools at the versions of tools/go.mod. The tag leaves out what Prometheus need not discover here.
TOOL = GOFLAGS=-tags=remove_all_sd go tool -modfile=$(CURDIR)/tools/go.mod

.PHONY: build binaries dist packages-test image run demo test fuzz lint alerts e2e helm hostile soak rules-cost boards-cost scale scale-shards bench generate fmt clean

# build makes a static binary.
BINARY = license_exporter
build:
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BINARY) .

# binaries makes build/OS/ARCHITECTURE/license_exporter for each of PLATFORMS.
comma := ,
binaries:
	@for platform in $(subst $(comma), ,$(PLATFORMS)); do \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(MAKE) build BINARY=build/$$platform/license_exporter || exit 1; done

# dist makes the files of a release in the folder dist, or those of a snapshot if HEAD has no tag. For some platforms only:
# make dist PLATFORMS=linux/amd64,linux/arm64
dist:
	go -C tools/dist run . $(if $(PLATFORMS),-platforms=$(PLATFORMS))

# packages-test tests the files that make dist made, and installs the packages in a small system. It needs root on Debian or
# Ubuntu, mmdebstrap and rpm.
packages-test:
	DIST=$(CURDIR)/dist go -C tools/dist test -count=1 .
	$(HELM) lint --strict --quiet --kube-version=1.34.0 $(CURDIR)/dist/*.tgz
	.ci/check-packages dist

# image makes a container image for Linux on this machine's architecture. For several: make image PLATFORMS=linux/amd64,linux/arm64
# SOURCE is the address of the repository. IMAGE_FLAGS are further flags of the builder, such as --push for BUILDER='docker buildx'.
IMAGE   ?= license_exporter:$(VERSION)
BUILDER ?= $(or $(notdir $(firstword $(shell command -v buildah docker))),docker)
LABEL    = --label org.opencontainers.image
image: PLATFORMS ?= linux/$(shell go env GOHOSTARCH)
image: binaries
	$(if $(findstring buildah,$(BUILDER)),@$(BUILDER) manifest rm $(IMAGE) 2>/dev/null || true)
	SOURCE_DATE_EPOCH=$(call GIT,log -1 --format=%ct) $(BUILDER) build --platform=$(PLATFORMS) \
		$(if $(and $(findstring buildah,$(BUILDER)),$(findstring $(comma),$(PLATFORMS))),--manifest,--tag)=$(IMAGE) \
		$(LABEL).version=$(VERSION) $(LABEL).revision=$(call GIT,rev-parse HEAD) \
		$(LABEL).created=$(call GIT,log -1 --format=%cd --date=iso-strict) $(if $(SOURCE),$(LABEL).source=$(SOURCE)) $(IMAGE_FLAGS) .

# run serves simulated vendors; no credential is needed.
run: build
	@echo 'Look at http://localhost:10190/ and end it with Ctrl-C.'
	./license_exporter --demo --web.listen-address=localhost:10190

# demo runs the exporter with simulated vendors, Prometheus with the rules, and Alertmanager where it is installed.
demo: build
	deploy/demo/run ./license_exporter

# test runs all unit tests, with the race detector where it can be built. The matrix of hostile answers runs without it: the
# detector would make it take a quarter of an hour.
test:
	go test -timeout=20m -skip='^TestFaultMatrix' $(shell go build -race runtime/cgo 2>/dev/null && echo -race) ./...
	cd dashboards/gen && go test ./...
	go test -timeout=20m -run='^TestFaultMatrix' .

# fuzz runs every fuzz target for some time: make fuzz FUZZTIME=10m FUZZ=FuzzLoad
FUZZTIME ?= 10s
FUZZ     ?= .
fuzz:
	.ci/fuzz $(FUZZTIME) '$(FUZZ)'

# lint finds what is wrong without running tests. actionlint has its own module, since it needs another version of a package.
lint: build
	go tool -modfile=$(CURDIR)/tools/actionlint/go.mod actionlint
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run make fmt: $$unformatted"; exit 1; }
	@for module in . dashboards/gen e2e tools/dist tools/vmalert; do echo "vet and golangci-lint: $$module"; \
		(cd "$$module" && go vet ./... && $(TOOL) golangci-lint run) || exit 1; done
	.ci/check-metrics ./license_exporter $(TOOL) promtool

# alerts checks and tests the rules for Prometheus, with VictoriaMetrics too, and the example for Alertmanager.
alerts:
	.ci/check-alerts $(TOOL)
	go -C tools/vmalert test -count=1 ./...

# e2e tests the binary with a real Prometheus, a real Alertmanager and a real Chromium.
e2e: build
	LICENSE_EXPORTER=$(CURDIR)/license_exporter go -C e2e test -count=1 -timeout=20m ./...

# helm lints the chart, checks what it renders to, and runs the exporter as the chart does. Helm is that of tools/helm.
HELM  = go -C tools/helm tool helm
CHART = $(CURDIR)/deploy/helm/license_exporter
helm: build
	@for values in $(CHART)/values.yaml $(CHART)/ci/*-values.yaml; do \
		$(HELM) lint --strict --quiet --kube-version=1.34.0 --values "$$values" $(CHART) || exit 1; done
	go -C tools/helm vet ./...
	cd tools/helm && $(TOOL) golangci-lint run
	LICENSE_EXPORTER=$(CURDIR)/license_exporter go -C tools/helm test -count=1 ./...

# hostile prints the peak memory of the exporter under each kind of hostile answer, as a Markdown table. Linux only.
hostile: build
	HOSTILE=all LICENSE_EXPORTER=$(CURDIR)/license_exporter go test -count=1 -timeout=0 -v -run='^TestPeakMemory$$' .

# soak runs the exporter against vendors that misbehave: make soak SOAK=1h. Linux only.
SOAK ?= 5m
soak: build
	SOAK=$(SOAK) LICENSE_EXPORTER=$(CURDIR)/license_exporter go test -count=1 -timeout=0 -v -run='^TestSoak$$' .

# rules-cost prints what the rules cost on a real Prometheus and Alertmanager, as Markdown. It takes 20 minutes.
# Those of another commit: make rules-cost RULES=/path/to/alerts
RULES         ?= alerts
ORGANIZATIONS ?= 5000
LICENSES      ?= 10
rules-cost: build
	RULES=$(abspath $(RULES)) ORGANIZATIONS=$(ORGANIZATIONS) LICENSES=$(LICENSES) LICENSE_EXPORTER=$(CURDIR)/license_exporter \
		go -C e2e test -count=1 -timeout=1h -v -run='^TestRulesCost$$' .

# boards-cost prints what the panels of the boards cost a real Prometheus, as Markdown. It takes 20 minutes. A panel that
# fails or reads more than SAMPLES samples is an error.
# Those of another commit: make boards-cost BOARDS=/path/to/dashboards RULES=/path/to/alerts
BOARDS  ?= dashboards
SAMPLES ?= 2000000
boards-cost: ORGANIZATIONS = 3000
boards-cost: build
	BOARDS=$(abspath $(BOARDS)) RULES=$(abspath $(RULES)) ORGANIZATIONS=$(ORGANIZATIONS) LICENSES=$(LICENSES) SAMPLES=$(SAMPLES) \
		LICENSE_EXPORTER=$(CURDIR)/license_exporter go -C e2e test -count=1 -timeout=1h -v -run='^TestBoardsCost$$' .

# scale prints what the exporter and a Prometheus cost as processes, as a table in Markdown. Linux only. For several sizes
# and binaries: make scale ORGANIZATIONS='100 1000' EXPORTER='/path/to/before ./license_exporter'
# MEMORY=230MiB sets the exporter's GOMEMLIMIT. PROMETHEUS and PROMTOOL name existing binaries, which are then not built.
EXPORTER  ?= $(CURDIR)/license_exporter
REFRESHES ?=
MEMORY    ?=
scale: build
	EXPORTERS='$(abspath $(EXPORTER))' ORGANIZATIONS='$(ORGANIZATIONS)' LICENSES=$(LICENSES) REFRESHES=$(REFRESHES) MEMORY=$(MEMORY) \
		LICENSE_EXPORTER=$(CURDIR)/license_exporter go -C e2e test -count=1 -timeout=3h -v -run='^TestScale$$' .

# scale-shards prints what each of three exporters costs for its share of the organizations. Linux only.
scale-shards: build
	EXPORTERS='$(abspath $(EXPORTER))' ORGANIZATIONS=$(ORGANIZATIONS) LICENSES=$(LICENSES) MEMORY=$(MEMORY) \
		LICENSE_EXPORTER=$(CURDIR)/license_exporter go -C e2e test -count=1 -timeout=1h -v -run='^TestScaleShards$$' .

# bench prints what benchstat reads: make bench BENCH_FLAGS=-count=10 >new.txt
bench:
	@go test -run='^$$' -bench=. -benchmem $(BENCH_FLAGS) ./...

# generate rewrites the files that are made from code.
generate:
	go generate ./...

# fmt formats the code and groups its imports.
fmt:
	$(TOOL) golangci-lint fmt

# clean removes what build, dist and image make in this folder.
clean:
	rm -rf license_exporter build dist
