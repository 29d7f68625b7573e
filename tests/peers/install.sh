#!/usr/bin/env bash
# Installs what the tests with real peers need, and says what it does; what is there already is skipped.
#
# System packages come by apt-get where this is Debian and we are root; elsewhere the script says what is
# missing and stops. Everything else goes into a folder that git ignores: .peers, or $PEERS.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers=${PEERS:-$(cd "$here/../.." && pwd)/.peers}
keycloak_version=26.7.3

say() { printf 'peers: %s\n' "$*" >&2; }

# --- System packages: each row is a command and the Debian package that brings it.
missing=()
while read -r command package; do
  command -v "$command" >/dev/null 2>&1 || missing+=("$package")
done <<'LIST'
chromium chromium
chromedriver chromium-driver
node nodejs
npm npm
java openjdk-17-jre-headless
mvn maven
LIST

if [ "${#missing[@]}" -gt 0 ]; then
  if [ -e /etc/debian_version ] && command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    say "installing ${missing[*]} with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  else
    say "these are missing (named as Debian names them): ${missing[*]}"
    say "install them (on Debian: sudo apt-get install ${missing[*]}; elsewhere Chromium with its chromedriver,"
    say "Node.js 20 or newer with npm, Java 17 or newer, and Maven), then run this again; 'cargo test' alone needs none of them"
    exit 1
  fi
fi

mkdir -p "$peers"
cd "$peers"

# --- oidc-provider, a certified OpenID provider.
if cmp -s "$here/package-lock.json" node/installed.json; then
  say "oidc-provider is there"
else
  say "installing oidc-provider with npm"
  rm -rf node
  mkdir node
  cp "$here/package.json" "$here/package-lock.json" node/
  (cd node && npm ci --omit=dev --no-audit --no-fund --loglevel=error >&2)
  # Copied last: an interrupted installation is done again.
  cp node/package-lock.json node/installed.json
fi

# --- Keycloak, the provider that most people run themselves.
if [ -e "keycloak/built-$keycloak_version" ]; then
  say "Keycloak $keycloak_version is there"
else
  say "fetching Keycloak $keycloak_version with Maven and building it once (about 20 s)"
  rm -rf keycloak unpacked
  mkdir unpacked
  (cd unpacked && mvn -B -q dependency:unpack \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$keycloak_version:zip" -DoutputDirectory="$peers/unpacked" >&2)
  mv "unpacked/keycloak-$keycloak_version" keycloak
  rm -rf unpacked
  chmod +x keycloak/bin/*.sh
  keycloak/bin/kc.sh build --db dev-mem --cache local >&2
  touch "keycloak/built-$keycloak_version"
fi
say "ready in $peers"
