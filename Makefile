# Every routine command. `make help` lists them.

CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help run test test-api test-page check fmt deny advisories lint dependencies docs bench bench-dispatch bench-postgres

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build, and serve the API on an embedded database in var/.
	$(CARGO) run --locked --package engage-server -- --config demo/engage.toml serve --demo

test: ## Run every test; they start a PostgreSQL and a Postfix of their own.
	scripts/ensure-postgres.sh
	scripts/ensure-mail-server.sh
	scripts/ensure-api-tester.sh
	$(CARGO) test --locked --workspace --all-features
	scripts/test-api.sh

test-api: ## Make requests up from the API's description, and hold the answers against it.
	scripts/ensure-api-tester.sh
	$(CARGO) build --locked --package engage-server
	scripts/test-api.sh

test-page: ## Walk through the customers' page in Chromium, which has to be there.
	$(CARGO) build --locked --package engage-server
	scripts/test-page.sh

check: fmt deny lint dependencies docs ## Check format, licences, lints, dependency directions and docs.

fmt:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --locked --workspace --all-features --all-targets -- -D warnings

deny: ## Check licences, bans and sources of all crates (deny.toml).
	scripts/deny.sh

advisories: ## Look for known vulnerabilities in all crates; needs GitHub.
	scripts/deny.sh advisories

dependencies:
	CARGO=$(CARGO) scripts/check-dependencies.sh

docs: ## Build the API docs of the crates, without warnings.
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --all-features --no-deps

bench: ## Measure the server over HTTP.
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench

bench-dispatch: ## Measure how fast messages go out, on SQLite and on PostgreSQL.
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench dispatch
	scripts/bench-postgres.sh dispatch

CASES ?= 10000 100000 1000000

bench-postgres: ## Measure the server on PostgreSQL beside pgbench (CASES="10000 100000 1000000").
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	scripts/bench-postgres.sh $(CASES)
