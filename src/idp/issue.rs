//! What the token endpoint gives for a code, for a refresh token, or to a machine.

use super::{
    Idp,
    grants::{Grant, Worthless},
    issued::{IssueError, Issued},
    keys::KeyError,
    parameters::Parameters,
    registry::Client,
    rules::judge,
};
use crate::{
    blueprint::{ClientKind, TenantUser},
    oauth::Scopes,
};
use std::sync::Arc;

impl Idp {
    /// Issues what the grant type gives this client, which is authenticated.
    pub(super) async fn issue(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        parameters.each_once()?;
        let (kind, grant_type) = (client.kind, parameters.required("grant_type")?);
        match grant_type {
            "authorization_code" if kind == ClientKind::App => {
                self.for_code(client, parameters).await
            }
            "refresh_token" if kind == ClientKind::App => {
                self.for_refresh(client, parameters).await
            }
            "client_credentials" if kind == ClientKind::Machine => {
                self.for_machine(client, parameters).await
            }
            "authorization_code" | "refresh_token" | "client_credentials" => {
                Err(IssueError::GrantTypeNotAllowed)
            }
            _ => Err(IssueError::GrantTypeUnknown),
        }
    }

    async fn for_code(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        let redeemed = self.grants.redeem(
            parameters.required("code")?,
            &client.id,
            parameters.required("redirect_uri")?,
            parameters.required("code_verifier")?,
            self.clock.now(),
        )?;
        let redeemed = redeemed.map_err(|why| worthless(client, why))?;
        let nonce = redeemed.nonce.as_deref();
        self.for_grant(client, &redeemed.grant, &redeemed.grant.scopes, nonce)
            .await
    }

    async fn for_refresh(
        &self,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Issued, IssueError> {
        let (value, now) = (parameters.required("refresh_token")?, self.clock.now());
        let narrower = asked_scopes(parameters)?;
        // Looked at before it is spent: a client that asks for too much keeps its refresh token.
        let live = self.grants.refresh_token(value, now);
        let live = live.filter(|live| live.grant.client_id == client.id);
        if let (Some(narrower), Some(live)) = (&narrower, live)
            && !live.grant.scopes.contains_all(narrower)
        {
            return Err(IssueError::Scope);
        }
        let grant = self.grants.rotate(value, &client.id, now)?;
        let grant = grant.map_err(|why| worthless(client, why))?;
        let scopes = narrower.unwrap_or_else(|| grant.scopes.clone());
        self.for_grant(client, &grant, &scopes, None).await
    }

    /// Judges client and person again: groups may have changed since.
    pub(super) async fn for_grant(
        &self,
        client: &Client,
        grant: &Arc<Grant>,
        scopes: &Scopes,
        nonce: Option<&str>,
    ) -> Result<Issued, IssueError> {
        let user = self
            .registry
            .user(&grant.user_id)
            .ok_or(IssueError::Worthless)?;
        judge(&self.registry, client, user, scopes)
            .map_err(|denial| IssueError::Denied(denial.to_string()))?;
        let access_token = self.mint_for_person(grant, scopes).await?;
        let id_token = self
            .id_token(client, user, grant, scopes, &access_token, nonce)
            .await?;
        // A grant that was revoked meanwhile makes these worthless: `Grants` remembers it for longer
        // than they live, and whoever redeems first still gets the one answer.
        let refreshes = grant.scopes.contains("offline_access");
        let refresh_token =
            refreshes.then(|| self.grants.issue_refresh_token(grant, self.clock.now()));
        tracing::info!(event = "tokens_issued", client = %client.id, user = %user.id, scopes = %scopes, "issued tokens");
        Ok(Issued::new(access_token, scopes, refresh_token, id_token))
    }

    async fn id_token(
        &self,
        client: &Client,
        user: &TenantUser,
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
        let scopes = asked_scopes(parameters)?.unwrap_or_else(|| client.scopes.clone());
        if !client.scopes.contains_all(&scopes) {
            return Err(IssueError::Scope);
        }
        let access_token = self.mint_for_machine(client, &scopes).await?;
        tracing::info!(event = "tokens_issued", client = %client.id, scopes = %scopes, "issued an access token to a machine");
        Ok(Issued::new(access_token, &scopes, None, None))
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

fn worthless(client: &Client, why: Worthless) -> IssueError {
    if why == Worthless::UsedBefore {
        tracing::warn!(event = "grant_revoked", client = %client.id, "a code or refresh token was used twice, so its grant has ended");
    }
    IssueError::Worthless
}
