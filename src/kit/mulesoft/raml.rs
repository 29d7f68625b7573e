//! RAML 1.0 of the API: one file for each way, and a library with the security schemes for a RAML that is
//! there already.

use super::super::{
    Facts, Needs, Refused,
    encode::{Markdown, Yaml},
};
use super::KIT;
use askama::Template;

/// What the three files are made from.
pub(super) struct Raml {
    header: Vec<String>,
    base_uri: Yaml,
    schemes: Schemes,
    resources: Vec<Resource>,
}

/// The two security schemes.
#[derive(Clone)]
struct Schemes {
    authorization: Yaml,
    token: Yaml,
    openid_connect: Yaml,
    jwt: Yaml,
    scopes: Vec<Yaml>,
}

#[derive(Clone)]
struct Resource {
    path: Yaml,
    /// As a person reads it.
    shown: String,
    methods: Vec<Method>,
}

#[derive(Clone)]
struct Method {
    name: String,
    open: bool,
    scopes: Vec<Yaml>,
}

/// A whole API.
#[derive(Template)]
#[template(path = "kit/mulesoft/api.raml", escape = "none")]
pub(super) struct Api<'a> {
    raml: &'a Raml,
    schemes: &'a Schemes,
    openid_connect: bool,
    jwt: bool,
}

/// The library.
#[derive(Template)]
#[template(path = "kit/mulesoft/security.raml", escape = "none")]
pub(super) struct Security<'a> {
    raml: &'a Raml,
    schemes: &'a Schemes,
    openid_connect: bool,
    jwt: bool,
}

impl Raml {
    /// # Errors
    /// When RAML has no way to say a path, or the issuer's endpoints are not known.
    pub(super) fn of(facts: &Facts) -> Result<Self, Refused> {
        let known = |what: &str, url: &Option<super::super::Stated<url::Url>>| {
            let url = url.as_ref().ok_or_else(|| {
                Refused(format!(
                    "RAML names the issuer's {what} endpoint, which is not known: its discovery document must be reachable"
                ))
            })?;
            Ok(Yaml::new(url.value.as_str()))
        };
        let mut resources = Vec::new();
        let mut scopes: Vec<String> = Vec::new();
        for path in facts.paths() {
            if path.below {
                return Err(Refused(format!(
                    "RAML has no path for all that is below {:?}: name the paths one by one",
                    path.path
                )));
            }
            if path.routes.is_empty() {
                continue; // what is not named is refused
            }
            let mut methods = Vec::new();
            for route in &path.routes {
                for scope in route.needs.scopes() {
                    if !scopes.contains(scope) {
                        scopes.push(scope.clone());
                    }
                }
                methods.extend(route.methods.iter().map(|method| {
                    Method {
                        name: method.to_lowercase(),
                        open: route.needs == Needs::Nothing,
                        scopes: route
                            .needs
                            .scopes()
                            .iter()
                            .map(|one| Yaml::new(one))
                            .collect(),
                    }
                }));
            }
            resources.push(Resource {
                path: Yaml::new(&path.path),
                shown: Markdown::new(&path.path).to_string(),
                methods,
            });
        }
        Ok(Self {
            header: facts.header(&KIT),
            base_uri: Yaml::new(facts.upstream.value.as_str().trim_end_matches('/')),
            schemes: Schemes {
                authorization: known("authorization", &facts.sign_in.authorization)?,
                token: known("token", &facts.sign_in.token)?,
                openid_connect: Yaml::new(&format!(
                    "Access tokens of {} for {}, which the gateway asks the issuer about",
                    facts.issuer.value, facts.audience.value
                )),
                jwt: Yaml::new(&format!(
                    "Access tokens of {} for {}, which the gateway checks by the keys at {}",
                    facts.issuer.value, facts.audience.value, facts.jwks_uri.value
                )),
                scopes: scopes.iter().map(|scope| Yaml::new(scope)).collect(),
            },
            resources,
        })
    }

    pub(super) fn openid_connect(&self) -> Api<'_> {
        self.api(true)
    }

    pub(super) fn jwt_validation(&self) -> Api<'_> {
        self.api(false)
    }

    fn api(&self, openid_connect: bool) -> Api<'_> {
        Api {
            raml: self,
            schemes: &self.schemes,
            openid_connect,
            jwt: !openid_connect,
        }
    }

    pub(super) fn security(&self) -> Security<'_> {
        Security {
            raml: self,
            schemes: &self.schemes,
            openid_connect: true,
            jwt: true,
        }
    }

    /// The lines that secure each method in somebody's own RAML, for the `README`.
    pub(super) fn secured(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for resource in &self.resources {
            for method in &resource.methods {
                let line = if method.open {
                    "securedBy: [null]".to_owned()
                } else if method.scopes.is_empty() {
                    "securedBy: [security.openid_connect]".to_owned()
                } else {
                    let scopes: Vec<String> =
                        method.scopes.iter().map(ToString::to_string).collect();
                    format!(
                        "securedBy: [{{ security.openid_connect: {{ scopes: [{}] }} }}]",
                        scopes.join(", ")
                    )
                };
                all.push((format!("{} {}", method.name, resource.shown), line));
            }
        }
        all
    }
}
