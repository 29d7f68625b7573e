# What people do here, each by one word.
# Most tests wait for somebody most of their time.
export RUST_TEST_THREADS ?= 4

.PHONY: help run test test-gateways bench lint fmt doc clean-peers

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 — /p' Makefile

run: ## all four rooms, at http://localhost:8080
	cargo run

test: ## everything, with a real browser, real providers and real gateways (installs what is missing on Debian)
	tests/peers/install.sh
	cargo test
	cargo test --test suite -- --ignored

test-gateways: ## only the kits in real gateways: Envoy, nginx, HAProxy, Apache, KrakenD's engine, Caddy
	tests/peers/install.sh
	cargo test --test suite -- --ignored gateways::

bench: ## what the gateway costs a request, as a ratio to a bare proxy (bench/README.md)
	cargo build --release
	cargo run --release --manifest-path bench/Cargo.toml --target-dir target -- target/release/solar-system

lint: ## formatting and clippy, warnings denied
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

fmt: ## format the code
	cargo fmt

doc: ## the map of the house, as pages
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

clean-peers: ## remove the providers that the tests installed
	rm -rf .peers
