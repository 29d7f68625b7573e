//! Kits: the configuration that makes somebody's own gateway enforce the blueprint's policy.
//!
//! Each kit is a file here and templates in `templates/kit/`. It is made from [`Facts`], which say of
//! every value where it comes from, and is a [`Bundle`] of files. What a gateway cannot express makes
//! no kit with a hole in it but a [`Refused`] with the reason.
//!
//! To add one: write `src/kit/<name>.rs` with a `KIT`, name it in [`KITS`], and print every value
//! through a type of [`encode`].

mod apache;
mod apigee;
mod apisix;
mod aws;
mod bundle;
mod caddy;
mod discover;
pub mod encode;
mod envoy;
mod facts;
mod haproxy;
mod headers;
mod keys;
mod kong;
mod krakend;
mod mulesoft;
mod nginx;
mod readme;
mod routes;
mod swag;
mod tyk;

pub use bundle::{Bundle, BundleError, File};
pub use discover::{Ask, gather};
pub use facts::{Facts, FactsError, Introspection, SignIn, Stated};
pub use keys::PemKey;
pub use routes::{Needs, Path, Route};

use crate::settings::PolicyChoice;

/// Why no kit is written: what the gateway cannot do, or which value it cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// How far a kit was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The real program runs with it in the tests, and answers the access table.
    Run,
    /// The vendor's own checker or schema takes it.
    Checked,
    /// Written by the vendor's documentation, and nothing more.
    Documents,
}

impl Proof {
    /// In words, as the documentation's table has it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Checked => "checked",
            Self::Documents => "written by the vendor's documentation",
        }
    }
}

/// A gateway that there is a kit for.
#[derive(Debug)]
pub struct Kit {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What its makers call it.
    pub title: &'static str,
    /// The policies that it can enforce, the one to prefer first.
    pub policies: &'static [PolicyChoice],
    /// The oldest version that is safe with this configuration.
    pub oldest: &'static str,
    /// How far the kit was tried.
    pub proof: Proof,
    /// Writes the files.
    pub make: fn(&Facts) -> Result<Bundle, Refused>,
}

/// Every gateway that there is a kit for.
pub const KITS: &[&Kit] = &[
    &envoy::KIT,
    &nginx::KIT,
    &haproxy::KIT,
    &apache::KIT,
    &apache::OPENIDC,
    &kong::KIT,
    &kong::OPEN,
    &krakend::KIT,
    &mulesoft::KIT,
    &apigee::KIT,
    &swag::KIT,
    &apisix::KIT,
    &aws::KIT,
    &caddy::KIT,
    &tyk::KIT,
];

/// Gateways that cannot express the policy, and why.
const CANNOT: &[(&str, &str)] = &[
    (
        "google",
        "Google's API Gateway and Cloud Endpoints check issuer, audience and signature but ignore the scopes \
         that an OpenAPI document asks for, so every valid token would open every resource, and a \
         security name that is not defined lets requests through. Put another gateway in front, or \
         let solar-system gateway enforce the policy behind it",
    ),
    (
        "oathkeeper",
        "Ory Oathkeeper answers a missing scope with 401 and its anonymous handler refuses a request that bears a \
         token, so neither open resources nor 403 can be had by configuration alone",
    ),
];

impl Kit {
    /// The kit of a gateway, in any case.
    ///
    /// # Errors
    /// Why there is none.
    pub fn named(name: &str) -> Result<&'static Self, Refused> {
        let wanted = name.to_ascii_lowercase();
        if let Some(kit) = KITS.iter().find(|kit| kit.name == wanted) {
            return Ok(kit);
        }
        if let Some((name, why)) = CANNOT.iter().find(|(name, _)| *name == wanted) {
            return Err(Refused(format!("there is no kit for {name}: {why}")));
        }
        let known: Vec<&str> = KITS.iter().map(|kit| kit.name).collect();
        Err(Refused(format!(
            "no gateway called {name:?} is known; there are kits for {}",
            known.join(", ")
        )))
    }

    /// The policy to write: the one asked for, else the one in force, else the gateway's own first.
    ///
    /// # Errors
    /// When the gateway has no such policy.
    pub fn policy(
        &self,
        asked: Option<PolicyChoice>,
        in_force: PolicyChoice,
    ) -> Result<PolicyChoice, Refused> {
        match asked {
            Some(policy) if !self.policies.contains(&policy) => Err(Refused(format!(
                "{} has no {} policy; it has {}",
                self.title,
                policy_name(policy),
                self.policy_names()
            ))),
            Some(policy) => Ok(policy),
            None if self.policies.contains(&in_force) => Ok(in_force),
            None => Ok(self.policies[0]),
        }
    }

    /// Its policies, in words.
    #[must_use]
    pub fn policy_names(&self) -> String {
        let names: Vec<&str> = self.policies.iter().map(|one| policy_name(*one)).collect();
        names.join(" and ")
    }

    /// Writes the files.
    ///
    /// # Errors
    /// When the gateway cannot express the policy, or its configuration cannot hold a value.
    pub fn bundle(&self, facts: &Facts) -> Result<Bundle, Refused> {
        facts.can_be_expressed(self)?;
        (self.make)(facts)
    }
}

/// The word for a policy, as `GATEWAY_POLICY` has it.
#[must_use]
pub fn policy_name(policy: PolicyChoice) -> &'static str {
    match policy {
        PolicyChoice::Introspection => "introspection",
        PolicyChoice::Jwt => "jwt",
    }
}

/// Renders a template whose values are all of [`encode`]'s types.
fn render(template: &impl askama::Template) -> Result<String, Refused> {
    let text = template
        .render()
        .map_err(|error| Refused(error.to_string()))?;
    Ok(text.trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod clouds;
#[cfg(test)]
mod requirements;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
