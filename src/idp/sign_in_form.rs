//! What stands on the sign-in page.

use super::{
    Idp,
    authorization_request::AuthorizationRequest,
    page::{Person, SignInPage},
    pending::Pending,
};

/// The empty form of a sign-in that waits.
pub(super) fn form(idp: &Idp, id: &str, pending: &Pending) -> SignInPage {
    let request = &pending.request;
    let client = idp.registry.client(&request.client_id);
    let action = format!("/signin/{id}");
    SignInPage {
        csrf: pending.csrf.clone(),
        client_name: client.map(|client| client.name.clone()).unwrap_or_default(),
        asks: request.scopes.iter().map(str::to_owned).collect(),
        login: suggested_login(idp, request),
        password: String::new(),
        problem: None,
        people: people(idp, &action),
        issuer: idp.issuer.clone(),
        action,
    }
}

/// The login that the client hints at, else that of the person whom it means.
fn suggested_login(idp: &Idp, request: &AuthorizationRequest) -> String {
    let expected = || idp.registry.user(request.expected_user.as_deref()?);
    let login = request.login_hint.as_deref();
    let login = login.or_else(|| Some(expected()?.login.as_str()));
    login.unwrap_or_default().to_owned()
}

/// The demo people, each with a link that fills the form in.
fn people(idp: &Idp, action: &str) -> Vec<Person> {
    let tenant = &idp.registry.tenant;
    let rings = |group: &String| {
        let level = tenant
            .rules
            .iter()
            .position(|rule| rule.groups.contains(group));
        (group.clone(), level.map_or(1, |position| position + 1))
    };
    let listed = tenant.users.iter().filter(|user| user.password.is_some());
    listed
        .map(|user| Person {
            login: user.login.clone(),
            name: format!("{} {}", user.given_name, user.family_name),
            groups: user.groups.iter().map(rings).collect(),
            use_url: format!("{action}?use={}", form_encode(&user.login)),
        })
        .collect()
}

fn form_encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
