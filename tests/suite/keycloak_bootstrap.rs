//! Keycloak, set up from nothing, used by the app, changed behind its back, and taken down.

use std::time::Duration;

use serde_json::{Value, json};
use solar_system::bootstrap::keycloak::Keycloak as Adapter;
use solar_system::bootstrap::{Target, Wanted};
use solar_system::clock::Clock;
use solar_system::net::Client;
use solar_system::settings::Source;

use crate::browser::{Browser, Seen};
use crate::http::{basic, client, send, with_form};
use crate::peers::keycloak::admin::{self, Admin};
use crate::peers::{Keycloak, free_port};
use crate::people::{CARL, GOLD_SCOPE, JODIE, Person, SILVER_SCOPE, TYCHO};
use crate::program::Ended;
use crate::stack::{Stack, log_out};
use crate::workplace::Workplace;

/// What the tool leaves behind.
const OUTPUT: &str = "bootstrap/output/keycloak.json";

/// A realm of a test's own, and the folder from which it is set up.
struct Realm {
    name: String,
    port: u16,
    work: Workplace,
}

/// A new realm makes keys: with too many at once Keycloak takes its time.
static TURNS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

impl Realm {
    /// Nothing is there yet.
    async fn named(name: &str) -> Self {
        let port = free_port();
        let mut work = Workplace::new();
        work.set("KEYCLOAK_URL", &Keycloak::shared().await.base);
        work.set("KEYCLOAK_REALM", name);
        work.set("KEYCLOAK_ADMIN", admin::NAME);
        work.set("KEYCLOAK_ADMIN_PASSWORD", admin::PASSWORD);
        work.set("PORT", &port.to_string());
        let name = name.to_owned();
        Self { name, port, work }
    }

    async fn set_up(name: &str) -> Self {
        let realm = Self::named(name).await;
        let _turn = TURNS.lock().await;
        let ended = realm.bootstrap(&["--yes"]);
        assert_eq!(ended.code, Some(0), "{}", ended.errors);
        for secret in [
            "GOLD_PASSWORD",
            "AUTHN_CLIENT_SECRET",
            "MACHINE_CLIENT_SECRET",
        ] {
            assert!(
                !ended.said().contains(&realm.text(secret)),
                "{secret} is told"
            );
        }
        assert!(!ended.said().contains(admin::PASSWORD));
        realm
    }

    fn bootstrap(&self, arguments: &[&str]) -> Ended {
        let mut all = vec!["bootstrap", "--target", "keycloak"];
        all.extend(arguments);
        self.work.run(&all)
    }

    /// What an apply would do, where it is not nothing: `NAME: action`, `NAME/member`.
    fn plan(&self) -> Vec<String> {
        let ended = self.bootstrap(&["plan", "--json"]);
        let plan: Value = serde_json::from_str(&ended.output)
            .unwrap_or_else(|problem| panic!("{problem}: {}", ended.errors));
        let mut lines = Vec::new();
        for step in plan["objects"].as_array().unwrap() {
            let name = step["name"].as_str().unwrap();
            let differences = step["differences"].as_array().unwrap();
            let at = differences.iter().map(|one| one["at"].as_str().unwrap());
            lines.extend(at.map(|at| format!("{name}{at}")));
            let action = step["action"].as_str().unwrap();
            if differences.is_empty() && action != "unchanged" {
                lines.push(format!("{name}: {action}"));
            }
        }
        lines.sort();
        lines
    }

    fn output(&self) -> Value {
        self.work.json(OUTPUT)
    }

    fn text(&self, name: &str) -> String {
        self.output()[name].as_str().unwrap().to_owned()
    }

    fn id(&self, name: &str) -> String {
        self.output()[name]["id"].as_str().unwrap().to_owned()
    }

    async fn admin(&self) -> Admin {
        Admin::sign_in(&Keycloak::shared().await.base, &self.name).await
    }

    /// Somebody of the blueprint, with the password that was made here.
    fn person(&self, level: &str, person: Person) -> Person {
        assert_eq!(self.text(&format!("{level}_USERNAME")), person.login);
        Person {
            password: self.text(&format!("{level}_PASSWORD")).leak(),
            ..person
        }
    }

    /// The house at this realm, with what `settings` would give it.
    async fn stack(&self, more: &[&str]) -> Stack {
        let names = [
            "ISSUER",
            "AUDIENCE",
            "AUTHN_CLIENT_ID",
            "AUTHN_CLIENT_SECRET",
            "REDIRECT_URI",
        ];
        let names: Vec<&str> = names.iter().chain(more).copied().collect();
        let values: Vec<String> = names.iter().map(|name| self.text(name)).collect();
        let mut settings: Vec<(&str, &str)> = names
            .iter()
            .zip(&values)
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let port = self.port.to_string();
        settings.push(("PORT", &port));
        Stack::with(&settings).await
    }
}

async fn adapter(realm: &str, name: &str, password: &str) -> Adapter {
    let base = Keycloak::shared().await.base.as_str();
    let source = Source::of([
        ("KEYCLOAK_URL", base),
        ("KEYCLOAK_REALM", realm),
        ("KEYCLOAK_ADMIN", name),
        ("KEYCLOAK_ADMIN_PASSWORD", password),
    ]);
    Adapter::from_settings(&source, Client::new(&[]).unwrap(), Clock::system()).unwrap()
}

async fn sees(stack: &Stack, browser: &Browser, words: &str, status: u16) -> String {
    let flight = stack.show_me(browser, words).await;
    let page = flight.page().words();
    assert_eq!(flight.status, status, "{words}: {page}");
    page
}

async fn sign_in(stack: &Stack, browser: &Browser, level: &str, person: Person) -> Seen {
    let home = stack.sign_in(browser, level, person).await;
    let words = home.page().words();
    assert_eq!(home.status, 200, "{words}");
    let name = format!("Signed in as {}", person.name);
    assert!(words.contains(&name), "{words}");
    home
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn with_keys_each_level_sees_what_it_may() {
    each_level_sees_what_it_may(&Realm::set_up("by-keys").await, &[]).await;
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn with_introspection_each_level_sees_what_it_may() {
    let introspection = ["INTROSPECT_CLIENT_ID", "INTROSPECT_CLIENT_SECRET"];
    each_level_sees_what_it_may(&Realm::set_up("by-asking").await, &introspection).await;
}

async fn each_level_sees_what_it_may(realm: &Realm, more: &[&str]) {
    let stack = realm.stack(more).await;
    let nobody = stack.browser();
    sees(&stack, &nobody, "show me the planets!", 401).await;

    let bronze = stack.browser();
    let tycho = realm.person("BRONZE", TYCHO);
    sign_in(&stack, &bronze, "bronze", tycho).await;
    sees(&stack, &bronze, "show me some asteroids!", 200).await;
    sees(&stack, &bronze, "show me the planets!", 403).await;

    let silver = stack.browser();
    let carl = realm.person("SILVER", CARL);
    let home = sign_in(&stack, &silver, "silver", carl).await;
    assert!(!home.page().words().contains("less than was asked"));
    sees(&stack, &silver, "show me the planets!", 200).await;
    let moons = sees(&stack, &silver, "show me some moons!", 403).await;
    assert!(!moons.contains("left it out"), "{moons}");
    sees(&stack, &silver, "show me some comets!", 403).await;

    let gold = stack.browser();
    let jodie = realm.person("GOLD", JODIE);
    let home = sign_in(&stack, &gold, "gold", jodie).await;
    sees(&stack, &gold, "show me the planets!", 200).await;
    sees(&stack, &gold, "show me some moons!", 200).await;
    let back = log_out(&gold, &home).await;
    assert_eq!((back.status, back.url.path()), (200, "/signed-out"));
    let form = stack.authenticate(&gold, "gold").await;
    assert!(form.page().find("sign in").is_some(), "the password again");
    sees(&stack, &gold, "show me some moons!", 401).await;
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn who_asks_for_more_than_the_group_may_have_is_let_in_without_it_and_told_why() {
    let realm = Realm::set_up("less").await;
    let stack = realm.stack(&[]).await;
    let hopeful = stack.browser();
    let carl = realm.person("SILVER", CARL);

    let home = sign_in(&stack, &hopeful, "gold", carl).await;

    let notice = home.page().words_at(".notice").unwrap();
    assert!(
        notice.contains("less than was asked") && notice.contains(GOLD_SCOPE),
        "{notice}"
    );
    assert!(notice.contains(SILVER_SCOPE), "what was granted: {notice}");
    sees(&stack, &hopeful, "show me the planets!", 200).await;
    let moons = sees(&stack, &hopeful, "show me some moons!", 403).await;
    assert!(moons.contains("left it out"), "{moons}");
    assert!(moons.contains("asked") && moons.contains("granted") && moons.contains("needed"));
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn the_machine_gets_the_comets_and_no_planets() {
    let realm = Realm::set_up("machine").await;
    let stack = realm.stack(&[]).await;
    let (id, secret) = (
        realm.text("MACHINE_CLIENT_ID"),
        realm.text("MACHINE_CLIENT_SECRET"),
    );
    let http = client();
    let ask = async |scope: &str| {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let request = with_form(http.post(realm.text("TOKEN_URL")), &fields);
        send(request.header("authorization", basic(&id, &secret))).await
    };
    let answer = ask("read").await;
    assert_eq!(answer.json()["scope"], "read");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let call = async |path: &str| {
        let request = http.get(stack.gateway(path)).bearer_auth(&token);
        send(request).await.status
    };
    assert_eq!(call("/comets").await, 200);
    assert_eq!(call("/planets").await, 403);
    let more = ask(&format!("read {GOLD_SCOPE}")).await;
    assert_eq!(more.json()["error"], "invalid_scope");

    // Nobody else has client credentials or passwords: not the app, not who introspects.
    for client in ["AUTHN_CLIENT", "INTROSPECT_CLIENT"] {
        let id = realm.text(&format!("{client}_ID"));
        let secret = realm.text(&format!("{client}_SECRET"));
        let person = realm.person("SILVER", CARL);
        for fields in [
            &[("grant_type", "client_credentials")][..],
            &[
                ("grant_type", "password"),
                ("username", person.login),
                ("password", person.password),
            ],
        ] {
            let request = with_form(http.post(realm.text("TOKEN_URL")), fields);
            let answer = send(request.header("authorization", basic(&id, &secret))).await;
            assert_eq!(answer.json()["error"], "unauthorized_client", "{client}");
        }
    }
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn cli_04_a_second_run_changes_nothing() {
    let realm = Realm::set_up("again").await;
    assert_eq!(realm.plan(), [""; 0]);
    let first = realm.output();

    let ended = realm.bootstrap(&["apply", "--yes"]);

    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(
        ended.errors.contains("Nothing to change"),
        "{}",
        ended.errors
    );
    assert_eq!(realm.output(), first, "secrets and passwords too");
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn cli_04_a_run_that_is_killed_converges() {
    let realm = Realm::named("killed").await;
    let _turn = TURNS.lock().await;
    for name in ["REALM", "SILVER_SCOPE", "GOLD_GROUP", "APP_CLIENT"] {
        let run = realm
            .work
            .start(&["bootstrap", "apply", "--target", "keycloak", "--yes"]);
        let done = || {
            let text = std::fs::read_to_string(realm.work.folder.join(OUTPUT));
            text.is_ok_and(|text| text.contains(&format!("\"{name}\": {{")))
        };
        let mut patience = 600;
        while !done() && patience > 0 {
            patience -= 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        run.signal("KILL");
        drop(run);
        assert!(done(), "{name} was not made");
    }
    let ended = realm.bootstrap(&["apply", "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert_eq!(realm.plan(), [""; 0]);
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn what_somebody_changed_is_found_and_mended() {
    let realm = Realm::set_up("drift").await;
    let admin = realm.admin().await;
    let id = |name: &str| realm.id(name);
    let (app, gold_scope) = (id("APP_CLIENT"), id("GOLD_SCOPE"));
    let gold = admin.get("roles/gold").await;
    let roles = json!([gold]);

    let scope_roles = format!("client-scopes/{gold_scope}/scope-mappings/realm");
    admin.delete(&scope_roles, &roles).await;
    let group_roles = format!("groups/{}/role-mappings/realm", id("SILVER_GROUP"));
    admin.create(&group_roles, &roles).await;
    let user_roles = format!("users/{}/role-mappings/realm", id("BRONZE_USER"));
    admin.create(&user_roles, &roles).await;
    let composites = format!("roles-by-id/{}/composites", id("SILVER_ROLE"));
    admin.create(&composites, &roles).await;
    admin
        .put_json(
            &format!("clients/{app}"),
            &json!({
                "clientId": realm.text("AUTHN_CLIENT_ID"),
                "directAccessGrantsEnabled": true,
                "fullScopeAllowed": true,
                "redirectUris": ["*"],
                "attributes": { "pkce.code.challenge.method": "" },
            }),
        )
        .await;
    let optional = format!(
        "clients/{app}/optional-client-scopes/{}",
        id("MACHINE_SCOPE")
    );
    admin.put(&optional).await;
    admin
        .create(
            &format!("clients/{app}/protocol-mappers/models"),
            &json!({
                "name": "sneaky",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-hardcoded-claim-mapper",
                "config": { "claim.name": "scp", "claim.value": GOLD_SCOPE, "access.token.claim": "true" },
            }),
        )
        .await;
    let member = format!("users/{}/groups/{}", id("SILVER_USER"), id("GOLD_GROUP"));
    admin.put(&member).await;
    admin
        .delete(&format!("users/{}", id("GOLD_USER")), &Value::Null)
        .await;

    assert_eq!(
        realm.plan(),
        [
            "APP_CLIENT/attributes/pkce.code.challenge.method",
            "APP_CLIENT/directAccessGrantsEnabled",
            "APP_CLIENT/fullScopeAllowed",
            "APP_CLIENT/optionalClientScopes",
            "APP_CLIENT/protocolMappers/sneaky",
            "APP_CLIENT/redirectUris",
            "BRONZE_USER/realmRoles",
            "GOLD_SCOPE/realmRoles",
            "GOLD_USER: gone, create again",
            "SILVER_GROUP/realmRoles",
            "SILVER_ROLE/composite",
            "SILVER_USER/groups",
        ]
    );

    let ended = realm.bootstrap(&["apply", "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert_eq!(realm.plan(), [""; 0]);
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn cli_10_no_level_would_get_a_scope_of_a_higher_one() {
    let realm = Realm::set_up("probe").await;
    let admin = realm.admin().await;
    let gold = json!([admin.get("roles/gold").await]);
    let everybody = admin.get("roles/default-roles-probe").await;
    let composites = format!(
        "roles-by-id/{}/composites",
        everybody["id"].as_str().unwrap()
    );
    let apply = || realm.bootstrap(&["apply", "--yes"]);
    assert_eq!(apply().code, Some(0));

    admin.create(&composites, &gold).await;

    assert_eq!(realm.plan(), [""; 0], "no single object shows it");
    let ended = apply();
    assert_eq!(ended.code, Some(1), "{}", ended.errors);
    for level in ["BRONZE", "SILVER"] {
        let wrong = format!("{level}_USER would get {GOLD_SCOPE} through APP_CLIENT");
        assert!(ended.errors.contains(&wrong), "{}", ended.errors);
    }
    assert!(!ended.errors.contains("GOLD_USER would get"));
    admin.delete(&composites, &gold).await;
    assert_eq!(apply().code, Some(0));
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn nothing_of_ours_is_left_and_other_realms_stay() {
    let realm = Realm::set_up("gone").await;
    let master = Admin::sign_in(&Keycloak::shared().await.base, "master").await;
    let turn = TURNS.lock().await;
    let theirs = json!({ "realm": "theirs", "displayName": "Theirs", "enabled": true });
    master.create_realm(&theirs).await;
    drop(turn);
    let mut foreign = Realm::named("theirs").await;
    let before = foreign.admin().await.get("").await;

    // A realm that is there and is not ours is not set up, and not taken down.
    let refused = foreign.bootstrap(&["apply", "--yes"]);
    assert_eq!(refused.code, Some(1), "{}", refused.errors);
    assert!(refused.errors.contains("REALM"), "{}", refused.errors);
    foreign.work = realm.work.copy();
    foreign.work.set("KEYCLOAK_REALM", "theirs");
    let tag = realm.text("TAG");
    let output = foreign.work.folder.join(OUTPUT);
    std::fs::create_dir_all(output.parent().unwrap()).unwrap();
    std::fs::copy(realm.work.folder.join(OUTPUT), output).unwrap();
    foreign.bootstrap(&["destroy", "--confirm", &tag]);
    assert_eq!(foreign.admin().await.get("").await, before);

    let wrong = realm.bootstrap(&["destroy", "--confirm", "another-tag"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.errors);
    assert_eq!(realm.plan(), [""; 0], "nothing was deleted");
    let ended = realm.bootstrap(&["destroy", "--confirm", &tag]);
    assert_eq!(ended.code, Some(0), "{}", ended.errors);

    let realms = master.realms().await;
    assert!(!realms.contains(&"gone".to_owned()), "{realms:?}");
    assert!(realms.contains(&"theirs".to_owned()), "{realms:?}");
    assert_eq!(foreign.admin().await.get("").await, before);
    let again = realm.bootstrap(&["destroy", "--confirm", &tag]);
    assert_ne!(again.code, None, "{}", again.errors);
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn cli_11_who_may_make_realms_and_nothing_else_is_administrator_enough() {
    let keycloak = Keycloak::shared().await;
    let master = Admin::sign_in(&keycloak.base, "master").await;
    let create_realm = json!([master.get("roles/create-realm").await]);
    let user = json!({
        "username": "maker",
        "enabled": true,
        "firstName": "A",
        "lastName": "Maker",
        "email": "maker@example.com",
        "credentials": [{ "type": "password", "value": "makes realms", "temporary": false }],
    });
    let id = master.create("users", &user).await;
    master
        .create(&format!("users/{id}/role-mappings/realm"), &create_realm)
        .await;
    let service = json!({
        "clientId": "maker-client",
        "secret": "makes realms too",
        "publicClient": false,
        "standardFlowEnabled": false,
        "serviceAccountsEnabled": true,
    });
    let client = master.create("clients", &service).await;
    let account = master
        .get(&format!("clients/{client}/service-account-user"))
        .await;
    let account = account["id"].as_str().unwrap();
    master
        .create(
            &format!("users/{account}/role-mappings/realm"),
            &create_realm,
        )
        .await;

    let person = adapter("of-a-person", "maker", "makes realms").await;
    let base = keycloak.base.as_str();
    let machine = Source::of([
        ("KEYCLOAK_URL", base),
        ("KEYCLOAK_REALM", "of-a-client"),
        ("KEYCLOAK_ADMIN", "maker-client"),
        ("KEYCLOAK_ADMIN_SECRET", "makes realms too"),
    ]);
    let machine = Adapter::from_settings(&machine, Client::new(&[]).unwrap(), Clock::system());
    for (realm, target) in [("of-a-person", person), ("of-a-client", machine.unwrap())] {
        assert!(target.test().await.unwrap().contains("maker"));
        let wanted_realm = wanted("keycloak:realm", json!({ "realm": realm }));
        let made = target.create(&wanted_realm).await.unwrap();
        let role = wanted("keycloak:role", json!({ "name": "one" }));
        target.create(&role).await.unwrap();
        assert!(
            target
                .delete("keycloak:realm", None, &made.id)
                .await
                .unwrap()
        );
    }
    // Of another's realm they see the name alone, and say so instead of touching it.
    let theirs = adapter("solar-system", "maker", "makes realms").await;
    let realm = wanted("keycloak:realm", json!({ "realm": "solar-system" }));
    let refused = theirs.find(&realm).await.unwrap_err().to_string();
    assert!(refused.contains("may not look into"), "{refused}");
}

fn wanted(class: &str, body: Value) -> Wanted {
    Wanted {
        name: "THING".to_owned(),
        class: class.to_owned(),
        endpoint: None,
        id_field: None,
        groups: Vec::new(),
        body,
    }
}
