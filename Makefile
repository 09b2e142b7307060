# What a developer types. `make` alone tells what there is.
#
# Everything happens in .venv, made from the exact versions in requirements-dev.lock; it is
# made again only when that file or pyproject.toml changed.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
LOCK   := requirements-dev.lock
# Arguments for pytest, as in: make test TESTS="tests/unit -k region"
TESTS  ?=
# For `make test`: sqlite or postgresql, to have every test on the one kind of database.
DATABASE ?=
# Files of tests run side by side, each side with a homeserver and a database server of its own.
WORKERS ?= 2
# For `make chaos`: how many rounds, and the seed of an earlier run to be played again.
ROUNDS ?= 100
SEED   ?=
# For `make bench`: 1 for a short run.
QUICK  ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# `make demo ONCE=1` ends after the play; FEDERATED=1 gives the police a homeserver of their own.
export ONCE FEDERATED

.DEFAULT_GOAL := help
.PHONY: help venv demo test tests chaos bench check style types contracts strict-client revision lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|' 2>/dev/null \
	  || sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' $(firstword $(MAKEFILE_LIST))

venv: $(STAMP) ## install everything into .venv (the others do it by themselves)

demo: $(STAMP) ## play one report to one alert on a homeserver of its own (ONCE=1: then stop; FEDERATED=1: the police on another)
	@$(BIN)/python -m tests.demo

bench: $(STAMP) ## how fast an alert is, beside the floor (QUICK=1: fewer members, fewer times)
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

check: style types contracts ## style, types and contracts

style: $(STAMP)
	@echo "== style";     $(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@echo "== types";     $(BIN)/mypy

contracts: $(STAMP)
	@echo "== contracts"; $(BIN)/lint-imports

# Types take a minute of one processor when they were never looked at: beside the tests, they wait
# for no test that waits itself.
test: style ## check, and every test, on a real homeserver, SQLite and PostgreSQL
	@$(MAKE) --no-print-directory strict-client || echo "== the tests with strict clients are skipped"
	@$(MAKE) --no-print-directory -j 3 types contracts tests

tests: $(STAMP)
	@echo "== tests";     $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	  $(if $(DATABASE),--database $(DATABASE)) $(TESTS)

chaos: $(STAMP) ## kill the three processes at random while reports go round (ROUNDS=n SEED=s)
	@$(BIN)/python -m tests.chaos --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

strict-client: tests/js/node_modules/.installed ## install the engines of Element that some tests use

revision: $(STAMP) ## write the migration for changed tables: make revision NAME="what changed"
	@$(BIN)/python -m tests.migrations.revise "$(NAME)"

lock: ## choose new versions: write requirements-dev.lock from a fresh environment
	@rm -rf .venv.partial
	@$(PYTHON) -m venv .venv.partial
	@.venv.partial/bin/python -m pip install --upgrade setuptools -e '.[dev]'
	@{ sed -n '/^#/p' $(LOCK); \
	   .venv.partial/bin/python -m pip freeze --all --exclude pip --exclude-editable | grep -v '^#'; \
	 } > $(LOCK).new
	@mv $(LOCK).new $(LOCK)
	@rm -rf .venv.partial

clean: ## remove what the other targets made
	rm -rf $(VENV) .venv.partial build dist tests/js/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .homeserver_cache
	find appservice bridge tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Goudwacht needs Python 3.11 or newer; \`$(PYTHON)\` is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "== making $(VENV) with $$($(PYTHON) --version 2>&1)"
	@rm -rf $(VENV)
# Debian keeps ensurepip in a package of its own; a pip outside can fill the environment too.
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) \
	       && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; } \
	  || { rm -rf $(VENV); \
	       echo "\`$(PYTHON) -m venv\` does not work here. On Debian: apt install python3-venv"; exit 1; }

$(STAMP): pyproject.toml $(LOCK) | $(BIN)/python
	@echo "== installing about 100 packages into $(VENV): one or two minutes the first time"
	@$(BIN)/python -m pip install --progress-bar on -c $(LOCK) -e '.[dev]'
	@touch $@

tests/js/node_modules/.installed: tests/js/package.json tests/js/package-lock.json
	@command -v npm >/dev/null || { \
	  echo "Strict clients need node 20 or newer with npm. On Debian: apt install npm"; exit 1; }
	@echo "== strict clients"
	cd tests/js && npm ci --no-audit --no-fund
	@touch $@
