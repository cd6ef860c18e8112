# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_FLAGS ?=
LOCK_FLAGS ?=
FUZZ ?=
# Test files side by side, each whole in one process; three on two cores, since many wait for servers; the long
# ones first (tests/conftest.py). TEST_FLAGS= runs them in a row.
TEST_FLAGS ?= -n 3 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install install-dev system demo test check lint types layers bench lock fmt docs gallery clean

help: ## what each command does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/installed ## the gateway into .venv

install-dev: $(VENV)/installed-dev ## and what its tests need from PyPI

system: ## the real programs the tests start (Postfix, OpenSSL, …), with apt
	@sh tests/system.sh

demo: install ## the whole system on this machine (DEMO_FLAGS=--once exits at the end)
	$(BIN)/gateway demo $(DEMO_FLAGS)

test: system install-dev check-static surface ## everything: style, types, layers, secrets, tests with real parts (ONCE=1: no failing test a second time)
	$(BIN)/python -m tests.suite $(TEST_FLAGS)

.PHONY: chaos
chaos: system install-dev ## everything fails again and again while packages go through (SEED=1; CI runs a small one)
	CHAOS_EVERYTHING=2000 CHAOS_PACKAGES=200 ENGINE_PACKAGES=200 ENGINE_PACE=0.4 ROTATION_PACKAGES=500 $(BIN)/python -m pytest -s -m "chaos or not chaos" tests/chaos

.PHONY: month
month: system install-dev ## the memo's month through the distributed engine; report with plots in build/month (MONTH=0.01: a part; MONTH_TIMES=)
	$(BIN)/python -m tests.month

.PHONY: mail-month
mail-month: install-dev ## a month of registered and regular mail, some 1,000 items each
	MAIL_A_DAY=34 $(BIN)/python -m pytest -s tests/application/test_a_month_of_mail.py

.PHONY: up down
SECRETS := deploy/secrets/postgres_password deploy/secrets/redis_password deploy/secrets/gateway_passphrase
up: $(SECRETS) ## the distributed engine in containers, with a mail server to try it (needs Docker with Compose)
	docker compose up --build --detach --wait

# The folder keeps others out; the files are mounted into containers whose users are none of this machine's.
deploy/secrets/%:
	@mkdir -p -m 0700 deploy/secrets
	@head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > $@
	@chmod 0444 $@

down: ## stops the containers; what they keep stays
	docker compose down

.PHONY: check-static
check-static: lint types layers

check: install-dev check-static ## what each commit passes: style, types, layers, quick tests
	$(BIN)/python -m pytest $(TEST_FLAGS) -m "not real and not slow"

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports --no-cache

# ruff's S rules are bandit's, on every check; bandit itself and the scan for secrets take some twenty seconds.
SCANNED = git ls-files -z -- ':!*.lock' ':!docs/gallery' ':!templates/fonts'
GUESSES = --disable-plugin KeywordDetector --disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString \
	--disable-plugin IPPublicDetector
.PHONY: surface sbom audit
surface: install-dev ## bandit over what is shipped, and no secret in any file
	$(BIN)/bandit -q -ll -r gateway channels keys templates
	$(SCANNED) | xargs -0 $(BIN)/detect-secrets-hook $(GUESSES)

sbom: install-dev ## what is shipped and all it needs, from the lock file, as CycloneDX (build/sbom.json)
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --mc-type application \
		--output-reproducible --validate -o build/sbom.json

# Strict: a mirror that knows no advisories answers nothing, and "no known vulnerabilities" would be said of nothing.
audit: install-dev ## known vulnerabilities of all it needs; asks PyPI itself for its advisories, a mirror has none
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

fmt: ## formats the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .


bench: install-dev ## timings with ratios beside the bare libraries (never timed tests)
	$(BIN)/python -m tests.bench

.PHONY: fuzz
fuzz: install-dev fuzz-readers ## spoilt input for the readers, and a million random packages through the planner (FUZZ="1000 7": how many, from which seed)
	$(BIN)/python -m tests.routing.fuzz $(FUZZ)

.PHONY: fuzz-readers
fuzz-readers: install-dev ## spoilt packages, CMS, reports, decision.json and rule files, forty times as many as in the suite (FUZZ_TIMES, FUZZ_SEED)
	FUZZ_TIMES=$${FUZZ_TIMES:-40} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} $(BIN)/python -m pytest --timeout=7200 \
		tests/keys/test_asice_fuzz.py tests/keys/test_cms_fuzz.py tests/channels/receipts/test_reader_fuzz.py tests/application/test_reader_fuzz.py

.PHONY: feed-quarter
feed-quarter: install-dev ## a quarter between two case systems with faults on both sides (the suite runs a small one)
	FEED_DECISIONS=40 $(BIN)/python -m pytest -s --timeout=1800 tests/application/test_feed_quarter.py

.PHONY: feed-flat
feed-flat: install-dev ## the outcome feed over 2,500, 25,000 and 250,000 transactions: time and memory
	FEED_TRANSACTIONS="2500 25000 250000" $(BIN)/python -m tests.bench.bench_feed

.PHONY: year
year: install-dev ## a year of faults over thousands of packages, with several dice (the suite runs a small one)
	YEAR_PACKAGES=2200 YEAR_SEEDS="1 2 3" $(BIN)/python -m pytest -s tests/application/test_a_year.py

.PHONY: fax-codes
fax-codes: install-dev ## a thousand acknowledgements through two fax machines, askew and speckled: how many name their sending
	FAX_PAGES=100 $(BIN)/python -m pytest -s -n 2 tests/templates/test_codes_that_come_back.py

docs: install-dev ## generated tables
	$(BIN)/python -m tests.docs.generate

.PHONY: exchange-pictures
exchange-pictures: system install-dev ## pictures of the exchange's pages, both languages, narrow, zoomed and wide, in build/exchange
	mkdir -p build/exchange
	EXCHANGE_PICTURES=$(CURDIR)/build/exchange $(BIN)/python -m pytest tests/e2e/test_exchange.py

.PHONY: console-pictures
console-pictures: system install-dev ## pictures of the console's pages and of its five stories, both languages, narrow, zoomed, wide, dark and in print, in build/console
	mkdir -p build/console
	CONSOLE_PICTURES=$(CURDIR)/build/console $(BIN)/python -m pytest tests/web/console -k in_chromium

gallery: install-dev ## a picture of every paper, in docs/gallery
	$(BIN)/python -m tests.docs.gallery

LOCK = $(BIN)/uv pip compile -q $(LOCK_FLAGS) --universal --python-version 3.11 --generate-hashes --no-header --all-extras pyproject.toml
lock: ## the lock files from pyproject.toml; what stands is kept (LOCK_FLAGS=--upgrade renews it)
	@test -x $(BIN)/uv || $(MAKE) install-dev
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -o requirements-dev.lock

clean: ## removes what was built
	rm -rf $(VENV) build dist
