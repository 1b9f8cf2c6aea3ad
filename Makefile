# Everything a fresh machine needs is Python 3.11 to 3.13 and make. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help setup up down status test check lint format
.SILENT:

# Passed on to the commands: make up ARGS="--detach --home DIR --port N"
ARGS ?=
export PYTHON

help: ## Show this list
	sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## Make .venv with everything, tests and linters included
	sh tools/bootstrap dev

up: ## Start Safehold with its demo (ARGS="--detach --home DIR --port N")
	sh tools/bootstrap runtime
	exec .venv/bin/safehold up --demo $(ARGS)

down: ## Stop it
	test -x .venv/bin/safehold || sh tools/bootstrap runtime
	exec .venv/bin/safehold down $(ARGS)

status: ## Show what runs
	test -x .venv/bin/safehold || sh tools/bootstrap runtime
	exec .venv/bin/safehold status $(ARGS)

test: ## Run the whole suite, and say what was left out
	sh tools/bootstrap dev
	.venv/bin/python -P tools/test.py $(ARGS)

check: ## The fast lane, under two minutes: linters, and the tests that start no installation
	sh tools/bootstrap dev
	sh tools/lint
	.venv/bin/python -P tools/test.py --fast $(ARGS)

lint: ## Formatting, style, types, import contract, templates
	sh tools/bootstrap dev
	sh tools/lint

format: ## Put the sources in the one format
	sh tools/bootstrap dev
	.venv/bin/ruff format -q .
	.venv/bin/ruff check -q --fix .
