//! The part of verifying that is the same for every kind of token: form, algorithm, key, signature.

use super::{Algorithm, KeySet, Rejection, claims::Claims, compact::Compact, rejection::shortened};
use serde_json::{Map, Value};

/// A token whose signature and rules hold. Only the verifier makes one.
#[derive(Clone, Debug)]
#[expect(
    clippy::manual_non_exhaustive,
    reason = "the rest of this crate may not make one either"
)]
pub struct Verified<K> {
    /// The members of the JOSE header.
    pub header: Map<String, Value>,
    /// The checked claims.
    pub claims: K,
    /// What the token is signed with, for [`super::half_hash`].
    pub algorithm: Algorithm,
    /// Keeps others from making one.
    _proof: (),
}

/// A token whose signature holds; its kind and its claims are not judged yet.
pub(super) struct Signed {
    header: Map<String, Value>,
    algorithm: Algorithm,
    pub(super) claims: Claims,
}

impl Signed {
    /// Checks form, algorithm, key and signature, in this order.
    pub(super) fn check(
        token: &str,
        limit: usize,
        keys: &KeySet,
        algorithms: &[Algorithm],
    ) -> Result<Self, Rejection> {
        let (compact, algorithm) = form(token, limit, algorithms)?;
        let kid = text_member(&compact.header, "kid")?;
        keys.find(kid, algorithm)?
            .verify_sig(compact.signed, &compact.signature)
            .map_err(|_| Rejection::SignatureWrong)?;
        Ok(Self {
            claims: Claims(compact.claims()?),
            header: compact.header,
            algorithm,
        })
    }

    /// Its [`typ`].
    pub(super) fn typ(&self) -> Result<Option<String>, Rejection> {
        typ(&self.header)
    }

    /// Hands the token over once the rules of its kind hold.
    pub(super) fn into_verified<K>(
        self,
        checked: impl FnOnce(Map<String, Value>) -> K,
    ) -> Verified<K> {
        Verified {
            header: self.header,
            claims: checked(self.claims.0),
            algorithm: self.algorithm,
            _proof: (),
        }
    }
}

/// What is checked before any key is needed: form and algorithm.
pub(super) fn form<'t>(
    token: &'t str,
    limit: usize,
    algorithms: &[Algorithm],
) -> Result<(Compact<'t>, Algorithm), Rejection> {
    let compact = Compact::read(token, limit)?;
    let algorithm = agreed_algorithm(&compact.header, algorithms)?;
    no_extension(&compact.header)?;
    Ok((compact, algorithm))
}

/// The media type in `typ`, in small letters and without `application/` (RFC 7515, section 4.1.9).
pub(super) fn typ(header: &Map<String, Value>) -> Result<Option<String>, Rejection> {
    let typ = text_member(header, "typ")?.map(str::to_ascii_lowercase);
    Ok(typ.map(|typ| match typ.strip_prefix("application/") {
        Some(short) => short.to_owned(),
        None => typ,
    }))
}

fn agreed_algorithm(
    header: &Map<String, Value>,
    algorithms: &[Algorithm],
) -> Result<Algorithm, Rejection> {
    let name =
        text_member(header, "alg")?.ok_or(Rejection::Malformed("its header names no alg"))?;
    match name.parse() {
        Ok(algorithm) if algorithms.contains(&algorithm) => Ok(algorithm),
        _ => Err(Rejection::AlgorithmNotAllowed(shortened(name))),
    }
}

/// Refuses what would change how the rest is read. Keys that a header brings along (`jwk`, `jku`,
/// `x5u`, `x5c`) are not refused: they are not looked at.
fn no_extension(header: &Map<String, Value>) -> Result<(), Rejection> {
    if header.contains_key("crit") {
        return Err(Rejection::CriticalHeader);
    }
    if ["b64", "zip", "enc"]
        .iter()
        .any(|name| header.contains_key(*name))
    {
        return Err(Rejection::Malformed(
            "its header asks for an unencoded, compressed or encrypted payload",
        ));
    }
    Ok(())
}

fn text_member<'h>(
    header: &'h Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'h str>, Rejection> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Rejection::Malformed(
            "a member of its header is not a string",
        )),
    }
}
