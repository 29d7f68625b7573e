//! Requests as an outsider makes them, and what is shown of their answers.

use super::exam::Exam;
use crate::{
    calls::{ClientAuthentication, Credential, Discovery, authenticated_form},
    flight::printable,
    jose::strict_json,
    net::FetchError,
    oauth::Secret,
};
use axum::http::{HeaderMap, HeaderValue, Request, Response, header};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::Url;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 512 * 1024;

/// An answer.
pub(super) struct Answer {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    fn of(url: Url, answer: Response<Bytes>) -> Self {
        let (head, body) = answer.into_parts();
        Self {
            url,
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }

    pub(super) fn header(&self, name: header::HeaderName) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(printable(&String::from_utf8_lossy(value.as_bytes()), 300))
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, where it is a strict JSON object.
    pub(super) fn object(&self) -> Option<Map<String, Value>> {
        strict_json::from_slice(&self.body).ok()
    }

    /// A text among the members of the body, cut.
    pub(super) fn member(&self, name: &str) -> Option<String> {
        let object = self.object()?;
        let text = object.get(name)?.as_str()?;
        Some(printable(text, 200))
    }

    /// Where it redirects to, if it does.
    pub(super) fn location(&self) -> Option<Url> {
        if !matches!(self.status, 301..=303 | 307 | 308) {
            return None;
        }
        let location = self.headers.get(header::LOCATION)?.to_str().ok()?;
        self.url.join(location).ok()
    }

    /// Status, and what an OAuth endpoint says of a refusal.
    pub(super) fn in_words(&self) -> String {
        let error = self.member("error").unwrap_or_default();
        let description = self.member("error_description");
        let description = description.map(|text| format!(" ({text})"));
        let words = format!("{} {error}{}", self.status, description.unwrap_or_default());
        words.trim_end().to_owned()
    }

    /// Status, type and size, for evidence.
    pub(super) fn line(&self, asked: &str) -> String {
        let kind = self.header(header::CONTENT_TYPE);
        let kind = kind.unwrap_or_else(|| "no content type".to_owned());
        format!(
            "{asked}: {}, {kind}, {} bytes",
            self.status,
            self.body.len()
        )
    }
}

impl Exam {
    /// `GET`, with these headers beside `Accept`.
    pub(super) async fn get(
        &self,
        url: &Url,
        accept: &'static str,
        authorization: Option<&Secret>,
    ) -> Result<Answer, FetchError> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = url.as_str().parse().unwrap_or_default(); // what is no URI is not called
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        let value = authorization.and_then(|value| HeaderValue::from_str(value.expose()).ok());
        if let Some(mut value) = value {
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let answer = self.patient.http.send(request, LIMIT).await?;
        Ok(Answer::of(url.clone(), answer))
    }

    /// A form for one of the provider's endpoints, as this client.
    pub(super) async fn post(
        &mut self,
        url: &Url,
        (client_id, credential): (&str, &Credential),
        authentication: ClientAuthentication,
        fields: &[(&str, &str)],
    ) -> Result<Answer, FetchError> {
        let patient = &self.patient;
        let proof = credential.proof(client_id, &patient.issuer, patient.clock.now());
        self.struck.add(&proof.hidden().0);
        let request = authenticated_form(url, client_id, &proof, authentication, fields);
        let answer = self.patient.http.send(request, LIMIT).await?;
        Ok(Answer::of(url.clone(), answer))
    }

    /// An endpoint of the provider, or a sentence.
    pub(super) fn endpoint(&self, member: &'static str) -> Result<Url, String> {
        let discovery = self.discovery.as_ref();
        let discovery: &Discovery = discovery.ok_or("the provider's metadata are not known")?;
        discovery
            .endpoint(member)
            .map_err(|error| error.to_string())
    }
}
