# make demo and make test need Python 3.11 or newer, make and git; everything else goes into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO := build/demo

.PHONY: help demo test test-all check lint format readme rules samples bench clean

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: $(VENV)/.samples  ## convert a sample notebook, prove it equal, run the pipeline, show the reports
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@cp -R sample_notebooks/churn $(DEMO)/notebook
	@echo "== nb2pipe convert churn.ipynb -o churn --verify   (runs the notebook and the pipeline: a minute)"
	@$(BIN)/nb2pipe convert $(DEMO)/notebook/churn.ipynb -o $(DEMO)/churn --verify
	@echo
	@echo "== python -m churn run --isolated   (in the notebook's folder, each stage in its own process)"
	@cd $(DEMO)/notebook && PYTHONPATH=../churn ../../../$(BIN)/python -m churn run --isolated
	@echo
	@echo "The pipeline:          $(DEMO)/churn/churn/pipeline.py and stages/ beside it"
	@echo "The proof:             $(DEMO)/churn/reports/proof.html"
	@echo "Figures and tables:    $$(ls -d $(DEMO)/churn/runs/*/displays)"

test: $(VENV)/.dev  ## all tests that need nothing but .venv, in a minute or two
	$(BIN)/python -m pytest -m "not slow and not browser"

test-all: $(VENV)/.dev  ## the slow tests too: kernels, the built wheel, every sample notebook, pages in Chromium
	$(BIN)/python -m pytest --hypothesis-profile=thorough

lint: $(VENV)/.dev  ## format, lint, types and layers, without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --isolated templates/project/runtime templates/scaffold
	$(BIN)/ruff check --isolated templates/project/runtime templates/scaffold
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/refresh_rules.py --check

check: lint test  ## what has to be clean before a commit

format: $(VENV)/.dev  ## let ruff mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format --isolated templates/project/runtime templates/scaffold

readme: $(VENV)/.dev  ## put fresh output of the commands into README.md
	$(BIN)/python docs/refresh_readme.py

rules: $(VENV)/.dev  ## write the manual's pages on the audit's rules
	$(BIN)/python docs/refresh_rules.py

samples: $(VENV)/.dev  ## make the samples' data again, run the notebooks and save their outputs
	$(BIN)/python sample_notebooks/make_data.py
	$(BIN)/python sample_notebooks/refresh.py

bench: $(VENV)/.dev  ## measure convert against jupytext
	$(BIN)/python benchmarks/convert_speed.py

clean:  ## remove what was made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "nb2pipe needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The build backend is installed first and used from there, so that its version is pinned as well.
$(VENV)/.samples: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (once; a minute or two)"
	@$(PIP) install -c constraints.txt hatchling editables
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[samples]'
	@$(BIN)/python -m compileall -q nb2pipe
	@touch $@

$(VENV)/.dev: $(VENV)/.samples
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@
