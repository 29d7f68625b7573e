#!/bin/sh
# Made by solar-system 0.0.0 with: solar-system kit mulesoft --policy introspection
# Input: sha256 0000
# For MuleSoft Anypoint (Mule 4) 4.4 or newer.
# Change the blueprint or the settings and make it again, rather than editing it by hand.
# Applies the policies of policies.json to an API instance, in their order. It needs curl and jq.
set -eu
: "${ANYPOINT_TOKEN:?an access token of Anypoint Platform}" "${ORGANIZATION:?its id}" "${ENVIRONMENT:?its id}" "${API:?the id of the API instance}"
url="${ANYPOINT_URL:-https://anypoint.mulesoft.com}/apimanager/api/v1/organizations/$ORGANIZATION/environments/$ENVIRONMENT/apis/$API/policies?allowDuplicated=true"
cd "$(dirname "$0")"
jq -c '.policies[]' policies.json | while IFS= read -r policy; do
  printf '%s' "$policy" | jq -r '"\(.order) \(.assetId)"' >&2
  # the token in a file descriptor: arguments are for all to see
  printf '%s' "$policy" | curl --fail --silent --show-error --proto =https --tlsv1.2 --config /dev/fd/3 --output /dev/null \
    --header 'Content-Type: application/json' --data-binary @- "$url" 3<<TOKEN
header = "Authorization: Bearer $ANYPOINT_TOKEN"
TOKEN
done
