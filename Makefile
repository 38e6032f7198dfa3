# All that is needed is Python 3.11+ and make. Everything is installed into .venv; nothing outside this folder changes.
VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# The first of these that is new enough; name another one with `make up PYTHON=…`.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && { command -v $$python; break; }; done)

# Test processes: most tests wait for others most of the time. Files in the order of their names, so that those which wait most
# (faults, flow) come first, and no long one stands alone at the end.
JOBS ?= 4

.DEFAULT_GOAL := help
.PHONY: help up test check lint format reference bench plots picture pictures clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: $(VENV)/.installed ## Run everything: server, simulated market, workers, beat, Flower, page (options: ARGS=--live)
	@$(BIN)/marketswarm up $(ARGS)

test: $(VENV)/.installed-dev ## Run the tests (some of them: ARGS='tests/unit -k calendar'; one by one: JOBS=0)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint test ## The one gate: everything in `lint`, and the tests

lint: $(VENV)/.installed-dev ## Format, lint, types, floors, Lua
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v luacheck >/dev/null; then echo luacheck lua benchmarks; luacheck --no-color lua benchmarks; \
	elif [ -n "$$CI" ]; then echo 'luacheck is missing' >&2; exit 1; \
	else echo 'luacheck is not installed: the Lua scripts were not checked (Debian: lua-check)'; fi

format: $(VENV)/.installed-dev ## Put code into its format, and mend what can be mended without thinking
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: $(VENV)/.installed-dev ## Write docs/settings.md, docs/keys.md, .env.example, the tables on events and metrics anew from the code
	$(BIN)/python tools/make_reference.py
	$(BIN)/python -m tools.make_event_pages
	$(BIN)/python -m tools.make_message_goldens
	$(BIN)/python -m tools.make_vexy_page
	$(BIN)/python tools/make_env_example.py

bench: $(VENV)/.installed-dev ## Measure the README's figures, each beside its baseline
	$(BIN)/python -m benchmarks $(ARGS)

plots: $(VENV)/.installed-dev ## Draw the README's plots anew from the data beside them
	$(BIN)/python tools/make_plots.py

picture: $(VENV)/.installed-dev ## Draw the README's picture anew
	$(BIN)/python tools/make_picture.py

pictures: $(VENV)/.installed-dev ## Draw the README's pictures of the page anew, with the system's chromium
	PYTHONPATH=. $(BIN)/python tools/make_pictures.py

clean: ## Remove .venv and all that was built or cached
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once; a stamp is older than pyproject.toml when what is to be installed may have changed.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'MarketSwarm needs Python 3.11 or newer, and none was found: install one, or name it' \
		'with PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "MarketSwarm needs Python 3.11 or newer; $(PYTHON) is" \
		"$$($(PYTHON) -V 2>&1): name another one with PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -f $@; exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo 'installing into $(VENV), about half a minute the first time'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo 'installing into $(VENV), about half a minute the first time'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(VENV)/.installed $@
