//! What the program is told from outside: one table of variables makes the parser, the error line,
//! `--help` and `.env_example`.

mod client_key;
mod dotenv;
mod env_file;
mod error;
mod limits;
mod off_loopback;
mod outputs;
mod private_file;
mod read;
mod rooms;
mod source;
mod table;
mod tools;
mod web;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use env_file::fuzzed;

pub use client_key::read_client_key;
pub use env_file::{Change, EnvFile, EnvFileError, Unwritable, env_line};
pub use error::SettingError;
pub use outputs::{Outputs, OutputsError};
pub use private_file::{create_private, make_folder_of, replace_private};
pub use rooms::{
    ApiSettings, GatewaySettings, IdpSettings, IntrospectionClient, PolicyChoice, RateSettings,
};
pub use source::{Origin, Source};
pub use table::{VARIABLES, Variable, env_example, help, variable};
pub use tools::{RegisterSettings, TokenSettings, blueprint, http_client};
pub use web::{
    HOW_TO_MAKE_A_SECRET, LevelCredentials, RedirectUri, Registration, WebSettings,
    session_secret_problem, variable_prefix,
};

use crate::blueprint::Blueprint;
use std::path::PathBuf;
use url::Url;

/// Which rooms a process runs, which decides what must be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// All rooms that no setting replaces.
    Serve,
    /// The identity provider alone.
    Idp,
    /// The gateway alone.
    Gateway,
    /// The API alone.
    Api,
}

/// All settings of a process, parsed once at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What runs here.
    pub command: Command,
    /// `BLUEPRINT`, or the one that is compiled in.
    pub blueprint: Blueprint,
    /// The file that `BLUEPRINT` names, to be read again.
    pub blueprint_file: Option<PathBuf>,
    /// `ISSUER`; `None` means the embedded identity provider.
    pub issuer: Option<String>,
    /// `PROXY_URI`; `None` means the embedded gateway.
    pub proxy_uri: Option<Url>,
    /// `AUDIENCE`, or the blueprint's.
    pub audience: String,
    /// Whether `AUDIENCE` was set, so that the app asks for it by name.
    pub audience_is_set: bool,
    /// `CA_FILE`: PEM certificates that are trusted beside the system's.
    pub extra_roots: Option<Vec<u8>>,
    /// The web client.
    pub web: WebSettings,
    /// The embedded identity provider.
    pub idp: IdpSettings,
    /// The embedded gateway.
    pub gateway: GatewaySettings,
    /// The embedded API.
    pub api: ApiSettings,
    /// What is worth a warning, though it stops nothing.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads everything that `command` needs from `source`.
    ///
    /// # Errors
    /// The first variable that is wrong or missing.
    pub fn read(command: Command, source: &Source) -> Result<Self, SettingError> {
        let blueprint = tools::blueprint(source)?;
        let blueprint_file = source.text("BLUEPRINT")?.map(PathBuf::from);
        let issuer = source.parsed("ISSUER", read::issuer)?;
        let proxy_uri = source.parsed("PROXY_URI", read::base_url)?;
        let alone = command == Command::Serve && (issuer.is_some() || proxy_uri.is_some());
        let audience = source.text("AUDIENCE")?;
        let audience_is_set = audience.is_some();
        let audience = audience.unwrap_or_else(|| blueprint.api.audience.clone());
        let extra_roots = source.parsed("CA_FILE", read::roots)?;
        let mut warnings = source.misspelt(&table::known_names(&blueprint));
        let needs = web::Needs {
            runs: command == Command::Serve,
            registration: command == Command::Serve && issuer.is_some(),
            session_secret: alone,
            known_people: issuer.is_none(),
        };
        let web = web::read(source, &blueprint, needs, &mut warnings)?;
        let idp = rooms::idp(source)?;
        let gateway = rooms::gateway(source, command, issuer.is_some())?;
        let api = rooms::api(source)?;
        let settings = Self {
            command,
            blueprint,
            blueprint_file,
            issuer,
            proxy_uri,
            audience,
            audience_is_set,
            extra_roots,
            web,
            idp,
            gateway,
            api,
            warnings,
        };
        off_loopback::check(&settings)?;
        Ok(settings)
    }

    /// Whether the web client runs here.
    pub fn runs_web(&self) -> bool {
        self.command == Command::Serve
    }

    /// Whether the embedded identity provider runs here.
    pub fn runs_idp(&self) -> bool {
        self.command == Command::Idp || self.command == Command::Serve && self.issuer.is_none()
    }

    /// Whether the embedded gateway runs here.
    pub fn runs_gateway(&self) -> bool {
        self.command == Command::Gateway
            || self.command == Command::Serve && self.proxy_uri.is_none()
    }

    /// Whether the embedded API runs here: beside the embedded gateway, unless `API_URI` names
    /// another upstream.
    pub fn runs_api(&self) -> bool {
        self.command == Command::Api
            || self.command == Command::Serve
                && self.proxy_uri.is_none()
                && self.gateway.api_uri.is_none()
    }
}
