# `make` lists the commands. Recipes are the commands that you would type; longer ones are in kit/scripts/.

# Tools are pinned in modules of their own.
TOOL := "$(CURDIR)/kit/scripts/tool.sh" tools
LINT := "$(CURDIR)/kit/scripts/tool.sh" tools/lint golangci-lint

# Released builds are named by their tag, others by their commit.
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS = -s -w -X example.com/plinth/internal/app.version=$(VERSION)

# The service and its kit are modules. A go.work in a folder above is not for them.
MODULES := . kit
# scaffold:begin
MODULES += lab
# scaffold:end
export GOWORK := off
# all packages of all modules, for coverage
PACKAGES := example.com/plinth/...,example.com/plinth/kit/...
# each runs the go command in every module: $(call each,vet ./...)
each = for module in $(MODULES); do echo "go $(1) (in $$module)"; go -C $$module $(1) || exit 1; done

OUT ?= bin

DOCKER ?= docker
FUZZTIME ?= 30s
BENCH ?= .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run dev doctor seed admin migrate psql reset test verify microbench fuzz cover changelog \
	generate fmt lint build image release clean

# Those that compile and read, that of Node.js, those that need programs of others, and those that run all tests; from the quickest to the slowest. Each can be
# run alone. Those of one list may run beside those of another, not beside each other.
CODE_CHECKS := check-kit check-modules check-scripts check-migrations check-contract check-generated lint check-vulnerabilities check-release
CODE_CHECKS += check-monitoring # scaffold:only observability
CLIENT_CHECKS :=
CLIENT_CHECKS += check-typescript check-consumers # scaffold:only typescript
CLIENT_CHECKS += check-web # scaffold:only web
TOOL_CHECKS :=
TEST_CHECKS := check-queries check-benchmarks check-race
# scaffold:begin
CODE_CHECKS += check-deploy
TOOL_CHECKS += check-schemathesis check-generators
TEST_CHECKS += check-lab check-new check-resource numbers
# scaffold:end
.PHONY: verify-code verify-clients verify-tools verify-tests $(CODE_CHECKS) $(CLIENT_CHECKS) $(TOOL_CHECKS) \
	$(TEST_CHECKS) check-coverage

help:
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Run

run: bin/dev ## Start the API with its own PostgreSQL; nothing has to be installed
	@exec bin/dev

dev: ## Like run, and rebuild when a file changes, including generated code
	@mkdir -p bin && for part in api db; do test -e bin/.generated-$$part || touch bin/.generated-$$part; done
	@test -e bin/dev || echo "Compiling the API and air: a few minutes the first time, seconds from then on."
	@exec $(TOOL) air

# scaffold:begin typescript
.PHONY: mock
mock: clients/typescript/dist ## Start a mock of the API on PORT (4010), for frontends; it keeps what it is sent; needs Node.js
	@npm --workspace=tools/mock --loglevel=error start
# scaffold:end typescript

# scaffold:begin web
.PHONY: web e2e
web: clients/typescript/dist bin/dev bin/admin bin/migrate ## Start the API and the app of examples/web, with demo users; needs Node.js
	@scripts/web.sh
# scaffold:end web

doctor: ## List what is missing on this machine, and the remedy
	@kit/scripts/doctor.sh

seed: bin/dev bin/admin bin/migrate ## Create demo users, one of them an administrator
	@bin/dev exec sh -c 'bin/migrate up >/dev/null && exec bin/admin seed'

admin: bin/dev bin/admin bin/migrate ## Create an administrator: make admin EMAIL=you@example.com; ARGS=--promote if the account exists
	@test -n "$(EMAIL)" || { echo "usage: make admin EMAIL=you@example.com" >&2; exit 2; }
	@bin/dev exec sh -c 'bin/migrate up >/dev/null && exec bin/admin create "$$@"' admin $(ARGS) "$(EMAIL)"

# Creating files needs no database.
migrate: bin/migrate $(if $(filter create,$(ARGS)),,bin/dev) ## Run cmd/migrate on that database: make migrate ARGS="create add_phone_to_users"
	@$(if $(filter create,$(ARGS)),,bin/dev exec) bin/migrate $(or $(ARGS),status)

psql: bin/dev ## Open psql on that database: make psql [ARGS="-c 'SELECT count(*) FROM users'"]
	@command -v psql >/dev/null || { echo "psql is not installed: it comes with PostgreSQL, in postgresql-client or libpq" >&2; exit 1; }
	@bin/dev exec sh -c 'exec psql "$$DATABASE_URL" "$$@"' psql $(ARGS)

reset: bin/dev ## Delete that database; prints what it would delete, and deletes it with YES=1
	@bin/dev reset $(if $(YES),--yes)

##@ Prove

# With COVERAGE, the tests of each module write a profile of all packages: $(COVERAGE).root, $(COVERAGE).kit …
profile = $(foreach module,$(1),$(COVERAGE).$(module:.=root))
test_module = echo "go test ./... (in $(1))" && \
	go -C $(1) test -shuffle=on $(if $(COVERAGE),-coverpkg=$(PACKAGES) -coverprofile=$(abspath $(call profile,$(1)))) ./...

test: ## Run all tests; they start their own PostgreSQL
	@mkdir -p bin
	@test -e bin/.tested || echo "Compiling all packages and their tests: several minutes the first time, about a minute from then on."
	@$(foreach module,$(MODULES),$(call test_module,$(module)) &&) true
	@$(if $(COVERAGE),kit/scripts/check-coverage.sh $(call profile,$(MODULES)))
	@touch bin/.tested

# scaffold:begin typescript
.PHONY: test-typescript
test-typescript: bin/client.tgz ## Test the TypeScript client against a real server; needs Node.js
	@npm --workspace=clients/typescript --loglevel=error test
# scaffold:end typescript

verify: verify-code verify-clients verify-tools check-coverage verify-tests ## Run all checks of CI, except those that need a browser or another service
	@echo "verify: all good"

verify-code: $(CODE_CHECKS)
verify-clients: $(CLIENT_CHECKS)
verify-tools: $(TOOL_CHECKS)
verify-tests: $(TEST_CHECKS)

microbench: ## Run the benchmarks of the packages: make microbench [BENCH=Hash]
	@$(call each,test -run='^$$' -bench='$(BENCH)' -benchmem ./...)

fuzz: ## Fuzz each target for FUZZTIME (30s)
	@FUZZTIME=$(FUZZTIME) kit/scripts/fuzz.sh

cover: check-coverage ## Run the tests and show which lines they missed, in bin/coverage.html
	@go tool cover -html=bin/coverage.root -o bin/coverage.html

changelog: ## Print what changed for consumers of the API: make changelog [CONTRACT_BASE=v1.0.0]
	@kit/scripts/contract.sh changelog

# scaffold:begin web
.PHONY: lighthouse
lighthouse: clients/typescript/dist ## Measure the app with Lighthouse as on a phone; fails below 90; needs Chromium
	@LIGHTHOUSE=1 scripts/e2e.sh

e2e: ## Drive the app of examples/web and the documentation in Chromium: make e2e [ARGS="--ui"]; needs Node.js
	@scripts/e2e.sh $(ARGS)
# scaffold:end web

# scaffold:begin
.PHONY: bench bench-scale check-pooler docs-check faults numbers timing
docs-check: ## Open the documentation pages in headless Chromium
	@mkdir -p bin/docs
	go -C lab test -count=1 -tags=browser -run='^TestDocsInABrowser$$' ./protocol -screenshots "$(CURDIR)/bin/docs"

check-pooler: ## Run the service behind a PgBouncer, which must be installed
	@export PATH="$$PATH:/usr/sbin" && pgbouncer --version && go -C lab test -count=1 -tags=pgbouncer ./pooler

bench: ## Measure the API against baselines, in ratios: make bench [ARGS="-only me"]
	@go build -C lab -o "$(CURDIR)/bin/bench" ./bench && bin/bench $(ARGS)

bench-scale: ## Compare a million accounts with 10,000, and use sessions of a million refresh tokens; takes ten minutes
	go -C lab test -count=1 -run='^TestSessionWithManyTokens$$' -v ./rules -tokens=1000000
	go -C lab test -tags=scale -run='^$$' -bench=. -timeout=60m ./scale

faults: ## Break the dependencies of the API, and count failures: make faults [ARGS=-run=Failover] [REPORT=docs/faults.md]
	@FAULTS_REPORT="$(if $(REPORT),$(abspath $(REPORT)))" go -C lab test -count=1 -timeout=20m -tags=faults -v $(ARGS) ./faults

numbers: ## Measure the size of a copy, and count the edits for a new resource
	@go run -C lab ./numbers -root ..

timing: ## Test whether the time of a failed login reveals which part of it was wrong; takes minutes
	go -C lab test -count=1 -tags=timing -v ./timing
# scaffold:end

##@ Change

generate: ## Regenerate the code from api/ and db/
	@kit/scripts/generate.sh
# scaffold:begin typescript
	@if command -v npm >/dev/null; then scripts/generate-typescript.sh; \
		else echo "clients/typescript was left as it is: there is no Node.js"; fi
# scaffold:end typescript

.PHONY: resource
resource: ## Add a resource: make resource NAME=note FIELDS="title:string:1..200 body:text? done:bool=false" [OWNER=none] [ADMIN=true]
	@mkdir -p bin && go -C kit build -buildvcs=false -o "$(CURDIR)/bin/resource" ./cmd/resource
	@bin/resource -name "$$NAME" -plural "$$PLURAL" -fields "$$FIELDS" -owner "$$OWNER" -admin "$$ADMIN" -from "$$FROM" \
		-dirty "$$DIRTY" -keep "$$KEEP" -generate "$$GENERATE" -tests "$$TESTS"

fmt: ## Format the code
	@for module in $(MODULES); do (cd $$module && $(LINT) fmt ./...) || exit 1; done

lint: ## Run vet and the linters
	$(LINT) config verify
	@for module in $(MODULES); do echo "golangci-lint run (in $$module)"; \
		(cd $$module && $(LINT) run --allow-parallel-runners ./...) || exit 1; done

##@ Ship

# scaffold:begin typescript
.PHONY: client
client: bin/client.tgz ## Pack the TypeScript client into bin/client.tgz, for npm install; needs Node.js
# scaffold:end typescript

# The same commit and the same Go make the same bytes, in any folder: no paths, no VCS state, no C. The Dockerfile has the
# same line.
build: ## Build the release programs into bin/
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "$(LDFLAGS)" -o $(OUT)/ ./cmd/server ./cmd/worker ./cmd/migrate ./cmd/admin

image: ## Build the container image
	$(DOCKER) build --build-arg VERSION=$(VERSION) -t plinth:$(VERSION) .

release: ## Build all files of a release into bin/release: make release VERSION=v1.2.3
	@kit/scripts/release.sh files plinth $(VERSION)

clean: ## Remove build output; .data/, the development database, stays
	rm -rf bin

##@ Scaffold

# scaffold:begin
.PHONY: new
new: ## Create your own project: make new DIR=../orders MODULE=github.com/acme/orders [WITHOUT=web,kubernetes] [GIT=no]
	@go run -C tools/scaffold . -dir "$(DIR)" -module "$(MODULE)" $(if $(NAME),-name "$(NAME)") \
		$(if $(WITHOUT),-without "$(WITHOUT)") $(if $(filter no 0,$(GIT)),-no-git)
# scaffold:end

.PHONY: update slices eject-kit
update: ## Merge a later version of the starter into a copy: make update FROM=../starter[@v2] [ADD=web] [DROP=audit]
	@kit/scripts/update.sh "$(FROM)" "$(ADD)" "$(DROP)"

slices: ## List the optional parts that a copy has
	@test -f .scaffold.json || { echo "There is no .scaffold.json: this is the starter, which has all parts." >&2; exit 1; }
	@awk -F'"' '/": (true|false),?$$/ { printf "  %-14s %s\n", $$2, \
		/true/ ? "here" : "left out; make update FROM=... ADD=" $$2 " adds it" }' .scaffold.json

eject-kit: ## Stop sharing kit/ with the starter, to edit it here
	@kit/scripts/check-kit.sh --eject

# scaffold:begin

# The programs of bench are compiled first, because the clock of go test also runs while a test compiles.
check-lab:
	go build -trimpath -buildvcs=false ./cmd/server ./cmd/migrate
	go -C lab build -trimpath -buildvcs=false -o /dev/null ./bench/bare
	go -C lab test -tags=bench -timeout=30m ./bench
	go -C lab test -tags=oasdiff,workspace -run='^Test(Contract|ForeignWorkspace)' .

# A copy under another name has to pass its own suite.
check-new:
	go test -C tools/scaffold ./...
	cd tools/scaffold && $(LINT) run --allow-parallel-runners ./...
	@scripts/check-new.sh
	@scripts/check-update.sh

# A copy with resources of each owner, one of them with each kind of fields, has to pass its tests.
check-resource:
	go -C lab test -count=1 -tags=resource -timeout=40m -run='^TestCopyIsGreen$$' ./resource

.PHONY: check-resource-all check-new-all check-update
check-resource-all: ## Add resources of all kinds to a copy, use them, break their code, and compare a list of a million rows; takes a quarter of an hour
	go -C lab test -count=1 -tags=resource -timeout=60m -v ./resource -all

check-update: ## Make a copy, develop it, and update it to later versions
	@scripts/check-update.sh

check-new-all: ## Make and test copies of all kinds, with unusual names and without each slice; takes an hour
	@scripts/check-new.sh --all
# scaffold:end

# --- The parts of verify ---

check-kit:
	@kit/scripts/check-kit.sh

check-generated:
	@kit/scripts/generate.sh --check

# scaffold:begin typescript
# Where there is no Node.js, the rest of verify is worth running; CI has it.
check-typescript:
	@if [ -n "$$CI" ] || command -v npm >/dev/null; then \
		scripts/generate-typescript.sh --check && $(MAKE) --no-print-directory test-typescript; \
		else echo "clients/typescript: not checked, there is no Node.js"; fi

# The packed client in projects outside of the repository, one of them clients/typescript/examples/ssr.
check-consumers:
	@if [ -n "$$CI" ] || command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory bin/client.tgz && node clients/typescript/test/consumers.mjs && \
			node clients/typescript/test/ssr.mjs; \
		else echo "bin/client.tgz: not installed, there is no Node.js"; fi
# scaffold:end typescript

# scaffold:begin web
# The linter, the types, the tests of the components, and a build within the budget of the first page.
check-web:
	@if [ -n "$$CI" ] || command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory clients/typescript/dist && npm --workspace=examples/web --loglevel=error run check; \
		else echo "examples/web: not checked, there is no Node.js"; fi
# scaffold:end web

# scaffold:begin
# The manifests are outside of the module that tests them, so Go would not notice that they changed.
check-deploy:
	cd lab/deploycheck && $(LINT) run --allow-parallel-runners ./... && go test -count=1 ./...

# Clients that openapi-generator makes.
check-generators:
	@lab/generators/check.sh

# Requests that schemathesis makes up.
check-schemathesis:
	@lab/schemathesis/check.sh
# scaffold:end

# tidy for every module of the repository, changing none.
check-modules:
	@for mod in $$(find . -name go.mod -not -path '*/node_modules/*' -not -path './.data/*'); do \
		echo "go mod tidy -diff ($$mod)"; (cd "$$(dirname "$$mod")" && go mod tidy -diff) || exit 1; \
	done

check-scripts:
	@kit/scripts/check-scripts.sh

check-migrations:
	@kit/scripts/check-migrations.sh

check-contract:
	$(TOOL) oasdiff validate --fail-on WARN gen/apicontract/openapi.yaml
	@kit/scripts/contract.sh check

# Every query is prepared on a migrated PostgreSQL: sqlc itself does not know all of its rules.
check-queries:
	go test -count=1 -tags=sqlcvet -run='^TestQueriesPrepare$$' ./internal

# Each benchmark runs once. Packages without benchmarks are not linked, which saves half a minute.
check-benchmarks:
	@for module in $(MODULES); do (cd $$module && packages=$$(grep -rl '^func Benchmark' --include='*_test.go' \
		$(patsubst %,--exclude-dir=%,$(filter-out .,$(MODULES))) --exclude-dir=node_modules . | sed 's|/[^/]*$$||' | sort -u); \
		[ -z "$$packages" ] || go test -run='^$$' -bench=. -benchtime=1x $$packages) || exit 1; done

# All tests, and how much of the code they reach.
check-coverage:
	@$(MAKE) --no-print-directory test COVERAGE=bin/coverage

# All tests with the race detector, which needs C. Without coverage: its counters are atomic, which puts in order what else
# would be seen to race. vet is not asked again: `make test` and `make lint` have.
check-race:
	@export CGO_ENABLED=1; $(call each,test -race -vet=off -shuffle=on -timeout=30m ./...)

check-release:
	$(TOOL) actionlint
	@kit/scripts/release.sh check plinth

# scaffold:begin observability
# Rules and alerts; tests compare their queries with the metrics of the server.
check-monitoring:
	@if command -v promtool >/dev/null; then \
		cd deploy/prometheus && promtool check config prometheus.yaml && promtool test rules rules_test.yaml; \
		else echo "promtool: NOT run, it is not installed"; fi
# scaffold:end observability

check-vulnerabilities:
	@kit/scripts/check-vulnerabilities.sh

# --- Files ---

# Go knows what is up to date; make asks it every time.
bin/dev bin/admin bin/migrate: FORCE
	@test -e $@ || echo "Compiling $@: a few minutes the first time, seconds from then on."
	@go build -buildvcs=false -o $@ ./cmd/$(@F)
FORCE:

# scaffold:begin typescript
# One installation for all workspaces. Packages run no scripts.
node_modules: package-lock.json $(wildcard $(addsuffix /package.json,* clients/* examples/* tools/*))
	@echo "Installing packages for Node.js: up to a minute."
	@command -v npm >/dev/null || { echo "npm is not installed: it comes with Node.js 20 or newer" >&2; exit 1; }
	@npm --loglevel=error --no-audit --no-fund --no-update-notifier ci --ignore-scripts || \
		{ echo "npm could not install the packages of package-lock.json; its reason is above. It needs the registry of npm." >&2; exit 1; }
	@touch $@

clients/typescript/dist: node_modules $(shell find clients/typescript/src) $(wildcard clients/typescript/*.json)
	@npm --workspace=clients/typescript --loglevel=error run build
	@touch $@

bin/client.tgz: clients/typescript/dist clients/typescript/README.md clients/typescript/LICENSE
	@mkdir -p bin
	@mv "bin/$$(npm --loglevel=error pack --workspace=clients/typescript --ignore-scripts --pack-destination=bin)" $@
# scaffold:end typescript

# For make dev: generate only what depends on the sources that have changed.
bin/.generated-api: $(wildcard api/*.yaml oapi-codegen*.yaml)
	kit/scripts/generate.sh api
	@touch $@

bin/.generated-db: $(wildcard db/*/*.sql) sqlc.yaml
	kit/scripts/generate.sh db
	@touch $@
