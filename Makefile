# Two commands do everything: `make demo` (the main job) and `make test` (the whole promise of .ci/run).
# Both set up their own virtual environment in .venv; `uv` is used where it is installed, pip otherwise.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OUT    ?= out

.PHONY: demo test check lint types imports unit selftest wheel clean

demo: $(VENV)/.run
	$(BIN)/assay demo --out $(OUT)

test: $(VENV)/.dev
	$(BIN)/python tools/promise.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/pytest

selftest: $(VENV)/.run
	$(BIN)/assay selftest

wheel: $(VENV)/.dev
	$(BIN)/python tools/wheel.py

check: lint types imports unit selftest

$(VENV)/.venv:
	$(PYTHON) tools/bootstrap.py $(VENV)
	touch $@

$(VENV)/.run: $(VENV)/.venv pyproject.toml
	$(PYTHON) tools/bootstrap.py $(VENV) --install .
	touch $@

$(VENV)/.dev: $(VENV)/.venv pyproject.toml
	$(PYTHON) tools/bootstrap.py $(VENV) --install '.[dev]'
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) $(OUT) dist build .tox .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
