//! JWTs as wrong as a test wants them: a draft that is right, and what a forger makes of it.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, crypto};
use serde_json::{Value, json};

use super::Keys;

/// A JWT that its issuer is about to sign.
#[derive(Clone)]
pub struct Draft<'k> {
    pub header: Value,
    pub claims: Value,
    pub algorithm: Algorithm,
    pub keys: &'k Keys,
}

/// What becomes of a draft; by default it is signed.
#[derive(Clone)]
pub struct Forge(Arc<Forger>);

type Forger = dyn Fn(&Draft<'_>) -> String + Send + Sync;

/// A [`Forge`] from a closure.
pub fn forge(forger: impl Fn(&Draft<'_>) -> String + Send + Sync + 'static) -> Forge {
    Forge(Arc::new(forger))
}

impl Default for Forge {
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method's own type is of one lifetime, and a forger takes a draft of any"
    )]
    fn default() -> Self {
        forge(|draft| draft.signed())
    }
}

impl Forge {
    pub(super) fn apply(&self, draft: &Draft<'_>) -> String {
        (self.0)(draft)
    }
}

impl Draft<'_> {
    /// As its issuer signs it.
    pub fn signed(&self) -> String {
        self.keys.sign(self.algorithm, &self.header, &self.claims)
    }

    /// The same with these members in its header.
    pub fn with_header(&self, members: &Value) -> Self {
        let mut draft = self.clone();
        for (name, value) in members.as_object().unwrap() {
            draft.header[name] = value.clone();
        }
        draft
    }

    /// The same without a member of its header.
    pub fn without_header(&self, name: &str) -> Self {
        let mut draft = self.clone();
        draft.header.as_object_mut().unwrap().remove(name);
        draft
    }

    /// Signed over these bytes instead of its own header and claims.
    pub fn signed_as(&self, header: &str, claims: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let key = self.keys.key(self.algorithm);
        let signature = crypto::sign(message.as_bytes(), key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// Its first two parts.
    pub fn message(&self) -> String {
        let (header, claims) = (self.header.to_string(), self.claims.to_string());
        format!("{}.{}", encode(header), encode(claims))
    }

    /// With a signature of these bytes.
    pub fn with_signature(&self, signature: impl AsRef<[u8]>) -> String {
        format!("{}.{}", self.message(), encode(signature))
    }

    /// With its own signature, bent.
    pub fn with_bent_signature(&self, bend: impl Fn(&mut Vec<u8>)) -> String {
        let signed = self.signed();
        let (message, signature) = signed.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bend(&mut bytes);
        format!("{message}.{}", encode(bytes))
    }

    /// Signed with these bytes as a shared secret, under this name.
    pub fn hmac(&self, name: &str, secret: &[u8]) -> String {
        let algorithm = match name {
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            _ => hmac::HMAC_SHA256,
        };
        let draft = self.with_header(&json!({ "alg": name }));
        let key = hmac::Key::new(algorithm, secret);
        draft.with_signature(hmac::sign(&key, draft.message().as_bytes()))
    }

    /// Signed by somebody else, who says of himself what these members of the header say.
    pub fn by_stranger(&self, says: impl Fn(&Keys) -> Value) -> String {
        let stranger = Keys::generate(666);
        let draft = self.with_header(&says(&stranger));
        stranger.sign(Algorithm::ES256, &draft.header, &draft.claims)
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
