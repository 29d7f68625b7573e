//! Asks the gateway, once a click, and once more where new tokens may help.

use super::{
    app::App,
    live::Live,
    oidc::SignedIn,
    refresh::{self, NoTokens, Renewal, SPARE},
};
use crate::{
    blueprint::{Resource, Takes},
    calls::ask_resource,
    flight::Hop,
    oauth::Secret,
};
use std::sync::Arc;

pub(super) use crate::calls::Outcome;

/// Calls a resource with the access token of its own session, if there is one.
pub(super) async fn ask(
    app: &App,
    resource: &Resource,
    access_token: Option<&Secret>,
) -> (Hop, Outcome) {
    let method = if resource.method == "*" {
        "GET"
    } else {
        resource.method.as_str()
    };
    let url = app.resource_url(resource);
    let protected = resource.takes != Takes::Open;
    ask_resource(&app.config.http, method, &url, protected, access_token).await
}

/// What asking for a person came to.
pub(super) struct Asked {
    /// The person, with the tokens that were used last.
    pub(super) person: Arc<SignedIn>,
    pub(super) hop: Hop,
    pub(super) outcome: Outcome,
    /// What was tried beside it, in order.
    pub(super) detours: Detours,
}

/// Calls that were made for new tokens, around the one that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Detours {
    /// A call to the gateway that was refused for its access token.
    pub(super) refused: Option<Hop>,
    /// The refresh; `None` where none was made by this request.
    pub(super) refresh: Option<Hop>,
    /// Whether the refresh came after the call to the gateway, and changed nothing.
    pub(super) in_vain: bool,
    /// What a person should know of it.
    pub(super) sentence: Option<String>,
}

/// The session ended on the way; the call to the gateway before that, if there was one.
pub(super) struct SessionOver {
    pub(super) refused: Option<Hop>,
    pub(super) no_tokens: NoTokens,
}

/// Calls a resource for whoever is signed in. Tokens that are about to end are refreshed before, and those
/// that the gateway refuses afterwards: one refresh a click, and so two calls to the gateway at most.
///
/// # Errors
/// When the session ends meanwhile, by the refresh or by somebody.
pub(super) async fn ask_for(
    app: &App,
    resource: &Resource,
    live: &Arc<Live>,
) -> Result<Asked, SessionOver> {
    let mut detours = Detours::default();
    let mut person = live.person();
    let soon = app.config.clock.now().saturating_add(SPARE);
    let ends_soon = resource.takes != Takes::Open && person.ends_before(soon);
    let mut may_refresh = person.refresh_token.is_some();
    if ends_soon && may_refresh {
        may_refresh = false;
        match refresh::renew(app, live, &person).await {
            Renewal::Done(newer, hop) => {
                detours.got(
                    "The access token was about to end, so the app got new tokens first.",
                    hop,
                );
                person = newer;
            }
            Renewal::Kept(NoTokens { hop, why }) => {
                let sentence = format!(
                    "The access token was about to end, and there are no new tokens: {why}. The app asked with the one that it has."
                );
                (detours.refresh, detours.sentence) = (hop, Some(sentence));
            }
            Renewal::Over(no_tokens) => {
                let refused = None;
                return Err(SessionOver { refused, no_tokens });
            }
        }
    }
    if live.has_ended() {
        return Err(SessionOver::meanwhile(None));
    }
    let (mut hop, mut outcome) = ask(app, resource, Some(&person.access_token)).await;
    if may_refresh && matches!(outcome, Outcome::Unauthorized) {
        match refresh::renew(app, live, &person).await {
            Renewal::Done(newer, call) => {
                detours.got("The gateway did not take the access token, so the app got new tokens and asked once more.", call);
                if live.has_ended() {
                    return Err(SessionOver::meanwhile(Some(hop)));
                }
                detours.refused = Some(hop);
                person = newer;
                (hop, outcome) = ask(app, resource, Some(&person.access_token)).await;
            }
            Renewal::Kept(NoTokens { hop: call, why }) => {
                let sentence =
                    format!("The app then tried to get new tokens, and there are none: {why}.");
                (detours.refresh, detours.sentence) = (call, Some(sentence));
                detours.in_vain = true;
            }
            Renewal::Over(no_tokens) => {
                let refused = Some(hop);
                return Err(SessionOver { refused, no_tokens });
            }
        }
    }
    Ok(Asked {
        person,
        hop,
        outcome,
        detours,
    })
}

impl SessionOver {
    /// A session that was ended while its request waited is nobody's: its tokens go nowhere any more.
    fn meanwhile(refused: Option<Hop>) -> Self {
        Self {
            refused,
            no_tokens: NoTokens::without_call("the session ended meanwhile"),
        }
    }
}

impl Detours {
    fn got(&mut self, sentence: &str, refresh: Option<Hop>) {
        self.sentence = Some(match refresh {
            Some(_) => sentence.to_owned(),
            None => format!("{sentence} Another request of your session had asked for them."),
        });
        self.refresh = refresh;
    }

    pub(super) fn weight(&self) -> usize {
        let hops = [&self.refused, &self.refresh];
        hops.into_iter().flatten().map(Hop::weight).sum()
    }
}
