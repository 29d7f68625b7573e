#!/bin/sh
# Made by solar-system 0.0.0 with: solar-system kit apache --policy introspection
# Input: sha256 0000
# For Apache with mod_oauth2 2.4.56 with mod_oauth2 3.3 or newer.
# Change the blueprint or the settings and make it again, rather than editing it by hand.
# Starts Apache in the foreground with this folder as its root. API_KEY and INTROSPECT_CLIENT_SECRET must be set.
set -eu
cd "$(dirname "$0")"
: "${API_KEY:?what the API expects in x-api-key}"
export API_KEY
: "${INTROSPECT_CLIENT_SECRET:?the secret of the client at the issuer}"
export INTROSPECT_CLIENT_SECRET
# The module reads its options as a query: every byte as %XX.
INTROSPECT_CLIENT_SECRET_ENCODED=$(printf %s "$INTROSPECT_CLIENT_SECRET" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g')
export INTROSPECT_CLIENT_SECRET_ENCODED
exec apache2 -d "$PWD" -f "$PWD/apache.conf" -DFOREGROUND
