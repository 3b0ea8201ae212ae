# `make help` explains each target.
UV := ./scripts/uv
RUN := $(UV) run --frozen
# A process for each core, at most four: each starts the servers that its tests ask for.
IN_PARALLEL := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Of the images: make images VERSION=0.1.0 IMAGE_PREFIX=registry.example.com/ichor
VERSION ?= dev
IMAGE_PREFIX ?= ichor
COMPOSE := ./infra/docker-compose.sh

.DEFAULT_GOAL := help
.PHONY: help setup demo up check test test-quick test-alone properties conformance feel-kit soak chaos bench \
	histories references docs docs-serve format clean \
	images image-trigger-api image-worker image-async-completer \
	run-trigger-api run-worker run-async-completer \
	compose-up compose-down temporal-up temporal-down temporal-ui

help: ## Explain each target
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Look

setup: ## Install uv (if absent) and every dependency into this checkout
	@if ! $(UV) sync --frozen --check --quiet >/dev/null 2>&1; then \
		echo "Installing what uv.lock names into .venv, the servers among it: some 40 s the first time"; \
		$(UV) sync --frozen; fi

demo: setup ## Run the order workflow on real servers, show what happens, stop everything
	@$(RUN) python -m demo

up: setup ## The same, until Ctrl-C; WORKER=no: with a worker of yours; KEEP=yes: data stay
	@$(RUN) python -m demo --stay $(if $(filter no,$(WORKER)),--without-worker) \
		$(if $(filter yes,$(KEEP)),--keep)

##@ Test

check: setup ## Lint, types, direction of imports
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) pyright
	$(RUN) lint-imports

test: check ## All that must pass, on real servers, in several processes at a time
	$(RUN) pytest $(IN_PARALLEL) --durations=20

test-quick: setup ## Lint, and the tests that take no long preparation, for daily work
	$(RUN) ruff format --check --quiet .
	$(RUN) ruff check --quiet .
	$(RUN) pytest $(IN_PARALLEL) -m "not slow"

test-alone: setup ## Each package with its own dependencies only
	./scripts/test-alone

properties: setup ## The engine against the reference model on 20,000 random graphs
	ICHOR_PROPERTY_GRAPHS=20000 $(RUN) pytest packages/core/tests/execution/test_against_reference.py

conformance: setup ## Every conformance scenario, simulated and on a real Temporal server
	ICHOR_CONFORMANCE=all $(RUN) pytest tests/conformance

feel-kit: setup ## FEEL against the DMN compatibility kit: make feel-kit KIT=checkout
	@$(RUN) python -m ichor_feel.kit "$(or $(KIT),$(error KIT is the path of a checkout of dmn-tck/tck))" \
		--deviations packages/feel/tests/kit_deviations.txt

soak: setup ## Replies while Temporal is away for 60 s, and 1,000 poison ones among 10,000
	ICHOR_SOAK_REPLIES=1000 ICHOR_SOAK_AWAY_SECONDS=60 ICHOR_SOAK_POISON=1000 ICHOR_SOAK_GOOD=9000 $(RUN) \
		pytest --timeout=3600 tests/integration/async_actions/test_poison.py tests/integration/async_actions/test_temporal_away.py

chaos: setup ## 500 faults over 5,000 executions; SEED, CHAOS_FAULTS, CHAOS_EXECUTIONS
	@$(RUN) python -m tests.chaos

bench: setup ## Measure the engine against what it is made of, as ratios
	$(RUN) python -m benchmarks

##@ Change

histories: setup ## Record what is missing of the newest interpreter's histories
	$(RUN) python -m tests.kit.record_histories

references: setup ## Write docs/reference from the code
	@$(RUN) python -m docs.generator

docs: setup ## Build the documentation as a site; a warning fails
	@$(RUN) sphinx-build --quiet --fresh-env --fail-on-warning --keep-going \
		--conf-dir docs/site --doctree-dir .ichor/site-doctrees . .ichor/site
	@echo "file://$(CURDIR)/.ichor/site/index.html"

docs-serve: docs ## Serve it at http://127.0.0.1:8100
	@$(RUN) python -m http.server --bind 127.0.0.1 --directory .ichor/site 8100

format: setup ## Format and fix what can be fixed
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

clean: ## Remove everything that was installed or made
	rm -rf .venv .tools .ichor .pytest_cache .ruff_cache .hypothesis

##@ Run one service: settings are environment variables, and it says which are missing

run-trigger-api: setup ## The HTTP API and the relay (DATABASE_URL, TEMPORAL_ADDRESS, ...)
	@$(RUN) ichor-trigger-api serve

run-worker: setup ## Workflows and actions (DATABASE_URL, TEMPORAL_ADDRESS, ...)
	@$(RUN) ichor-worker serve

run-async-completer: setup ## Replies over RabbitMQ (AMQP_URL, REPLY_TOKEN_KEYS, DATABASE_URL, ...)
	@$(RUN) ichor-async-completer serve

##@ Containers (infra/README.md)

images: image-trigger-api image-worker image-async-completer ## Build every image; one: image-worker, ...

image-trigger-api image-worker image-async-completer: image-%:
	docker build -f infra/Dockerfile --build-arg SERVICE=$* --build-arg VERSION=$(VERSION) \
		--build-arg REVISION=$$(git rev-parse HEAD) -t $(IMAGE_PREFIX)/$*:$(VERSION) .

compose-up: ## Start what COMPOSE_PROFILES in infra/.env names, all of it unless changed
	$(COMPOSE) up --detach --build

compose-down: ## Stop all of it; data stay
	$(COMPOSE) --profile '*' down

temporal-up: ## Start Temporal, its store and its UI alone
	$(COMPOSE) --profile infrastructure up --detach temporal-namespace temporal-ui

temporal-down: ## Stop them; data stay
	$(COMPOSE) --profile infrastructure rm --stop --force \
		temporal-ui temporal-namespace temporal temporal-schema temporal-store

temporal-ui: ## Print the address of Temporal's UI
	@address=$$($(COMPOSE) --profile infrastructure port temporal-ui 8080) && echo "http://$$address"
