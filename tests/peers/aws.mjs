// As much of a REST API of Amazon API Gateway as our template uses: resources, a REQUEST authorizer and its memory, the policy
// that it answers with, parameter mapping, gateway responses. Written by AWS's documentation; it is a stand-in and no proof of AWS.
//
//   node aws.mjs TEMPLATE.json PORT
import { createServer, request } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [file, port] = process.argv.slice(2);
const template = JSON.parse(readFileSync(file, 'utf8'));
const all = Object.entries(template.Resources);
const of = (type) => all.filter(([, one]) => one.Type === type);

// --- What the template says

function pathOf(id) {
  const part = template.Resources[id].Properties;
  const parent = part.ParentId.Ref;
  return `${parent ? pathOf(parent) : ''}/${part.PathPart}`;
}

const methods = new Map(of('AWS::ApiGateway::Method').map(([, { Properties }]) => {
  const path = Properties.ResourceId.Ref ? pathOf(Properties.ResourceId.Ref) : '/';
  return [`${Properties.HttpMethod} ${path}`, { ...Properties, path }];
}));
const [[, { Properties: authorizer }]] = of('AWS::ApiGateway::Authorizer');
const [[, { Properties: code }]] = of('AWS::Lambda::Function');
const responses = new Map(of('AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => [Properties.ResponseType, Properties]));
const index = resolve('index.cjs');
writeFileSync(index, code.Code.ZipFile);
const { handler } = createRequire(import.meta.url)(index);
const kept = new Map();

// --- One request

createServer(async (incoming, outgoing) => {
  const [path, query] = incoming.url.split(/\?(.*)/s);
  const method = methods.get(`${incoming.method} ${path}`);
  const refuse = (type, status, context) => {
    const said = responses.get(type) || { StatusCode: status, ResponseTemplates: { 'application/json': '{}' } };
    for (const [name, value] of Object.entries(said.ResponseParameters || {})) {
      const header = mapped(value, context);
      if (header) {
        outgoing.setHeader(name.replace('gatewayresponse.header.', ''), header);
      }
    }
    outgoing.writeHead(Number(said.StatusCode)).end(said.ResponseTemplates['application/json']);
  };
  if (!method) {
    return refuse('MISSING_AUTHENTICATION_TOKEN', 403);
  }
  let context = {};
  if (method.AuthorizationType === 'CUSTOM') {
    const asked = {
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:eu-central-1:123456789012:abcdef/api/${incoming.method}${path}`,
      resource: method.path,
      path,
      httpMethod: incoming.method,
      multiValueHeaders: multi(incoming.rawHeaders),
      multiValueQueryStringParameters: Object.fromEntries([...new URLSearchParams(query || '')].map(([name, value]) => [name, [value]])),
    };
    const identity = incoming.headers.authorization;
    if (!identity) {
      return refuse('UNAUTHORIZED', 401);
    }
    let answer = authorizer.AuthorizerResultTtlInSeconds > 0 ? kept.get(identity) : undefined;
    try {
      answer ??= await handler(asked);
    } catch (problem) {
      console.error(problem.message);
      return problem.message === 'Unauthorized' ? refuse('UNAUTHORIZED', 401) : refuse('AUTHORIZER_FAILURE', 500);
    }
    kept.set(identity, answer);
    context = answer.context || {};
    if (Object.values(context).some((value) => typeof value === 'object')) {
      return refuse('AUTHORIZER_CONFIGURATION_ERROR', 500);
    }
    const fits = ({ Resource }) => new RegExp(`^${Resource.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(asked.methodArn);
    const statements = answer.policyDocument.Statement.filter(fits).map(({ Effect }) => Effect);
    if (statements.includes('Deny') || !statements.includes('Allow')) {
      return refuse('ACCESS_DENIED', 403, context);
    }
  }
  forward(method.Integration, query, context, incoming, outgoing);
}).listen(Number(port), '127.0.0.1');

function multi(raw) {
  const headers = {};
  for (let at = 0; at < raw.length; at += 2) {
    (headers[raw[at]] ??= []).push(raw[at + 1]);
  }
  return headers;
}

// A static text in quotes, or a variable; nothing for one that is not there. A secret comes from the environment.
function mapped(value, context = {}) {
  const text = typeof value === 'string' ? value : value['Fn::Sub'].replace(/\{\{resolve:secretsmanager:\$\{ApiKeySecret\}:SecretString\}\}/, process.env.API_KEY);
  return text.startsWith("'") ? text.slice(1, -1) : context[text.replace('context.authorizer.', '')];
}

function forward(integration, query, context, incoming, outgoing) {
  const headers = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (!['host', 'connection', 'keep-alive', 'transfer-encoding'].includes(name)) {
      headers[name] = value;
    }
  }
  for (const [name, value] of Object.entries(integration.RequestParameters)) {
    const header = mapped(value, context);
    if (header !== undefined) {
      headers[name.replace('integration.request.header.', '')] = header;
    }
  }
  const url = integration.Uri + (query === undefined ? '' : `?${query}`);
  const further = request(url, { method: integration.IntegrationHttpMethod, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] || 'application/json' });
    answer.pipe(outgoing);
  });
  further.on('error', () => outgoing.writeHead(504).end());
  incoming.pipe(further);
}
