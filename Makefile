# Everything the project does, by name. The steps of the set-up live in installer/.
.DEFAULT_GOAL := help
VENV := .venv/bin
PYTHON := $(VENV)/python
# Processes that run the tests; a file's tests stay together and in their order.
TEST_PROCESSES ?= 2

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Bring what is missing: system packages, .venv, default models (quick when repeated)
	@sh installer/setup.sh

.PHONY: run
run: setup ## Open the desktop; without a display, ask the sample library a question
	@sh installer/run.sh

.PHONY: test
test: setup ## Run all tests, with the network blocked
	$(PYTHON) -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

.PHONY: lint
lint: setup ## Check style, types and import rules
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports

.PHONY: check
check: lint test ## Lint, then test: what CI runs

.PHONY: format
format: setup ## Format the code and mend what ruff can mend
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

.PHONY: bench
bench: setup ## Measure the start-up
	$(PYTHON) -m app bench startup

.PHONY: screenshots
screenshots: setup ## Take the README's screenshots anew
	$(PYTHON) docs/take_screenshots.py

.PHONY: samples
samples: setup ## Write the sample library anew from its sources
	$(PYTHON) installer/build_samples.py

.PHONY: clean
clean: ## Remove what was made here; the models and the user's library stay
	rm -rf .venv build dist tests/output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
