# Everything a checkout needs. `make demo` and `make test` start from nothing but Python.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
HOME_DIR ?= $(CURDIR)/.firsthand
# Much of a test's time is waiting for servers, so one more than there are cores.
JOBS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
# Where this is set, each of the many processes compiles anew whatever it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test check check-static audit bench docs format clean

help:
	@echo "make demo   install, load the sample, ask, draft the memo"
	@echo "make serve  the page and API over the sample's home"
	@echo "make check  format, lint, types, floors, tests"
	@echo "make test   the tests alone, side by side; ARGS=tests/ingest for some of them"
	@echo "make audit  look up known vulnerabilities of what users install"
	@echo "make bench  measure what the README states"
	@echo "make docs   the documents as a site, in site/"
	@echo "make format rewrite the code in house style"

$(VENV)/uv: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

# The base install: what a user gets.
$(VENV)/base: $(VENV)/uv constraints.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e .
	@touch $@

# With the extras and the tools of development.
$(VENV)/dev: $(VENV)/base
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[whisper,openai]' --group dev
	@touch $@

demo: $(VENV)/base
	$(BIN)/firsthand --home $(HOME_DIR) demo

serve: $(VENV)/base
	$(BIN)/firsthand --home $(HOME_DIR) serve

test: $(VENV)/dev
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: check-static test

check-static: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/dev
	$(BIN)/python .ci/audit

bench: $(VENV)/dev
	$(BIN)/python -m eval bench

# Its notice is about the years after it; what reads this configuration next is known.
docs: $(VENV)/dev
	$(BIN)/python -m eval reference
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache
