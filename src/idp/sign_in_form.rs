//! What stands on the sign-in page.

use super::{
    authorization_request::AuthorizationRequest,
    here::Here,
    page::{Person, SignInPage},
    pending::Pending,
};

/// The empty form of a sign-in that waits.
pub(super) fn form(here: &Here, id: &str, pending: &Pending) -> SignInPage {
    let request = &pending.request;
    let client = here.client(&request.client_id);
    let action = format!("/signin/{id}");
    SignInPage {
        csrf: pending.csrf.clone(),
        client_name: client.map(|client| client.name.clone()).unwrap_or_default(),
        asks: request.scopes.iter().map(str::to_owned).collect(),
        login: suggested_login(here, request),
        password: String::new(),
        problem: None,
        people: people(here, &action),
        issuer: here.issuer.clone(),
        action,
    }
}

/// The login that the client hints at, else that of the person whom it means.
fn suggested_login(here: &Here, request: &AuthorizationRequest) -> String {
    let expected = || here.user(request.expected_user.as_deref()?);
    let login = request.login_hint.as_deref();
    let login = login.or_else(|| Some(expected()?.login()));
    login.unwrap_or_default().to_owned()
}

/// The demo people, each with a link that fills the form in.
fn people(here: &Here, action: &str) -> Vec<Person> {
    let given = &here.idp.given;
    let rings = |group: String| {
        let rings = given.rings(&group);
        (group, rings)
    };
    let users = here.org.users.iter();
    let listed = users.filter(|user| user.is_active() && given.password(user).is_some());
    listed
        .map(|user| Person {
            login: user.login().to_owned(),
            name: user.name(),
            groups: here.org.group_names(user).into_iter().map(rings).collect(),
            use_url: format!("{action}?use={}", form_encode(user.login())),
        })
        .collect()
}

fn form_encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
