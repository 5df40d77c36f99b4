# The few commands of this project; each sets up what it needs in .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
JOBS ?= auto

.PHONY: demo test check format browser docs guide bench reproduce models clean help

help:
	@echo "make demo       train a network and show what it reads"
	@echo "make test       run the tests that need no network, browser or cluster"
	@echo "make check      format, lint, types, imports, sizes, documentation drift"
	@echo "make browser    run the tests that need chromium"
	@echo "make format     format the code and regenerate the command-line reference"
	@echo "make docs       build the guide and the other pages into docs/_build/html"
	@echo "make guide      run the guide's blocks and write what they print and draw"
	@echo "make bench      measure speed, accuracy and memory against others (two hours)"
	@echo "make reproduce  train every tutorial over three seeds (long)"
	@echo "make models     train, measure and package the models that come with it (hours)"
	@echo "make clean      remove .venv and caches"

demo: $(VENV)/.core
	@$(BIN)/python scripts/demo.py

test: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not browser" -n $(JOBS) --dist worksteal

browser: $(VENV)/.dev
	$(BIN)/python -m pytest -m browser

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_sizes.py
	$(BIN)/python scripts/cli_reference.py --check

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python scripts/cli_reference.py

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

guide: $(VENV)/.dev
	$(BIN)/python scripts/guide.py

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.footprint
	$(BIN)/python -m benchmarks.convolution
	$(BIN)/python -m benchmarks.explain
	$(BIN)/python -m benchmarks.inference
	$(BIN)/inkwise bench fast published-fast --seeds 20 --out docs/results
	$(BIN)/inkwise bench accurate nano --seeds 5 --out docs/results
	$(BIN)/inkwise bench keras-jax keras-torch pytorch-example --seeds 3 --out docs/results
	$(BIN)/inkwise bench classical --seeds 1 --out docs/results
	$(BIN)/python scripts/readme.py

reproduce: $(VENV)/.dev
	$(BIN)/inkwise reproduce --seeds 3 --out docs/results
	$(BIN)/python scripts/readme.py

models: $(VENV)/.dev
	$(BIN)/python -m scripts.ship

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache demo docs/_build

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Inkwise needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo" >&2; exit 1; }
	@echo "Setting up .venv (once; torch is large)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.core: $(VENV)/.python pyproject.toml constraints.txt
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@$(PIP) -e ".[dev]"
	@touch $@
