# `make help` explains each target.
UV := ./scripts/uv
RUN := $(UV) run --frozen

.DEFAULT_GOAL := help
.PHONY: help setup demo up check test test-alone properties conformance soak bench histories format clean

help: ## Explain each target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install uv (if absent) and every dependency into this checkout
	@$(UV) sync --frozen --quiet

demo: setup ## Run the order workflow on real servers, show what happens, stop everything
	@$(RUN) python -m demo

up: setup ## Start the servers and services with the example rules; Ctrl-C stops everything
	@$(RUN) python -m demo --stay

check: setup ## Lint, types, direction of imports
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) pyright
	$(RUN) lint-imports

test: check ## All that must pass, on real servers
	$(RUN) pytest

test-alone: setup ## Each package with its own dependencies only
	./scripts/test-alone

properties: setup ## The engine against the reference model on 20,000 random graphs
	ICHOR_PROPERTY_GRAPHS=20000 $(RUN) pytest packages/core/tests/test_against_reference.py

conformance: setup ## Every conformance scenario, simulated and on a real Temporal server
	ICHOR_CONFORMANCE=all $(RUN) pytest tests/conformance

soak: setup ## Replies while Temporal is away for 60 s, and 1,000 poison ones among 10,000
	ICHOR_SOAK_REPLIES=1000 ICHOR_SOAK_AWAY_SECONDS=60 ICHOR_SOAK_POISON=1000 ICHOR_SOAK_GOOD=9000 $(RUN) \
		pytest --timeout=3600 tests/integration/test_async_soak.py

bench: setup ## Measure the interpreter against hand-written workflows, as ratios
	$(RUN) python -m benchmarks

histories: setup ## Record what is missing of the newest interpreter's histories
	$(RUN) python -m tests.histories

format: setup ## Format and fix what can be fixed
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

clean: ## Remove everything that was installed or made
	rm -rf .venv .tools .ichor .pytest_cache .ruff_cache .hypothesis
