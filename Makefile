# `make` lists what can be made. Everything is installed into .venv; data of the service lies in var/.

PYTHON ?= python3
# The CPU or the CUDA build, as the machine's pip is set up.
TORCH ?= torch==2.13.0
# Tests to run, such as T=tests/db or T="tests/core -k adam"; more of pytest's options in FLAGS.
T ?=
FLAGS ?= -q
# All tests at once run in several processes (how many: tests/conftest.py).
SIDE_BY_SIDE := -n auto --dist loadscope --no-loadscope-reorder

BIN := .venv/bin
RUNTIME_PACKAGES := bubblewrap libseccomp2
TEST_PACKAGES := chromium-headless-shell debootstrap docker.io docker-compose fonts-dejavu-core runsc

.DEFAULT_GOAL := help
.PHONY: help setup run test bench lint lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(BIN)/.installed ## Create .venv and install everything, the sandbox's Debian packages too
	@.ci/debian-packages $(RUNTIME_PACKAGES)

run: setup ## Start the service with a demo course on this machine (Ctrl-C stops it)
	@$(BIN)/grader up --demo

test: setup ## Run all tests (T=path for some)
	@.ci/debian-packages $(TEST_PACKAGES)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(FLAGS) $(if $(T),$(T),$(SIDE_BY_SIDE))

bench: setup ## Print the benchmarks
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

lint: setup ## Check style and the arrows between folders
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports

lock: setup ## Write requirements.lock from requirements.in
	@$(BIN)/python -m pip install --quiet pip-tools==7.6.2
	@$(BIN)/pip-compile --quiet --no-header --no-annotate --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host requirements.in -o requirements.lock

clean: ## Remove .venv and caches; var/ with its data stays
	@rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/.packages: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/debian-packages python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(BIN)/.installed: $(BIN)/.packages pyproject.toml
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
