# Every check is defined once, here; CI and pre-commit call these targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LAKE ?= data/lake
RECORDINGS ?= data/sample
STAMP := $(VENV)/.installed
# Jupyter's own options: make notebooks JUPYTER=--no-browser
JUPYTER ?=
# In a container there is often no other user, and Jupyter would refuse to start.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
export LLM_USAGE_LAKE = $(LAKE)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: litellm help setup report ingest check-data test test-all browser picture lint types format check bench docs notebooks notebooks-run wheel sample clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1mmake %-13s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "llm-usage needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { echo "No venv module: on Debian and Ubuntu run apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(STAMP) ## Make the virtual environment (nothing to do when nothing changed)

ingest: setup ## Read the recordings in RECORDINGS (default data/sample) into LAKE (default data/lake)
	@$(BIN)/llm-usage ingest $(RECORDINGS)

report: ingest ## Read the sample and show what it cost, who served it and how fast; also as report/index.html
	@$(BIN)/llm-usage report
	@$(BIN)/llm-usage report --html report/index.html

check-data: ingest ## Hold the lake against its invariants
	@$(BIN)/llm-usage check

LITELLM := $(VENV)/litellm/model_prices_and_context_window_backup.json
$(LITELLM): $(STAMP) tests/pricing/litellm_differences.yaml
	@rm -rf $(dir $@) && mkdir -p $(dir $@)
	@$(BIN)/python -m pip download --quiet --no-deps --only-binary :all: --dest $(dir $@) \
		"litellm==$$(sed -n 's/^release: //p' tests/pricing/litellm_differences.yaml)" \
		&& cd $(dir $@) && $(abspath $(BIN))/python -c 'import glob, zipfile; \
		open("$(notdir $@)", "wb").write(zipfile.ZipFile(glob.glob("*.whl")[0]).read("litellm/$(notdir $@)"))' && rm -f *.whl \
		|| echo "LiteLLM's wheel cannot be downloaded: the test against its price list is skipped"

litellm: $(LITELLM) ## Download LiteLLM's wheel for its price list, which the tests hold ours against

PYTEST_ALL := $(BIN)/python -m pytest --ignore tests/browser --numprocesses auto --dist worksteal

test: setup ## Run the tests, but for the exhaustive ones and those in a browser
	@$(PYTEST_ALL) -m "not exhaustive"

test-all: setup ## Run every test, but for those in a browser
	@$(PYTEST_ALL)

browser: setup ## Open the page in headless Chromium: nothing fails, nothing is fetched; screenshots in report/screenshots
	@$(BIN)/python -m pytest tests/browser

picture: setup ## Take the README's picture of the page anew
	@$(BIN)/python tests/browser/picture.py

lint: setup ## Lint and check the formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet . || true

types: setup ## Check the types of the package
	@$(BIN)/mypy

docs: setup ## Write the catalogues and what commands print in README and docs/ anew
	@$(BIN)/python -m llm_usage.catalogue
	@PYTHONPATH=ingest:tests:. $(BIN)/python tests/pages.py

check: lint types litellm test-all browser check-data wheel ## Everything CI runs

bench: setup ## Measure: ratios taken in one run
	@$(BIN)/python -m bench

notebooks: ingest ## Open Jupyter with the lake attached
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt jupyterlab
	@LLM_USAGE_LAKE=$(abspath $(LAKE)) $(BIN)/jupyter lab notebooks $(AS_ROOT) $(JUPYTER)

notebooks-run: ingest ## Run all notebooks from start to end; with their outputs in report/notebooks
	@LLM_USAGE_LAKE=$(abspath $(LAKE)) $(BIN)/python notebooks/run.py report/notebooks

wheel: setup ## Build the wheel and try it outside the checkout, in an empty environment
	@$(BIN)/python tests/wheel_smoke.py

sample: setup ## Write a larger synthetic set of recordings to data/recordings/synthetic
	@$(BIN)/python data/synthetic.py --out data/recordings/synthetic --days 30 --requests 3000

clean: ## Remove everything that was made (the recordings stay)
	rm -rf $(VENV) $(LAKE) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: torture
torture: setup ## Hours of kills, faults and races on the lake (the tests run a small share of it)
	$(BIN)/python tests/lake/torture.py kill 1000
	$(BIN)/python tests/lake/torture.py readers 2000
	$(BIN)/python tests/lake/torture.py writers 20
	$(BIN)/python tests/lake/faults.py
	$(BIN)/python tests/lake/torture.py states 10000
	$(BIN)/python tests/lake/torture.py many 100000
	$(BIN)/python tests/lake/torture.py large 1200

.PHONY: fuzz
fuzz: setup ## Feed a million mutated recordings to the reader (atheris); finds go to fuzz-finds/
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt atheris
	$(BIN)/python tests/fuzz/fuzz.py -runs=1000000 -print_final_stats=1
