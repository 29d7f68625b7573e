#!/usr/bin/env bash
# Breaks the code that decides in every way that cargo-mutants knows, one at a time, and says what no test notices.
# It takes hours; a part of it: SHARD=0/20 make mutants
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$(tests/cargo-tool.sh cargo-mutants 27.1.0):$PATH
shard=()
[ -z "${SHARD:-}" ] || shard=(--shard "$SHARD")
exec cargo mutants --no-shuffle --output target -f 'src/jose/**' -f 'src/web/oidc/**' -f 'src/gateway/**' "${shard[@]}" \
  -- --lib ${MUTANTS_TESTS:-}
