// Made by solar-system 0.0.0 with: solar-system kit nginx --policy jwt
// Input: sha256 0000
// For nginx with njs 1.22 with njs 0.7.9 or newer.
// Change the blueprint or the settings and make it again, rather than editing it by hand.
// For njs 0.7.9 or newer: it has no way to read a JWK, so keys are put into SPKI here.

const ISSUER = "https://idp.example.com/oauth2/default";
const AUDIENCE = "api://default";
const ALGORITHMS = ["ES256", ];
const AT_JWT_ONLY = false;
const CLIENTS = [];
const INTROSPECTION_CLIENT = "";
const LEEWAY = 60;
const UNCLEAN = new RegExp("[^-A-Za-z0-9._~!$\u0026'()*+,=:@/%]|//|/\\.\\.?(/|$)|%([^0-9a-fA-F]|.[^0-9a-fA-F]|.?$|[014]|2[13-9a-fA-F]|3[0-9abdfABDF]|5[0-9aAcCfF]|6[1-9a-fA-F]|7[0-9aAeEfF]|[cC]2%[89])");

// In the order in which they are tried. No scopes and a token: any valid one. No methods: not there.
const PATHS = [
    { path: "/asteroids/", below: false, routes: [
    ] },
    { path: "/asteroids", below: false, routes: [
        { methods: ['GET', 'HEAD', ], token: true, scopes: [] },
    ] },
    { path: "/visitors/", below: false, routes: [
    ] },
    { path: "/visitors", below: false, routes: [
        { methods: ['GET', 'HEAD', ], token: false, scopes: [] },
    ] },
    { path: "/planets/", below: false, routes: [
    ] },
    { path: "/planets", below: false, routes: [
        { methods: ['GET', 'HEAD', ], token: true, scopes: ["http://myapp.com/scp/silver", ] },
    ] },
    { path: "/comets/", below: false, routes: [
    ] },
    { path: "/comets", below: false, routes: [
        { methods: ['GET', 'HEAD', ], token: true, scopes: ["read", ] },
    ] },
    { path: "/moons/", below: false, routes: [
    ] },
    { path: "/moons", below: false, routes: [
        { methods: ['GET', 'HEAD', ], token: true, scopes: ["http://myapp.com/scp/gold", ] },
    ] },
];

// --- Which rule a request falls under, by its request line as it was sent.

function path(r) {
    return r.variables.request_uri.split('?')[0];
}

function ruled(r) {
    const asked = path(r);
    return PATHS.find((one) => one.below
        ? asked.length > one.path.length && asked.startsWith(one.path)
        : asked === one.path);
}

function rule(r) {
    const found = ruled(r);
    const method = r.variables.request_method;
    return found && found.routes.find((one) => one.methods.includes(method));
}

// For $gate_route: what nginx answers without asking further.
function route(r) {
    const asked = path(r);
    if (asked[0] !== '/' || UNCLEAN.test(asked)) {
        return '400';
    }
    const found = ruled(r);
    if (!found || !found.routes.length) {
        return '404';
    }
    return rule(r) ? 'ruled' : '405';
}

// --- The decision: 204, 401, 403; anything that goes wrong is 500, which nginx makes a 503.

async function decide(r) {
    try {
        const asked = route(r) === 'ruled' && rule(r);
        if (!asked) {
            return r.return(403);
        }
        if (!asked.token) {
            return r.return(204);
        }
        const token = bearer(r);
        if (token === undefined) {
            return refuse(r, 401, 'Bearer');
        }
        const claims = token && await verified(r, token);
        if (!claims || !holds(claims)) {
            return refuse(r, 401, 'Bearer error="invalid_token"');
        }
        const client = clientOf(claims);
        if (CLIENTS.length && !CLIENTS.includes(client)) {
            return refuse(r, 403, 'Bearer error="insufficient_scope"');
        }
        const granted = scopes(claims);
        if (!asked.scopes.every((scope) => granted.includes(scope))) {
            return refuse(r, 403, `Bearer error="insufficient_scope", scope="${asked.scopes.join(' ')}"`);
        }
        say(r, 'X-Gate-Subject', claims.sub);
        say(r, 'X-Gate-Client', client);
        say(r, 'X-Gate-Scope', granted.join(' '));
        return r.return(204);
    } catch (problem) {
        r.error(`gate: ${problem.message}`);
        return r.return(500);
    }
}

function refuse(r, status, challenge) {
    r.headersOut['X-Gate-Challenge'] = challenge;
    return r.return(status);
}

// Hands on only what can stand in a header.
function say(r, name, value) {
    if (typeof value === 'string' && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)) {
        r.headersOut[name] = value;
    }
}

// undefined: none was shown. An empty text: what was shown is no one bearer token.
function bearer(r) {
    const shown = r.rawHeadersIn.filter((header) => header[0].toLowerCase() === 'authorization');
    if (!shown.length) {
        return undefined;
    }
    const match = shown.length === 1 && /^bearer +([A-Za-z0-9._~+\/-]+=*)$/i.exec(shown[0][1]);
    return match && match[1].length <= 8192 ? match[1] : '';
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

function clientOf(claims) {
    return [claims.client_id, claims.cid, claims.azp].find((one) => one !== undefined);
}

// Whole names of scope and scp, each a string or a list.
function scopes(claims) {
    const all = [];
    [claims.scope, claims.scp].forEach((value) => {
        (Array.isArray(value) ? value : [value]).forEach((text) => {
            if (typeof text === 'string') {
                text.split(' ').forEach((scope) => all.push(scope));
            }
        });
    });
    return all.filter((scope) => scope);
}

// --- By the issuer's keys.

async function verified(r, token) {
    const parts = token.split('.');
    if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) {
        return false;
    }
    const header = json(parts[0]);
    const claims = json(parts[1]);
    if (!header || !claims || !ALGORITHMS.includes(header.alg) || header.crit !== undefined) {
        return false;
    }
    const fits = (key) => fitting(key, header);
    let key = (await keys(r, '/_keys')).filter(fits);
    if (!key.length) {
        key = (await keys(r, '/_keys_again')).filter(fits);
    }
    if (key.length !== 1 || !await signed(key[0], header.alg, parts)) {
        return false;
    }
    return claims.iss === ISSUER && typeof claims.sub === 'string' && claims.sub !== ''
        && isAccessToken(header, claims) && claims;
}

function json(part) {
    try {
        const value = JSON.parse(Buffer.from(part, 'base64url').toString());
        return typeof value === 'object' && !Array.isArray(value) && value;
    } catch (problem) {
        return null;
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

async function keys(r, where) {
    const answer = await r.subrequest(where, { method: 'GET' });
    if (answer.status !== 200) {
        throw new Error(`the issuer's keys answered ${answer.status}`);
    }
    const set = JSON.parse(answer.responseText);
    return set.keys.slice(0, 32);
}

const CURVES = { ES256: 'P-256', ES384: 'P-384' };

// One key, one algorithm; a key for something else is none.
function fitting(key, header) {
    const kind = CURVES[header.alg] ? key.kty === 'EC' && key.crv === CURVES[header.alg] : key.kty === 'RSA';
    return kind && (header.kid === undefined || key.kid === header.kid)
        && (key.use === undefined || key.use === 'sig') && (key.alg === undefined || key.alg === header.alg)
        && (key.key_ops === undefined || key.key_ops.includes('verify'));
}

async function signed(key, algorithm, parts) {
    const message = Buffer.from(`${parts[0]}.${parts[1]}`);
    let signature = Buffer.from(parts[2], 'base64url');
    const hash = algorithm === 'ES384' ? 'SHA-384' : 'SHA-256';
    let kind = { name: 'RSASSA-PKCS1-v1_5', hash };
    let by = kind;
    if (CURVES[algorithm]) {
        kind = { name: 'ECDSA', namedCurve: CURVES[algorithm] };
        by = { name: 'ECDSA', hash };
        const size = algorithm === 'ES384' ? 96 : 64;
        if (signature.length !== size) {
            return false;
        }
    } else if (algorithm === 'PS256') {
        kind = { name: 'RSA-PSS', hash };
        by = { name: 'RSA-PSS', saltLength: 32 };
    }
    const imported = await crypto.subtle.importKey('spki', spki(key), kind, false, ['verify']);
    return crypto.subtle.verify(by, imported, signature, message);
}

// A JWK as SubjectPublicKeyInfo (RFC 5280, section 4.1; RFC 5480).
function spki(key) {
    const bytes = (name) => Buffer.from(key[name], 'base64url');
    if (key.kty === 'RSA') {
        const modulus = bytes('n');
        if (modulus.length < 256) {
            throw new Error('a key of the issuer is too short');
        }
        const pair = der(0x30, [integer(modulus), integer(bytes('e'))]);
        return der(0x30, [Buffer.from('300d06092a864886f70d0101010500', 'hex'), der(0x03, [Buffer.from('00', 'hex'), pair])]);
    }
    const curve = key.crv === 'P-384' ? '301006072a8648ce3d020106052b81040022' : '301306072a8648ce3d020106082a8648ce3d030107';
    const point = Buffer.concat([Buffer.from('0004', 'hex'), bytes('x'), bytes('y')]);
    return der(0x30, [Buffer.from(curve, 'hex'), der(0x03, [point])]);
}

function integer(bytes) {
    let start = 0;
    while (start < bytes.length - 1 && bytes[start] === 0) {
        start += 1;
    }
    const number = bytes.slice(start);
    return der(0x02, number[0] & 0x80 ? [Buffer.from('00', 'hex'), number] : [number]);
}

function der(tag, parts) {
    const contents = Buffer.concat(parts);
    const length = contents.length;
    const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
    return Buffer.concat([Buffer.from(head), contents]);
}

// --- Secrets, from the environment.

function apiKey() {
    return process.env.API_KEY || '';
}

// client_secret_basic, form-encoded first (RFC 6749, section 2.3.1).
function client() {
    const encode = (text) => encodeURIComponent(text).replace(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`).replace(/%20/g, '+');
    const pair = `${encode(INTROSPECTION_CLIENT)}:${encode(process.env.INTROSPECT_CLIENT_SECRET || '')}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
}

export default { route, decide, apiKey, client };
