//! Asks the gateway, once a click.

use super::app::App;
use crate::{
    blueprint::{Resource, Takes},
    calls::ask_resource,
    flight::Hop,
    oauth::Secret,
};

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
