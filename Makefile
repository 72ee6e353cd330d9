# `make demo` and `make test` work on a fresh clone: each sets up .venv first if it is not there.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# torch starts a thread pool in every process; with one pytest worker a core, one thread each is
# several times faster (21 to 87 s against 9 to 11 s, measured on two cores).
WORKERS ?= 2
# Modules stay whole as long as both workers have work, so that what a module makes is made once.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
ARGS ?=

.PHONY: help setup demo test slow bench golden lint ruff mypy format docs wheel check

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv, or bring it up to date

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt 'pip>=25.1'
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[plot]' --group dev
	touch $(STAMP)

# The ledger works through its mutants in one process: one thread, whatever else the machine does.
demo: $(STAMP) ## run the tutorial, then its tests; then get each of its shape assumptions wrong
	$(BIN)/python -m tutorial
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/tutorial -v --no-header \
		--shapecheck-verify --shapecheck-fail-under=100

test: $(STAMP) ## pass the tests (ARGS= go to pytest)
	$(PYTEST) $(ARGS)

slow: $(STAMP) ## pass the tests that take long (5: pytest found none)
	$(PYTEST) -m slow $(ARGS) || test $$? -eq 5

golden: $(STAMP) ## rewrite the golden files; then read the diff
	$(PYTEST) --update-golden $(ARGS)

lint: ruff mypy ## ruff and mypy --strict

ruff: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

mypy: $(STAMP)
	$(BIN)/mypy

format: $(STAMP) ## let ruff lay out the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# No --quiet here: it hides the warnings that --strict counts, and so passes a broken site.
docs: $(STAMP) ## build the site into site/, with warnings as errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Peers go into folders that nothing else imports from; typeguard 2 and 4 cannot share one.
bench: $(STAMP) ## measure what shapecheck costs beside its peers, and write docs/benchmarks.md
	test -d $(VENV)/peers || $(BIN)/python -m pip install --quiet --target $(VENV)/peers --group peers
	test -d $(VENV)/peers-typeguard2 || $(BIN)/python -m pip install --quiet --no-deps \
		--target $(VENV)/peers-typeguard2 'typeguard<3'
	$(BIN)/python -m tests.benchmarks $(ARGS)

wheel: $(STAMP) ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

check: lint docs test ## what to pass before a commit
