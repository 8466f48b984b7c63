# `make run` and `make test` do all the set-up themselves. ARGS="…" is passed on to the command.
SHELL := /bin/bash
CARGO := cargo
DATA := $(or $(ALTHING_DATA),$(HOME)/.local/share/althing)
# Run as they were built: `cargo run --package` would choose the dependencies' features for that package alone, and
# compile half of them a second time.
BIN = $(or $(CARGO_TARGET_DIR),target)/release

.DEFAULT_GOAL := help
.PHONY: help setup setup-build build run test screenshots demo bench soak lint doc

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## installs what building and testing need, or says what to install
	@.ci/setup test

setup-build:
	@.ci/setup

build: setup-build ## builds everything
	$(CARGO) build --workspace --release --locked
	@.ci/rocksdb

run: build ## starts a node; the first time with a fresh identity in ALTHING_DATA (~/.local/share/althing)
	@[ -n "$$(ls -A '$(DATA)' 2>/dev/null)" ] || $(BIN)/althing --data '$(DATA)' init
	@exec $(BIN)/althing --data '$(DATA)' run $(ARGS)

test: setup ## runs every test; ARGS="openapi" only schemathesis against the API
	@.ci/tests $(ARGS)
	@.ci/rocksdb 2>/dev/null

screenshots: setup ## a picture of every page in target/screenshots, from the tests that use them
	@ALTHING_SCREENSHOTS='$(CURDIR)/target/screenshots' .ci/tests --test suite web::
	@echo 'The pictures are in target/screenshots.'

demo: build ## three nodes deliberate, one of them stops and catches up; DEMO_STAY=1 leaves them running
	@$(BIN)/demo $(ARGS)

bench: build ## the table of measurements
	@$(BIN)/bench $(ARGS)

soak: build ## longer runs: kill -9, every write failed once, fuzzing; ARGS="--only fuzz --each 10000000"
	@$(BIN)/soak $(ARGS)

lint: setup-build ## format and clippy, as CI asks for them
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --release --locked -- -D warnings
	@.ci/rocksdb

doc: setup-build ## API documentation, and the book in docs/ if mdbook is installed
	$(CARGO) doc --workspace --no-deps --release --locked
	@if command -v mdbook >/dev/null; then mdbook build docs; else echo "mdbook is not installed: read docs/SUMMARY.md"; fi
