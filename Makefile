# make run · make up · make test · make lint · make audit · make lock
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: run up test lint audit lock
.DEFAULT_GOAL := run

run: $(READY)
	$(BIN)/polyglot run --profile smoke

up: $(READY)
	$(BIN)/polyglot up

test: $(READY)
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

audit: $(READY)
	$(BIN)/bandit -q -c pyproject.toml -r runtime stages flows infra benchmarks
	$(BIN)/pip-audit --disable-pip --no-deps -r requirements.lock

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
