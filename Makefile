# Every routine command. `make help` lists them.

CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help run test test-api test-page check fmt deny advisories lint dependencies docs bench bench-dispatch bench-postgres

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and serve the API on an embedded database in var/.
	$(CARGO) run --locked --package engage-server -- --config demo/engage.toml serve --demo

test: ## Run all tests, with a private PostgreSQL and a private Postfix.
	scripts/ensure-postgres.sh
	scripts/ensure-mail-server.sh
	scripts/ensure-api-tester.sh
	$(CARGO) test --locked --workspace --all-features
	scripts/test-api.sh

test-api: ## Generate requests from the API's description, and check the responses against it.
	scripts/ensure-api-tester.sh
	$(CARGO) build --locked --package engage-server
	scripts/test-api.sh

test-page: ## Test the customers' page in Chromium, which must be installed.
	$(CARGO) build --locked --package engage-server
	scripts/test-page.sh

check: fmt deny lint dependencies docs ## Check format, licences, lints, dependency directions and docs.

fmt:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --locked --workspace --all-features --all-targets -- -D warnings

deny: ## Check licences, bans and sources of all crates (deny.toml).
	scripts/deny.sh

advisories: ## Check all crates for known vulnerabilities (needs GitHub).
	scripts/deny.sh advisories

dependencies:
	CARGO=$(CARGO) scripts/check-dependencies.sh

docs: ## Build the API docs of the crates, and fail on warnings.
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --all-features --no-deps

bench: ## Measure the server over HTTP.
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench

bench-dispatch: ## Measure the throughput of delivery on SQLite and on PostgreSQL.
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench dispatch
	scripts/bench-postgres.sh dispatch

CASES ?= 10000 100000 1000000

bench-postgres: ## Compare the server on PostgreSQL with pgbench (CASES="10000 100000 1000000").
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	scripts/bench-postgres.sh $(CASES)
