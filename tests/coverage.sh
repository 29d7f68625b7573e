#!/usr/bin/env bash
# Which lines of the code that decides are run by the tests that need no peers: a table by file, and the sums.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$(tests/cargo-tool.sh cargo-llvm-cov 0.9.1):$PATH
cargo llvm-cov --no-report --lib --test suite
cargo llvm-cov report --summary-only |
  awk '
    $1 ~ /^(jose|web\/oidc|gateway)\// && $1 !~ /tests/ {
      print; folder = $1; sub(/^web\/oidc\/.*/, "web/oidc", folder); if (folder !~ /^web/) sub(/\/.*/, "", folder)
      lines[folder] += $8; missed[folder] += $9
    }
    END { for (f in lines) printf "%-10s %d of %d lines: %.1f %%\n", f, lines[f] - missed[f], lines[f], 100 * (1 - missed[f] / lines[f]) }'
