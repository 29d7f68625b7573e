//! The registration endpoint, and each client's own place there.

use super::{
    answer::{explain, read},
    client::{Change, Client},
    kept::KeptError,
};
use crate::{
    flight::printable,
    net::{Client as Http, FetchError, check_url, join_path, origin},
    oauth::{Secret, okta_scheme},
};
use axum::http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::Url;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// What is shown at the endpoint.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A token of Okta's management API: an API token, or a scoped app's access token.
    Ssws(Secret),
    /// An initial access token (RFC 7591, section 3).
    Initial(Secret),
    /// Nothing: a few providers let anybody register.
    None,
}

/// Where clients are registered.
pub struct Endpoint {
    /// The one outgoing client.
    pub http: Http,
    /// The registration endpoint.
    pub url: Url,
    /// What is shown there.
    pub credential: Credential,
}

/// What is known of a client that was registered, to change it or take it back.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its `client_id`.
    pub client_id: String,
    /// `registration_client_uri` (RFC 7592, section 3), if there is one.
    pub uri: Option<Url>,
    /// `registration_access_token`, if there is one.
    pub access_token: Option<Secret>,
}

/// What the provider says of a client.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Its `client_id`.
    pub client_id: String,
    /// Its `client_secret`; `None` where it authenticates otherwise, or where it is not told again.
    pub client_secret: Option<Secret>,
    /// `registration_client_uri`, on the endpoint's own origin.
    pub uri: Option<Url>,
    /// `registration_access_token`; a new one takes the place of the old.
    pub access_token: Option<Secret>,
    /// All else that it says.
    pub metadata: Map<String, Value>,
}

/// Why it was not done. Text of the provider's is cut, and safe to print.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The provider refused.
    #[error("{what} was answered with {status}: {message}")]
    Refused {
        /// What was asked, as "POST https://…".
        what: String,
        /// The HTTP status.
        status: StatusCode,
        /// The provider's words, and what to do.
        message: String,
    },
    /// No answer.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// An answer that makes no sense.
    #[error("{what} was answered with something that cannot be used: {problem}")]
    Nonsense {
        /// What was asked.
        what: String,
        /// What is wrong.
        problem: String,
    },
    /// Whether a client was made is not known, or it was and nobody was told its secret.
    #[error(
        "{problem}\nhint: a client named {name} may be registered all the same, with a secret that nobody was told; look for that name among the clients at the provider, and delete it there before registering again"
    )]
    Unsure {
        /// What happened.
        problem: Box<RegisterError>,
        /// The name that was asked for, safe to print.
        name: String,
    },
    /// What the provider gave cannot be kept.
    #[error("{0}")]
    Kept(#[from] KeptError),
    /// There is nothing to show that lets one read or change the client.
    #[error(
        "nothing is known that lets one change {0}: neither a registration access token nor an API token (SSWS)"
    )]
    NoCredential(String),
}

impl RegisterError {
    /// Whether the provider lets nobody who shows this delete the client: it is gone (RFC 7592,
    /// section 2.3, has 401 for that), or its token is spent.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        match self {
            Self::Refused { status, .. } => {
                matches!(*status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
            }
            Self::NoCredential(_) => true,
            _ => false,
        }
    }

    /// Of a registration: whether it may have been done all the same.
    fn leaves_unsure(&self) -> bool {
        match self {
            Self::Fetch(error) => !matches!(
                error,
                FetchError::NotAllowed { .. } | FetchError::Refused(_)
            ),
            Self::Nonsense { .. } => true,
            _ => false,
        }
    }
}

/// Where a client is changed, and what is shown there.
struct Place {
    url: Url,
    scheme: &'static str,
    token: Secret,
    /// Whether the token is the client's own, which a provider may give anew with each answer.
    own: bool,
}

impl Endpoint {
    /// Whether it is Okta's API, or the embedded provider's in its shape.
    #[must_use]
    pub fn is_okta(&self) -> bool {
        matches!(self.credential, Credential::Ssws(_))
    }

    /// Registers a client (RFC 7591, section 3.1).
    ///
    /// # Errors
    /// When the provider refuses, does not answer, or answers nonsense.
    pub async fn register(&self, client: &Client) -> Result<Registered, RegisterError> {
        let authorization = match &self.credential {
            Credential::Ssws(token) => Some((okta_scheme(token), token)),
            Credential::Initial(token) => Some(("Bearer", token)),
            Credential::None => None,
        };
        let body = client.metadata(self.is_okta());
        let answer = self
            .send(Method::POST, &self.url, authorization, Some(&body))
            .await;
        let registered =
            answer.and_then(|answer| self.registered(&Method::POST, &self.url, &answer));
        registered.map_err(|error| {
            if error.leaves_unsure() {
                RegisterError::Unsure {
                    problem: Box::new(error),
                    name: printable(&client.name, 100),
                }
            } else {
                error
            }
        })
    }

    /// Reads a client, changes it, and says what it is then (RFC 7592, sections 2.1 and 2.2): what
    /// was asked, and what was registered. `keep` is told of the client as it was read wherever that
    /// brought a new token: the old one is spent, even if the change then fails.
    ///
    /// # Errors
    /// When the provider refuses, does not answer, or answers nonsense; when nothing is known that
    /// lets one change the client; and what `keep` says.
    pub async fn update(
        &self,
        known: &Known,
        change: &Change,
        keep: impl FnOnce(&Registered) -> Result<(), KeptError>,
    ) -> Result<(Map<String, Value>, Registered), RegisterError> {
        let Place {
            url,
            scheme,
            token,
            own,
        } = self.place_of(known)?;
        let answer = self
            .send(Method::GET, &url, Some((scheme, &token)), None)
            .await?;
        let read = self.registered(&Method::GET, &url, &answer)?;
        // Keycloak gives another token with each answer, and the old one is spent.
        let token = match &read.access_token {
            Some(newer) if own => {
                keep(&read)?;
                newer.clone()
            }
            _ => token,
        };
        let wanted = change.apply(&read.metadata, self.is_okta());
        let answer = self
            .send(Method::PUT, &url, Some((scheme, &token)), Some(&wanted))
            .await?;
        let mut registered = self.registered(&Method::PUT, &url, &answer)?;
        if registered.access_token.is_none() && own {
            registered.access_token = Some(token);
        }
        Ok((wanted, registered))
    }

    /// Takes a client back (RFC 7592, section 2.3). `false`: it was not there.
    ///
    /// # Errors
    /// As for [`Self::update`].
    pub async fn delete(&self, known: &Known) -> Result<bool, RegisterError> {
        let Place {
            url, scheme, token, ..
        } = self.place_of(known)?;
        let answer = self
            .send(Method::DELETE, &url, Some((scheme, &token)), None)
            .await?;
        match answer.status() {
            StatusCode::NO_CONTENT | StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(refused(&Method::DELETE, &url, &answer)),
        }
    }

    /// Where a client is changed, and what is shown there: its own token at its own place, else the
    /// API token at the endpoint.
    fn place_of(&self, known: &Known) -> Result<Place, RegisterError> {
        match (&known.uri, &known.access_token, &self.credential) {
            (Some(url), Some(token), _) if origin(url) == origin(&self.url) => Ok(Place {
                url: url.clone(),
                scheme: "Bearer",
                token: token.clone(),
                own: true,
            }),
            (_, _, Credential::Ssws(token)) => {
                let id: String =
                    url::form_urlencoded::byte_serialize(known.client_id.as_bytes()).collect();
                Ok(Place {
                    url: join_path(&self.url, &format!("/{id}")),
                    scheme: okta_scheme(token),
                    token: token.clone(),
                    own: false,
                })
            }
            _ => Err(RegisterError::NoCredential(known.client_id.clone())),
        }
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        authorization: Option<(&str, &Secret)>,
        body: Option<&Map<String, Value>>,
    ) -> Result<Response<Bytes>, RegisterError> {
        let bytes = body.map(|body| Value::Object(body.clone()).to_string());
        let mut request = Request::new(bytes.unwrap_or_default().into_bytes());
        *request.uri_mut() = url.as_str().parse().unwrap_or_default(); // what is no URI is not called
        let headers = request.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(ACCEPT, json.clone());
        if body.is_some() {
            headers.insert(CONTENT_TYPE, json);
        }
        if let Some((scheme, token)) = authorization {
            let value = Secret::new(format!("{scheme} {}", token.expose()));
            let value = HeaderValue::from_str(value.expose());
            let mut value = value.map_err(|_| RegisterError::Nonsense {
                what: format!("{method} {url}"),
                problem: "the token to show there holds characters that no header has".to_owned(),
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        *request.method_mut() = method;
        Ok(self.http.send(request, LIMIT).await?)
    }

    fn registered(
        &self,
        method: &Method,
        url: &Url,
        answer: &Response<Bytes>,
    ) -> Result<Registered, RegisterError> {
        if !matches!(answer.status(), StatusCode::OK | StatusCode::CREATED) {
            return Err(refused(method, url, answer));
        }
        let nonsense = |problem: String| RegisterError::Nonsense {
            what: format!("{method} {url}"),
            problem,
        };
        let mut metadata = read(answer.body()).map_err(nonsense)?;
        let mut take = |name: &str| match metadata.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let client_secret = take("client_secret").map(Secret::new);
        let access_token = take("registration_access_token").map(Secret::new);
        let uri = take("registration_client_uri");
        let id = metadata.get("client_id").and_then(Value::as_str);
        let id = id.filter(|id| !id.is_empty() && id.len() <= 1000);
        let client_id = id
            .ok_or_else(|| nonsense("it names no client_id".to_owned()))?
            .to_owned();
        let own = |text: String| {
            let found = check_url(&text).ok()?;
            (origin(&found) == origin(&self.url)).then_some(found)
        };
        Ok(Registered {
            client_id,
            client_secret,
            uri: uri.and_then(own),
            access_token,
            metadata,
        })
    }
}

fn refused(method: &Method, url: &Url, answer: &Response<Bytes>) -> RegisterError {
    RegisterError::Refused {
        what: format!("{method} {url}"),
        status: answer.status(),
        message: explain(answer),
    }
}
