//! The policies that do something: remove, limit, check, ask, and present the key.

use super::super::{Facts, Introspection, Needs, Refused, encode::Xml, headers, render};
use super::{header, outgoing};
use askama::Template;

#[derive(Template)]
#[template(path = "kit/apigee/remove-headers.xml", escape = "none")]
struct RemoveHeaders {
    header: Vec<String>,
    names: Vec<String>,
}

#[derive(Template)]
#[template(path = "kit/apigee/limit.xml", escape = "none")]
struct Limit {
    header: Vec<String>,
    rate: u32,
}

#[derive(Template)]
#[template(path = "kit/apigee/javascript.xml", escape = "none")]
struct Javascript {
    header: Vec<String>,
    name: String,
    rule: Option<String>,
    resource: &'static str,
}

#[derive(Template)]
#[template(path = "kit/apigee/secret.xml", escape = "none")]
struct Secret {
    header: Vec<String>,
    name: &'static str,
    key: &'static str,
}

#[derive(Template)]
#[template(path = "kit/apigee/verify-jwt.xml", escape = "none")]
struct VerifyJwt {
    header: Vec<String>,
    algorithms: Xml,
    jwks_uri: Xml,
    issuer: Xml,
    audience: Xml,
    leeway: u32,
}

#[derive(Template)]
#[template(path = "kit/apigee/client.xml", escape = "none")]
struct Client {
    header: Vec<String>,
    client_id: Xml,
}

#[derive(Template)]
#[template(path = "kit/apigee/basic.xml", escape = "none")]
struct Basic {
    header: Vec<String>,
}

#[derive(Template)]
#[template(path = "kit/apigee/introspect.xml", escape = "none")]
struct Introspect {
    header: Vec<String>,
    endpoint: Xml,
}

#[derive(Template)]
#[template(path = "kit/apigee/upstream.xml", escape = "none")]
struct Upstream {
    header: Vec<String>,
}

#[derive(Template)]
#[template(path = "kit/apigee/identity.xml", escape = "none")]
struct Identity {
    header: Vec<String>,
}

#[derive(Template)]
#[template(path = "kit/apigee/response.xml", escape = "none")]
struct Response {
    header: Vec<String>,
}

pub(super) fn files(facts: &Facts, algorithms: &str) -> Result<Vec<(String, String)>, Refused> {
    let header = header(facts);
    let script = |name: &str, rule: Option<&str>, resource| Javascript {
        header: header.clone(),
        name: name.to_owned(),
        rule: rule.map(ToOwned::to_owned),
        resource,
    };
    let secret = |name, key| Secret {
        header: header.clone(),
        name,
        key,
    };
    let mut all = vec![
        (
            "AM-RemoveHeaders".to_owned(),
            render(&RemoveHeaders {
                header: header.clone(),
                names: headers::spelled(),
            })?,
        ),
        (
            "SA-Limit".to_owned(),
            render(&Limit {
                header: header.clone(),
                rate: Facts::RATE.0,
            })?,
        ),
        (
            "JS-First".to_owned(),
            render(&script("JS-First", None, "first.js"))?,
        ),
        ("KVM-Key".to_owned(), render(&secret("KVM-Key", "api_key"))?),
        (
            "AM-Upstream".to_owned(),
            render(&Upstream {
                header: header.clone(),
            })?,
        ),
        (
            "AM-Identity".to_owned(),
            render(&Identity {
                header: header.clone(),
            })?,
        ),
        (
            "AM-Response".to_owned(),
            render(&Response {
                header: header.clone(),
            })?,
        ),
    ];
    match &facts.introspection {
        None => all.push((
            "JWT-AccessToken".to_owned(),
            render(&verify_jwt(facts, algorithms)?)?,
        )),
        Some(introspection) => {
            all.push((
                "KVM-Client".to_owned(),
                render(&secret("KVM-Client", "introspect_client_secret"))?,
            ));
            all.push((
                "AM-Client".to_owned(),
                render(&Client {
                    header: header.clone(),
                    client_id: client_id(introspection)?,
                })?,
            ));
            all.push((
                "BA-Client".to_owned(),
                render(&Basic {
                    header: header.clone(),
                })?,
            ));
            let endpoint = outgoing("the issuer", &introspection.endpoint.value)?;
            all.push((
                "SC-Introspect".to_owned(),
                render(&Introspect {
                    header: header.clone(),
                    endpoint,
                })?,
            ));
        }
    }
    let paths = facts.paths();
    for route in paths.iter().flat_map(|path| &path.routes) {
        if route.needs != Needs::Nothing {
            let name = format!("JS-Access-{}", route.name);
            let policy = script(&name, Some(&route.name), "access.js");
            all.push((name, render(&policy)?));
        }
    }
    Ok(all
        .into_iter()
        .map(|(name, text)| (format!("policies/{name}.xml"), text))
        .collect())
}

fn verify_jwt(facts: &Facts, algorithms: &str) -> Result<VerifyJwt, Refused> {
    Ok(VerifyJwt {
        header: header(facts),
        algorithms: Xml::new(algorithms)?,
        jwks_uri: outgoing("the issuer's keys", &facts.jwks_uri.value)?,
        issuer: Xml::new(&facts.issuer.value)?,
        audience: Xml::new(&facts.audience.value)?,
        leeway: Facts::LEEWAY,
    })
}

/// `BasicAuthentication` does not encode what RFC 6749, section 2.3.1 has encoded.
fn client_id(introspection: &Introspection) -> Result<Xml, Refused> {
    let id = &introspection.client_id.value;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !id.bytes().all(is_plain) {
        return Err(Refused(format!(
            "Apigee shows the client id {id:?} to the issuer without encoding it: letters, digits and -._~ alone need none"
        )));
    }
    Xml::new(id)
}
