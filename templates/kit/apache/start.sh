#!/bin/sh
{% for line in header -%}
# {{ line }}
{% endfor -%}
# Starts Apache in the foreground with this folder as its root. API_KEY{% if introspection %} and INTROSPECT_CLIENT_SECRET{% endif %} must be set.
set -eu
cd "$(dirname "$0")"
: "${API_KEY:?what the API expects in x-api-key}"
export API_KEY
{%- if introspection %}
: "${INTROSPECT_CLIENT_SECRET:?the secret of the client at the issuer}"
export INTROSPECT_CLIENT_SECRET
{%- if !openidc %}
# The module reads its options as a query: every byte as %XX.
INTROSPECT_CLIENT_SECRET_ENCODED=$(printf %s "$INTROSPECT_CLIENT_SECRET" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g')
export INTROSPECT_CLIENT_SECRET_ENCODED
{%- endif %}
{%- endif %}
exec apache2 -d "$PWD" -f "$PWD/apache.conf" -DFOREGROUND
