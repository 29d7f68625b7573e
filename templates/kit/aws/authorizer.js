{% for line in header -%}
// {{ line }}
{% endfor -%}
// A Lambda authorizer without dependencies, for Node.js 22 or newer. It says Allow for one method of one path, or Deny; where
// nothing can be said it throws, which API Gateway never takes for a yes.
'use strict';
const { createPublicKey, verify } = require('node:crypto');

const ISSUER = {{ issuer }};
const AUDIENCE = {{ audience }};
const CLIENTS = [{% for client in clients %}{{ client }}, {% endfor %}];
const LEEWAY = {{ leeway }};
{% if let Some(introspection) = introspection -%}
const INTROSPECTION = {{ introspection.endpoint }};
const INTROSPECTION_CLIENT = {{ introspection.client_id }};
{% else -%}
const JWKS_URI = {{ jwks_uri }};
const ALGORITHMS = [{% for algorithm in algorithms %}{{ algorithm }}, {% endfor %}];
const AT_JWT_ONLY = {{ at_jwt_only }};
{% endif %}
// Method and path, and the scopes that are needed there, all of them. None: any valid access token.
const RULES = new Map([
{%- for rule in rules %}
  [{{ rule.route }}, [{% for scope in rule.scopes %}{{ scope }}, {% endfor %}]],
{%- endfor %}
]);

exports.handler = async (event) => {
  const needed = RULES.get(`${event.httpMethod} ${event.resource}`);
  // some APIs read a name with underscores as if it were one of ours
  const odd = Object.keys(event.multiValueHeaders || {}).some((name) => name.includes('_'));
  if (!needed || event.path !== event.resource || odd) {
    return answer(event, 'Deny', {});
  }
  const token = bearer(event);
  const claims = token && await {% if introspection.is_some() %}introspected{% else %}verified{% endif %}(token);
  if (!claims || !holds(claims)) {
    throw new Error('Unauthorized'); // this text and no other is a 401
  }
  const client = [claims.client_id, claims.cid, claims.azp].find((one) => one !== undefined);
  if (CLIENTS.length && !CLIENTS.includes(client)) {
    return answer(event, 'Deny', { challenge: 'Bearer error="insufficient_scope"' });
  }
  const granted = scopes(claims);
  if (!needed.every((scope) => granted.includes(scope))) {
    return answer(event, 'Deny', { challenge: `Bearer error="insufficient_scope", scope="${needed.join(' ')}"` });
  }
  return answer(event, 'Allow', { subject: claims.sub, client, scope: granted.join(' ') });
};

// For this method of this path alone: a wildcard would be an answer to what was not asked.
function answer(event, effect, said) {
  const context = {};
  for (const [name, value] of Object.entries(said)) {
    // only what can stand in a header
    const plain = typeof value === 'string' && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value);
    context[name] = plain ? value : '';
  }
  const statement = { Action: 'execute-api:Invoke', Effect: effect, Resource: event.methodArn };
  return { principalId: 'caller', policyDocument: { Version: '2012-10-17', Statement: [statement] }, context };
}

// One header, one token, and no second place for one.
function bearer(event) {
  const headers = Object.entries(event.multiValueHeaders || {});
  const shown = headers.filter(([name]) => name.toLowerCase() === 'authorization').flatMap(([, values]) => values);
  const match = shown.length === 1 && /^bearer +([A-Za-z0-9._~+\/-]+=*)$/i.exec(shown[0]);
  const elsewhere = Object.keys(event.multiValueQueryStringParameters || {}).includes('access_token');
  return match && match[1].length <= 8192 && !elsewhere ? match[1] : '';
}

// --- What a token's claims must say, whoever vouches for them.

function holds(claims) {
  const now = Date.now() / 1000;
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  return audience.includes(AUDIENCE)
    && typeof claims.exp === 'number' && now < claims.exp + LEEWAY
    && (claims.nbf === undefined || typeof claims.nbf === 'number' && claims.nbf <= now + LEEWAY)
    && !['ID', 'Refresh', 'Offline', 'Logout'].includes(claims.typ)
    && claims.cnf === undefined;
}

// Whole names of scope and scp, each a string or a list.
function scopes(claims) {
  const texts = [claims.scope, claims.scp].flat().filter((text) => typeof text === 'string');
  return texts.flatMap((text) => text.split(' ')).filter((scope) => scope);
}

async function ask(url, options) {
  const response = await fetch(url, { ...options, redirect: 'error', signal: AbortSignal.timeout(4000) });
  const text = await response.text();
  if (response.status !== 200 || text.length > 131072) {
    throw new Error(`${url} answered ${response.status}, ${text.length} characters`);
  }
  return JSON.parse(text);
}
{% if introspection.is_some() %}
// --- By asking the issuer (RFC 7662). Inactive comes with 200 too.

async function introspected(token) {
  // client_secret_basic, form-encoded first (RFC 6749, section 2.3.1)
  const word = (text) => new URLSearchParams([['', text]]).toString().slice(1);
  const pair = `${word(INTROSPECTION_CLIENT)}:${word(process.env.INTROSPECT_CLIENT_SECRET || '')}`;
  const claims = await ask(INTROSPECTION, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  });
  const kind = claims.token_type;
  return claims.active === true
    && (claims.iss === undefined || claims.iss === ISSUER)
    && (kind === undefined || String(kind).toLowerCase() === 'bearer') && claims;
}
{% else %}
// --- By the issuer's keys.

async function verified(token) {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) {
    return false;
  }
  const header = json(parts[0]);
  const claims = json(parts[1]);
  if (!header || !claims || !ALGORITHMS.includes(header.alg)) {
    return false;
  }
  if (['crit', 'b64', 'zip', 'enc'].some((name) => header[name] !== undefined)) {
    return false;
  }
  const fits = (key) => fitting(key, header);
  let fit = (await keys(false)).filter(fits);
  if (!fit.length) {
    fit = (await keys(true)).filter(fits);
  }
  if (fit.length !== 1 || !signed(fit[0], header.alg, parts)) {
    return false;
  }
  return claims.iss === ISSUER && typeof claims.sub === 'string' && claims.sub !== ''
    && isAccessToken(header, claims) && claims;
}

function json(part) {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) && value;
  } catch {
    return false;
  }
}

function isAccessToken(header, claims) {
  const kind = header.typ === undefined ? '' : String(header.typ).toLowerCase().replace(/^application\//, '');
  if (kind === 'at+jwt') {
    return true;
  }
  // Where the header does not tell the kind, the claims must.
  const has = (name) => claims[name] !== undefined;
  return !AT_JWT_ONLY && (kind === '' || kind === 'jwt')
    && !['nonce', 'at_hash', 'c_hash', 'events'].some(has)
    && ['client_id', 'cid', 'scp', 'scope'].some(has);
}

// Kept for five minutes, a day where the issuer is down; an unknown key id asks again, once a minute at most.
let kept = [];
let keptAt = -Infinity;
let askedAt = -Infinity;
let asking;

async function keys(again) {
  const now = Date.now();
  const stale = now - keptAt > 300_000;
  if (stale || again) {
    if (!asking && now - askedAt > (again ? 60_000 : 5_000)) {
      askedAt = now;
      asking = ask(JWKS_URI, { headers: { accept: 'application/json' } }).then((set) => {
        kept = set.keys.slice(0, 32);
        keptAt = Date.now();
      }).catch((problem) => console.error(`keys: ${problem.message}`)).finally(() => { asking = undefined; });
    }
    await asking;
  }
  if (!kept.length || now - keptAt > 86_400_000) {
    throw new Error('there are no keys to verify with');
  }
  return kept;
}

const CURVES = { ES256: 'P-256', ES384: 'P-384' };

// One key, one algorithm; a key for something else is none.
function fitting(key, header) {
  const curve = CURVES[header.alg];
  const kind = curve ? key.kty === 'EC' && key.crv === curve : key.kty === 'RSA';
  return kind && (header.kid === undefined || key.kid === header.kid)
    && (key.use === undefined || key.use === 'sig') && (key.alg === undefined || key.alg === header.alg)
    && (key.key_ops === undefined || key.key_ops.includes('verify'));
}

function signed(jwk, algorithm, parts) {
  const { kty, crv, x, y, n, e } = jwk;
  const key = createPublicKey({ format: 'jwk', key: { kty, crv, x, y, n, e } });
  if (kty === 'RSA' && key.asymmetricKeyDetails.modulusLength < 2048) {
    throw new Error('a key of the issuer is too short');
  }
  const how = { key };
  if (CURVES[algorithm]) {
    how.dsaEncoding = 'ieee-p1363';
  } else if (algorithm === 'PS256') {
    const { RSA_PKCS1_PSS_PADDING } = require('node:crypto').constants;
    Object.assign(how, { padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  }
  const hash = algorithm === 'ES384' ? 'sha384' : 'sha256';
  return verify(hash, Buffer.from(`${parts[0]}.${parts[1]}`), how, Buffer.from(parts[2], 'base64url'));
}
{% endif %}
