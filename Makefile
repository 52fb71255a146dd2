# Two commands do everything from a fresh checkout: `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench soak docs clean

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/'

setup: ## install what slipway itself needs (Node, npm packages, ansible-core)
	@scripts/setup

demo: ## a cluster of 3 servers and 2 agents on five lab hosts, with the live view
	@scripts/demo

test: ## everything: lint, types, unit tests, databases, lab
	@scripts/test

lint: setup ## format, lint, dependency rules, dead code, types
	@scripts/lint

bench: ## the speed bounds, a line each; ends non-zero when one is missed
	@scripts/bench

soak: ## the long rest, in pieces: make soak PIECE=name
	@scripts/soak $(PIECE)

docs: setup ## write the pages that are generated from schema and catalogue
	@scripts/node scripts/docs.ts

clean: ## take down the labs of this checkout, and remove what it made
	@if [ -x lab/lab ]; then lab/lab down --mine; fi
	rm -rf node_modules dist .lab bench/results
