//! webMethods API Gateway of Software AG: an `OpenAPI` document to import, what its administration API takes, and
//! the steps.
//!
//! It has no `jwt` policy here. By the issuer's keys alone, version 10.15 was seen to check signature, issuer and
//! scope, and to let a token for another audience in; so it asks the issuer.

use super::{
    Bundle, Facts, Introspection, Kit, Needs, Proof, Refused, encode::Markdown, readme::Top, render,
};
use crate::settings::PolicyChoice;
use askama::Template;
use serde_json::{Map, Value, json};

pub(super) const KIT: Kit = Kit {
    name: "swag",
    title: "webMethods API Gateway",
    policies: &[PolicyChoice::Introspection],
    oldest: "10.15",
    proof: Proof::Documents,
    make: bundle,
};

/// What the authorization server is called in the gateway.
const SERVER: &str = "SolarSystemIssuer";

#[derive(Template)]
#[template(path = "kit/swag/README.md", escape = "none")]
struct Readme {
    top: Top,
    server: &'static str,
    audience: Markdown,
    api: Markdown,
    own_roots: bool,
    open: Vec<Markdown>,
    groups: Vec<Group>,
    clients: Vec<Markdown>,
    removed: String,
    rate: u32,
}

/// Resources that need the same.
struct Group {
    scope: Markdown,
    resources: Vec<String>,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let introspection = facts.introspection.as_ref().ok_or_else(|| {
        Refused(
            "webMethods checks no audience by the issuer's keys: it must ask the issuer".to_owned(),
        )
    })?;
    let scopes = scopes(facts)?;
    let readme = Readme {
        top: Top::of(&KIT, facts),
        server: SERVER,
        audience: Markdown::new(&facts.audience.value),
        api: Markdown::new(facts.upstream.value.as_str()),
        own_roots: facts.extra_roots.is_some(),
        open: methods(facts, |needs| *needs == Needs::Nothing)
            .iter()
            .map(|one| Markdown::new(one))
            .collect(),
        groups: groups(facts),
        clients: facts.clients.iter().map(|one| Markdown::new(one)).collect(),
        removed: super::headers::spelled_by_hand().join(", "),
        rate: Facts::RATE.0 * 60,
    };
    Ok(Bundle::new()
        .with("openapi.json", text(&openapi(facts)?)?)
        .with(
            "authorization-server.json",
            text(&server(facts, introspection, &scopes)?)?,
        )
        .with("scopes.json", text(&mappings(facts, &scopes)?)?)
        .with("identify-and-authorize.json", text(&identify(facts))?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

fn text(value: &Value) -> Result<String, Refused> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Refused(error.to_string()))
}

/// Who made it, as one text: each file has a place for a description.
fn made(facts: &Facts) -> String {
    facts.header(&KIT).join(" ")
}

/// A value that the gateway takes as it is: `${` begins a variable there.
fn plain(text: &str) -> Result<&str, Refused> {
    if text.contains("${") || text.chars().any(char::is_control) {
        let shown: String = text.chars().flat_map(char::escape_debug).collect();
        return Err(Refused(format!(
            "webMethods cannot hold \"{shown}\": a variable begins with a dollar and a brace there"
        )));
    }
    Ok(text)
}

/// Every scope that some rule needs, once.
fn scopes(facts: &Facts) -> Result<Vec<String>, Refused> {
    let mut all: Vec<String> = Vec::new();
    for path in facts.paths() {
        for route in &path.routes {
            if route.needs.scopes().len() > 1 {
                return Err(Refused(format!(
                    "webMethods maps one scope to a resource, and {} needs {}",
                    path.path,
                    route.needs.scopes().join(" and ")
                )));
            }
            for scope in route.needs.scopes() {
                plain(scope)?;
                if !all.contains(scope) {
                    all.push(scope.clone());
                }
            }
        }
    }
    Ok(all)
}

/// Methods and paths of the rules that need this.
fn methods(facts: &Facts, wanted: impl Fn(&Needs) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    for path in facts.paths() {
        for route in path.routes.iter().filter(|route| wanted(&route.needs)) {
            all.push(format!("{} {}", route.methods.join(", "), path.path));
        }
    }
    all
}

fn groups(facts: &Facts) -> Vec<Group> {
    let mut wanted: Vec<Needs> = Vec::new();
    for path in facts.paths() {
        for route in path.routes {
            if route.needs != Needs::Nothing && !wanted.contains(&route.needs) {
                wanted.push(route.needs);
            }
        }
    }
    let group = |needs: &Needs| Group {
        scope: Markdown::new(needs.scopes().first().map_or("openid", String::as_str)),
        resources: methods(facts, |one| one == needs)
            .iter()
            .map(|one| Markdown::new(one).to_string())
            .collect(),
    };
    wanted.iter().map(group).collect()
}

fn openapi(facts: &Facts) -> Result<Value, Refused> {
    let mut paths = Map::new();
    let mut declared = Map::new();
    for path in facts.paths() {
        if path.below {
            return Err(Refused(format!(
                "OpenAPI has no path for all that is below {:?}: name the paths one by one",
                path.path
            )));
        }
        let mut operations = Map::new();
        for route in &path.routes {
            let security = match &route.needs {
                Needs::Nothing => json!([]),
                needs => json!([{ "issuer": needs.scopes() }]),
            };
            for scope in route.needs.scopes() {
                declared.insert(scope.clone(), json!(route.name));
            }
            for method in &route.methods {
                let mut responses = json!({ "200": { "description": "What the API answers" } });
                if route.needs != Needs::Nothing {
                    responses["401"] =
                        json!({ "description": "No access token, or one that is not valid" });
                    responses["403"] = json!({ "description": "The access token lacks a scope" });
                }
                operations.insert(
                    method.to_lowercase(),
                    json!({
                        "operationId": format!("{}-{}", method.to_lowercase(), route.name),
                        "security": security,
                        "responses": responses,
                    }),
                );
            }
        }
        if !operations.is_empty() {
            paths.insert(path.path.clone(), Value::Object(operations));
        }
    }
    let unknown = |what: &str| {
        Refused(format!(
            "OpenAPI names the issuer's {what} endpoint, which is not known: its discovery document must be reachable"
        ))
    };
    let authorization = facts.sign_in.authorization.as_ref();
    let token = facts.sign_in.token.as_ref();
    Ok(json!({
        "openapi": "3.0.3",
        "info": { "title": "solar-system", "version": "1", "description": made(facts) },
        "servers": [{ "url": facts.upstream.value.as_str().trim_end_matches('/') }],
        "paths": paths,
        "components": { "securitySchemes": { "issuer": {
            "type": "oauth2",
            "flows": { "authorizationCode": {
                "authorizationUrl": authorization.ok_or_else(|| unknown("authorization"))?.value,
                "tokenUrl": token.ok_or_else(|| unknown("token"))?.value,
                "scopes": declared,
            } },
        } } },
    }))
}

fn server(
    facts: &Facts,
    introspection: &Introspection,
    scopes: &[String],
) -> Result<Value, Refused> {
    let mut known = vec![json!({ "name": "openid", "description": "Any access token" })];
    for scope in scopes {
        known.push(json!({ "name": scope, "description": "" }));
    }
    let metadata = json!({
        "authorizeURL": facts.sign_in.authorization.as_ref().map(|one| one.value.as_str()),
        "accessTokenURL": facts.sign_in.token.as_ref().map(|one| one.value.as_str()),
    });
    Ok(json!({
        "type": "authServerAlias",
        "name": SERVER,
        "description": made(facts),
        "authServerType": "EXTERNAL",
        "remoteIntrospectionConfig": {
            "introspectionEndpoint": plain(introspection.endpoint.value.as_str())?,
            "clientId": plain(&introspection.client_id.value)?,
            // put in when it is sent, from the environment
            "clientSecret": null,
            "user": "Administrator",
        },
        "metadata": metadata,
        "scopes": known,
        "supportedGrantTypes": ["authorization_code", "client_credentials"],
    }))
}

fn mappings(facts: &Facts, scopes: &[String]) -> Result<Value, Refused> {
    let audience = plain(&facts.audience.value)?;
    let any = "openid".to_owned();
    let mut all = Vec::new();
    for scope in std::iter::once(&any).chain(scopes.iter().filter(|one| **one != any)) {
        all.push(json!({
            "scopeName": format!("{SERVER}:{scope}"),
            "scopeDescription": made(facts),
            "audience": audience,
            "apiScopes": [],
            "requiredAuthScopes": [{ "authServerAlias": SERVER, "scopeName": scope }],
        }));
    }
    Ok(Value::Array(all))
}

/// The gateway's own word for it: an unknown application is nobody, and no token is refused.
fn identify(facts: &Facts) -> Value {
    let value = |name: &str, value: &str| json!({ "templateKey": name, "values": [value] });
    json!({ "policyAction": {
        "names": [{ "value": "Identify & Authorize", "locale": "en" }],
        "descriptions": [{ "value": made(facts), "locale": "en" }],
        "templateKey": "evaluatePolicy",
        "parameters": [
            value("logicalConnector", "AND"),
            value("allowAnonymous", "false"),
            value("triggerPolicyViolationOnMissingAuthorizationHeader", "true"),
            { "templateKey": "IdentificationRule", "parameters": [
                value("applicationLookup", "strict"),
                value("identificationType", "oAuth2Token"),
            ] },
        ],
        "active": false,
    } })
}
