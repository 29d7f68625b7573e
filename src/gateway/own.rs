//! The paths at which the gateway answers itself, before any rule is looked at.

use super::{
    enforce::{Gateway, Rules},
    limits::Time,
    record::Record,
    refuse::Refusal,
};
use crate::blueprint::reserved::{DECISION, KEYS, RESOURCE_METADATA};
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderValue, Method, Response,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};
use serde_json::Value;

/// How long others may keep what the gateway says of itself: a reload may change it.
const KEPT: HeaderValue = HeaderValue::from_static("max-age=60");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What the gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    Decision,
    ResourceMetadata,
    Keys,
}

impl Own {
    /// What stands at this path, which is compared byte for byte.
    pub(super) fn at(path: &str) -> Option<Self> {
        match path {
            DECISION => Some(Self::Decision),
            KEYS => Some(Self::Keys),
            path => {
                let rest = path.strip_prefix(RESOURCE_METADATA)?;
                (rest.is_empty() || rest.starts_with('/')).then_some(Self::ResourceMetadata)
            }
        }
    }
}

impl Gateway {
    /// Answers at a path of the gateway's own: to GET and HEAD, whoever asks.
    pub(super) async fn answer_itself<'g>(
        &self,
        own: Own,
        request: Request,
        rules: &'g Rules,
        record: &mut Record<'g>,
        time: Time,
    ) -> Result<Response<Body>, Refusal> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let allowed = "GET, HEAD".to_owned();
            return Err(Refusal::MethodNotAllowed { allowed });
        }
        match own {
            Own::Decision => self.decide(request, rules, record, time).await,
            Own::ResourceMetadata => {
                let described = self.face.describe(request.uri().path(), rules);
                described.map(|document| public(&document))
            }
            Own::Keys => match &self.minter {
                Some(minter) => Ok(public(&minter.keys())),
                None => Err(Refusal::NotFound),
            },
        }
    }
}

/// A document that says nothing about who asks.
fn public(document: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(document.to_string()));
    answer.headers_mut().insert(CONTENT_TYPE, JSON);
    answer.headers_mut().insert(CACHE_CONTROL, KEPT);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_paths_are_the_gateways_own() {
        for (path, own) in [
            ("/decision", Some(Own::Decision)),
            ("/.well-known/jwks.json", Some(Own::Keys)),
            (RESOURCE_METADATA, Some(Own::ResourceMetadata)),
            (
                "/.well-known/oauth-protected-resource/a/b",
                Some(Own::ResourceMetadata),
            ),
            ("/.well-known/oauth-protected-resources", None),
            ("/decision/", None),
            ("/Decision", None),
            ("//decision", None),
            ("/%64ecision", None),
            ("/", None),
        ] {
            assert_eq!(Own::at(path), own, "{path}");
        }
    }
}
