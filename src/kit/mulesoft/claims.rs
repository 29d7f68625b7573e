//! What must hold of a token's claims, as expressions for the JWT Validation policy: each is the value of
//! a mandatory claim, and true lets the token through.
//!
//! Scopes are compared as whole names, of a list or of a text with spaces: a list that is compared whole
//! locks out a person with two scopes, and a text that only contains the name lets in who has a longer one.

use super::super::{Facts, Needs, Refused, encode::DataWeave};
use crate::jose::AccessTokenTyp;

/// What the header must say.
const TYP: &str = r#"
  and (lower(header.typ as String default "") replace "application/" with "") == "at+jwt""#;

/// One name after the other, whether they come as a list or as a text.
const NAMES: &str = r#"fun names(value) = value match {
    case list is Array -> list flatMap ((one) -> names(one))
    case text is String -> text splitBy " "
    else -> []
  }"#;

/// For the claim `iss`: issuer, audience, an end, and that it is an access token that anybody may bear.
pub(super) fn access_token(facts: &Facts) -> Result<String, Refused> {
    let issuer = DataWeave::new(&facts.issuer.value)?;
    let audience = DataWeave::new(&facts.audience.value)?;
    let (header, typ) = match facts.typ {
        AccessTokenTyp::AtJwt => (HEADER, TYP),
        AccessTokenTyp::Any => ("", ""),
    };
    Ok(format!(
        r#"#[do {{
  var claims = vars.claimSet
  fun list(value) = if (value is Array) value else [value]
  fun none(wanted, values) = isEmpty(values filter ((one) -> one == wanted)){header}
  ---
  claims.iss == {issuer}
  and !none({audience}, list(claims.aud))
  and claims.exp != null
  and claims.cnf == null and claims.nonce == null and claims.at_hash == null and claims.c_hash == null and claims.events == null
  and none(claims.typ, ["ID", "Refresh", "Offline", "Logout"])
  and (claims.client_id != null or claims.cid != null or claims.scp != null or claims.scope != null){typ}
}}]"#
    ))
}

/// The header of the token is not among the claims: it is read from the request.
const HEADER: &str = r#"
  var part = ((attributes.headers.authorization splitBy " ")[-1] splitBy ".")[0] replace "-" with "+" replace "_" with "/"
  var header = read(dw::core::Binaries::fromBase64(part ++ ["", "===", "==", "="][sizeOf(part) mod 4]), "application/json")"#;

/// For the claim `sub`: the scopes that a resource needs, and the clients that are let in.
pub(super) fn scopes(facts: &Facts, needs: &Needs) -> Result<Option<String>, Refused> {
    let texts = |all: &[String]| {
        let words: Result<Vec<String>, Refused> = all
            .iter()
            .map(|one| DataWeave::new(one).map(|word| word.to_string()))
            .collect();
        words
    };
    let mut conditions: Vec<String> = texts(needs.scopes())?
        .into_iter()
        .map(|scope| format!("has(granted, {scope})"))
        .collect();
    if !facts.clients.is_empty() {
        let clients = texts(&facts.clients)?.join(", ");
        conditions.push(format!(
            "has([{clients}], claims.client_id default (claims.cid default claims.azp))"
        ));
    }
    if conditions.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!(
        r"#[do {{
  var claims = vars.claimSet
  {NAMES}
  fun has(values, wanted) = !isEmpty(values filter ((one) -> one == wanted))
  var granted = names(claims.scp) ++ names(claims.scope)
  ---
  {}
}}]",
        conditions.join("\n  and ")
    )))
}
