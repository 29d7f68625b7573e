#!/usr/bin/env bash
# What the program is made of, as a bill of materials in CycloneDX: target/solar-system.cdx.json
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$(tests/cargo-tool.sh cargo-cyclonedx 0.5.9):$PATH
cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename solar-system.cdx
mkdir -p target
mv solar-system.cdx.json target/
echo target/solar-system.cdx.json
