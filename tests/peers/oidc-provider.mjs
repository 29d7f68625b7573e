// The certified `oidc-provider` as a peer for the tests: one client, the API's scopes, people by name and password.
//
//   node oidc-provider.mjs '{"client_id": "app", "client_secret": "…", "redirect_uris": ["http://localhost:8080/callback"]}'
//
// listens on 127.0.0.1 and prints one JSON line, {"port": …, "issuer": "…"}, when it is ready. Other settings, with their
// defaults:
//   port 0 (any); post_logout_redirect_uris []; backchannel_logout_uri (none); auth_method "client_secret_basic" ("client_secret_post", "private_key_jwt"
//   with jwks in the place of the secret); refresh_token "when asked for" ("always");
//   access_token "jwt" ("opaque"); id_token_alg "RS256" ("ES256", "PS256", "EdDSA"); gateway {client_id, client_secret}
//   (a client that may introspect); initial_access_token (turns registration and its management on); accounts {"carl.sagan": {password, scopes, claims}, …}.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const peers = process.env.PEERS ?? fileURLToPath(new URL('../../.peers', import.meta.url));
const require = createRequire(join(peers, 'node', 'package.json'));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const SILVER = 'http://myapp.com/scp/silver';
const GOLD = 'http://myapp.com/scp/gold';
const API = 'api://default';

const settings = {
  port: 0,
  client_id: 'solar-system-app',
  client_secret: 'a secret for tests',
  redirect_uris: ['http://localhost:8080/callback'],
  post_logout_redirect_uris: [],
  auth_method: 'client_secret_basic',
  access_token: 'jwt',
  refresh_token: 'when asked for',
  id_token_alg: 'RS256',
  gateway: { client_id: 'solar-system-gateway', client_secret: 'a secret for the gateway' },
  accounts: {
    'carl.sagan': { password: 'pale-blue-dot', scopes: [SILVER], claims: { name: 'Carl Sagan', groups: ['silver'] } },
    'jodie.foster': { password: 'first-contact', scopes: [SILVER, GOLD], claims: { name: 'Jodie Foster', groups: ['silver', 'gold'] } },
  },
  ...JSON.parse(process.argv[2] ?? '{}'),
};

const server = createServer((request, response) => handle(request, response));
await new Promise((resolve) => { server.listen(settings.port, '127.0.0.1', resolve); });
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

const key = (alg, ...how) => ({ ...generateKeyPairSync(...how).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg });
const jwks = {
  keys: [
    key('RS256', 'rsa', { modulusLength: 2048 }),
    key('PS256', 'rsa', { modulusLength: 2048 }),
    key('ES256', 'ec', { namedCurve: 'P-256' }),
    key('EdDSA', 'ed25519'),
  ],
};

const provider = new Provider(issuer, {
  jwks,
  cookies: { keys: ['keys for the tests'] },
  clients: [
    {
      client_id: settings.client_id,
      ...(settings.jwks ? { jwks: settings.jwks } : { client_secret: settings.client_secret }),
      redirect_uris: settings.redirect_uris,
      post_logout_redirect_uris: settings.post_logout_redirect_uris,
      ...(settings.backchannel_logout_uri && { backchannel_logout_uri: settings.backchannel_logout_uri, backchannel_logout_session_required: true }),
      token_endpoint_auth_method: settings.auth_method,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: settings.id_token_alg,
    },
    {
      ...settings.gateway,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    },
  ],
  clientAuthMethods: [settings.auth_method, ...(settings.auth_method === 'client_secret_basic' ? [] : ['client_secret_basic'])],
  scopes: ['openid', 'offline_access'],
  claims: { openid: ['sub', 'name', 'preferred_username', 'groups'] },
  conformIdTokenClaims: false,
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
  ttl: {
    AccessToken: 3600, AuthorizationCode: 60, ClientCredentials: 600, Grant: 86400, IdToken: 3600, Interaction: 3600, RefreshToken: 86400, Session: 86400,
  },
  ...(settings.refresh_token === 'always' && { issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token') }),
  findAccount: (_, id) => settings.accounts[id] && {
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...settings.accounts[id].claims }),
  },
  loadExistingGrant: grantWhatTheAccountMay,
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out) => { ctx.type = 'html'; ctx.body = page(`Provider error: ${escape(out.error)}`, escape(out.error_description ?? '')); },
  // It guards its calls against this machine's own addresses, where the app is.
  fetch: (url, options) => { delete options.dispatcher; return fetch(url, options); },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
    registration: { enabled: Boolean(settings.initial_access_token), initialAccessToken: settings.initial_access_token },
    registrationManagement: { enabled: Boolean(settings.initial_access_token), rotateRegistrationAccessToken: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => { ctx.body = page('Sign out?', `${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`); },
      postLogoutSuccessSource: (ctx) => { ctx.body = page('Signed out at the provider', ''); },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, indicator) => ({
        scope: `read ${SILVER} ${GOLD}`,
        audience: indicator,
        accessTokenFormat: settings.access_token,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

// A person's scopes are granted at once; what is asked beyond them is refused in the interaction below.
async function grantWhatTheAccountMay(ctx) {
  const { accountId } = ctx.oidc.session;
  const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(API, settings.accounts[accountId].scopes.join(' '));
  await grant.save();
  return grant;
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function page(title, body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}

async function form(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

async function interact(request, response) {
  const { uid, prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name !== 'login') {
    return provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: 'no rule gives this person all that was asked',
    });
  }
  let problem = '';
  if (request.method === 'POST') {
    const fields = await form(request);
    const account = settings.accounts[fields.get('username')];
    if (fields.has('cancel')) {
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'the person pressed cancel' });
    }
    if (account && account.password === fields.get('password')) {
      return provider.interactionFinished(request, response, { login: { accountId: fields.get('username') } });
    }
    problem = '<p role="alert">Wrong name or password</p>';
  }
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page('Sign in at oidc-provider', `${problem}<form method="post" action="/interaction/${uid}">
    <label>Name <input name="username" value="${escape(params.login_hint ?? '')}"></label>
    <label>Password <input name="password" type="password"></label>
    <button>Sign in</button> <button name="cancel" value="yes">Cancel</button></form>`));
  return undefined;
}

const callback = provider.callback();
function handle(request, response) {
  if (!request.url.startsWith('/interaction/')) return callback(request, response);
  return interact(request, response).catch((problem) => {
    response.statusCode = 400;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(page('This sign-in is over', escape(problem.message)));
  });
}


process.stdout.write(`${JSON.stringify({ port, issuer })}\n`);
