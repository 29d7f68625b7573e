//! Who asks: every kind of caller that a gateway must tell apart.

mod forged;
mod held;
mod minted;
mod placed;
mod public_key;

pub use held::Held;
pub(super) use held::{Holdings, all_scopes, machine_of, minted_holdings};
pub(super) use public_key::{PublicKey, published};

use super::{
    access::{Access, Standing},
    fault::Fault,
    mint::Minter,
};
use crate::{
    blueprint::Blueprint,
    jose::SigningKey,
    oauth::{Scopes, Secret},
};

/// A row of the matrix: a caller.
pub(super) struct Row {
    /// The same in every run of a blueprint.
    pub(super) id: String,
    /// For people.
    pub(super) title: String,
    /// What is sent, or why it cannot be tried here.
    pub(super) shows: Result<Shows, String>,
    /// What the gateway should make of it.
    pub(super) standing: Standing,
    /// What is wrong with a gateway that lets it in.
    pub(super) fault: Fault,
    /// Whether it asks at every column, or at the resources alone.
    pub(super) everywhere: bool,
    /// Whether refusing it where it may be let in is a blemish only.
    pub(super) courtesy: bool,
    /// Whether it is a forgery: elsewhere than on loopback that wants a word of consent.
    pub(super) forged: bool,
}

/// What a caller shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shows {
    /// Values of `Authorization`, one header each.
    pub(super) authorization: Vec<Secret>,
    /// `access_token` in the query.
    pub(super) query: Option<Secret>,
    /// Whatever of this must not be told.
    pub(super) secrets: Vec<Secret>,
}

impl Shows {
    /// One token, as it should be shown.
    pub(super) fn bearer(token: &Secret) -> Self {
        Self::under("Bearer", token)
    }

    pub(super) fn under(scheme: &str, token: &Secret) -> Self {
        Self {
            authorization: vec![Secret::new(format!("{scheme} {}", token.expose()))],
            query: None,
            secrets: vec![token.clone()],
        }
    }
}

impl Row {
    fn new(id: &str, title: &str, standing: Standing, fault: Fault) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            shows: Ok(Shows::default()),
            standing,
            fault,
            everywhere: false,
            courtesy: false,
            forged: false,
        }
    }

    /// A forged access token, or why there is none.
    fn forged(id: &str, title: &str, fault: Fault, token: Result<Secret, String>) -> Self {
        Self {
            shows: token.map(|token| Shows::bearer(&token)),
            forged: true,
            ..Self::new(id, title, Standing::Invalid, fault)
        }
    }
}

/// What rows are made of.
pub(super) struct Cast<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) access: &'a Access,
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    /// The client that people sign in through.
    pub(super) client_id: &'a str,
    pub(super) holdings: &'a Holdings,
    /// The issuer's key, if it is in our hands.
    pub(super) minter: Option<&'a Minter>,
    /// The issuer's public key.
    pub(super) public_key: &'a Result<PublicKey, String>,
    /// A key that the gateway does not know.
    pub(super) stranger: &'a SigningKey,
    /// Whether the gateway asks the issuer about tokens.
    pub(super) introspects: bool,
    pub(super) now: i64,
}

/// All rows, in the order in which they are told.
pub(super) fn all(cast: &Cast<'_>) -> Vec<Row> {
    let mut nobody = Row::new("none", "no token", Standing::Nobody, Fault::Open);
    nobody.everywhere = true;
    let mut rows = vec![nobody];
    rows.extend(forged::of_anybody(cast));
    rows.extend(minted::of_the_issuer(cast));
    rows.extend(placed::other_kinds(cast));
    rows.extend(placed::other_places(cast));
    rows.extend(minted::revoked_and_unknown(cast));
    rows.extend(placed::holders(cast));
    rows
}

/// A holder of these scopes, through the app.
fn holder(client_id: Option<&str>, scopes: &Scopes) -> Standing {
    Standing::Holder {
        client_id: client_id.map(str::to_owned),
        scopes: scopes.clone(),
    }
}
