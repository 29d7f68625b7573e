#!/usr/bin/env bash
# What deny.toml says of the dependencies. Advisories are looked at where their database can be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$(tests/cargo-tool.sh cargo-deny 0.20.2):$PATH
cargo deny --log-level error --all-features check --hide-inclusion-graph bans licenses sources
if timeout 120 cargo deny --log-level error fetch db >/dev/null 2>&1; then
  cargo deny --log-level error check advisories
else
  echo "deny: the database of advisories cannot be had here, so that none was looked at" >&2
fi
