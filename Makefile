# Two commands matter: `make demo` and `make test`. The rest is for those who
# change the code.

LINT  = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BUILD = CGO_ENABLED=0 go build -trimpath -ldflags='-s -w'
# Packages whose tests need neither Postgres nor a browser.
QUICK = ./cmd ./handlers/... ./insights ./insights/importer/... ./bot/blocks/...
# Packages that keep goldens.
GOLDEN = ./bot/blocks ./handlers ./insights/importer ./insights/metric ./insights/store ./cmd/salesbot

# Properties are tried on cases drawn from the commit: other ones at each change,
# and the same again where that change is tested again.
test check: export RAPID_SEED ?= $(shell printf %d 0x$$(git rev-parse --short=8 HEAD 2>/dev/null || echo 1))

.DEFAULT_GOAL := help
.PHONY: help demo build test soak check lint golden fuzz first-answer bench bench-scale

help: ## Show the targets.
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: bin/salesbot ## Run the whole product on this machine: no Slack, no model, nothing to configure.
	@bin/salesbot demo $(ARGS)

build: bin/salesbot ## Build bin/salesbot.

bin/salesbot: FORCE
	@[ -x $@ ] || echo "Building salesbot (the first time takes half a minute or so)…"
	@$(BUILD) -o $@ ./cmd/salesbot

FORCE:

test: ## Run every test: race detector, shuffled, a real Postgres.
	go test -race -shuffle=on -timeout=20m ./...

CHECKS ?= 1000

soak: ## Try every property on CHECKS=1000 cases, drawn anew: hours.
	RAPID_CHECKS=$(CHECKS) go test -shuffle=on -timeout=0 ./...

check: ## Format, vet, and the tests that need no Postgres: under half a minute.
	@test -z "$$(gofmt -l bot cmd handlers insights migrations)" || { gofmt -l bot cmd handlers insights migrations; exit 1; }
	go vet ./...
	go test -shuffle=on $(QUICK)

lint: ## Run golangci-lint.
	$(LINT) run

golden: ## Rewrite the goldens; read the diff like prose.
	go test $(GOLDEN) -update

fuzz: ## Fuzz the grammar, the importer and the filters, ten seconds each.
	@for package in ./handlers/ask ./insights/importer ./insights/metric; do \
		for target in $$(go test $$package -list '^Fuzz' | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime 10s || exit 1; \
		done; \
	done

first-answer: ## Measure a clean clone's way to the first answer.
	@.ci/first-answer

bench: ## Run the benchmarks.
	go test ./... -run '^$$' -bench . -benchmem

DEALS ?= 1000000

bench-scale: ## Measure questions over DEALS=1000000 deals: against SQL by hand and a scan.
	SALESBOT_SCALE_DEALS=$(DEALS) go test ./insights/store -run '^$$' -bench '^BenchmarkScale$$' -benchtime 1x -timeout 0
