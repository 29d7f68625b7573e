//! Lists: `limit`, an opaque `after`, and `Link` headers that lead on.

use super::{call::Call, error::OktaError, search::Search};
use crate::idp::parameters::{ParameterError, Parameters};
use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded;

/// A list: how it is paged and searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// Tells lists apart, so that a cursor of another one is refused.
    pub(super) name: &'static str,
    /// How many entries a page has unless asked.
    pub(super) usual: usize,
    /// How many it may have.
    pub(super) most: usize,
    /// What `search` and `filter` may ask for; one that ends in `*` is a beginning.
    pub(super) attributes: &'static [&'static str],
    /// What `q` is compared with, as JSON pointers.
    pub(super) q: &'static [&'static str],
    /// Whether `q` may stand anywhere in it, or must begin it.
    pub(super) anywhere: bool,
}

impl List {
    /// One that is not searched.
    pub(super) const fn plain(name: &'static str, usual: usize, most: usize) -> Self {
        Self {
            name,
            usual,
            most,
            attributes: &[],
            q: &[],
            anywhere: false,
        }
    }
}

/// An entry of a list: where it stands, and what is answered.
pub(super) struct Row {
    /// A number, then the id: a place that stays when others go.
    pub(super) place: (i64, String),
    pub(super) value: Value,
}

impl Row {
    /// `place`: when it was made, or its priority.
    pub(super) fn new(place: i64, id: &str, value: Value) -> Self {
        Self {
            place: (place, id.to_owned()),
            value,
        }
    }
}

/// The parameters of a list's address.
///
/// # Errors
/// When one is there twice, or is too long.
pub(super) fn parameters(uri: &Uri) -> Result<Parameters, OktaError> {
    let parameters = Parameters::parse(uri.query().unwrap_or_default().as_bytes());
    parameters.each_once().map_err(|error| refused(&error))?;
    Ok(parameters)
}

/// One parameter's value.
///
/// # Errors
/// When it is too long.
pub(super) fn parameter<'p>(
    parameters: &'p Parameters,
    name: &str,
) -> Result<Option<&'p str>, OktaError> {
    parameters.get(name).map_err(|error| refused(&error))
}

/// A parameter that says yes or no.
///
/// # Errors
/// When it says something else.
pub(super) fn flag(parameters: &Parameters, name: &str, usual: bool) -> Result<bool, OktaError> {
    match parameter(parameters, name)? {
        None => Ok(usual),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(OktaError::of(name, "It must be true or false")),
    }
}

fn refused(error: &ParameterError) -> OktaError {
    OktaError::Validation {
        what: "query".to_owned(),
        causes: vec![error.to_string()],
    }
}

/// Answers the page that was asked for, of the entries that were asked for.
///
/// # Errors
/// When `limit`, `after`, `search` or `filter` is not what it may be.
pub(super) fn answer(call: &Call, list: List, mut rows: Vec<Row>) -> Result<Response, OktaError> {
    let (origin, uri) = (&call.idp.origin, &call.uri);
    let parameters = parameters(uri)?;
    let limit = match parameter(&parameters, "limit")? {
        None => list.usual,
        Some(limit) => limit
            .parse()
            .ok()
            .filter(|limit| (1..=list.most).contains(limit))
            .ok_or_else(|| {
                OktaError::of(
                    "limit",
                    &format!("It must be a number from 1 to {}", list.most),
                )
            })?,
    };
    if !list.attributes.is_empty() {
        for name in ["search", "filter"] {
            if let Some(text) = parameter(&parameters, name)? {
                let search = Search::parse(text, list.attributes)?;
                rows.retain(|row| search.matches(&row.value));
            }
        }
    }
    if let Some(q) = parameter(&parameters, "q")?.filter(|_| !list.q.is_empty()) {
        let q = q.to_lowercase();
        rows.retain(|row| {
            list.q
                .iter()
                .any(|pointer| meets(&row.value, pointer, &q, list.anywhere))
        });
    }
    rows.sort_by(|one, other| one.place.cmp(&other.place));
    if let Some(after) = parameter(&parameters, "after")? {
        let place = place(after, list.name)
            .ok_or_else(|| OktaError::of("after", "It is not a cursor of this list"))?;
        rows.retain(|row| row.place > place);
    }
    let next = rows.get(limit).is_some();
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| next)
        .map(|row| cursor(&row.place, list.name));
    let values: Vec<Value> = rows.into_iter().map(|row| row.value).collect();

    let mut response = Json(values).into_response();
    let links = [("self", None), ("next", next)];
    for (relation, after) in links
        .into_iter()
        .filter(|(relation, after)| *relation == "self" || after.is_some())
    {
        let link = format!(
            "<{}>; rel=\"{relation}\"",
            address(origin, uri, after.as_deref())
        );
        let link = HeaderValue::try_from(link).map_err(|_| OktaError::Internal)?; // a URL prints as ASCII
        response.headers_mut().append(header::LINK, link);
    }
    Ok(response)
}

fn meets(value: &Value, pointer: &str, q: &str, anywhere: bool) -> bool {
    let holds = |text: &str| {
        let text = text.to_lowercase();
        if anywhere {
            text.contains(q)
        } else {
            text.starts_with(q)
        }
    };
    match value.pointer(pointer) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(holds),
        Some(Value::String(text)) => holds(text),
        _ => false,
    }
}

/// The address that was asked, at our own origin, with another cursor if there is one. A path and a
/// query that arrived hold neither `<` nor `>`.
fn address(origin: &str, uri: &Uri, after: Option<&str>) -> String {
    let query = uri.query().unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes());
    let kept = asked.filter(|(name, _)| after.is_none() || name != "after");
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    let encoded = encoded
        .extend_pairs(kept)
        .extend_pairs(after.map(|after| ("after", after)))
        .finish();
    let divider = if encoded.is_empty() { "" } else { "?" };
    format!("{origin}{}{divider}{encoded}", uri.path())
}

fn cursor((made_at, id): &(i64, String), list: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{made_at}\n{id}\n{list}"))
}

fn place(cursor: &str, list: &str) -> Option<(i64, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let mut parts = text.splitn(3, '\n');
    let (made_at, id, of_list) = (parts.next()?, parts.next()?, parts.next()?);
    (of_list == list).then_some((made_at.parse().ok()?, id.to_owned()))
}
