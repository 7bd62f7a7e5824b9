# Two commands matter: `make serve` to read the book, `make test` to run it.
# Bare `make` prints them all.

PORT ?= 8000
PROOF ?= proof.json
BIN := .venv/bin
VENV := .venv/.lock
PYODIDE := docs/assets/pyodide/.lock

# Material's notice about MkDocs 2 is known here (mkdocs<2 in pyproject.toml) and would drown the real messages.
export NO_MKDOCS_2_WARNING := 1
# Only where HTML is made or judged: a test run must not see which proof the site is built from.
serve site zensical offline: export OPSBOOK_PROOF := $(PROOF)

# Most tests wait more than they work, so two for each core; of Docker, whose last test would else be waited for, four.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 1) * $(if $(filter docker_entrypoints,$(TOPIC)),4,2))))
# A topic's tests are in its folder; reading all the others too would take each worker seconds.
PYTEST_OPTIONS := -n $(WORKERS) --dist loadgroup $(if $(TOPIC),--topic $(TOPIC) tests/$(TOPIC) tests/test_replay.py) $(if $(filter-out 0,$(CHANGED)),--changed) $(ARGS)
GATE_OPTIONS := $(if $(MAX_AGE),--max-age $(MAX_AGE))
SHELL_FILES = .ci/run $$(find tools snippets -name '*.sh')

.DEFAULT_GOAL := help
.PHONY: help serve test prove site zensical offline scale lighthouse check lock clean python-is-gone
.SUFFIXES:

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

serve: $(VENV) $(PYODIDE) ## read the book: live reload on 127.0.0.1 (PORT=8000)
	@$(BIN)/python tools/port_free.py $(PORT)
	@echo "Building the book. It will be at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)."
	@$(BIN)/python tools/serve.py --port $(PORT) --proof $(PROOF)

# What takes minutes to make is made before the tests, once, and kept in the user's cache.
BUILD_LABS = $(if $(filter-out browser disk_partitioning docker_entrypoints mysql_types python_packaging sqlalchemy_pooling,$(TOPIC)),,$(BIN)/opsbook lab --build)

test: $(VENV) $(PYODIDE) ## run every test (TOPIC=ssh: one topic, CHANGED=1: only what is not proven as it is, ARGS=…: for pytest)
	@tools/system-packages.sh
	@$(BUILD_LABS)
	@$(BIN)/pytest $(PYTEST_OPTIONS)

prove: $(VENV) $(PYODIDE) ## run every test, then renew proof.json and the recorded outputs (TOPIC, CHANGED, ARGS as for test)
	@tools/system-packages.sh
	@$(BUILD_LABS)
# Pages are replayed against the outputs that the first run has just recorded.
	@$(BIN)/pytest --prove -m 'not recorded' $(PYTEST_OPTIONS)
	@$(BIN)/pytest --prove -m recorded $(PYTEST_OPTIONS)

site: $(VENV) $(PYODIDE) ## build site/, if the gate lets it pass (PROOF=build/proof.json, MAX_AGE=30 days)
	@rm -rf site build/site
	@$(BIN)/mkdocs build --strict --quiet --site-dir build/site
	@$(BIN)/opsbook text build/site
	@$(BIN)/opsbook feed build/site
	@$(BIN)/opsbook policy build/site
	@$(BIN)/opsbook gate build/site $(GATE_OPTIONS)
	@mv build/site site
	@echo "The site is in site/."

zensical: $(VENV) $(PYODIDE) ## build the same book with Zensical into build/zensical, and gate that
	@rm -rf build/zensical
# Zensical takes the output folder only from its configuration, which must stand beside mkdocs.yml.
	@printf 'INHERIT: mkdocs.yml\nsite_dir: build/zensical\n' >.zensical.yml
	@$(BIN)/zensical build --clean --config-file .zensical.yml; status=$$?; rm -f .zensical.yml; exit $$status
	@$(BIN)/opsbook text build/zensical
	@$(BIN)/opsbook feed build/zensical
	@$(BIN)/opsbook policy build/zensical
	@$(BIN)/opsbook gate build/zensical $(GATE_OPTIONS)

offline: site ## the gated book as one zip to open from the file system, search included: build/opsbook.zip
	@rm -rf build/opsbook build/opsbook.zip
	@$(BIN)/mkdocs build --strict --quiet --config-file offline.yml --site-dir build/opsbook
	@$(BIN)/opsbook feed build/opsbook
	@$(BIN)/opsbook policy build/opsbook
	@cd build && ../$(BIN)/python -m zipfile -c opsbook.zip opsbook
	@echo "The book is in build/opsbook.zip: unpack it and open opsbook/index.html."

scale: $(VENV) ## what the extension and the gate cost in a book of a thousand pages (minutes; PAGES=1000)
	@$(BIN)/python tools/scale.py $(if $(PAGES),--pages $(PAGES))

lighthouse: site ## what Lighthouse says of four pages, as a phone and as a desktop (needs chromium and npm's packages; ARGS=ssh/keep-alive/)
	@$(BIN)/python tools/lighthouse/run.py $(ARGS)

check: $(VENV) ## lint code, types, shell and the book (fast, no root)
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/shellcheck $(SHELL_FILES)
	@$(BIN)/shfmt -i 4 -d $(SHELL_FILES)
	@$(BIN)/opsbook lint

LOCK = $(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes --no-header

lock: $(VENV) ## renew requirements.txt and what the labs index and mariadb install, to the newest versions that fit
	@$(LOCK) --group dev --output-file requirements.txt pyproject.toml
	@$(LOCK) --group index --output-file src/opsbook/labs/index.txt
	@$(LOCK) --group sqlalchemy-2-0 --output-file src/opsbook/labs/sqlalchemy-2.0.txt
	@$(LOCK) --group sqlalchemy-2-1 --output-file src/opsbook/labs/sqlalchemy-2.1.txt
	@$(LOCK) --group pyodide --output-file tools/pyodide/node.txt
	@tools/setup.sh

clean: ## remove all that make made
	@rm -rf .venv .venv.old build site docs/assets/pyodide .cache .zensical.yml .mypy_cache .pytest_cache .ruff_cache .coverage
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The copy of the lock in .venv is written last, so it says both "complete" and "of which lock".
# A .venv whose Python has gone (an upgrade of the system) is made anew too.
$(VENV): requirements.txt pyproject.toml tools/setup.sh $(shell [ -x $(BIN)/python ] || echo python-is-gone)
	@tools/setup.sh

# Python for the reader's browser; without network the site is made without it.
$(PYODIDE): tools/pyodide/package-lock.json requirements.txt tools/pyodide/get.sh tools/pyodide/compile.mjs | $(VENV)
	@tools/pyodide/get.sh
