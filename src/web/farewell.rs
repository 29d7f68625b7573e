//! What a log out saw: looked at while it happened, and kept for the page that tells it.

use super::{
    app::App,
    oidc::{BySignature, Introspected, Provider, Revocation, Revoked, SignedIn, revoke},
    page::time_in_words,
};
use crate::{flight::Weight, net::numbered};
use std::sync::Arc;

/// What a log out saw. It holds no token.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Whether the session was looked for again, and was gone.
    pub(super) session_gone: bool,
    /// The tokens, a name and what was seen of each.
    pub(super) tokens: Vec<(&'static str, String)>,
    /// Whether the browser was sent to sign out at the provider.
    pub(super) at_provider: bool,
}

impl Weight for Seen {
    fn weight(&self) -> usize {
        let texts = self.tokens.iter().map(|(_, text)| text.len() + 48);
        texts.sum::<usize>() + 128
    }
}

const BY_SIGNATURE: &str = "Access token, by its signature";
const BY_ASKING: &str = "Access token, by asking the provider";
const REFRESH: &str = "Refresh token";

/// Gives a person's tokens back, and looks at what they are still worth: before, so that a "no" later
/// means something, and after.
///
/// It goes on when nobody waits for it any more: whoever logs out and closes the window gives them back too.
pub(super) async fn give_back(
    app: &App,
    provider: Option<Arc<Provider>>,
    person: Arc<SignedIn>,
) -> Vec<(&'static str, String)> {
    let Some(provider) = provider else {
        return of_all("not revoked and not asked: the provider's metadata is not to be had");
    };
    let app = app.clone();
    let task = numbered(async move { seen(&app, &provider, &person).await });
    let tokens = tokio::spawn(task).await;
    tokens.unwrap_or_else(|_| of_all("perhaps not revoked, and not asked: the app failed at it"))
}

fn of_all(words: &str) -> Vec<(&'static str, String)> {
    let names = [BY_SIGNATURE, BY_ASKING, REFRESH];
    names.map(|name| (name, words.to_owned())).to_vec()
}

async fn seen(app: &App, provider: &Provider, person: &SignedIn) -> Vec<(&'static str, String)> {
    let ask = |token, hint| provider.introspect(token, hint);
    let by_signature = provider.look_at(&person.access_token);
    let access_before = ask(&person.access_token, "access_token").await;
    let revocation = revoke(provider, person).await;
    let answers = |before| before != Introspected::Failed;
    let access_after = async {
        match access_before {
            before if answers(before) => ask(&person.access_token, "access_token").await,
            before => before,
        }
    };
    let refresh_after = async {
        match &person.refresh_token {
            Some(token) if answers(access_before) => Some(ask(token, "refresh_token").await),
            Some(_) => Some(access_before),
            None => None,
        }
    };
    let (access_after, refresh_after) =
        futures_util::future::join(access_after, refresh_after).await;
    let now = app.config.clock.now();
    vec![
        (BY_SIGNATURE, told_by_signature(&by_signature, now)),
        (
            BY_ASKING,
            told_by_asking(revocation, access_before, access_after),
        ),
        (REFRESH, told_of_refresh(revocation, refresh_after)),
    ]
}

fn told_by_signature(seen: &BySignature, now: i64) -> String {
    match seen {
        BySignature::Holds(ends) if *ends > now => {
            let until = time_in_words(*ends, now).unwrap_or_else(|| "a far day".to_owned());
            format!(
                "still valid until {until}: signature, issuer, audience and times hold, and nothing takes a signature back. A gateway that checks by keys alone lets it in until then; the app has forgotten it"
            )
        }
        BySignature::Holds(_) => "it has ended".to_owned(),
        BySignature::Opaque => "it has none to look at: it is opaque".to_owned(),
        BySignature::Fails(why) => format!("it does not hold here: {why}"),
    }
}

fn told_by_asking(revocation: Revocation, before: Introspected, after: Introspected) -> String {
    let revoked = told_of_revocation(revocation.access_token);
    let said = match (before, after) {
        (Introspected::Active, Introspected::NotActive) => {
            "the provider called it active before, and not active afterwards"
        }
        (Introspected::NotActive, Introspected::NotActive) => {
            "the provider called it not active, before too: it had ended, or this app may not ask about it"
        }
        (_, Introspected::Active) => "the provider still calls it active",
        (_, Introspected::NotActive) => "the provider calls it not active",
        (_, other) => return format!("{revoked}; {}", not_told(other)),
    };
    format!("{revoked}; {said}")
}

fn told_of_refresh(revocation: Revocation, after: Option<Introspected>) -> String {
    let (Some(revoked), Some(after)) = (revocation.refresh_token, after) else {
        return "there was none".to_owned();
    };
    let said = match after {
        Introspected::Active => "the provider still calls it active".to_owned(),
        Introspected::NotActive => "the provider calls it not active".to_owned(),
        other => not_told(other),
    };
    format!("{}; {said}. It was not tried", told_of_revocation(revoked))
}

fn told_of_revocation(revoked: Revoked) -> String {
    match revoked {
        Revoked::Yes => "revoked: the provider answered 200".to_owned(),
        Revoked::NotOffered => "not revoked: the provider offers no revocation".to_owned(),
        Revoked::Refused(status) => format!("not revoked: the provider answered {status}"),
        Revoked::Failed => "perhaps not revoked: the provider did not answer in time".to_owned(),
    }
}

fn not_told(seen: Introspected) -> String {
    match seen {
        Introspected::NotOffered => "not asked: the provider offers no introspection".to_owned(),
        Introspected::Refused(status) => {
            format!("asked, and answered {status}: this app may not ask")
        }
        _ => "asked, without an answer that can be read".to_owned(),
    }
}
