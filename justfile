# What people run here, each one line; `just` lists them. CI runs .ci/run and .ci/slow, which need no just.

default:
    @just --list

# Install for development
setup:
    python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]"

# Format and check, as before a commit
check:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .
    .venv/bin/mypy

# Fast tests; `just test tests/cli -k help` for some of them
test *words:
    .venv/bin/pytest {{ words }}

# What CI runs, and the slow job
ci:
    .ci/run

slow:
    .ci/slow

# The wheel and the container of the page
build:
    .venv/bin/python -m hatchling build -t wheel -d dist

image:
    docker build -t hybrid-ner .
