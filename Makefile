# Everything that is done with this house by hand. "make" alone explains.

GO := $(or $(shell command -v go 2>/dev/null),$(wildcard /usr/local/go/bin/go),go)
export CGO_ENABLED ?= 0

help:
	@echo "make run       start the portal with demonstration data (make run ARGS='…' passes flags)"
	@echo "make test      everything CI runs: verify, lint, all tests, also in a browser"
	@echo "make bench     how fast it is on this machine"
	@echo "make chaos     pull plugs during 200 erasures (CHAOS_RUNS=… for others, CHAOS_SEED=… for one again)"
	@echo "make fuzz      try random input on every fuzz target (make fuzz FUZZTIME=5m for longer)"
	@echo "make lint      format and vet"
	@echo "make generate  write the Go code of the templates anew"
	@echo "make verify    generated code is fresh, numbers of migrations are unique"
	@echo "make build     bin/einsicht and bin/demo"
	@echo "make deps      install the PostgreSQL server where it is missing"
	@echo "make sources   install the servers that connectors are tested against, where they are missing"
	@echo "make office    install LibreOffice where it is missing, for letters as PDF"

run: postgres build
	bin/demo $(ARGS)

build: go
	$(GO) build -o bin/ ./cmd/einsicht ./cmd/demo

test: postgres browser office sources verify lint
	@$(MAKE) --no-print-directory -j 2 test-portal test-browser
	$(TESTS) $$($(GO) list ./... | grep -v '^einsicht$(PORTAL)$$')

# What vet says lint has said. Garbage is collected less often, a fifth of the time:
# tests of memory look at what is held, or set GOGC themselves.
TESTS := GOGC=400 $(GO) test -vet=off -timeout 60m
PORTAL := /cmd/internal/portal

# These two wait more than they work, and so run at once.
test-portal: go
	$(TESTS) .$(PORTAL)

test-browser: go
	@if [ -f e2e/go.mod ]; then set -x; cd e2e && $(TESTS) ./...; fi

bench: postgres office sources go
	BENCH_MIB=$(BENCH_MIB) $(GO) test -p 1 -run '^$$' -bench . -benchtime 1x -timeout 60m $(MEASURED)

BENCH_MIB ?= 2048
MEASURED := ./cmd/internal/bench ./internal/connector/weblog ./internal/connector/sql ./internal/connector/source ./internal/procedure/gathering ./internal/procedure/delivery ./cmd/internal/portal

CHAOS_RUNS ?= 200

chaos: postgres go
	CHAOS_RUNS=$(CHAOS_RUNS) CHAOS_SEED=$(CHAOS_SEED) $(GO) test -count 1 -v -timeout 60m -run '^TestChaos$$' ./cmd/internal/portal

FUZZTIME ?= 60s

# Go runs one target at a time.
fuzz: go
	@set -e; grep -rl --include='*_test.go' '^func Fuzz' internal cmd | sort | while read -r file; do \
	for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
	echo "$$(dirname "$$file") $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$(dirname "$$file")"; done; done

lint: go
	@bad=$$(find . -name '*.go' ! -name '*_templ.go' -exec "$$($(GO) env GOROOT)/bin/gofmt" -l {} +); \
	if [ -n "$$bad" ]; then echo "not formatted (gofmt -w):"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	@if [ -f e2e/go.mod ]; then set -x; cd e2e && $(GO) vet ./...; fi

generate: go
	$(GO) tool templ generate

verify: go
	@GO="$(GO)" sh deploy/verify.sh

deps: postgres

postgres:
	@sh deploy/install.sh postgres

browser:
	@sh deploy/install.sh browser

office:
	@sh deploy/install.sh office

sources:
	@sh deploy/install.sh sources

go:
	@"$(GO)" version >/dev/null 2>&1 || { echo "Go is missing: install it from https://go.dev/dl/ (1.26 or newer) and put it on PATH."; exit 1; }

.PHONY: help run build test test-portal test-browser bench chaos fuzz lint generate verify deps postgres browser office sources go
