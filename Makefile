# Everything here works on a bare machine: Python 3.11 or later, make, and a network to the package index.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# `make test PYTEST="-k session -x"` passes arguments on to pytest; `-n 0` (for `--pdb`) is without worker processes.
PYTEST ?=
WORKERS := -n auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-fast slow-test check format bench course course-test web clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## Train two networks, print their losses, draw pictures into demo-output/
	@$(BIN)/python examples/demo.py

test: $(VENV)/.dev $(VENV)/.xla $(VENV)/.parity $(VENV)/.browser check ## Every check, and the tests, TensorFlow parity included
	@$(BIN)/python -m pytest $(WORKERS) --doctest-modules src tests $(PYTEST)

test-fast: $(VENV)/.dev check ## The same without TensorFlow
	@$(BIN)/python -m pytest $(WORKERS) --doctest-modules src tests --ignore=tests/parity $(PYTEST)

slow-test: $(VENV)/.dev $(VENV)/.xla $(VENV)/.parity $(VENV)/.browser ## The tests that `make test` leaves out because they take long
	@$(BIN)/python -m pytest $(WORKERS) -m slow tests $(PYTEST)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright

format: $(VENV)/.dev ## Format the source and mend what the linter can mend
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

# Chromium and the view's packages: tried once, and again when the packages change; never a reason to fail.
$(VENV)/.browser: $(VENV)/.dev tools/browser.py src/tensorglass/explore/web/package-lock.json
	@$(BIN)/python tools/browser.py
	@touch $@

# Only a whole measurement replaces the one in the documentation.
bench: $(VENV)/.bench ## Time TensorGlass beside its peers, write docs/performance.md (a part: ROUNDS=, WORKLOAD=, PEERS=)
	@$(BIN)/python benchmarks/run.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(WORKLOAD),--workload $(WORKLOAD)) \
		$(if $(PEERS),--peers $(PEERS)) $(if $(ROUNDS)$(WORKLOAD)$(PEERS),,--write docs/performance.md)

course: $(VENV)/.course ## Build the course into build/course: its site (html/index.html) and its notebooks
	@$(BIN)/python -m tensorglass.course.build build/course

course-test: $(VENV)/.dev $(VENV)/.course ## Build the course's site from the beginning and test it
	@$(BIN)/python -m pytest -m site tests/course/test_site.py $(PYTEST)

web: ## Build the explorer's view again from its TypeScript (needs Node.js; the built files are committed)
	@cd src/tensorglass/explore/web && npm ci --no-audit --no-fund && npm run build

clean: ## Remove the environment and everything made
	rm -rf $(VENV) demo-output dist build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment, one stamp a set of extras: each command installs only what it needs, and only again when
# pyproject.toml has changed.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "TensorGlass needs Python 3.11 or later; say which one with: make PYTHON=/path/to/python"; exit 1; }
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Could not create it. On Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }
	@touch $@

$(VENV)/.demo $(VENV)/.dev $(VENV)/.course $(VENV)/.xla $(VENV)/.parity $(VENV)/.bench: $(VENV)/.%: $(VENV)/.created pyproject.toml
	@echo "Installing TensorGlass with the extra [$*] ..."
	@$(PIP) --editable '.[$*]'
	@touch $@
