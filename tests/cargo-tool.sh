#!/usr/bin/env bash
# Prints the folder of a cargo tool, which is built first where it is not there: cargo-tool.sh NAME VERSION
set -euo pipefail

name=$1 version=$2
root=${PEERS:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.peers}/cargo

if command -v "$name" >/dev/null 2>&1; then
  dirname "$(command -v "$name")"
  exit
fi
# Unoptimized: it is built far more often than its speed is felt.
[ -x "$root/bin/$name" ] || cargo install --quiet --debug --locked --root "$root" --version "$version" "$name" >&2
printf '%s\n' "$root/bin"
