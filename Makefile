# The commands of the house. Everything that a command needs, it installs on first use.

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
DATA ?= .careloom
PORT ?= 7071
CHECKED := function_app.py triggers orchestrators activities shared console localhost samples bench tests

.PHONY: setup run demo test check format bench bench-peers simulate soak clean

setup: $(READY)

$(READY): requirements.txt pyproject.toml constraints.txt
	@sh localhost/setup.sh $(VENV)
	@touch $(READY)

run: setup  ## Start the local host, run a sample case, print where to look, keep serving.
	@$(PYTHON) -m localhost run --port $(PORT) --data $(DATA)

demo: setup  ## Take one sample prior authorization from submission to decision.
	@$(PYTHON) -m localhost demo

test: setup  ## Run every test.
	$(PYTHON) -m pytest

check: setup  ## What .ci/run runs: format, lint, types, imports, tests; the docs have tests of their own.
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy $(CHECKED)
	$(VENV)/bin/lint-imports
	$(MAKE) test

format: setup  ## Format and mend what can be mended.
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

bench: setup  ## The benchmarks, as a table; writes bench/results.json.
	@$(PYTHON) -m bench

bench-peers: setup  ## The same workloads on peers, side by side, with the ratios.
	@$(PYTHON) -m bench --peers

simulate: setup  ## A simulated year of 10,000 cases under the virtual clock.
	@$(PYTHON) -m tests.simulation.year

soak: setup  ## Thirty minutes of mixed load with a crash every minute.
	@$(PYTHON) -m tests.simulation.soak

clean:  ## Remove what the commands made.
	rm -rf $(VENV) $(DATA) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
