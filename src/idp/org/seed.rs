//! The blueprint's tenant as an org: one authorization server, a policy for each app and each machine,
//! a rule for each level.

use super::{
    AuthenticationMethod, AuthorizationServer, Chosen, Client, ClientCondition, GrantType, Group,
    GroupAssignment, Lifetimes, MayIntrospect, Org, Password, People, Policy, RegisteredBy, Rule,
    Scope, SigningAlgorithm, Status, User, UserStatus, derived_id,
};
use crate::{
    blueprint::{ClientKind, GrantRule, Tenant, TenantClient, TenantUser},
    idp::IdpConfig,
};
use serde_json::{Map, json};

/// Granted with every level: they concern only the person's own data, or how long the client may ask.
const WITH_EVERY_LEVEL: [&str; 3] = ["profile", "email", "offline_access"];

/// Access tokens live ten minutes; a refresh token that nobody uses a day, and none more than 30.
const LIFETIMES: Lifetimes = Lifetimes {
    access_token: 10,
    refresh_token: 30 * 24 * 60,
    refresh_token_window: 24 * 60,
};

/// The org of a configuration, with `server_id` for its authorization server.
pub(in crate::idp) fn seed(config: &IdpConfig, server_id: &str) -> Org {
    let now = config.clock.now();
    let mut org = Org::empty(now);
    if config.empty {
        return org;
    }
    let tenant = &config.tenant;
    let groups = tenant.groups.iter();
    org.groups
        .extend(groups.map(|name| Group::new(group_id(name), name, now)));
    org.users = tenant.users.iter().map(|one| user(one, now)).collect();
    org.clients = tenant
        .clients
        .iter()
        .map(|one| client(one, config))
        .collect();
    org.servers.push(server(tenant, server_id, now));
    org
}

fn group_id(name: &str) -> String {
    derived_id("00g", &format!("blueprint\0{name}"))
}

fn user(user: &TenantUser, now: i64) -> User {
    let mut profile = Map::new();
    for (name, value) in [
        ("firstName", &user.given_name),
        ("lastName", &user.family_name),
        ("login", &user.login),
        ("email", &user.email),
    ] {
        profile.insert(name.to_owned(), json!(value));
    }
    User {
        id: user.id.clone(),
        epoch: 0,
        status: UserStatus::Active,
        profile,
        password: Password::Blueprint,
        recovery_question: None,
        groups: user.groups.iter().map(|name| group_id(name)).collect(),
        created: now,
        last_updated: now,
        activated: Some(now),
        status_changed: Some(now),
        password_changed: Some(now),
    }
}

fn client(client: &TenantClient, config: &IdpConfig) -> Client {
    let now = config.clock.now();
    let is_app = client.kind == ClientKind::App;
    let returns = |uris: &[String]| if is_app { uris.to_vec() } else { Vec::new() };
    let (grant_types, may_introspect, application_type) = match client.kind {
        ClientKind::App => (
            vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            MayIntrospect::Own,
            "web",
        ),
        ClientKind::Introspection => (Vec::new(), MayIntrospect::All, "service"),
        ClientKind::Machine => (
            vec![GrantType::ClientCredentials],
            MayIntrospect::Own,
            "service",
        ),
    };
    let assignment = |(name, priority): (&String, u32)| GroupAssignment {
        group_id: group_id(name),
        priority,
        profile: Map::new(),
        last_updated: now,
    };
    Client {
        id: client.id.clone(),
        incarnation: String::new(),
        name: client.name.clone(),
        status: Status::Active,
        registered_by: RegisteredBy::Blueprint,
        created: now,
        last_updated: now,
        secrets: Vec::new(),
        token_endpoint_auth_method: AuthenticationMethod::ClientSecretBasic,
        redirect_uris: returns(&config.redirect_uris),
        post_logout_redirect_uris: returns(&config.post_logout_redirect_uris),
        backchannel_logout_uri: config.backchannel_logout_uri.clone().filter(|_| is_app),
        backchannel_logout_session_required: is_app,
        grant_types,
        response_types: if is_app {
            vec!["code".to_owned()]
        } else {
            Vec::new()
        },
        application_type: application_type.to_owned(),
        scopes: Some(client.scopes.clone()),
        groups: client.groups.iter().zip(0..).map(assignment).collect(),
        users: Vec::new(),
        may_introspect,
        id_token_signed_response_alg: SigningAlgorithm::Es256,
        limited: false,
        registration_token: None,
        further: Map::new(),
    }
}

fn server(tenant: &Tenant, id: &str, now: i64) -> AuthorizationServer {
    let mut server = AuthorizationServer::new(id.to_owned(), id, &tenant.audience, now);
    server.default = true;
    let of_clients = tenant
        .clients
        .iter()
        .flat_map(|client| client.scopes.iter());
    for name in tenant.scopes.iter().chain(of_clients) {
        if server.scope(name).is_none() {
            let id = derived_id("scp", &format!("{id}\0{name}"));
            server.scopes.push(Scope::new(id, name));
        }
    }
    for client in &tenant.clients {
        let rules = match client.kind {
            ClientKind::App => tenant
                .rules
                .iter()
                .map(|level| of_level(level, client, now))
                .collect(),
            ClientKind::Machine => vec![of_machine(client, now)],
            ClientKind::Introspection => continue, // it gets no token
        };
        let mut policy = policy(client, rules, now);
        policy.priority = u32::try_from(server.policies.len() + 1).unwrap_or(u32::MAX);
        server.policies.push(policy);
    }
    server
}

fn policy(client: &TenantClient, mut rules: Vec<Rule>, now: i64) -> Policy {
    for (rule, priority) in rules.iter_mut().zip(1..) {
        rule.priority = priority;
    }
    Policy {
        id: derived_id("00p", &client.id),
        name: client.name.clone(),
        description: format!("Who may have what through {}", client.name),
        status: Status::Active,
        priority: 1,
        system: false,
        clients: ClientCondition::These(vec![client.id.clone()]),
        rules,
        created: now,
        last_updated: now,
    }
}

/// The members of the level's group may have what the level asks for.
fn of_level(level: &GrantRule, client: &TenantClient, now: i64) -> Rule {
    let mut scopes = level.scopes.clone();
    for scope in WITH_EVERY_LEVEL {
        scopes.insert(scope);
    }
    let groups = level.groups.iter().map(|name| group_id(name));
    Rule {
        people: People {
            groups: Chosen {
                include: groups.collect(),
                exclude: Vec::new(),
            },
            users: Chosen::default(),
        },
        grant_types: vec![GrantType::AuthorizationCode.as_str().to_owned()],
        scopes: scopes.iter().map(str::to_owned).collect(),
        ..rule(&client.id, &level.name, now)
    }
}

fn of_machine(client: &TenantClient, now: i64) -> Rule {
    Rule {
        grant_types: vec![GrantType::ClientCredentials.as_str().to_owned()],
        scopes: client.scopes.iter().map(str::to_owned).collect(),
        ..rule(&client.id, &client.name, now)
    }
}

fn rule(client_id: &str, name: &str, now: i64) -> Rule {
    Rule {
        id: derived_id("0pr", &format!("{client_id}\0{name}")),
        name: name.to_owned(),
        status: Status::Active,
        priority: 1,
        system: false,
        people: People::default(),
        grant_types: Vec::new(),
        scopes: Vec::new(),
        lifetimes: LIFETIMES,
        created: now,
        last_updated: now,
    }
}
