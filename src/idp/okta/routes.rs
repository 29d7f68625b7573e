//! Where everything of the management API is.

use super::{
    app_groups, apps, clients,
    error::OktaError,
    groups,
    guard::{guard, limit},
    org_info, origins, schema, servers, users,
};
use crate::idp::Idp;
use axum::{
    Router,
    extract::Request,
    middleware,
    routing::{any, get, post, put},
};
use std::sync::Arc;

/// The routes.
pub(in crate::idp) fn router(idp: &Arc<Idp>) -> Router<Arc<Idp>> {
    let management = people()
        .merge(applications())
        .merge(authorization_servers())
        .merge(trusted_origins())
        .route("/api/v1/org", get(org_info::get))
        .route("/api/v1/meta/schemas/user/default", get(schema::get))
        .route("/api/v1/{*rest}", any(not_found))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(idp), guard));
    management.merge(registration(idp))
}

/// Client registration looks at the credentials itself: not only the API token opens it.
fn registration(idp: &Arc<Idp>) -> Router<Arc<Idp>> {
    let one = format!("{}/{{id}}", clients::PATH);
    Router::new()
        .route(clients::PATH, get(clients::list).post(clients::create))
        .route(
            &one,
            get(clients::read)
                .put(clients::replace)
                .delete(clients::delete),
        )
        .route(
            &format!("{one}/lifecycle/newSecret"),
            post(clients::new_secret),
        )
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(idp), limit))
}

fn applications() -> Router<Arc<Idp>> {
    Router::new()
        .route("/api/v1/apps", get(apps::list).post(apps::create))
        .route(
            "/api/v1/apps/{id}",
            get(apps::read).put(apps::replace).delete(apps::delete),
        )
        .route("/api/v1/apps/{id}/lifecycle/activate", post(apps::activate))
        .route(
            "/api/v1/apps/{id}/lifecycle/deactivate",
            post(apps::deactivate),
        )
        .route("/api/v1/apps/{id}/groups", get(app_groups::list))
        .route(
            "/api/v1/apps/{id}/groups/{group}",
            get(app_groups::read)
                .put(app_groups::assign)
                .delete(app_groups::remove),
        )
}

fn people() -> Router<Arc<Idp>> {
    Router::new()
        .route("/api/v1/users", get(users::list).post(users::create))
        .route(
            "/api/v1/users/{id}",
            get(users::read)
                .post(users::update)
                .put(users::replace)
                .delete(users::delete),
        )
        .route("/api/v1/users/{id}/groups", get(users::groups))
        .route(
            "/api/v1/users/{id}/lifecycle/activate",
            post(users::activate),
        )
        .route(
            "/api/v1/users/{id}/lifecycle/deactivate",
            post(users::deactivate),
        )
        .route("/api/v1/groups", get(groups::list).post(groups::create))
        .route(
            "/api/v1/groups/{id}",
            get(groups::read)
                .put(groups::replace)
                .delete(groups::delete),
        )
        .route("/api/v1/groups/{id}/users", get(groups::members))
        .route(
            "/api/v1/groups/{id}/users/{user}",
            put(groups::add_member).delete(groups::remove_member),
        )
}

fn authorization_servers() -> Router<Arc<Idp>> {
    use servers::{claims, keys, policies, rules, scopes};
    let at = |path: &str| format!("{}{path}", servers::PATH);
    let (policy, rule) = (
        at("/{id}/policies/{policy}"),
        at("/{id}/policies/{policy}/rules/{rule}"),
    );
    Router::new()
        .route(&at(""), get(servers::list).post(servers::create))
        .route(
            &at("/{id}"),
            get(servers::read)
                .put(servers::replace)
                .delete(servers::delete),
        )
        .route(&at("/{id}/lifecycle/activate"), post(servers::activate))
        .route(&at("/{id}/lifecycle/deactivate"), post(servers::deactivate))
        .route(&at("/{id}/scopes"), get(scopes::list).post(scopes::create))
        .route(
            &at("/{id}/scopes/{scope}"),
            get(scopes::read)
                .put(scopes::replace)
                .delete(scopes::delete),
        )
        .route(&at("/{id}/claims"), get(claims::list).post(claims::create))
        .route(
            &at("/{id}/claims/{claim}"),
            get(claims::read)
                .put(claims::replace)
                .delete(claims::delete),
        )
        .route(
            &at("/{id}/policies"),
            get(policies::list).post(policies::create),
        )
        .route(
            &policy,
            get(policies::read)
                .put(policies::replace)
                .delete(policies::delete),
        )
        .route(
            &format!("{policy}/lifecycle/activate"),
            post(policies::activate),
        )
        .route(
            &format!("{policy}/lifecycle/deactivate"),
            post(policies::deactivate),
        )
        .route(
            &format!("{policy}/rules"),
            get(rules::list).post(rules::create),
        )
        .route(
            &rule,
            get(rules::read).put(rules::replace).delete(rules::delete),
        )
        .route(&format!("{rule}/lifecycle/activate"), post(rules::activate))
        .route(
            &format!("{rule}/lifecycle/deactivate"),
            post(rules::deactivate),
        )
        .route(&at("/{id}/credentials/keys"), get(keys::list))
        .route(&at("/{id}/credentials/keys/{key}"), get(keys::read))
        .route(
            &at("/{id}/credentials/lifecycle/keyRotate"),
            post(keys::rotate),
        )
}

fn trusted_origins() -> Router<Arc<Idp>> {
    Router::new()
        .route(
            "/api/v1/trustedOrigins",
            get(origins::list).post(origins::create),
        )
        .route(
            "/api/v1/trustedOrigins/{id}",
            get(origins::read)
                .put(origins::replace)
                .delete(origins::delete),
        )
        .route(
            "/api/v1/trustedOrigins/{id}/lifecycle/activate",
            post(origins::activate),
        )
        .route(
            "/api/v1/trustedOrigins/{id}/lifecycle/deactivate",
            post(origins::deactivate),
        )
}

async fn not_found(request: Request) -> OktaError {
    OktaError::not_found(request.uri().path(), "endpoint")
}

async fn method_not_allowed() -> OktaError {
    OktaError::Method
}
