// Made by solar-system 0.0.0 with: solar-system kit nginx --policy introspection
// Input: sha256 0000
// For nginx with njs 1.22 with njs 0.7.9 or newer.
// Change the blueprint or the settings and make it again, rather than editing it by hand.
// For njs 0.7.9 or newer: it has no way to read a JWK, so keys are put into SPKI here.

const ISSUER = "https://idp.example.com/oauth2/default";
const AUDIENCE = "api://default";
const ALGORITHMS = ["ES256", ];
const AT_JWT_ONLY = false;
const CLIENTS = [];
const INTROSPECTION_CLIENT = "gateway";
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
        const claims = token && await introspected(r, token);
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

// --- By asking the issuer (RFC 7662). Inactive comes with 200 too.

async function introspected(r, token) {
    const body = `token=${encodeURIComponent(token)}&token_type_hint=access_token`;
    const answer = await r.subrequest('/_introspect', { method: 'POST', body });
    if (answer.status === 400 && JSON.parse(answer.responseText).error === 'unsupported_token_type') {
        return false; // some issuers say so of JWTs, real or forged, in the place of "inactive"
    }
    if (answer.status !== 200) {
        throw new Error(`introspection answered ${answer.status}`);
    }
    const claims = JSON.parse(answer.responseText);
    const kind = claims.token_type;
    return claims.active === true
        && (claims.iss === undefined || claims.iss === ISSUER)
        && (kind === undefined || String(kind).toLowerCase() === 'bearer') && claims;
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
