# Every routine command. `make help` lists them.

CARGO ?= cargo

# The book in $(BOOK), which the program embeds (crates/server/build.rs).
BOOK = $(abspath $(or $(CARGO_TARGET_DIR),target))/book
WITH_BOOK = BOOK_DIR=$(BOOK)

.DEFAULT_GOAL := help
.PHONY: help run test test-unit test-full test-api test-examples test-page check fmt typos deny deploy-check advisories lint dependencies docs book package public-api dist services bench bench-dispatch bench-people bench-postgres

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and serve the API on an embedded database in var/.
	book=$$(scripts/book.sh optional) && BOOK_DIR=$$book $(CARGO) run --locked --package engage-server -- --config demo/engage.toml serve --demo

# The tests that need no service of the machine. Together they take a few seconds once they are built.
UNIT_TESTS = --lib --bins --test rules --test use_cases --test structure --test contents --test jwt \
	--test delivery --test smtp

test-unit: ## Run the tests that need no service and no root.
	$(CARGO) test --locked --workspace --all-features $(UNIT_TESTS)

# More than the two cores that most machines of a CI service have: tests of the whole program wait for servers.
TEST_THREADS ?= 4

test: ## Run all tests, with a private PostgreSQL and a private Postfix.
	scripts/stage.sh services $(MAKE) --no-print-directory services
	$(WITH_BOOK) scripts/stage.sh build $(CARGO) test --locked --workspace --all-features --no-run
	RUST_TEST_THREADS=$(TEST_THREADS) $(WITH_BOOK) \
		scripts/stage.sh tests $(CARGO) test --locked --workspace --all-features
	scripts/stage.sh api scripts/test-api.sh
	scripts/stage.sh examples scripts/test-examples.sh

services:
	scripts/ensure-postgres.sh
	scripts/ensure-mail-server.sh
	scripts/ensure-api-tester.sh
	scripts/book.sh

KILLS ?= 25

test-full: check test test-page ## Run everything, some of it many times (needs Chromium; over an hour).
	scripts/test-api.sh 100
	CARGO=$(CARGO) scripts/test-dist-twice.sh
	for kill in $$(seq $(KILLS)); do \
		$(WITH_BOOK) $(CARGO) test --locked --workspace --all-features --test whole_program -- durability killed \
			|| exit 1; \
	done

test-examples: ## Build and test the packages in examples/ against the packaged crates.
	scripts/test-examples.sh

test-api: ## Generate requests from the API's description, and check the responses against it.
	scripts/ensure-api-tester.sh
	$(CARGO) build --locked --package engage-server
	scripts/test-api.sh

test-page: book ## Test the customers' page and the book in Chromium, which must be installed.
	$(WITH_BOOK) $(CARGO) build --locked --package engage-server
	scripts/test-page.sh

check: fmt typos deny deploy-check lint dependencies docs package ## Check format, spelling, licences, deploy, lints, dependency directions, docs and packages.

fmt:
	scripts/stage.sh format $(CARGO) fmt --all --check

typos: ## Check the spelling of code and documents (typos.toml).
	scripts/stage.sh typos scripts/typos.sh

lint: book
	$(WITH_BOOK) scripts/stage.sh lint $(CARGO) clippy --locked --workspace --all-features --all-targets -- -D warnings

deny: ## Check licences, bans and sources of all crates (deny.toml).
	scripts/stage.sh deny scripts/deny.sh

deploy-check: ## Check the files for operators in deploy/ with schemas and linters.
	scripts/stage.sh deploy scripts/check-deploy.sh

advisories: ## Check all crates for known vulnerabilities (needs GitHub).
	scripts/deny.sh advisories

dependencies:
	CARGO=$(CARGO) scripts/stage.sh dependencies scripts/check-dependencies.sh

docs: ## Build the API docs of the crates, and fail on warnings.
	RUSTDOCFLAGS="-D warnings" scripts/stage.sh docs \
		$(CARGO) doc --locked --workspace --all-features --no-deps

book: ## Build the book of guides and references in target/book.
	scripts/book.sh

package: ## Package every crate that is published, without compiling it.
	CARGO=$(CARGO) scripts/stage.sh package scripts/package.sh

public-api: ## Record the public items of the crates, after they were changed on purpose.
	ENGAGE_RECORD_PUBLIC_API=1 $(CARGO) test --locked --package engage-structure --test structure public_items

dist: ## Build the release in target/distribution: one static program, its archive, SBOM and checksums.
	CARGO=$(CARGO) scripts/dist.sh
	scripts/test-dist.sh

bench: ## Measure the server over HTTP.
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench

bench-dispatch: ## Measure the throughput of delivery on SQLite and on PostgreSQL.
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench dispatch
	scripts/bench-postgres.sh dispatch

bench-people: ## Measure lists of the cases of a contact on SQLite and on PostgreSQL.
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	target/release/engage-bench people
	scripts/bench-postgres.sh people

CASES ?= 10000 100000 1000000

bench-postgres: ## Compare the server on PostgreSQL with pgbench (CASES="10000 100000 1000000").
	scripts/ensure-postgres.sh
	$(CARGO) build --locked --release --package engage-server --package engage-bench
	scripts/bench-postgres.sh $(CASES)
