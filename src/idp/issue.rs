//! What the token endpoint gives for a code, for a refresh token, or to a machine.

use super::{
    grants::{Caller, Grant, Worthless},
    here::Here,
    issued::{IssueError, Issued},
    keys::KeyError,
    org::{Client, GrantType, Lifetimes, User},
    parameters::Parameters,
    rules::{judge, judge_machine},
};
use crate::oauth::Scopes;
use std::sync::Arc;

/// Tokens that were made for a grant, and that nobody has yet.
struct Made {
    access_token: String,
    id_token: Option<String>,
    scopes: Scopes,
    lifetimes: Lifetimes,
}

impl Here {
    /// Issues what the grant type gives this client, which is authenticated.
    pub(super) async fn issue(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        parameters.each_once()?;
        let grant_type = GrantType::named(parameters.required("grant_type")?);
        let grant_type = grant_type.ok_or(IssueError::GrantTypeUnknown)?;
        if !client.may_use(grant_type) {
            return Err(IssueError::GrantTypeNotAllowed);
        }
        match grant_type {
            GrantType::AuthorizationCode => self.for_code(client, parameters).await,
            GrantType::RefreshToken => self.for_refresh(client, parameters).await,
            GrantType::ClientCredentials => self.for_machine(client, parameters).await,
        }
    }

    /// This client at this authorization server.
    pub(super) fn caller<'a>(&'a self, client: &'a Client) -> Caller<'a> {
        Caller {
            server_id: &self.server().id,
            client_id: &client.id,
        }
    }

    async fn for_code(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        let redeemed = self.idp.grants.redeem(
            parameters.required("code")?,
            &self.caller(client),
            parameters.required("redirect_uri")?,
            parameters.required("code_verifier")?,
            self.now(),
        );
        let redeemed = match redeemed {
            Ok(redeemed) => redeemed,
            Err(why) => return Err(self.worthless(client, why).await),
        };
        let (grant, nonce) = (&redeemed.grant, redeemed.nonce.as_deref());
        let made = self.make(client, grant, &grant.scopes, nonce).await?;
        Ok(self.hand_out(client, grant, made))
    }

    /// Spends the refresh token last, when everything for it has been judged and made: a no that may pass,
    /// or a key that fails, leaves the client with what it had.
    async fn for_refresh(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        let (value, now) = (parameters.required("refresh_token")?, self.now());
        let narrower = asked_scopes(parameters)?;
        let (grants, caller) = (&self.idp.grants, self.caller(client));
        let grant = match grants.to_refresh(value, &caller, now) {
            Ok(grant) => grant,
            Err(why) => return Err(self.worthless(client, why).await),
        };
        let scopes = narrower.unwrap_or_else(|| grant.scopes.clone());
        if !grant.scopes.contains_all(&scopes) {
            return Err(IssueError::Scope);
        }
        let made = self.make(client, &grant, &scopes, None).await?;
        match grants.spend(value, &caller, now) {
            Ok(grant) => Ok(self.hand_out(client, &grant, made)),
            Err(why) => Err(self.worthless(client, why).await),
        }
    }

    /// Judges client and person again, for groups may have changed since, and makes their tokens.
    async fn make(
        &self,
        client: &Client,
        grant: &Grant,
        scopes: &Scopes,
        nonce: Option<&str>,
    ) -> Result<Made, IssueError> {
        let user = self.user(&grant.user_id).ok_or(IssueError::Worthless)?;
        if !grant.is_bound_to(&Self::binding(client, Some(user))) {
            return Err(IssueError::Worthless);
        }
        let rule = judge(self, client, user, scopes)
            .map_err(|denial| IssueError::Denied(denial.to_string()))?;
        let life = rule.lifetimes.access_token_seconds();
        if !grant.may_mint_for(life) {
            return Err(IssueError::Worthless);
        }
        let access_token = self.mint_for_person(grant, scopes, life).await?;
        let id_token = self
            .id_token(client, user, grant, scopes, &access_token, nonce)
            .await?;
        Ok(Made {
            access_token,
            id_token,
            scopes: scopes.clone(),
            lifetimes: rule.lifetimes,
        })
    }

    /// The answer, with a refresh token where the client gets one. A grant that was revoked meanwhile makes
    /// all of it worthless: `Grants` remembers it for longer than they live, and whoever redeems first still
    /// gets the one answer.
    fn hand_out(&self, client: &Client, grant: &Arc<Grant>, made: Made) -> Issued {
        let refresh_token = client.gets_refresh_token(&grant.scopes).then(|| {
            let grants = &self.idp.grants;
            grants.issue_refresh_token(grant, made.lifetimes, self.now())
        });
        let life = made.lifetimes.access_token_seconds();
        tracing::info!(event = "tokens_issued", client = %client.id, user = %grant.user_id, scopes = %made.scopes, "issued tokens");
        Issued::new(
            made.access_token,
            life,
            &made.scopes,
            refresh_token,
            made.id_token,
        )
    }

    async fn id_token(
        &self,
        client: &Client,
        user: &User,
        grant: &Grant,
        scopes: &Scopes,
        access_token: &str,
        nonce: Option<&str>,
    ) -> Result<Option<String>, KeyError> {
        if !scopes.contains("openid") {
            return Ok(None);
        }
        let minted = self
            .mint_id_token(client, user, grant, scopes, access_token, nonce)
            .await?;
        Ok(Some(minted))
    }

    async fn for_machine(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        let asked = asked_scopes(parameters)?;
        let scopes = asked.unwrap_or_else(|| self.scopes_unless_asked(client));
        let may_ask = |scope| self.machine_may_ask_for(client, scope);
        if scopes.is_empty() || !scopes.iter().all(may_ask) {
            return Err(IssueError::Scope);
        }
        let rule = judge_machine(self, client, &scopes)
            .map_err(|denial| IssueError::MachineDenied(denial.to_string()))?;
        let life = rule.lifetimes.access_token_seconds();
        let access_token = self.mint_for_machine(client, &scopes, life).await?;
        tracing::info!(event = "tokens_issued", client = %client.id, scopes = %scopes, "issued an access token to a machine");
        Ok(Issued::new(access_token, life, &scopes, None, None))
    }

    /// Ends the grant of what was used before.
    async fn worthless(&self, client: &Client, why: Worthless) -> IssueError {
        if let Worthless::UsedBefore(grant) = why {
            if let Err(full) = self.idp.grants.revoke_grant(&grant, self.now()).await {
                return full.into();
            }
            tracing::warn!(event = "grant_revoked", client = %client.id, "a code or refresh token was used twice, so its grant has ended");
        }
        IssueError::Worthless
    }

    /// What a machine gets that names no scope: all that it is registered for, else the server's default
    /// scopes (RFC 6749, section 3.3).
    fn scopes_unless_asked(&self, client: &Client) -> Scopes {
        if let Some(scopes) = &client.scopes {
            return scopes.clone();
        }
        let mut scopes = Scopes::default();
        for scope in self.server().scopes.iter().filter(|scope| scope.default) {
            scopes.insert(&scope.name);
        }
        scopes
    }
}

/// The scopes that are asked for by name. A `scope` of blanks alone names none, and a token for nothing is
/// no use to anybody (RFC 6749, section 3.3).
fn asked_scopes(parameters: &Parameters) -> Result<Option<Scopes>, IssueError> {
    let Some(asked) = parameters.get("scope")? else {
        return Ok(None);
    };
    match Scopes::parse(asked) {
        Ok(scopes) if !scopes.is_empty() => Ok(Some(scopes)),
        _ => Err(IssueError::Scope),
    }
}
