#!/usr/bin/env bash
# Prints the folder of a cargo tool of this very version, which is built first where there is none: cargo-tool.sh NAME VERSION
set -euo pipefail

name=$1 version=$2
root=${PEERS:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.peers}/cargo

# Whether a program says that it is of that version; it is asked as cargo asks it.
is_it() {
  [ -x "$1" ] && [ "$("$1" "${name#cargo-}" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+\S*' | head -n 1)" = "$version" ]
}

on_path=$(command -v "$name" || true)
if is_it "$on_path"; then
  dirname "$on_path"
  exit
fi
# Unoptimized: it is built far more often than its speed is felt.
is_it "$root/bin/$name" ||
  cargo install --quiet --debug --locked --force --root "$root" --version "$version" "$name" >&2
printf '%s\n' "$root/bin"
