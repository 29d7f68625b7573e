#!/bin/sh
# Made by solar-system 0.0.0 with: solar-system kit apache --policy jwt
# Input: sha256 0000
# For Apache with mod_oauth2 2.4.56 with mod_oauth2 3.3 or newer.
# Change the blueprint or the settings and make it again, rather than editing it by hand.
# Starts Apache in the foreground with this folder as its root. API_KEY must be set.
set -eu
cd "$(dirname "$0")"
: "${API_KEY:?what the API expects in x-api-key}"
export API_KEY
exec apache2 -d "$PWD" -f "$PWD/apache.conf" -DFOREGROUND
