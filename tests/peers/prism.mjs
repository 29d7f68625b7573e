// npm `@stoplight/prism-cli` as a proxy that holds every call to OpenAPI descriptions and lets it pass either way.
//
//   node prism.mjs '{"upstream": "http://127.0.0.1:8081", "descriptions": ["management.json", "oauth.json"]}'
//
// listens on 127.0.0.1 and prints one JSON line, {"port": …}, when it is ready; `port` 0 (any) unless set. Each violation, and
// each call that the descriptions do not know, is a line on standard error: VIOLATION {"method", "path", "what"}.
//
// Prism passes over a schema that its validator cannot compile, without a word. So what is wrong with Okta's descriptions is
// mended here, each by its name, and a schema that still does not compile ends the program.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const peers = process.env.PEERS ?? fileURLToPath(new URL('../../.peers', import.meta.url));
const require = createRequire(join(peers, 'node', 'package.json'));
const cli = createRequire(require.resolve('@stoplight/prism-cli'));
const { getHttpOperationsFromSpec } = cli('@stoplight/prism-http');
const { createServer } = cli('@stoplight/prism-http-server');
const http = createRequire(cli.resolve('@stoplight/prism-http'));
const { default: Ajv } = http('ajv');
const { default: addFormats } = http('ajv-formats');

const { upstream, descriptions, port = 0 } = JSON.parse(process.argv[2]);

/** Calls `visit` with every object in a description. */
function walk(value, visit) {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) visit(value);
  Object.values(value).forEach((inner) => walk(inner, visit));
}

/** What is wrong in Okta's descriptions, and what each was meant to say. */
function mend(description) {
  walk(description, (object) => {
    // A value that is listed twice.
    if (Array.isArray(object.enum)) object.enum = [...new Set(object.enum)];
    // An array that calls itself a string (post_logout_redirect_uris of a client).
    if (object.type === 'string' && object.items) object.type = 'array';
    // `nullable` beside a reference: it says nothing there.
    if ('$ref' in object) delete object.nullable;
    // Nine kinds of applications, told apart by a member: one OpenID Connect application answers to most of the nine.
    for (const [name, inner] of Object.entries(object)) {
      if (inner?.discriminator?.propertyName === 'signOnMode' && inner.oneOf) {
        object[name] = { $ref: '#/components/schemas/OpenIdConnectApplication' };
      }
    }
    delete object.discriminator;
  });
  const paths = description.paths;
  // The profile of people is described by the same type as that of an application's, but its own path is left out.
  const template = paths['/api/v1/meta/schemas/apps/{appId}/default'];
  if (template) paths['/api/v1/meta/schemas/user/default'] = { get: { ...structuredClone(template.get), parameters: [] } };
}

/** One description of all: components get a prefix, since the same name means different things in each. */
function merge(all) {
  const merged = { openapi: all[0].openapi, info: all[0].info, paths: {}, components: {} };
  all.forEach((description, index) => {
    mend(description);
    const prefix = `d${index}_`;
    walk(description, (object) => {
      if (typeof object.$ref === 'string') object.$ref = object.$ref.replace(/^(#\/components\/\w+\/)/, `$1${prefix}`);
    });
    Object.assign(merged.paths, description.paths);
    for (const [kind, members] of Object.entries(description.components)) {
      for (const [name, member] of Object.entries(members)) {
        // References to security schemes are plain names.
        (merged.components[kind] ??= {})[kind === 'securitySchemes' ? name : prefix + name] = member;
      }
    }
  });
  return merged;
}

/** Compiles each schema as prism's validator does. */
function compileAll(operations) {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, allowMatchingProperties: true, strict: false, logger: false });
  addFormats(ajv);
  for (const operation of operations) {
    const contents = [operation.request?.body, ...operation.responses].flatMap((part) => part?.contents ?? []);
    for (const { schema } of contents.filter((content) => content.schema)) {
      try {
        ajv.compile({ ...schema, __bundled__: operation.__bundled__ });
      } catch (error) {
        throw new Error(`${operation.method} ${operation.path}: ${error.message}`);
      }
    }
  }
}

let asked = {};
const report = (what) => {
  console.error(`VIOLATION ${JSON.stringify({ method: asked.method, path: asked.url?.path, what })}`);
};
const silent = () => {};
const logger = {
  trace: silent, debug: silent, success: silent,
  child: () => logger,
  info: (context) => { if (context?.input) asked = context.input; },
  warn: (context, message) => report(message ?? context),
  error: (context, message) => report(message ?? context),
  fatal: (context, message) => report(message ?? context),
};

const operations = await getHttpOperationsFromSpec(merge(descriptions.map((path) => JSON.parse(readFileSync(path, 'utf8')))));
compileAll(operations);
const config = {
  isProxy: true, upstream: new URL(upstream), errors: false, checkSecurity: true, validateRequest: true, validateResponse: true,
  mock: { dynamic: false },
};
const server = createServer(operations, { cors: false, config, components: { logger } });
const address = await server.listen(port, '127.0.0.1');
console.log(JSON.stringify({ port: Number(new URL(address).port) }));
