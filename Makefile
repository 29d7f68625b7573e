# What people do here, each by one word.
# Most tests wait for somebody most of their time.
export RUST_TEST_THREADS ?= 4

# How long each target runs, in seconds.
FUZZ_SECONDS ?= 120

.PHONY: help run test test-gateways harm bench fuzz deny sbom coverage mutants lint fmt doc clean-peers

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 — /p' Makefile

run: ## all four rooms, at http://localhost:8080
	cargo run

test: ## everything, with a real browser, real providers and real gateways (installs what is missing on Debian)
	tests/peers/install.sh
	cargo test
	cargo test --test suite -- --ignored --skip harm::

test-gateways: ## only the kits in real gateways: Envoy, nginx, HAProxy, Apache, KrakenD's engine, Caddy
	tests/peers/install.sh
	cargo test --test suite -- --ignored gateways::

harm: ## what takes long: a million abandoned sign-ins, a valid caller beside a thousand junk tokens a second
	cargo test --release --test suite -- --ignored --nocapture --test-threads 1 harm::

bench: ## what the gateway costs a request, as a ratio to a bare proxy (bench/README.md)
	cargo build --release
	cargo run --release --manifest-path bench/Cargo.toml --target-dir target -- target/release/solar-system

fuzz: ## each target of fuzz/ for FUZZ_SECONDS (needs a nightly toolchain and cargo-fuzz); `cargo test` replays the seeds
	for target in $$(cargo +nightly fuzz list); do \
	  mkdir -p fuzz/corpus/$$target && \
	  cargo +nightly fuzz run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=8192 -verbosity=0 -print_final_stats=1 || exit 1; \
	done

deny: ## licences, bans and sources of the dependencies, and known advisories where they can be looked up
	tests/deny.sh

sbom: ## what the program is made of, as a bill of materials (CycloneDX)
	tests/sbom.sh

coverage: ## which lines of the code that decides (jose, web/oidc, gateway) the tests run
	tests/coverage.sh

mutants: ## whether a test notices when that code is broken (hours; SHARD=0/20 for a part)
	tests/mutants.sh

lint: ## formatting and clippy, warnings denied
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

fmt: ## format the code
	cargo fmt

doc: ## the map of the house, as pages
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

clean-peers: ## remove the providers that the tests installed
	rm -rf .peers
