//! Who is registered where: settings first, and what they leave out is made for this start.

use super::DemoPerson;
use crate::{
    blueprint::ClientKind,
    oauth::{Secret, random_value},
    settings::{SettingError, Settings},
};

/// The settings with nothing left out: every client has an id and a secret, every person a password.
pub(super) struct Registrations {
    pub(super) settings: Settings,
    pub(super) app: Credentials,
    pub(super) introspection: Option<Credentials>,
    pub(super) machines: Vec<Credentials>,
    pub(super) api_key: Secret,
    pub(super) session_secret: Secret,
}

/// A client's id and secret.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) secret: Secret,
}

impl Registrations {
    /// # Errors
    /// When two clients would have one id.
    pub(super) fn new(mut settings: Settings) -> Result<Self, SettingError> {
        give_passwords(&mut settings);
        let registration = settings.web.registration.clone();
        let app = Credentials {
            id: rename(&mut settings, ClientKind::App, registration.client_id).unwrap_or_default(),
            secret: registration.client_secret.unwrap_or_else(Secret::random),
        };
        let introspection = introspection(&mut settings);
        let machine_id = settings.web.machine.client_id.clone();
        rename(&mut settings, ClientKind::Machine, machine_id);
        one_id_each(&settings)?;
        let secret = settings.web.machine.client_secret.clone();
        let machines = settings
            .blueprint
            .clients
            .iter()
            .filter(|client| client.kind == ClientKind::Machine);
        let machines = machines.map(|client| Credentials {
            id: client.id.clone(),
            secret: secret.clone().unwrap_or_else(Secret::random),
        });
        Ok(Self {
            app,
            introspection,
            machines: machines.collect(),
            api_key: settings
                .gateway
                .api_key
                .clone()
                .unwrap_or_else(Secret::random),
            session_secret: settings
                .web
                .session_secret
                .clone()
                .unwrap_or_else(Secret::random),
            settings,
        })
    }

    /// Who can sign in at the embedded provider, if it runs here, and its clients: those of `logins` and
    /// `client_ids`.
    pub(super) fn for_the_console(
        &self,
        logins: &[String],
        client_ids: &[String],
    ) -> (Vec<DemoPerson>, Vec<(String, Secret)>) {
        let users = self.settings.blueprint.users.iter();
        let users = users.filter(|user| logins.contains(&user.login));
        let people = users.map(|user| DemoPerson {
            login: user.login.clone(),
            password: user.password.clone().unwrap_or_else(|| Secret::new("")),
            groups: user.groups.clone(),
        });
        (
            people.collect(),
            self.clients()
                .filter(|client| client_ids.contains(&client.id))
                .map(|client| (client.id, client.secret))
                .collect(),
        )
    }

    pub(super) fn clients(&self) -> impl Iterator<Item = Credentials> {
        let app = std::iter::once(self.app.clone());
        app.chain(self.introspection.clone())
            .chain(self.machines.iter().cloned())
    }
}

/// The gateway's own client: as it is set; made where the embedded provider will know it.
fn introspection(settings: &mut Settings) -> Option<Credentials> {
    let set = settings.gateway.introspection.clone();
    let made_here = settings.runs_idp();
    if set.is_none() && !made_here {
        return None;
    }
    let (id, secret) = set
        .map(|client| (client.client_id, client.client_secret))
        .unzip();
    let id = rename(settings, ClientKind::Introspection, id)?;
    Some(Credentials {
        id,
        secret: secret.unwrap_or_else(Secret::random),
    })
}

/// Gives the blueprint's client of this kind the id that is set, wherever the blueprint names it, and
/// returns the id in use.
fn rename(settings: &mut Settings, kind: ClientKind, id: Option<String>) -> Option<String> {
    let blueprint = &mut settings.blueprint;
    let client = blueprint
        .clients
        .iter_mut()
        .find(|client| client.kind == kind);
    let Some(client) = client else { return id };
    let Some(id) = id else {
        return Some(client.id.clone());
    };
    let old = std::mem::replace(&mut client.id, id.clone());
    for recognised in blueprint
        .gateway
        .clients
        .iter_mut()
        .filter(|name| **name == old)
    {
        recognised.clone_from(&id);
    }
    Some(id)
}

/// An id that is set must not be another client's of the blueprint.
fn one_id_each(settings: &Settings) -> Result<(), SettingError> {
    let set = [
        ("MACHINE_CLIENT_ID", settings.web.machine.client_id.as_ref()),
        (
            "AUTHN_CLIENT_ID",
            settings.web.registration.client_id.as_ref(),
        ),
        (
            "INTROSPECT_CLIENT_ID",
            settings
                .gateway
                .introspection
                .as_ref()
                .map(|one| &one.client_id),
        ),
    ];
    for (name, id) in set.into_iter().filter_map(|(name, id)| Some((name, id?))) {
        if settings
            .blueprint
            .clients
            .iter()
            .filter(|client| client.id == *id)
            .count()
            > 1
        {
            let reason = "another client of the blueprint has this id";
            return Err(SettingError::new(name, id, reason));
        }
    }
    Ok(())
}

/// `<LEVEL>_PASSWORD` wins over the blueprint; who has none gets one for this start.
fn give_passwords(settings: &mut Settings) {
    for user in &mut settings.blueprint.users {
        let set = settings
            .web
            .credentials
            .values()
            .find(|set| set.username == user.login);
        if let Some(password) = set.and_then(|set| set.password.clone()) {
            user.password = Some(password);
        }
        if user.password.is_none() {
            user.password = Some(Secret::new(&random_value()[..20]));
        }
    }
}
