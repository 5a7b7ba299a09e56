# Each target makes its own .venv; nothing else needs to be installed than Python 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench picture clean

.venv/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/ready
	$(BIN)/byoaws demo

test: .venv/ready
	$(BIN)/pytest -q -n auto

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python benchmarks

picture: .venv/ready
	$(BIN)/python tools/demo_picture.py

clean:
	rm -rf .venv .bench build *.egg-info
