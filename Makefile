# make run · make test · make lint · make lock
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: run test lint lock
.DEFAULT_GOAL := run

run: $(READY)
	$(BIN)/polyglot run --profile smoke

test: $(READY)
	$(BIN)/pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: $(READY)
	$(BIN)/python infra/lock.py

# DeepSpeed is a source package whose build looks at the installed torch, so it comes last.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	grep -v '^deepspeed==' requirements.lock > .venv/first.txt
	$(BIN)/pip install --quiet -r .venv/first.txt
	DS_BUILD_OPS=0 $(BIN)/pip install --quiet --no-deps --no-build-isolation $$(grep '^deepspeed==' requirements.lock)
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
