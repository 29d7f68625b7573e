//! Puts the house up: all sockets first, then the URLs that follow from them, then the rooms.
//!
//! `serve` and the tests share it.

mod patient;
pub mod people;
mod registrations;
mod reload;
mod wiring;

use crate::{
    clock::Clock,
    gateway,
    net::{Client, ListenError, Listeners, OwnHosts, Room, RunningRoom, http_url, own_hosts_only},
    settings::{RedirectUri, SettingError, Settings},
    web,
};
pub use patient::{Known, patient};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use registrations::Registrations;
use reload::Reload;
use std::time::Duration;
use tokio::time::Instant;

/// How long requests in flight may take at the end.
const GRACE: Duration = Duration::from_secs(9);

/// Why the house does not stand.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A room has no address.
    #[error("{variable}: {source}; the {room} wanted it, and {variable} moves it")]
    Listen {
        /// Which room.
        room: &'static str,
        /// The variable that is wrong, or that moves it.
        variable: String,
        /// What is wrong.
        source: ListenError,
    },
    /// A setting that only shows as wrong when the sockets are there.
    #[error("{0}")]
    Setting(#[from] SettingError),
    /// A room cannot be made.
    #[error("the {room} cannot start: {reason}")]
    Room {
        /// Which room.
        room: &'static str,
        /// Why.
        reason: String,
    },
}

/// The bound sockets of the rooms that run here.
struct Doors {
    web: Option<Listeners>,
    idp: Option<Listeners>,
    gateway: Option<Listeners>,
    api: Option<Listeners>,
}

impl Doors {
    /// Nothing runs here.
    const NONE: Self = Self {
        web: None,
        idp: None,
        gateway: None,
        api: None,
    };
}

/// Where the rooms of a running house are.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// The app's public origin, if the web client runs here.
    pub web: Option<String>,
    /// The issuer identifier.
    pub issuer: String,
    /// Whether the embedded identity provider runs here.
    pub idp: Option<String>,
    /// The gateway's base URL.
    pub gateway: String,
    /// The API's base URL, if it runs here.
    pub api: Option<String>,
}

/// A demo person and a password, for the console.
#[derive(Clone, Debug)]
pub struct DemoPerson {
    /// The login.
    pub login: String,
    /// The demo password.
    pub password: crate::oauth::Secret,
    /// The groups.
    pub groups: Vec<String>,
}

/// A house that stands.
pub struct Running {
    /// Where its rooms are.
    pub addresses: Addresses,
    /// Who can sign in at the embedded provider.
    pub people: Vec<DemoPerson>,
    /// The clients of the embedded provider and their secrets, for tests and tools in this process.
    pub clients: Vec<(String, crate::oauth::Secret)>,
    reload: Reload,
    web: Option<RunningRoom>,
    others: Vec<RunningRoom>,
}

/// Binds every socket, then starts every room that the settings do not replace.
///
/// # Errors
/// When a port is taken, or a setting does not fit the others.
pub async fn start(settings: Settings, clock: Clock) -> Result<Running, StackError> {
    let doors = bind(&settings).await?;
    let redirect_uri = redirect_uri(&settings, doors.web.as_ref())?;
    let http = client(&settings)?;
    let addresses = addresses(&settings, &doors, &redirect_uri);
    let set = settings.clone();
    let registrations = Registrations::new(settings)?;
    let wiring = wiring::Wiring {
        registrations: &registrations,
        addresses: &addresses,
        redirect_uri: &redirect_uri,
        http,
        clock,
    };

    let (mut others, mut gateway) = (Vec::new(), None);
    let mut known = (Vec::new(), Vec::new());
    if let Some(listeners) = doors.api {
        others.push(room("api", listeners, wiring.api()).start());
    }
    if let Some(listeners) = doors.gateway {
        let (entrance, handle) = wiring.gateway().map_err(|reason| StackError::Room {
            room: "gateway",
            reason,
        })?;
        gateway = Some(handle);
        let public_url = wiring.public_url();
        let room = gateway_room(listeners, entrance, public_url.host_str());
        others.push(room.start());
    }
    if let Some(listeners) = doors.idp {
        let ready = wiring.idp()?;
        known = (ready.people, ready.clients);
        others.push(room("idp", listeners, ready.router).start());
    }
    let web = doors.web.map(|listeners| {
        let public_host = Some(redirect_uri.host());
        let refusal = if redirect_uri.is_https() {
            |status| web::wrong_host(status, true)
        } else {
            |status| web::wrong_host(status, false)
        };
        // A container lets others in to its every address: plain http stays on this machine all the same.
        let router = wiring.web(&set);
        let router = if listeners.is_loopback() || !redirect_uri.is_https() {
            own_hosts_only(router, public_host, refusal)
        } else {
            router
        };
        listening("web", listeners, router).start()
    });
    let (people, clients) = registrations.for_the_console(&known.0, &known.1);
    let reload = Reload {
        gateway,
        settings: registrations.settings,
    };
    Ok(Running {
        addresses,
        people,
        clients,
        reload,
        web,
        others,
    })
}

impl Running {
    /// Reads the blueprint's file again and hands the gateway its rules, all or nothing. What came of it
    /// is for the log.
    pub fn reload(&self) {
        self.reload.now();
    }

    /// Ends all rooms, within 10 seconds: the web client first, since it still asks the others; they
    /// get what is left of the time, a second at the least.
    pub async fn stop(self) {
        let deadline = Instant::now() + GRACE;
        if let Some(web) = self.web {
            web.stop(deadline - Duration::from_secs(1)).await;
        }
        let others = self.others.into_iter().map(|room| room.stop(deadline));
        futures_util::future::join_all(others).await;
    }
}

fn room(name: &'static str, listeners: Listeners, router: axum::Router) -> Room {
    let router = if listeners.is_loopback() {
        own_hosts_only(router, None, wrong_host)
    } else {
        router
    };
    listening(name, listeners, router)
}

/// The gateway answers without a router: what that costs a request is worth saving.
fn gateway_room(
    listeners: Listeners,
    entrance: gateway::Entrance,
    public_host: Option<&str>,
) -> Room<OwnHosts<gateway::Entrance>> {
    let here = listeners.is_loopback().then(|| public_host.map(Into::into));
    let router = OwnHosts {
        inner: entrance,
        here,
        refusal: wrong_host,
    };
    listening("gateway", listeners, router)
}

fn listening<H>(name: &'static str, listeners: Listeners, router: H) -> Room<H> {
    tracing::info!(
        event = "listening",
        room = name,
        address = listeners.url(),
        "listening"
    );
    Room {
        name,
        listeners,
        router,
    }
}

fn wrong_host(status: StatusCode) -> Response {
    let body = "{\"error\":\"This room answers for its own host names only\"}";
    let headers = [
        ("content-type", "application/json"),
        ("x-content-type-options", "nosniff"),
    ];
    (status, headers, body).into_response()
}

async fn bind(settings: &Settings) -> Result<Doors, StackError> {
    let door =
        async |runs: bool, room: &'static str, prefix: &'static str, host: &str, port: u16| {
            if !runs {
                return Ok(None);
            }
            let listeners = Listeners::bind(host, port).await;
            listeners.map(Some).map_err(|source| {
                let what = if matches!(source, ListenError::Taken(_)) {
                    "PORT"
                } else {
                    "HOST"
                };
                StackError::Listen {
                    room,
                    variable: format!("{prefix}{what}"),
                    source,
                }
            })
        };
    let (web, idp, gateway, api) = (
        &settings.web,
        &settings.idp,
        &settings.gateway,
        &settings.api,
    );
    Ok(Doors {
        web: door(settings.runs_web(), "web client", "", &web.host, web.port).await?,
        idp: door(
            settings.runs_idp(),
            "identity provider",
            "IDP_",
            &idp.host,
            idp.port,
        )
        .await?,
        gateway: door(
            settings.runs_gateway(),
            "gateway",
            "GATEWAY_",
            &gateway.host,
            gateway.port,
        )
        .await?,
        api: door(settings.runs_api(), "API", "API_", &api.host, api.port).await?,
    })
}

fn redirect_uri(settings: &Settings, web: Option<&Listeners>) -> Result<RedirectUri, StackError> {
    if let Some(uri) = &settings.web.redirect_uri {
        return Ok(uri.clone());
    }
    let origin = web.map_or_else(
        || format!("http://localhost:{}", settings.web.port),
        Listeners::url,
    );
    let text = format!("{origin}/callback");
    let uri = RedirectUri::parse(&text).map_err(|reason| {
        SettingError::without_value(
            "REDIRECT_URI",
            format!("is needed with this HOST ({reason})"),
        )
    })?;
    Ok(uri)
}

fn client(settings: &Settings) -> Result<Client, StackError> {
    let roots: Vec<Vec<u8>> = settings.extra_roots.clone().into_iter().collect();
    Client::new(&roots).map_err(|error| {
        SettingError::without_value(
            "CA_FILE",
            format!("its certificates cannot be read ({error})"),
        )
        .into()
    })
}

fn addresses(settings: &Settings, doors: &Doors, redirect_uri: &RedirectUri) -> Addresses {
    let idp = doors.idp.as_ref().map(Listeners::url);
    let embedded_idp = idp
        .clone()
        .unwrap_or_else(|| http_url(&settings.idp.host, settings.idp.port));
    let gateway = match (&settings.proxy_uri, &doors.gateway) {
        (Some(uri), _) => uri.to_string(),
        (None, Some(listeners)) => listeners.url(),
        (None, None) => http_url(&settings.gateway.host, settings.gateway.port),
    };
    Addresses {
        web: doors.web.as_ref().map(|_| redirect_uri.origin()),
        issuer: settings
            .issuer
            .clone()
            .unwrap_or_else(|| format!("{embedded_idp}/oauth2/default")),
        idp,
        gateway,
        api: doors.api.as_ref().map(Listeners::url),
    }
}
