# make setup | serve [PORT=8000] | test | lint | format | check-exercises |
# make check-questions | test-services | test-containers | fuzz | mutate |
# make bench | bench-services | lock | messages | clean
# Every target sets up what it needs; stamp files make the second time fast.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3.11
PORT ?= 8000
BIN := .venv/bin
FRONTEND := quizsite/frontend
INSTALLED := .venv/installed
MODULES := $(FRONTEND)/node_modules/installed
ASSETS := quizsite/static/build/built
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard quizsite/locale/*/LC_MESSAGES/*.po))

.PHONY: help setup system serve test lint format check-exercises check-questions \
  test-services test-containers fuzz mutate bench bench-services lock messages clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup: system $(INSTALLED) $(ASSETS) $(CATALOGUES)

system:
	@bash .ci/system $(PYTHON)

$(INSTALLED): requirements.txt | system
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(MODULES): $(FRONTEND)/package.json $(FRONTEND)/package-lock.json | $(INSTALLED)
	bash .ci/node npm ci --ignore-scripts --loglevel=error
	@touch $@

$(ASSETS): $(MODULES) $(FRONTEND)/build.mjs $(shell find $(FRONTEND)/src -type f 2>/dev/null)
	bash .ci/node node build.mjs
	@touch $@

# Collects the strings to translate into the .po files; needs gettext, unlike the rest.
messages: setup
	cd quizsite && ../$(BIN)/python ../manage.py makemessages --all --no-wrap \
	  --add-location=file --ignore node_modules --ignore static

%.mo: %.po | $(INSTALLED)
	$(BIN)/python -c 'import sys, polib; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])' $< $@

serve: setup
	@exec $(BIN)/python manage.py serve --port $(PORT)

# A process has torch and a sandbox of its own, so more of them than these only wait.
test: setup
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check-exercises check-questions: check-%: setup
	$(BIN)/python manage.py check_$*

# PostgreSQL, brokers, Chromium, and a GPU where there is one.
test-services: setup
	bash .ci/services bash -euc ' \
	  $(BIN)/python -m pytest -m "services or browser or gpu"; \
	  CELERY_BROKER_URL=$$RABBITMQ_URL $(BIN)/python -m pytest -m services \
	    tests/ops/test_real_services.py tests/ops/test_broker_drills.py'

# The kinds of container that this machine can run, and what befalls them in a burst.
test-containers: setup
	bash .ci/containers bash .ci/services $(BIN)/python -m pytest -m containers

bench: setup
	$(BIN)/python manage.py bench_grading

bench-services: setup
	bash .ci/services bash -euc 'CELERY_BROKER_URL=$$RABBITMQ_URL \
	  $(BIN)/python manage.py bench_grading --services'

# A million damaged answers of runners, read as the grader reads them.
fuzz: setup
	$(BIN)/python -m tests.graders.sandbox.fuzz

# Every small change of the comparator must fail a test.
mutate: setup
	bash .ci/mutate

# Exact versions for requirements.txt. Which torch build ("+cpu", or the CUDA packages
# it asks for) is each machine's own affair, so neither is written down.
# Pins that still fit are kept; delete requirements.txt first to renew them all.
lock: setup
	@mkdir -p var && cp requirements.txt var/ 2>/dev/null || true
	$(BIN)/pip-compile --quiet --extra dev --strip-extras --allow-unsafe --no-header \
	  --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --annotation-style line --output-file var/requirements.txt pyproject.toml
	@{ echo '# Made from pyproject.toml by `make lock`; edit that, not this.'; \
	  sed -E 's/\+cpu//; /^(nvidia|cuda|triton)/d' var/requirements.txt; } > requirements.txt

clean:
	rm -rf .venv quizsite/static/build $(FRONTEND)/node_modules
	@echo 'var/ (database and secrets) is kept; remove it yourself if you mean it.'
