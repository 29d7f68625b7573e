//! Grants: what a person let a client do, and the access tokens that were taken back.

mod by_client;
mod code;
mod refresh_token;

use self::{by_client::ByClient, code::Code, refresh_token::RefreshTokens};
use super::{
    org::{MOST_REVOKED, Org, OrgStore, Revoked},
    sessions::{Session, UseMade},
    store::{Full, Store},
};
use crate::oauth::{Scopes, random_value};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

/// What one authorization granted. Everything issued for it points here.
#[derive(Debug)]
pub(in crate::idp) struct Grant {
    /// Random, with what it is bound to behind a dot; also stands in the `jti` of its access tokens, so that
    /// they end with it.
    pub(in crate::idp) id: String,
    /// The authorization server, which alone issues anything for it.
    pub(in crate::idp) server_id: String,
    pub(in crate::idp) client_id: String,
    pub(in crate::idp) user_id: String,
    pub(in crate::idp) scopes: Scopes,
    pub(in crate::idp) auth_time: i64,
    /// The `sid` of the session that it was granted in.
    pub(in crate::idp) session_id: String,
    session: Arc<UseMade>,
    issued_at: i64,
    revoked: AtomicBool,
    /// The longest life of an access token for it, in seconds.
    longest_life: AtomicI64,
}

/// Why a code or refresh token is worth nothing. From outside all look alike.
#[derive(Debug)]
pub(in crate::idp) enum Worthless {
    /// Unknown, expired, or one of the bindings does not hold.
    NotYours,
    /// Used before: somebody else may have it, so all that came of this grant must end.
    UsedBefore(Arc<Grant>),
}

/// The client that calls, and the authorization server that it calls at.
pub(in crate::idp) struct Caller<'a> {
    pub(in crate::idp) server_id: &'a str,
    pub(in crate::idp) client_id: &'a str,
}

impl Caller<'_> {
    /// Whether the grant is this client's, at this authorization server.
    pub(in crate::idp) fn holds(&self, grant: &Grant) -> bool {
        grant.client_id == self.client_id && grant.server_id == self.server_id
    }
}

pub(in crate::idp) struct Grants {
    codes: Store<Code>,
    refresh_tokens: RefreshTokens,
    /// `jti` values and grant ids whose access tokens are worth nothing any more. Must not forget.
    revoked: Store<()>,
    revoked_by: ByClient,
    org: Arc<OrgStore>,
}

impl Grant {
    /// `binding` is that of its client and person (see `Here::binding`), `life` an access token's, in seconds.
    pub(in crate::idp) fn new(
        server_id: &str,
        client_id: &str,
        session: &Session,
        binding: &str,
        scopes: Scopes,
        life: i64,
        now: i64,
    ) -> Arc<Self> {
        Arc::new(Self {
            id: format!("{}.{binding}", random_value()),
            server_id: server_id.to_owned(),
            client_id: client_id.to_owned(),
            user_id: session.user_id.clone(),
            scopes,
            auth_time: session.auth_time,
            session_id: session.sid.clone(),
            session: Arc::clone(&session.use_made),
            issued_at: now,
            revoked: AtomicBool::new(false),
            longest_life: AtomicI64::new(life),
        })
    }

    /// Whether client and person are still those to whom it was given.
    pub(in crate::idp) fn is_bound_to(&self, binding: &str) -> bool {
        is_bound_to(&self.id, binding)
    }

    pub(in crate::idp) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::SeqCst)
    }

    /// Whether its refresh tokens are over with the session that it was granted in: those outlive it that are
    /// for when nobody is there (OpenID Connect Back-Channel Logout, section 2.7).
    fn is_over(&self) -> bool {
        self.is_revoked() || !outlives_session(&self.scopes) && self.session_has_ended()
    }

    /// Whether the person has signed out of the session that it was granted in.
    pub(in crate::idp) fn session_has_ended(&self) -> bool {
        self.session.has_ended()
    }

    /// Notes that an access token of this life (in seconds) is about to be minted, so that whoever ends
    /// the grant knows how long to remember that. False: it has ended, and is not remembered for so long.
    pub(in crate::idp) fn may_mint_for(&self, life: i64) -> bool {
        let before = self.longest_life.fetch_max(life, Ordering::SeqCst);
        before >= life || !self.is_revoked()
    }
}

impl Grants {
    /// No grants yet, and what was taken back before the start.
    pub(in crate::idp) fn new(org: Arc<OrgStore>, now: i64) -> Self {
        let revoked = Store::new(MOST_REVOKED);
        for one in &org.read().revoked {
            revoked.insert(&one.id, (), one.until, now);
        }
        Self {
            codes: Store::new(20_000),
            refresh_tokens: RefreshTokens::new(),
            revoked,
            revoked_by: ByClient::default(),
            org,
        }
    }

    /// Ends a grant: its refresh tokens at once, and its access tokens. Remembers it for twice their
    /// life, since one that is being minted now may still come out a little later.
    pub(in crate::idp) async fn revoke_grant(&self, grant: &Grant, now: i64) -> Result<(), Full> {
        grant.revoked.store(true, Ordering::SeqCst);
        let life = grant.longest_life.load(Ordering::SeqCst);
        self.revoke(&grant.client_id, &grant.id, now + 2 * life, now)
            .await
    }

    /// Ends one access token of a client.
    pub(in crate::idp) async fn revoke_access_token(
        &self,
        client_id: &str,
        jti: &str,
        expires_at: i64,
        now: i64,
    ) -> Result<(), Full> {
        self.revoke(client_id, jti, expires_at, now).await
    }

    /// Remembers it, in the file too, if one keeps the org: keys outlive a restart, so this must. The file is
    /// written and flushed off the async threads.
    async fn revoke(&self, client_id: &str, id: &str, until: i64, now: i64) -> Result<(), Full> {
        if !self.revoked.contains(id, now) {
            self.revoked_by.count(client_id, until, now)?;
        }
        self.revoked.insert_if_room(id, (), until, now)?;
        if !self.org.is_kept() {
            return Ok(());
        }
        let (id, store) = (id.to_owned(), Arc::clone(&self.org));
        let keep = move |org: &mut Org| {
            org.revoked.retain(|one| one.until > now);
            org.revoked.push(Revoked { id, until });
            Ok::<_, Infallible>(())
        };
        let written = tokio::task::spawn_blocking(move || store.change(keep)).await;
        written.map_err(|_| Full)?.map_err(|_| Full)
    }

    /// Whether an access token was taken back, by itself or with its grant.
    pub(in crate::idp) fn is_revoked(&self, jti: &str, now: i64) -> bool {
        let grant_id = jti.splitn(3, '.').nth(2);
        self.revoked.contains(jti, now) || grant_id.is_some_and(|id| self.revoked.contains(id, now))
    }
}

/// Whether what is granted is for when nobody is there too (OpenID Connect Core, section 11).
pub(in crate::idp) fn outlives_session(scopes: &Scopes) -> bool {
    scopes.contains("offline_access")
}

/// The `jti` of a new access token, in Okta's spelling. `of` is the id of its grant, so that it ends with it, or
/// a machine's binding.
pub(in crate::idp) fn new_jti(of: &str) -> String {
    format!("AT.{}.{of}", random_value())
}

/// Whether a `jti`, or the id of a grant, has this binding.
pub(in crate::idp) fn is_bound_to(id: &str, binding: &str) -> bool {
    id.rsplit_once('.')
        .is_some_and(|(_, bound)| bound == binding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idp::sessions::Sessions;

    const LIFE: i64 = 600;

    #[tokio::test]
    async fn a_token_that_was_minted_just_after_its_grant_ended_is_worth_nothing() {
        let org = OrgStore::in_memory(Org::empty(0));
        let grants = Grants::new(Arc::new(org), 0);
        let session = Sessions::new().begin(None, "person", 0, 0).session;
        let grant = Grant::new("default", "app", &session, "-0", Scopes::default(), LIFE, 0);
        let minted = new_jti(&grant.id);
        assert!(!grants.is_revoked(&minted, 0));
        grants.revoke_grant(&grant, 0).await.unwrap();
        assert!(grant.may_mint_for(LIFE) && !grant.may_mint_for(2 * LIFE));
        for now in [0, LIFE, LIFE + 60] {
            assert!(grants.is_revoked(&minted, now), "{now}");
        }
        assert!(!grants.is_revoked(&new_jti("-0"), 0));
    }

    #[tokio::test]
    async fn sec_as_22_a_client_that_takes_much_back_keeps_no_other_from_it() {
        let org = OrgStore::in_memory(Org::empty(0));
        let grants = Grants::new(Arc::new(org), 0);
        let take_back = async |client: &str, number: usize, now| {
            let jti = format!("AT.{client}.{number}");
            grants
                .revoke_access_token(client, &jti, now + LIFE, now)
                .await
        };
        let mut number = 0;
        while take_back("greedy", number, 0).await.is_ok() {
            number += 1;
            assert!(number < MOST_REVOKED, "no bound");
        }
        assert_eq!(take_back("other", 0, 0).await, Ok(()));
        assert_eq!(
            take_back("greedy", 0, 0).await,
            Ok(()),
            "it is taken back already"
        );
        assert_eq!(take_back("greedy", number, 0).await, Err(Full));
        assert_eq!(
            take_back("greedy", number, LIFE).await,
            Ok(()),
            "the others have expired"
        );
    }
}
