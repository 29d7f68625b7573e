# What people do here, each by one word.
# Most tests wait for somebody most of their time.
export RUST_TEST_THREADS ?= 4

.PHONY: help run test test-gateways lint fmt doc clean-peers

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 — /p' Makefile

run: ## all four rooms, at http://localhost:8080
	cargo run

test: ## everything, with a real browser and real providers (installs what is missing on Debian)
	tests/peers/install.sh
	cargo test
	cargo test --test suite -- --ignored --skip gateways::

test-gateways: ## the kits in real gateways: Envoy, nginx, HAProxy, Apache, KrakenD's engine (installs them on Debian)
	tests/peers/install.sh gateways
	cargo test --test suite -- --ignored gateways::

lint: ## formatting and clippy, warnings denied
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

fmt: ## format the code
	cargo fmt

doc: ## the map of the house, as pages
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

clean-peers: ## remove the providers that the tests installed
	rm -rf .peers
