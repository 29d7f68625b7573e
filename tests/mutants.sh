#!/usr/bin/env bash
# Breaks the code that decides in every way that cargo-mutants knows, one at a time, and says what no test notices.
# It takes hours; a twentieth of each folder: SHARD=0/20 make mutants; one folder alone: FOLDER=jose make mutants
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$(tests/cargo-tool.sh cargo-mutants 27.1.0):$PATH
shard=()
# every twentieth, so that a part says something of all
[ -z "${SHARD:-}" ] || shard=(--shard "$SHARD" --sharding round-robin)

# mutate FOLDER [TEST ARGUMENT…]
mutate() {
  local folder=$1
  shift
  case ${FOLDER:-$folder} in "$folder") ;; *) return ;; esac
  local status=0
  cargo mutants --no-shuffle --output "target/mutants/$folder" -f "src/$folder/**" -e 'src/**/tests/**' -e 'src/**/tests.rs' \
    -e 'src/**/fuzzed.rs' "${shard[@]}" -- "$@" || status=$?
  # 2: some were missed, 3: some took too long; both are told
  case $status in 0 | 2 | 3) ;; *) exit "$status" ;; esac
}

case ${FOLDER:-jose} in jose | gateway | web/oidc) ;; *)
  echo "FOLDER is jose, gateway or web/oidc" >&2
  exit 2
  ;;
esac
# Debug information is for people who read it.
export CARGO_PROFILE_DEV_DEBUG=0
mkdir -p target/mutants/{jose,gateway,web/oidc}
mutate jose --lib -- jose:: gateway:: web::
mutate gateway --lib -- gateway:: fuzzing::
# Its tests are sign-ins at a provider that misbehaves.
mutate web/oidc --lib --test suite -- web:: fuzzing:: adversary:: refresh:: farewell:: back_channel:: provider_down::
